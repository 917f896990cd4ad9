/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many exact draws a run's draws are worth, whoever made them: by the measures of bench/accuracy. */
#ifndef BENCH_PEERS_JUDGE_H
#define BENCH_PEERS_JUDGE_H

#include "bench/calibration.h"

#define JUDGED_ROWS 16000 /* draws that are looked at, at most */

typedef struct judge {
  const row *row;
  const builtin *target;
  const calibration *calibration;
  const char *truth; /* the folder of stored truth */
  yardstick yardstick;
} judge;

void judge_make(const row *r, const builtin *target, const calibration *c, const char *truth, judge *out);
void judge_free(judge *j);

/* Does the row's measure count here?  The calibrated ones, moments and quantiles do. */
int judge_counts(measure_kind kind);
/* [in] x: n draws, 2 <= n <= JUDGED_ROWS, row-major, unconstrained.  [out] value: of the row's measures, NaN where one does not count. */
void judge_measure(const judge *j, size_t n, const double *x, double value[MEASURES_MAX]);
/* The number of exact draws with these values, the least over the measures. */
double judge_worth(const judge *j, const double value[MEASURES_MAX]);

#endif
