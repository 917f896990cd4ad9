/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transforms of covariance matrices and their Cholesky factors (Stan Reference Manual, "Constraint Transforms").
 *
 * The lower triangle of L is u row by row, its diagonal exp(u); the matrix is X = L L'.  Matrices are column-major.  Per row k from 0 the
 * log Jacobian of L is u_kk, that of X log 2 + (K - k + 1) u_kk.  With G = df/dX, df/dL is the lower triangle of (G + G') L. */
#include <math.h>
#include <string.h>

#include "target/transform.h"
#include "target/triangle.h"

static size_t triangle_dim(size_t size) {
  const size_t rows = transform_rows(size);
  return rows * (rows + 1) / 2;
}

/* Where u_ij is, j <= i. */
static size_t place(size_t i, size_t j) {
  return i * (i + 1) / 2 + j;
}

/* ---- Cholesky factor ---- */

static double factor_constrain(const dilate_block *block, const double *u, double *x) {
  const size_t rows = transform_rows(block->size);
  double log_jacobian = 0;
  memset(x, 0, block->size * sizeof *x);
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < i; j++) x[i + rows * j] = u[place(i, j)];
    x[i + rows * i] = exp(u[place(i, i)]);
    log_jacobian += u[place(i, i)];
  }
  return log_jacobian;
}

static int factor_unconstrain(const dilate_block *block, const double *x, double *u) {
  const size_t rows = transform_rows(block->size);
  if (!triangle_is_lower(rows, x)) return 0;
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < i; j++) u[place(i, j)] = x[i + rows * j];
    u[place(i, i)] = log(x[i + rows * i]);
  }
  return 1;
}

static void factor_pull_back(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u,
                             double *scratch) {
  const size_t rows = transform_rows(block->size);
  (void)u, (void)scratch;
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < i; j++) grad_u[place(i, j)] = grad_x[i + rows * j];
    grad_u[place(i, i)] = grad_x[i + rows * i] * x[i + rows * i] + 1;
  }
}

const transform transform_cholesky_covariance = {
    .name = "a Cholesky factor of a covariance matrix",
    .rank = 2,
    .smallest = 1,
    .dim = triangle_dim,
    .constrain = factor_constrain,
    .inside = triangle_factor_inside,
    .unconstrain = factor_unconstrain,
    .pull_back = factor_pull_back,
};

/* ---- The matrix ---- */

static double covariance_constrain(const dilate_block *block, const double *u, double *x) {
  const size_t rows = transform_rows(block->size);
  double log_jacobian = (double)rows * log(2);
  (void)factor_constrain(block, u, x);
  for (size_t i = 0; i < rows; i++) log_jacobian += (double)(rows - i + 1) * u[place(i, i)];
  triangle_square(rows, x);
  return log_jacobian;
}

/* Every 2 x 2 minor is positive: all that can be told without a decomposition. */
static int covariance_inside(const dilate_block *block, const double *x) {
  const size_t rows = transform_rows(block->size);
  for (size_t i = 0; i < rows; i++) {
    const double here = x[i + rows * i];
    if (!(here > 0)) return 0;
    for (size_t j = 0; j < i; j++)
      if (!(fabs(x[i + rows * j]) < sqrt(here) * sqrt(x[j + rows * j]))) return 0;
  }
  return transform_all_finite(block->size, x);
}

static int covariance_resolved(const dilate_block *block, const double *u, const double *x) {
  const size_t rows = transform_rows(block->size);
  for (size_t i = 0; i < rows; i++)
    if (!(exp(2 * u[place(i, i)]) > TRANSFORM_SINGULAR * x[i + rows * i])) return 0;
  return 1;
}

/* Cholesky's decomposition, row by row and in u itself. */
static int covariance_unconstrain(const dilate_block *block, const double *x, double *u) {
  const size_t rows = transform_rows(block->size);
  if (!triangle_symmetric(rows, x)) return 0;
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j <= i; j++) {
      double left = x[i + rows * j];
      for (size_t k = 0; k < j; k++) left -= u[place(i, k)] * u[place(j, k)];
      if (i == j && !(left > 0)) return 0;
      u[place(i, j)] = i == j ? sqrt(left) : left / u[place(j, j)];
    }
  for (size_t i = 0; i < rows; i++) u[place(i, i)] = log(u[place(i, i)]);
  return 1;
}

/* Rows from the last on: until it is a row's turn, its diagonal place in grad_u holds L_ii. */
static void covariance_pull_back(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u,
                                 double *scratch) {
  const size_t rows = transform_rows(block->size);
  (void)x, (void)scratch;
  for (size_t i = 0; i < rows; i++) grad_u[place(i, i)] = exp(u[place(i, i)]);
  for (size_t i = rows; i-- > 0;)
    for (size_t j = 0; j <= i; j++) {
      const double diagonal = grad_u[place(j, j)];
      double sum = triangle_both(rows, grad_x, i, j) * diagonal;
      for (size_t k = j + 1; k < rows; k++) sum += triangle_both(rows, grad_x, i, k) * u[place(k, j)];
      grad_u[place(i, j)] = i == j ? sum * diagonal + (double)(rows - i + 1) : sum;
    }
}

const transform transform_covariance = {
    .name = "a covariance matrix",
    .rank = 2,
    .smallest = 1,
    .dim = triangle_dim,
    .constrain = covariance_constrain,
    .inside = covariance_inside,
    .resolved = covariance_resolved,
    .unconstrain = covariance_unconstrain,
    .pull_back = covariance_pull_back,
};
