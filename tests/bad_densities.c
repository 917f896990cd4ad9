/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values that are no numbers, integrals that are infinite, and heavy tails whose integrals are finite: see bad_targets.h. */
#include "bad_densities.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979324

void bad_gauss(size_t dim, const double *x, double centre, double scale, double *logp, double *grad) {
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    const double z = (x[j] - centre) / scale;
    *logp -= 0.5 * z * z;
    grad[j] = -z / scale;
  }
}

double bad_hash(size_t dim, const double *x) {
  uint64_t h = 0x9e3779b97f4a7c15u;
  for (size_t j = 0; j < dim; j++) {
    uint64_t bits;
    memcpy(&bits, x + j, sizeof bits);
    h = (h ^ bits) * 0xbf58476d1ce4e5b9u;
    h ^= h >> 29;
  }
  h = (h ^ (h >> 31)) * 0x94d049bb133111ebu;
  return (double)(h >> 11) * 0x1p-53;
}

static int constant(size_t dim, double value, double *logp, double *grad) {
  *logp = value;
  for (size_t j = 0; j < dim; j++) grad[j] = 0;
  return 0;
}

/* ---- No numbers ---- */

#define UNUSED (void)s, (void)x

BAD_DENSITY(bad_nan) {
  UNUSED;
  return constant(dim, NAN, logp, grad);
}

BAD_DENSITY(bad_inf) {
  UNUSED;
  return constant(dim, INFINITY, logp, grad);
}

BAD_DENSITY(bad_minus_inf) {
  UNUSED;
  return constant(dim, -INFINITY, logp, grad);
}

BAD_DENSITY(bad_outside) {
  UNUSED;
  constant(dim, 0, logp, grad);
  return 1;
}

BAD_DENSITY(bad_unwritten) {
  UNUSED;
  (void)dim, (void)logp, (void)grad;
  return 0;
}

BAD_DENSITY(bad_gradient_nan) {
  (void)s;
  bad_gauss(dim, x, 0, 1, logp, grad);
  grad[dim - 1] = NAN;
  return 0;
}

BAD_DENSITY(bad_single_point) {
  (void)s;
  constant(dim, 0, logp, grad);
  return x[0] != 1;
}

BAD_DENSITY(bad_nan_half) {
  (void)s;
  bad_gauss(dim, x, 0, 1, logp, grad);
  if (x[0] < 0) *logp = NAN;
  return 0;
}

BAD_DENSITY(bad_nan_random) {
  (void)s;
  bad_gauss(dim, x, 0, 1, logp, grad);
  if (bad_hash(dim, x) < 0.05) *logp = NAN;
  return 0;
}

BAD_DENSITY(bad_nan_beyond) {
  (void)s;
  bad_gauss(dim, x, 0, 1, logp, grad);
  if (-2 * *logp > 4 * (double)dim) *logp = NAN;
  return 0;
}

BAD_DENSITY(bad_inf_region) {
  (void)s;
  bad_gauss(dim, x, 0, 1, logp, grad);
  if (fabs(x[0] - 1) < 0.1) *logp = INFINITY;
  return 0;
}

BAD_DENSITY(bad_inf_point) {
  (void)s;
  bad_gauss(dim, x, 0, 1, logp, grad);
  if (x[0] == 0) *logp = INFINITY;
  return 0;
}

BAD_DENSITY(bad_holes) {
  (void)s;
  bad_gauss(dim, x, 0, 1, logp, grad);
  return bad_hash(dim, x) < 0.5;
}

double bad_z_normal(size_t dim) {
  return (double)dim * BAD_LOG_ROOT_TWO_PI;
}

double bad_z_half(size_t dim) {
  return bad_z_normal(dim) - log(2);
}

double bad_z_thinned(size_t dim) {
  return bad_z_normal(dim) + log(0.95);
}

double bad_z_holes(size_t dim) {
  return bad_z_normal(dim) + log(0.5);
}

double bad_z_region(size_t dim) {
  return bad_z_normal(dim) + log1p(-0.5 * (erf(1.1 / sqrt(2)) - erf(0.9 / sqrt(2))));
}

/* ---- Improper ---- */

BAD_DENSITY(bad_flat) {
  UNUSED;
  return constant(dim, 0, logp, grad);
}

BAD_DENSITY(bad_ramp) {
  (void)s;
  constant(dim, x[0], logp, grad);
  grad[0] = 1;
  return 0;
}

/* (1 + |x|^2)^(-power / 2). */
static int tail(size_t dim, const double *x, double power, double *logp, double *grad) {
  double square = 1;
  for (size_t j = 0; j < dim; j++) square += x[j] * x[j];
  *logp = -0.5 * power * log(square);
  for (size_t j = 0; j < dim; j++) grad[j] = -power * x[j] / square;
  return 0;
}

BAD_DENSITY(bad_border) {
  (void)s;
  return tail(dim, x, (double)dim, logp, grad);
}

BAD_DENSITY(bad_slow_tail) {
  (void)s;
  return tail(dim, x, 0.8 * (double)dim, logp, grad);
}

/* Of the first coordinate; the others are normal. */
static int first_of_many(size_t dim, const double *x, double value, double slope, double *logp, double *grad) {
  bad_gauss(dim - 1, x + 1, 0, 1, logp, grad + 1);
  *logp += value;
  grad[0] = slope;
  return 0;
}

BAD_DENSITY(bad_reciprocal) {
  (void)s;
  return first_of_many(dim, x, -log(fabs(x[0])), -1 / x[0], logp, grad);
}

/* 1/|x| where it is not integrable, the tails of a normal. */
BAD_DENSITY(bad_pole) {
  (void)s;
  return first_of_many(dim, x, -log(fabs(x[0])) - 0.5 * x[0] * x[0], -1 / x[0] - x[0], logp, grad);
}

/* x[j] ~ N(0, exp(x[0])), normalised, x[0] without a prior. */
BAD_DENSITY(bad_free_funnel) {
  (void)s;
  double square = 0;
  for (size_t j = 1; j < dim; j++) square += x[j] * x[j];
  *logp = -0.5 * ((double)dim - 1) * x[0] - 0.5 * square * exp(-x[0]);
  grad[0] = -0.5 * ((double)dim - 1) + 0.5 * square * exp(-x[0]);
  for (size_t j = 1; j < dim; j++) grad[j] = -x[j] * exp(-x[0]);
  return 0;
}

BAD_DENSITY(bad_one_flat) {
  (void)s;
  return first_of_many(dim, x, 0, 0, logp, grad);
}

/* A normal's bump on a floor that goes on for ever. */
BAD_DENSITY(bad_plateau) {
  (void)s;
  bad_gauss(dim, x, 0, 1, logp, grad);
  return *logp < -20 ? constant(dim, -20, logp, grad) : 0;
}

BAD_DENSITY(bad_half_flat) {
  (void)s;
  return x[0] < 0 ? first_of_many(dim, x, -0.5 * x[0] * x[0], -x[0], logp, grad) : first_of_many(dim, x, 0, 0, logp, grad);
}

BAD_DENSITY(bad_sum) {
  (void)s;
  double sum = 0;
  for (size_t j = 0; j < dim; j++) sum += x[j];
  constant(dim, -0.5 * (sum - 1) * (sum - 1), logp, grad);
  for (size_t j = 0; j < dim; j++) grad[j] = 1 - sum;
  return 0;
}

/* Two parameters that enter as a product only: the hyperbola's arms narrow as 1/|x|, whose integral is infinite. */
BAD_DENSITY(bad_product) {
  (void)s;
  bad_gauss(dim - 2, x + 2, 0, 1, logp, grad + 2);
  const double off = x[0] * x[1] - 1;
  *logp -= 0.5 * off * off;
  grad[0] = -off * x[1];
  grad[1] = -off * x[0];
  return 0;
}

static int grow(size_t dim, const double *x, double factor, double *logp, double *grad) {
  bad_gauss(dim, x, 0, 1, logp, grad);
  *logp *= -factor;
  for (size_t j = 0; j < dim; j++) grad[j] *= -factor;
  return 0;
}

BAD_DENSITY(bad_growing) {
  (void)s;
  return grow(dim, x, 1, logp, grad);
}

BAD_DENSITY(bad_growing_fast) {
  (void)s;
  return grow(dim, x, 1e300, logp, grad);
}

/* ---- Heavy, and proper ---- */

BAD_DENSITY(bad_cauchy) {
  (void)s;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    *logp -= log1p(x[j] * x[j]);
    grad[j] = -2 * x[j] / (1 + x[j] * x[j]);
  }
  return 0;
}

double bad_z_cauchy(size_t dim) {
  return (double)dim * log(PI);
}

BAD_DENSITY(bad_t1) {
  (void)s;
  return tail(dim, x, (double)dim + 1, logp, grad);
}

double bad_z_t1(size_t dim) {
  return 0.5 * ((double)dim + 1) * log(PI) - lgamma(0.5 * ((double)dim + 1));
}

/* 1 / (x (1 + log^2 x)): the law of exp(C), C a Cauchy variable. */
BAD_DENSITY(bad_log_cauchy) {
  (void)s;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    if (!(x[j] > 0)) return 1;
    const double l = log(x[j]);
    *logp -= l + log1p(l * l);
    grad[j] = -(1 + 2 * l / (1 + l * l)) / x[j];
  }
  return 0;
}

double bad_z_log_cauchy(size_t dim) {
  return bad_z_cauchy(dim);
}
