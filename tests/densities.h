/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Densities with known laws for the tests of paths and kernels: a Gaussian mixture with one covariance, of which everything is known, and
 * single callbacks that misbehave at an edge. */
#ifndef DILATE_TESTS_DENSITIES_H
#define DILATE_TESTS_DENSITIES_H

#include "dilate.h"
#include <gsl/gsl_rng.h>

#define DENSITY_DIM        10
#define DENSITY_COMPONENTS 3

/* sum_k w_k N(m_k, C C') times exp(log_z). */
typedef struct density {
  size_t dim, components;
  double weight[DENSITY_COMPONENTS], mean[DENSITY_COMPONENTS][DENSITY_DIM];
  double c[DENSITY_DIM * DENSITY_DIM], ci[DENSITY_DIM * DENSITY_DIM]; /* dim x dim lower factor and its inverse */
  double log_z;
} density;

/* Independent coordinates of standard deviation sd about 0. */
density density_normal(size_t dim, double sd);
/* 2-d, correlation 0.95, standard deviations 1 and 3, mean (1, -2). */
density density_correlated(void);
/* dim coordinates, condition number 100, all correlated. */
density density_chained(size_t dim);
/* Three modes on the first axis of a plane or a line, shares 0.5, 0.3, 0.2. */
density density_modes(size_t dim);

/* Point callback; params is the density. */
int density_logp(size_t dim, const double *x, double *logp, double *grad, void *params);
dilate_target density_target(density *f);
/* An exact draw. */
void density_draw(const density *f, gsl_rng *rng, double *x);
/* Numbers that are uniform on (0, 1) when x follows the density: [0] the law of the first coordinate, [1] (single Gaussian) that of the
 * Mahalanobis radius, [2] that of the last whitened coordinate.  Returns how many. */
#define DENSITY_UNIFORMS 3
size_t density_uniforms(const density *f, const double *x, double *u);

/* exp(-x^2/2) where all coordinates lie in (0, 1); outside: NaN if params is not NULL, else "outside the support". */
int box_logp(size_t dim, const double *x, double *logp, double *grad, void *params);
/* The uniform law on the unit box. */
int flat_box_logp(size_t dim, const double *x, double *logp, double *grad, void *params);
/* Rosenbrock's banana (2-d), and the Cauchy density in each coordinate. */
int banana_logp(size_t dim, const double *x, double *logp, double *grad, void *params);
int cauchy_logp(size_t dim, const double *x, double *logp, double *grad, void *params);

/* A target of the given callback. */
dilate_target target_of(size_t dim, dilate_logp_fn logp, void *params);

/* sqrt(n) times the Kolmogorov-Smirnov distance of n values in (0, 1) from uniform; u is sorted.  It exceeds KS_LIMIT with probability
 * below 1e-6 (2 exp(-2 x^2)). */
#define KS_LIMIT 2.70
double ks_statistic(size_t n, double *u);

#endif
