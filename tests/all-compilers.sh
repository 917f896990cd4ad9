#!/bin/sh
# Every file of library and program with all our warnings as errors, by GCC and by clang, for 64 bits and (-m32) for 32; the header as C99,
# C11 and C++ by each.  Nothing is linked.
# shellcheck disable=SC2086,SC2010,SC2046,SC2015 # lists of words, and of files whose names are plain
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}" "${PKG_CONFIG:=pkg-config}"
cd "$top_builddir"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
warnings="-Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Werror"
# Headers of others as the system's, in which nothing is warned of.
mkdir "$scratch/include"
for header in sleef.h jansson.h jansson_config.h zlib.h zconf.h; do
  for folder in /usr/include "/usr/include/$(${CC:-cc} -print-multiarch 2>/dev/null)"; do
    if [ -f "$folder/$header" ]; then cp "$folder/$header" "$scratch/include"; fi
  done
done
flags="-std=c11 -ffp-contract=off -fopenmp -fsyntax-only -DHAVE_ZLIB -I$top_srcdir/include -I$top_srcdir/src -I$top_srcdir -Isrc -I. $(${PKG_CONFIG} --cflags gsl) -isystem $scratch/include"
files=$(cd "$top_srcdir" && ls src/*.c src/*/*.c targets/*.c | grep -v -e src/io/netcdf_ -e src/mpi/)
compiled=0
failed=0

compile_all() {
  for file in $files; do
    "$@" $flags $warnings -DDILATE_CXX='"c++"' "$top_srcdir/$file" >"$scratch/log" 2>&1 && compiled=$((compiled + 1)) && continue
    echo "$*: $file"
    head -n 10 "$scratch/log"
    failed=1
  done
}

# Whether it compiles at all, with the flags given.
works() {
  echo '#include <stdio.h>
int main(void) { return 0; }' >"$scratch/try.c"
  "$@" -fopenmp -o "$scratch/try" "$scratch/try.c" >/dev/null 2>&1
}

missing=
for compiler in gcc clang; do
  if ! works $compiler; then missing="$missing $compiler"; continue; fi
  compile_all $compiler
  if command -v $compiler++ >/dev/null 2>&1 || [ $compiler = gcc ]; then
    cxx=clang++
    [ $compiler = gcc ] && cxx=g++
    CC=$compiler CXX=$cxx sh "$top_srcdir/tests/check-header.sh" || failed=1
  fi
done
if works gcc -m32; then compile_all gcc -m32 -msse2 -mfpmath=sse -Wno-psabi; else missing="$missing gcc-multilib"; fi
[ "$failed" -eq 0 ]
[ -z "$missing" ] || echo "not there, and so not asked:$missing"
echo "counted: $compiled files compiled without a warning"
