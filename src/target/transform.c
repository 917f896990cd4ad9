/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transforms between unconstrained and natural parameters: the table and the public functions over it.
 *
 * They are those of the Stan Reference Manual, "Constraint Transforms".  Logarithms of what tends to 0 are worked with, so that the log
 * Jacobian is finite and exact for any finite u: a natural value may underflow, its log Jacobian does not. */
#include "target/transform.h"

#include <math.h>

#include "base/memory.h"

#define STACK_SCRATCH 256 /* doubles */

/* In the order of dilate_constraint. */
static const transform *const transforms[] = {
    [DILATE_UNCONSTRAINED] = &transform_free,
    [DILATE_POSITIVE] = &transform_lower,
    [DILATE_INTERVAL] = &transform_interval,
    [DILATE_ORDERED] = &transform_ordered,
    [DILATE_SIMPLEX] = &transform_simplex,
    [DILATE_UPPER] = &transform_upper,
    [DILATE_POSITIVE_ORDERED] = &transform_positive_ordered,
    [DILATE_UNIT_VECTOR] = &transform_unit_vector,
    [DILATE_CHOLESKY_COVARIANCE] = &transform_cholesky_covariance,
    [DILATE_COVARIANCE] = &transform_covariance,
    [DILATE_CHOLESKY_CORRELATION] = &transform_cholesky_correlation,
    [DILATE_CORRELATION] = &transform_correlation,
};

/* ---- For the families ---- */

size_t transform_dim_same(size_t size) {
  return size;
}

size_t transform_rows(size_t size) {
  const size_t rows = (size_t)(sqrt((double)size) + 0.5);
  return rows * rows == size ? rows : 0;
}

int transform_all_finite(size_t n, const double *x) {
  double zero = 0; /* 0 times what is not finite is NaN */
  for (size_t i = 0; i < n; i++) zero += 0 * x[i];
  return zero == 0;
}

/* ---- The table ---- */

size_t transform_count(void) {
  return sizeof transforms / sizeof transforms[0];
}

const transform *transform_of(dilate_constraint constraint) {
  return (unsigned)constraint < transform_count() ? transforms[constraint] : NULL;
}

const transform *transform_find(const dilate_block *block) {
  const transform *t = block ? transform_of(block->constraint) : NULL;
  if (!t || block->size < 1) return NULL;
  if ((t->rank == 2 ? transform_rows(block->size) : block->size) < t->smallest) return NULL;
  const int both = t->bounds == (TRANSFORM_READS_LOWER | TRANSFORM_READS_UPPER);
  return both && !(block->lower < block->upper) ? NULL : t;
}

size_t transform_scratch(const dilate_block *block) {
  return block->constraint == DILATE_CORRELATION ? block->size : 0;
}

/* ---- Public ---- */

size_t dilate_block_dim(const dilate_block *block) {
  const transform *t = transform_find(block);
  return t ? t->dim(block->size) : 0;
}

void dilate_constrain(const dilate_block *block, const double *u, double *x, double *log_jacobian) {
  const transform *t = transform_find(block);
  if (!t || !u || !x) return;
  const double increase = t->constrain(block, u, x);
  if (log_jacobian) *log_jacobian += increase;
}

int dilate_unconstrain(const dilate_block *block, const double *x, double *u) {
  const transform *t = transform_find(block);
  if (!t || !x || !u) return DILATE_EINVAL;
  return t->inside(block, x) && t->unconstrain(block, x, u) ? DILATE_OK : DILATE_EDOMAIN;
}

void dilate_pull_back(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u) {
  const transform *t = transform_find(block);
  if (!t || !u || !x || !grad_x || !grad_u) return;
  double stack[STACK_SCRATCH];
  const size_t wanted = transform_scratch(block), dim = t->dim(block->size);
  double *heap = wanted > STACK_SCRATCH ? NEW(double, wanted) : NULL;
  if (heap || wanted <= STACK_SCRATCH)
    t->pull_back(block, u, x, grad_x, grad_u, heap ? heap : stack);
  else
    for (size_t i = 0; i < dim; i++) grad_u[i] = (double)NAN;
  memory_free(heap);
}
