/* Every allocation of the process on demand out of memory: the k-th since heap_begin() fails, or it and all that follow.
 *
 * Unlike chaos.h, which sees the library's own memory, this stands in front of the C library's malloc(), calloc(), realloc(),
 * aligned_alloc() and posix_memalign(), so that it sees those of stdio, strdup(), getline(), jansson, GSL and zlib as well.  Not failed:
 * what the OpenMP runtime, the dynamic loader, NetCDF and HDF5 ask for themselves.  They end the process or crash where they get no memory
 * (so does NetCDF 4.9's nc_create_mem()), and nothing that their caller does could keep them from it. */
#ifndef DILATE_TESTS_HEAP_H
#define DILATE_TESTS_HEAP_H

#include <stddef.h>
#include <stdint.h>

#define HEAP_NEVER SIZE_MAX

/* 0 where the C library is not one whose own functions can be reached (glibc), or a sanitizer stands
 * there: nothing is ever failed there. */
int heap_works(void);
void heap_begin(size_t k, int forever);
/* Nothing fails any more.  How many allocations there were; *failed: how many of them did. */
size_t heap_end(size_t *failed);
/* Blocks allocated since heap_begin() and not freed yet; a first run leaves some in the C library's caches that a second does not. */
size_t heap_live(void);

#endif
