/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of a posterior: what it cost, and how far its draws are from the reference. */
#ifndef BENCH_POSTERIORDB_RUN_H
#define BENCH_POSTERIORDB_RUN_H

#include "bench/posteriordb_truth.h"
#include "dilate.h"

/* Asked of every run. */
#define MOMENT_LIMIT   4.0  /* combined standard errors, of means and sds */
#define QUANTILE_LIMIT 5.0  /* of the shares below the reference's 5 % and 95 % quantiles */
#define RHAT_LIMIT     1.01 /* of every parameter */
#define ESS_LIMIT      1500 /* of 4000 draws; the smaller of bulk and tail */
#define SHARE_LIMIT    0.02 /* of each mode of low_dim_gauss_mix_unordered from 1/2 */

/* The largest of a kind, and whose it is. */
typedef struct extreme {
  double value;
  char name[32];
} extreme;

typedef struct run {
  uint64_t seed;
  extreme mean, sd, q5, q95;              /* in combined standard errors */
  extreme rhat, ess;                      /* the largest; the smallest, which is that of a parameter's bulk or tail */
  double bulk;                            /* the smallest effective sample size of a bulk: what evaluations and seconds are divided by */
  double log_z, log_z_se;                 /* NaN: the sampler says nothing of it */
  double share;                           /* largest distance of a mode's share from 1/2; NaN where there is one mode */
  size_t modes;                           /* 0: the sampler does not list them */
  double evaluations, gradients, seconds; /* seconds of the processor, of all threads */
  size_t warnings;
  char **warning;
  char *failure; /* or NULL */
} run;

/* [in] target: to be run with default options, a seed and one thread. */
void run_make(const dilate_target *target, const reference *truth, uint64_t seed, run *out);
/* Draws of another sampler, with what it says of each of its n parameters.  [in] x: rows x n, row-major. */
void run_compare(const reference *truth, size_t n, const dilate_parameter *p, size_t rows, const double *x, run *out);
/* 1 when all that is asked is kept; `why`, if not NULL, gets the names of what is not, separated by commas. */
int run_passes(const run *r, const reference *truth, char *why, size_t size);
void run_release(run *r);

#endif
