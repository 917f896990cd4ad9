/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transforms between unconstrained and natural parameters (Stan Reference Manual, "Constraint Transforms"), one table row each.
 *
 * Interval and simplex work with the logarithms of the logistic function and of its complement, which are finite and exact for any
 * finite u: a natural value may underflow to 0, its log Jacobian does not. */
#include "dilate.h"

#include <math.h>
#include <string.h>

typedef struct transform {
  double (*constrain)(const dilate_block *block, const double *u, double *x); /* returns log |dx/du| */
  int (*unconstrain)(const dilate_block *block, const double *x, double *u);  /* 0 when x breaks the constraint */
  void (*pull_back)(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u);
} transform;

/* log(1 / (1 + exp(-u))) */
static double log_logistic(double u) {
  return u > 0 ? -log1p(exp(-u)) : u - log1p(exp(u));
}

static double logistic(double u) {
  return u > 0 ? 1 / (1 + exp(-u)) : exp(u) / (1 + exp(u));
}

/* ---- None ---- */

static double free_constrain(const dilate_block *block, const double *u, double *x) {
  memcpy(x, u, block->size * sizeof *x);
  return 0;
}

static int free_unconstrain(const dilate_block *block, const double *x, double *u) {
  for (size_t i = 0; i < block->size; i++)
    if (!isfinite(u[i] = x[i])) return 0;
  return 1;
}

static void free_pull_back(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u) {
  (void)u, (void)x;
  memcpy(grad_u, grad_x, block->size * sizeof *grad_u);
}

/* ---- Positive: x = lower + exp(u) ---- */

static double positive_constrain(const dilate_block *block, const double *u, double *x) {
  double log_jacobian = 0;
  for (size_t i = 0; i < block->size; i++) {
    x[i] = block->lower + exp(u[i]);
    log_jacobian += u[i];
  }
  return log_jacobian;
}

static int positive_unconstrain(const dilate_block *block, const double *x, double *u) {
  for (size_t i = 0; i < block->size; i++) {
    if (!isfinite(x[i]) || !(x[i] > block->lower)) return 0;
    u[i] = log(x[i] - block->lower);
  }
  return 1;
}

static void positive_pull_back(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u) {
  (void)x;
  for (size_t i = 0; i < block->size; i++) grad_u[i] = grad_x[i] * exp(u[i]) + 1;
}

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

static int interval_unconstrain(const dilate_block *block, const double *x, double *u) {
  for (size_t i = 0; i < block->size; i++) {
    if (!(x[i] > block->lower && x[i] < block->upper)) return 0;
    u[i] = log(x[i] - block->lower) - log(block->upper - x[i]);
  }
  return 1;
}

static void interval_pull_back(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u) {
  (void)x;
  const double width = block->upper - block->lower;
  for (size_t i = 0; i < block->size; i++)
    grad_u[i] = grad_x[i] * width * logistic(u[i]) * logistic(-u[i]) + logistic(-u[i]) - logistic(u[i]);
}

/* ---- Ordered: x[0] = u[0], x[i] = x[i-1] + exp(u[i]) ---- */

static double ordered_constrain(const dilate_block *block, const double *u, double *x) {
  double log_jacobian = 0;
  x[0] = u[0];
  for (size_t i = 1; i < block->size; i++) {
    x[i] = x[i - 1] + exp(u[i]);
    log_jacobian += u[i];
  }
  return log_jacobian;
}

static int ordered_unconstrain(const dilate_block *block, const double *x, double *u) {
  if (!isfinite(u[0] = x[0])) return 0;
  for (size_t i = 1; i < block->size; i++) {
    if (!isfinite(x[i]) || !(x[i] > x[i - 1])) return 0;
    u[i] = log(x[i] - x[i - 1]);
  }
  return 1;
}

static void ordered_pull_back(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u) {
  (void)x;
  double later = 0; /* u[i] moves x[i] and all that follow */
  for (size_t i = block->size; i-- > 1;) {
    later += grad_x[i];
    grad_u[i] = later * exp(u[i]) + 1;
  }
  grad_u[0] = later + grad_x[0];
}

/* ---- Simplex: stick breaking, z[k] = logistic(u[k] - log(K - 1 - k)) of what is left, so that u = 0 is the centre ---- */

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

static int simplex_unconstrain(const dilate_block *block, const double *x, double *u) {
  const size_t last = block->size - 1;
  double sum = 0;
  for (size_t k = 0; k <= last; k++) {
    if (!(x[k] > 0)) return 0;
    sum += x[k];
  }
  if (!(fabs(sum - 1) < 1e-8)) return 0;
  double left = x[last];
  for (size_t k = last; k-- > 0;) {
    u[k] = log(x[k]) - log(left) + log((double)(last - k));
    left += x[k];
  }
  return 1;
}

static void simplex_pull_back(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u) {
  const size_t last = block->size - 1;
  double later = grad_x[last] * x[last]; /* sum of grad_x x over the values after k */
  for (size_t k = last; k-- > 0;) {
    const double v = stick_logit(block, u, k), z = logistic(v);
    grad_u[k] = grad_x[k] * x[k] * logistic(-v) - z * later + 1 - (double)(block->size - k) * z;
    later += grad_x[k] * x[k];
  }
}

/* ---- The table, in the order of dilate_constraint ---- */

static const transform transforms[] = {
    [DILATE_UNCONSTRAINED] = {free_constrain, free_unconstrain, free_pull_back},
    [DILATE_POSITIVE] = {positive_constrain, positive_unconstrain, positive_pull_back},
    [DILATE_INTERVAL] = {interval_constrain, interval_unconstrain, interval_pull_back},
    [DILATE_ORDERED] = {ordered_constrain, ordered_unconstrain, ordered_pull_back},
    [DILATE_SIMPLEX] = {simplex_constrain, simplex_unconstrain, simplex_pull_back},
};

/* NULL for a block that has no meaning: an unknown constraint, no values, an empty interval. */
static const transform *find(const dilate_block *block) {
  if (!block || (unsigned)block->constraint >= sizeof transforms / sizeof transforms[0] || block->size < 1) return NULL;
  if (block->constraint == DILATE_SIMPLEX && block->size < 2) return NULL;
  if (block->constraint == DILATE_INTERVAL && !(block->lower < block->upper)) return NULL;
  return &transforms[block->constraint];
}

size_t dilate_block_dim(const dilate_block *block) {
  if (!find(block)) return 0;
  return block->constraint == DILATE_SIMPLEX ? block->size - 1 : block->size;
}

void dilate_constrain(const dilate_block *block, const double *u, double *x, double *log_jacobian) {
  const transform *t = find(block);
  if (!t || !u || !x) return;
  const double increase = t->constrain(block, u, x);
  if (log_jacobian) *log_jacobian += increase;
}

int dilate_unconstrain(const dilate_block *block, const double *x, double *u) {
  const transform *t = find(block);
  if (!t || !x || !u) return DILATE_EINVAL;
  return t->unconstrain(block, x, u) ? DILATE_OK : DILATE_EDOMAIN;
}

void dilate_pull_back(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u) {
  const transform *t = find(block);
  if (t && u && x && grad_x && grad_u) t->pull_back(block, u, x, grad_x, grad_u);
}
