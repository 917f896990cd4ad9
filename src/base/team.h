/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many threads a parallel loop takes: as many as it was given, or one where threads are at work already, the caller's own or those of a
 * loop around it, so that nested loops never ask for more threads than the outermost has. */
#ifndef DILATE_BASE_TEAM_H
#define DILATE_BASE_TEAM_H

#include <omp.h>
#include <stddef.h>

/* threads 0: one. */
static inline int team_size(size_t threads) {
  return omp_in_parallel() || threads == 0 ? 1 : (int)threads;
}

#endif
