# Makes @NAME@.so, which `dilate sample ./@NAME@.so` takes.
CFLAGS = -O3 -Wall -Wextra # -march=native: faster, on this machine only

# The header of the dilate that wrote this file; where that is gone, pkg-config knows another's.
HEADERS = @HEADERS@
FOUND = $(shell test -r "$(HEADERS)/dilate.h" && echo '-I"$(HEADERS)"' || pkg-config --cflags dilate)

@NAME@.so: @NAME@.c
	$(CC) -std=c11 $(CFLAGS) $(CPPFLAGS) $(FOUND) -fPIC -shared -o $@ $< -lm

clean:
	rm -f @NAME@.so

.PHONY: clean
