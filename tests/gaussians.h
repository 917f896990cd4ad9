/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixtures of correlated Gaussians, and what they become when they are observed linearly or in some coordinates: mixtures again, in closed
 * form, evidence included. */
#ifndef DILATE_TESTS_GAUSSIANS_H
#define DILATE_TESTS_GAUSSIANS_H

#include <gsl/gsl_rng.h>

#include "dilate.h"

#define GAUSSIANS_DIM 10
#define GAUSSIANS_MAX 5

/* exp(log_z) sum_k w_k N(m_k, S_k). */
typedef struct gaussians {
  size_t dim, components;
  double log_z, weight[GAUSSIANS_MAX];
  double mean[GAUSSIANS_MAX][GAUSSIANS_DIM], covariance[GAUSSIANS_MAX][GAUSSIANS_DIM * GAUSSIANS_DIM]; /* dim x dim, row-major */
  double factor[GAUSSIANS_MAX][GAUSSIANS_DIM * GAUSSIANS_DIM];                                         /* lower Cholesky factors of it */
} gaussians;

/* Fixed pseudo-random components: means uniform within +-spread, standard deviations from 0.5 to 1, correlated, unequal weights. */
gaussians gaussians_random(uint64_t seed, size_t dim, size_t components, double spread);

/* Terms log w_k + log N(x; m_k, S_k), and the component of the largest. */
size_t gaussians_terms(const gaussians *g, const double *x, double *term);
double gaussians_log_density(const gaussians *g, const double *x, double *grad); /* grad may be NULL */

/* Callbacks; params is the mixture. */
int gaussians_logp(size_t dim, const double *x, double *logp, double *grad, void *params);
int gaussians_batch(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params);
dilate_target gaussians_target(gaussians *g);
/* The same with its own convolution, which is a mixture again: X + sigma E has covariances S_k + sigma^2 I. */
int gaussians_convolve(size_t dim, double sigma, size_t n, size_t ld, const double *x, double *logp, double *score, void *params);
gaussians gaussians_convolved(const gaussians *g, double sigma);
/* The law of c + root (X - c). */
gaussians gaussians_dilated(const gaussians *g, const double *centre, double root);
/* An exact draw. */
void gaussians_draw(const gaussians *g, gsl_rng *rng, double *x);

/* The law of x given y = A x + e, times the evidence. */
gaussians gaussians_given_linear(const gaussians *g, size_t rows, const double *a, const double *y, const double *noise);
/* The law of the other coordinates, those listed being known, times the density of these. */
gaussians gaussians_given_fixed(const gaussians *g, size_t count, const size_t *index, const double *value);

#endif
