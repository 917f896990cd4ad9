/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of the test program of diffusion sequential Monte Carlo, and the densities that they share. */
#ifndef DILATE_TESTS_CHECK_DIFFUSION_H
#define DILATE_TESTS_CHECK_DIFFUSION_H

#include <check.h>

#include "dilate.h"

Suite *levels_suite(void);
Suite *methods_suite(void);

/* exp(log_z) N(mean, sd^2 I), mean the same in every coordinate; params is one of these. */
typedef struct normal {
  double mean, sd, log_z;
} normal;

int normal_logp(size_t dim, const double *x, double *logp, double *grad, void *params);
/* Density 1 where every coordinate is in (0.5, 1), else outside the support.  It leaves the origin out.  Z = 2^-dim. */
int corner_logp(size_t dim, const double *x, double *logp, double *grad, void *params);
/* No support. */
int nowhere_logp(size_t dim, const double *x, double *logp, double *grad, void *params);

dilate_target target_with(size_t dim, dilate_logp_fn logp, void *params);

#endif
