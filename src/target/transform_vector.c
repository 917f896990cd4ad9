/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transforms of vectors (Stan Reference Manual, "Constraint Transforms"): ordered, positive and ordered, simplex, unit vector. */
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <string.h>

#include "target/logistic.h"
#include "target/transform.h"

/* ---- Ordered: x[0] = u[0], x[i] = x[i-1] + exp(u[i]) ---- */

/* From x[first] = value on; returns the sum of u after it. */
static double climb(size_t size, double value, const double *u, double *x) {
  double sum = 0;
  x[0] = value;
  for (size_t i = 1; i < size; i++) {
    x[i] = x[i - 1] + exp(u[i]);
    sum += u[i];
  }
  return sum;
}

static double ordered_constrain(const dilate_block *block, const double *u, double *x) {
  return climb(block->size, u[0], u, x);
}

static int ordered_inside(const dilate_block *block, const double *x) {
  for (size_t i = 1; i < block->size; i++)
    if (!(x[i] > x[i - 1])) return 0;
  return isfinite(x[0]) && isfinite(x[block->size - 1]);
}

static int ordered_unconstrain(const dilate_block *block, const double *x, double *u) {
  u[0] = x[0];
  for (size_t i = 1; i < block->size; i++) u[i] = log(x[i] - x[i - 1]);
  return 1;
}

static void ordered_pull_back(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u,
                              double *scratch) {
  (void)x, (void)scratch;
  double later = 0; /* u[i] moves x[i] and all that follow */
  for (size_t i = block->size; i-- > 1;) {
    later += grad_x[i];
    grad_u[i] = later * exp(u[i]) + 1;
  }
  grad_u[0] = later + grad_x[0];
}

const transform transform_ordered = {
    .name = "an ordered vector",
    .rank = 1,
    .smallest = 1,
    .dim = transform_dim_same,
    .constrain = ordered_constrain,
    .inside = ordered_inside,
    .unconstrain = ordered_unconstrain,
    .pull_back = ordered_pull_back,
};

/* ---- Positive and ordered: x[0] = exp(u[0]), x[i] = x[i-1] + exp(u[i]) ---- */

static double positive_ordered_constrain(const dilate_block *block, const double *u, double *x) {
  return u[0] + climb(block->size, exp(u[0]), u, x);
}

static int positive_ordered_inside(const dilate_block *block, const double *x) {
  return x[0] > 0 && ordered_inside(block, x);
}

static int positive_ordered_unconstrain(const dilate_block *block, const double *x, double *u) {
  (void)ordered_unconstrain(block, x, u);
  u[0] = log(x[0]);
  return 1;
}

static void positive_ordered_pull_back(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u,
                                       double *scratch) {
  ordered_pull_back(block, u, x, grad_x, grad_u, scratch);
  grad_u[0] = grad_u[0] * exp(u[0]) + 1;
}

const transform transform_positive_ordered = {
    .name = "a positive ordered vector",
    .rank = 1,
    .smallest = 1,
    .dim = transform_dim_same,
    .constrain = positive_ordered_constrain,
    .inside = positive_ordered_inside,
    .unconstrain = positive_ordered_unconstrain,
    .pull_back = positive_ordered_pull_back,
};

/* ---- Simplex: stick breaking, z[k] = logistic(u[k] - log(K - 1 - k)) of what is left, so that u = 0 is the centre ---- */

static size_t simplex_dim(size_t size) {
  return size - 1;
}

static double stick_logit(const dilate_block *block, const double *u, size_t k) {
  return u[k] - log((double)(block->size - 1 - k));
}

static double simplex_constrain(const dilate_block *block, const double *u, double *x) {
  double log_left = 0, log_jacobian = 0;
  for (size_t k = 0; k + 1 < block->size; k++) {
    const double v = stick_logit(block, u, k), log_taken = log_left + log_logistic(v);
    x[k] = exp(log_taken);
    log_left += log_logistic(-v);
    log_jacobian += log_taken + log_logistic(-v);
  }
  x[block->size - 1] = exp(log_left);
  return log_jacobian;
}

static int simplex_inside(const dilate_block *block, const double *x) {
  for (size_t k = 0; k < block->size; k++)
    if (!(x[k] > 0)) return 0;
  return 1;
}

static int simplex_unconstrain(const dilate_block *block, const double *x, double *u) {
  const size_t last = block->size - 1;
  double sum = 0;
  for (size_t k = 0; k <= last; k++) sum += x[k];
  if (!(fabs(sum - 1) < TRANSFORM_TOLERANCE)) return 0;
  double left = x[last];
  for (size_t k = last; k-- > 0;) {
    u[k] = log(x[k]) - log(left) + log((double)(last - k));
    left += x[k];
  }
  return 1;
}

static void simplex_pull_back(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u,
                              double *scratch) {
  (void)scratch;
  const size_t last = block->size - 1;
  double later = grad_x[last] * x[last]; /* sum of grad_x x over the values after k */
  for (size_t k = last; k-- > 0;) {
    const double v = stick_logit(block, u, k), z = logistic(v);
    grad_u[k] = grad_x[k] * x[k] * logistic(-v) - z * later + 1 - (double)(block->size - k) * z;
    later += grad_x[k] * x[k];
  }
}

const transform transform_simplex = {
    .name = "a simplex",
    .rank = 1,
    .smallest = 2,
    .dim = simplex_dim,
    .constrain = simplex_constrain,
    .inside = simplex_inside,
    .unconstrain = simplex_unconstrain,
    .pull_back = simplex_pull_back,
};

/* ---- Unit vector: x = u / |u|, u standard normal but for f(x) ----
 *
 * With S = 2 pi^(n/2) / Gamma(n/2), the area of the sphere, f is integrated over it by E f(u/|u|) S, u ~ N(0, I): the log-density gains
 * log S - n/2 log(2 pi) - |u|^2/2 = (1 - n/2) log 2 - log Gamma(n/2) - |u|^2/2. */

/* |u|, by way of the largest value, so that squares neither overflow nor underflow. */
static double length_of(size_t n, const double *u) {
  double largest = 0, sum = 0;
  for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs(u[i]));
  if (!(largest > 0 && largest < INFINITY)) return largest;
  for (size_t i = 0; i < n; i++) sum += u[i] / largest * (u[i] / largest);
  return largest * sqrt(sum);
}

static double unit_constrain(const dilate_block *block, const double *u, double *x) {
  const double length = length_of(block->size, u), half = 0.5 * (double)block->size;
  for (size_t i = 0; i < block->size; i++) x[i] = length > 0 ? u[i] / length : 0;
  if (!(length > 0)) return -INFINITY;
  return (1 - half) * log(2) - gsl_sf_lngamma(half) - 0.5 * length * length;
}

static int unit_inside(const dilate_block *block, const double *x) {
  return fabs(length_of(block->size, x) - 1) < TRANSFORM_TOLERANCE;
}

static int unit_unconstrain(const dilate_block *block, const double *x, double *u) {
  memcpy(u, x, block->size * sizeof *u);
  return 1;
}

static void unit_pull_back(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u,
                           double *scratch) {
  const double length = length_of(block->size, u);
  double along = 0;
  (void)scratch;
  for (size_t i = 0; i < block->size; i++) along += grad_x[i] * x[i];
  for (size_t i = 0; i < block->size; i++) grad_u[i] = (grad_x[i] - along * x[i]) / length - u[i];
}

const transform transform_unit_vector = {
    .name = "a unit vector",
    .rank = 1,
    .smallest = 2,
    .dim = transform_dim_same,
    .constrain = unit_constrain,
    .inside = unit_inside,
    .unconstrain = unit_unconstrain,
    .pull_back = unit_pull_back,
};
