/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does a row pass? */
#ifndef BENCH_ACCURACY_VERDICT_H
#define BENCH_ACCURACY_VERDICT_H

#include "bench/accuracy_run.h"
#include "bench/calibration.h"

/* The runs of a row. */
typedef struct row_runs {
  const row *row;
  size_t n;
  run *run;
} row_runs;

typedef struct measure_verdict {
  double median, worst, median_limit, worst_limit;
  size_t beyond; /* runs worse than the limit */
  double worth;  /* of the median, in exact draws; NaN where the measure is not calibrated */
  int ok;
} measure_verdict;

typedef struct verdict {
  size_t failures;                     /* runs that did not reach their end */
  double log_z_median, log_z_worst;    /* absolute errors; where log Z is not known, distances from the runs' mean */
  double log_z_se, log_z_sd;           /* median reported error; standard deviation over seeds */
  double chi_square, chi_square_limit; /* of the runs about their mean; NaN unless asked for */
  size_t silent;                       /* runs whose error exceeds three of their standard errors */
  measure_verdict measure[MEASURES_MAX];
  double twins_apart; /* largest difference from the twin in standard errors; NaN where there is none */
  double evaluations_median, evaluations_worst, seconds;
  size_t warned;
  int log_z_ok, draws_ok, other_ok, evaluations_ok, ok;
} verdict;

/* [in] twin: the runs of the row's twin, or NULL. */
void verdict_make(const row_runs *runs, const row_runs *twin, const calibration *c, verdict *out);

/* One number of each run, gathered. */
typedef double (*run_number)(const run *r);
double *runs_gather(const row_runs *runs, run_number number);
double run_log_z_error(const run *r); /* NaN where log Z is not known */
double run_log_z(const run *r);
double run_log_z_se(const run *r);

#endif
