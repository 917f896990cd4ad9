/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Doing the runs: side by side, each with one thread. */
#ifndef BENCH_ACCURACY_WORK_H
#define BENCH_ACCURACY_WORK_H

#include "bench/accuracy_verdict.h"

typedef struct work {
  const char *rows;   /* which, as for row_selected(); NULL: all */
  const char *folder; /* of the stored truth: bench/truth */
  uint64_t first_seed, last_seed;
  int threads; /* runs at a time */
  const calibration *calibration;
} work;

/* [out] *runs: the selected rows' runs, to be freed with runs_free().  One line to stderr for every run. */
void work_do(const work *w, size_t *n, row_runs **runs);

#endif
