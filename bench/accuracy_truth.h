/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run's draws against stored moments or quantiles, for targets without exact draws. */
#ifndef BENCH_ACCURACY_TRUTH_H
#define BENCH_ACCURACY_TRUTH_H

#include "dilate.h"

/* File: coordinate (from 0, unconstrained), name, mean, sd.  [out] *means: root mean square over its lines of (mean - truth)/sd;
 * *sds: of sd/truth - 1. */
void truth_moments(const char *folder, const char *name, const dilate_result *result, double *means, double *sds);

#define PROFILE_MAX 64
/* The shares of a run's draws below the stored quantiles, and their standard errors from the run's effective sample sizes. */
typedef struct profile {
  size_t n;
  double level[PROFILE_MAX], share[PROFILE_MAX], se[PROFILE_MAX];
} profile;

/* File: parameter, number of reference draws, and a quantile a level; the heading gives the levels.  Returns the largest of
 * |share - level| in standard errors, those of the reference draws and of the run combined. */
double truth_quantiles(const char *folder, const char *name, const dilate_result *result, profile *out);

#endif
