/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Are the reported errors honest, and do warnings come when something is wrong? */
#ifndef BENCH_ACCURACY_COVERAGE_H
#define BENCH_ACCURACY_COVERAGE_H

#include "bench/accuracy_verdict.h"

/* Intervals of +-2 standard errors. */
typedef struct intervals {
  size_t covered, all;
} intervals;

typedef struct coverage {
  intervals log_z, weights;
  double ratio; /* median log_z_se to the standard deviation over seeds; NaN below ten seeds, where the latter says little */
  int ok;       /* neither kind below its lower limit, the ratio at most 2 */
} coverage;

typedef struct warnings {
  size_t lost, lost_warned;   /* runs that lost more than 5 % of the mass */
  size_t clean, clean_warned; /* runs of known truth that did not, and whose log Z is right within .05 */
  int ok;                     /* 80 % of the lost warned, at most 5 % of the clean */
} warnings;

void coverage_make(const row_runs *runs, coverage *out);
/* Adds a row's to the sums; coverage_close judges them: inside the limits, both of them. */
void coverage_add(const coverage *one, coverage *sum);
void coverage_close(coverage *sum);

void warnings_add(const row_runs *runs, warnings *sum);
void warnings_close(warnings *sum);

/* The 99.9 % limits of how many of `all` intervals of 95 % cover. */
void coverage_limits(size_t all, size_t *low, size_t *high);

#endif
