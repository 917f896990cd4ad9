/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All runs of bench/paths. */
#ifndef BENCH_PATHS_WORK_H
#define BENCH_PATHS_WORK_H

#include "bench/paths_run.h"

/* A target with the runs of all methods, in the order of the methods and then of the seeds. */
typedef struct paths_runs {
  const paths_target *row;
  size_t n;
  paths_run *run;
} paths_runs;

typedef struct paths_work {
  uint64_t first_seed, last_seed;
  const char *targets, *methods; /* lists of names; NULL: all */
  int threads;                   /* runs at a time */
  const char *json;              /* where the runs are saved after each target, so that none are lost; NULL: nowhere */
} paths_work;

/* Does all runs.  A target whose data are missing is left out, with a word on the standard error.  [out] *runs: *n targets, to be freed
 * by paths_runs_free(). */
void paths_work_do(const paths_work *w, size_t *n, paths_runs **runs);
void paths_runs_free(size_t n, paths_runs *runs);

#endif
