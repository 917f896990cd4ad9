/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transforms of single values (Stan Reference Manual, "Constraint Transforms"): none, and bounds on either side or both.
 *
 * The interval works with the logarithms of the logistic function and of its complement, and measures from the nearer end. */
#include <math.h>
#include <string.h>

#include "target/logistic.h"
#include "target/transform.h"

/* ---- None ---- */

static double free_constrain(const dilate_block *block, const double *u, double *x) {
  memcpy(x, u, block->size * sizeof *x);
  return 0;
}

static int free_inside(const dilate_block *block, const double *x) {
  return transform_all_finite(block->size, x);
}

static int free_unconstrain(const dilate_block *block, const double *x, double *u) {
  memcpy(u, x, block->size * sizeof *u);
  return 1;
}

static void free_pull_back(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u,
                           double *scratch) {
  (void)u, (void)x, (void)scratch;
  memcpy(grad_u, grad_x, block->size * sizeof *grad_u);
}

const transform transform_free = {
    .name = "none",
    .smallest = 1,
    .dim = transform_dim_same,
    .constrain = free_constrain,
    .inside = free_inside,
    .unconstrain = free_unconstrain,
    .pull_back = free_pull_back,
};

/* ---- One bound: x = edge + side exp(u), side 1 from a lower edge and -1 from an upper one ---- */

static double edge(const dilate_block *block) {
  return block->constraint == DILATE_UPPER ? block->upper : block->lower;
}

static double side(const dilate_block *block) {
  return block->constraint == DILATE_UPPER ? -1 : 1;
}

static double bound_constrain(const dilate_block *block, const double *u, double *x) {
  const double from = edge(block), sign = side(block);
  double log_jacobian = 0;
  for (size_t i = 0; i < block->size; i++) {
    x[i] = from + sign * exp(u[i]);
    log_jacobian += u[i];
  }
  return log_jacobian;
}

static int bound_inside(const dilate_block *block, const double *x) {
  const double from = edge(block), sign = side(block);
  for (size_t i = 0; i < block->size; i++)
    if (!(sign * x[i] > sign * from && sign * x[i] < INFINITY)) return 0;
  return 1;
}

static int bound_unconstrain(const dilate_block *block, const double *x, double *u) {
  const double from = edge(block), sign = side(block);
  for (size_t i = 0; i < block->size; i++) u[i] = log(sign * (x[i] - from));
  return 1;
}

static void bound_pull_back(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u,
                            double *scratch) {
  const double sign = side(block);
  (void)x, (void)scratch;
  for (size_t i = 0; i < block->size; i++) grad_u[i] = sign * grad_x[i] * exp(u[i]) + 1;
}

const transform transform_lower = {
    .name = "a lower bound",
    .smallest = 1,
    .bounds = TRANSFORM_READS_LOWER,
    .dim = transform_dim_same,
    .constrain = bound_constrain,
    .inside = bound_inside,
    .unconstrain = bound_unconstrain,
    .pull_back = bound_pull_back,
};

const transform transform_upper = {
    .name = "an upper bound",
    .smallest = 1,
    .bounds = TRANSFORM_READS_UPPER,
    .dim = transform_dim_same,
    .constrain = bound_constrain,
    .inside = bound_inside,
    .unconstrain = bound_unconstrain,
    .pull_back = bound_pull_back,
};

/* ---- Interval: x = lower + (upper - lower) logistic(u), measured from the nearer end ---- */

static double interval_constrain(const dilate_block *block, const double *u, double *x) {
  const double width = block->upper - block->lower;
  double log_jacobian = 0;
  for (size_t i = 0; i < block->size; i++) {
    x[i] = u[i] > 0 ? block->upper - width * logistic(-u[i]) : block->lower + width * logistic(u[i]);
    log_jacobian += log(width) + log_logistic(u[i]) + log_logistic(-u[i]);
  }
  return log_jacobian;
}

static int interval_inside(const dilate_block *block, const double *x) {
  for (size_t i = 0; i < block->size; i++)
    if (!(x[i] > block->lower && x[i] < block->upper)) return 0;
  return 1;
}

static int interval_unconstrain(const dilate_block *block, const double *x, double *u) {
  for (size_t i = 0; i < block->size; i++) u[i] = log(x[i] - block->lower) - log(block->upper - x[i]);
  return 1;
}

static void interval_pull_back(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u,
                               double *scratch) {
  (void)x, (void)scratch;
  const double width = block->upper - block->lower;
  for (size_t i = 0; i < block->size; i++)
    grad_u[i] = grad_x[i] * width * logistic(u[i]) * logistic(-u[i]) + logistic(-u[i]) - logistic(u[i]);
}

const transform transform_interval = {
    .name = "an interval",
    .smallest = 1,
    .bounds = TRANSFORM_READS_LOWER | TRANSFORM_READS_UPPER,
    .dim = transform_dim_same,
    .constrain = interval_constrain,
    .inside = interval_inside,
    .unconstrain = interval_unconstrain,
    .pull_back = interval_pull_back,
};
