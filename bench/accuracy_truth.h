/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws against stored moments or quantiles, for targets without exact draws. */
#ifndef BENCH_ACCURACY_TRUTH_H
#define BENCH_ACCURACY_TRUTH_H

#include "dilate.h"

/* File: coordinate (from 0, unconstrained), name, mean, sd.  [in] x: draws, rows x dim.  [out] *means: root mean square over its lines
 * of (mean - truth)/sd; *sds: of sd/truth - 1. */
void truth_moments(const char *folder, const char *name, size_t rows, size_t dim, const double *x, double *means, double *sds);

#define PROFILE_MAX 64
/* The shares of a run's draws below the stored quantiles, and their standard errors from the run's effective sample sizes. */
typedef struct profile {
  size_t n;
  double level[PROFILE_MAX], share[PROFILE_MAX], se[PROFILE_MAX];
} profile;

/* File: parameter, number of reference draws, and a quantile a level; the heading gives the levels.  Returns the largest of
 * |share - level| in standard errors, those of the reference draws and of the run combined. */
double truth_quantiles(const char *folder, const char *name, const dilate_result *result, profile *out);
/* The root mean square of (share - level) / sqrt(level (1 - level)) over the same file: for n exact draws 1/n is its square's mean.
 * [in] values: rows x target->n_out, on the constrained scale. */
double truth_shares(const char *folder, const char *name, const dilate_target *target, size_t rows, const double *values);

#endif
