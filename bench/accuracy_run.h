/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of a row, and its figures: all that the verdicts and the table are made of. */
#ifndef BENCH_ACCURACY_RUN_H
#define BENCH_ACCURACY_RUN_H

#include "bench/accuracy_measure.h"
#include "bench/accuracy_truth.h"

/* A listed mode; truth: the weight of the true components that it consists of, NaN where it does not consist of any. */
typedef struct run_mode {
  double weight, weight_se, truth;
} run_mode;

typedef struct run {
  uint64_t seed;
  char *failure; /* NULL: the run reached its end */
  double log_z, log_z_se, log_z_df;
  double log_z_truth;         /* NaN where it is not known */
  double value[MEASURES_MAX]; /* of the row's measures */
  double missing;             /* weight of the true components without a draw; NaN where none are known */
  double unseen_mass;         /* as reported */
  uint64_t evaluations, gradients;
  double seconds; /* of one processor */
  size_t modes;
  run_mode *mode;
  size_t warnings;
  char **warning;
  profile profile; /* of the rows with quantiles, else empty */
} run;

/* Runs the target with default options and one thread, and measures what comes of it. */
void run_make(const yardstick *y, const char *folder, uint64_t seed, run *out);
void run_release(run *r);

#endif
