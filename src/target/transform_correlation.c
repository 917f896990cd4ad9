/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transforms of correlation matrices and their Cholesky factors (Stan Reference Manual, "Constraint Transforms"; Lewandowski, Kurowicka &
 * Joe 2009, Journal of Multivariate Analysis 100).
 *
 * Canonical partial correlations z_ij = tanh(u_ij), j < i, break a row's unit length as a stick: L_ij = z_ij left_ij, where
 * left_ij^2 = prod_{k<j} (1 - z_ik^2) and L_ii = left_ii.  1 - z^2 = sech(u)^2, whose logarithm is exact wherever u is.  u is row by row
 * for the factor and column by column for the matrix X = L L', as in Stan's code. Densities are by the elements below the diagonal, so log
 * |dx/du| = sum_ij n_ij log sech(u_ij) with n_ij = 2 + (i - 1 - j) for the factor, 2 + (K - 2 - j) for the matrix, i and j from 0. */
#include <math.h>
#include <string.h>

#include "target/transform.h"
#include "target/triangle.h"

typedef size_t (*place_fn)(size_t rows, size_t i, size_t j); /* where u_ij is */

static size_t by_rows(size_t rows, size_t i, size_t j) {
  (void)rows;
  return i * (i - 1) / 2 + j;
}

static size_t by_columns(size_t rows, size_t i, size_t j) {
  return j * rows - j * (j + 1) / 2 + (i - j - 1);
}

static size_t partial_dim(size_t size) {
  const size_t rows = transform_rows(size);
  return rows * (rows - 1) / 2;
}

static double log_sech(double u) {
  return log(2) - fabs(u) - log1p(exp(-2 * fabs(u)));
}

/* n_ij = top - j in row i. */
static double factor_top(size_t i) {
  return (double)(i + 1);
}

/* Row i of L, into x; returns its part of the log Jacobian. */
static double fill_row(size_t rows, place_fn place, size_t i, double top, const double *u, double *x) {
  double log_left = 0, log_jacobian = 0;
  for (size_t j = 0; j < i; j++) {
    const double v = u[place(rows, i, j)], shorter = log_sech(v);
    x[i + rows * j] = tanh(v) * exp(log_left);
    log_left += shorter;
    log_jacobian += (top - (double)j) * shorter;
  }
  x[i + rows * i] = exp(log_left);
  return log_jacobian;
}

/* The values of row i of L that stand in u become u: tanh(u_ij) = L_ij / left_ij, so sinh(u_ij) = L_ij / left_i,j+1. */
static void free_row(size_t rows, place_fn place, size_t i, double diagonal, double *u) {
  double left = diagonal;
  for (size_t j = i; j-- > 0;) {
    double *const value = &u[place(rows, i, j)];
    const double longer = hypot(left, *value);
    *value = asinh(*value / left);
    left = longer;
  }
}

/* df/dL_ij from df/dx. */
typedef double (*slope_fn)(size_t rows, const double *l, const double *grad_x, size_t i, size_t j);

/* Row i of the gradient by u: L_ij moves with u_ij by sech^2 left_ij, and what follows in the row shrinks by tanh. */
static void pull_back_row(size_t rows, place_fn place, size_t i, double top, const double *u, const double *l, slope_fn slope,
                          const double *grad_x, double *grad_u) {
  double left = l[i + rows * i], later = slope(rows, l, grad_x, i, i) * left;
  for (size_t j = i; j-- > 0;) {
    const double v = u[place(rows, i, j)], sech = 1 / cosh(v), value = l[i + rows * j], d = slope(rows, l, grad_x, i, j);
    left = hypot(left, value);
    grad_u[place(rows, i, j)] = d * sech * sech * left - tanh(v) * (later + top - (double)j);
    later += d * value;
  }
}

/* ---- Cholesky factor ---- */

static double factor_constrain(const dilate_block *block, const double *u, double *x) {
  const size_t rows = transform_rows(block->size);
  double log_jacobian = 0;
  memset(x, 0, block->size * sizeof *x);
  for (size_t i = 0; i < rows; i++) log_jacobian += fill_row(rows, by_rows, i, factor_top(i), u, x);
  return log_jacobian;
}

static int factor_unconstrain(const dilate_block *block, const double *x, double *u) {
  const size_t rows = transform_rows(block->size);
  if (!triangle_is_lower(rows, x)) return 0;
  for (size_t i = 0; i < rows; i++) {
    double length = x[i + rows * i];
    for (size_t j = 0; j < i; j++) {
      u[by_rows(rows, i, j)] = x[i + rows * j];
      length = hypot(length, x[i + rows * j]);
    }
    if (!(fabs(length - 1) < TRANSFORM_TOLERANCE)) return 0;
    free_row(rows, by_rows, i, x[i + rows * i], u);
  }
  return 1;
}

static double factor_slope(size_t rows, const double *l, const double *grad_x, size_t i, size_t j) {
  (void)l;
  return grad_x[i + rows * j];
}

static void factor_pull_back(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u,
                             double *scratch) {
  const size_t rows = transform_rows(block->size);
  (void)scratch;
  for (size_t i = 1; i < rows; i++) pull_back_row(rows, by_rows, i, factor_top(i), u, x, factor_slope, grad_x, grad_u);
}

const transform transform_cholesky_correlation = {
    .name = "a Cholesky factor of a correlation matrix",
    .rank = 2,
    .smallest = 2,
    .dim = partial_dim,
    .constrain = factor_constrain,
    .inside = triangle_factor_inside,
    .unconstrain = factor_unconstrain,
    .pull_back = factor_pull_back,
};

/* ---- The matrix ---- */

static double correlation_constrain(const dilate_block *block, const double *u, double *x) {
  const size_t rows = transform_rows(block->size);
  double log_jacobian = 0;
  for (size_t i = 0; i < rows; i++) log_jacobian += fill_row(rows, by_columns, i, (double)rows, u, x);
  triangle_square(rows, x);
  for (size_t i = 0; i < rows; i++) x[i + rows * i] = 1;
  return log_jacobian;
}

static int correlation_inside(const dilate_block *block, const double *x) {
  const size_t rows = transform_rows(block->size);
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < rows; j++)
      if (i != j && !(fabs(x[i + rows * j]) < 1)) return 0;
  return 1;
}

/* L_ii^2 is a row's own part. */
static int correlation_resolved(const dilate_block *block, const double *u, const double *x) {
  const size_t rows = transform_rows(block->size);
  (void)x;
  for (size_t i = 1; i < rows; i++) {
    double log_left = 0;
    for (size_t j = 0; j < i; j++) log_left += log_sech(u[by_columns(rows, i, j)]);
    if (!(2 * log_left > log(TRANSFORM_SINGULAR))) return 0;
  }
  return 1;
}

/* Cholesky's decomposition in u, where the diagonal is what is left of a row's unit length. */
static int correlation_decompose(size_t rows, const double *x, double *u) {
  for (size_t i = 0; i < rows; i++) {
    double square = 0;
    for (size_t j = 0; j < i; j++) {
      double left = x[i + rows * j], diagonal = 1;
      for (size_t k = 0; k < j; k++) {
        const double above = u[by_columns(rows, j, k)];
        left -= u[by_columns(rows, i, k)] * above;
        diagonal -= above * above;
      }
      const double value = u[by_columns(rows, i, j)] = left / sqrt(diagonal);
      square += value * value;
    }
    if (!(square < 1)) return 0;
  }
  return 1;
}

static int correlation_unconstrain(const dilate_block *block, const double *x, double *u) {
  const size_t rows = transform_rows(block->size);
  for (size_t i = 0; i < rows; i++)
    if (!(fabs(x[i + rows * i] - 1) < TRANSFORM_TOLERANCE)) return 0;
  if (!triangle_symmetric(rows, x) || !correlation_decompose(rows, x, u)) return 0;
  for (size_t i = 1; i < rows; i++) {
    double square = 0;
    for (size_t j = 0; j < i; j++) square += u[by_columns(rows, i, j)] * u[by_columns(rows, i, j)];
    free_row(rows, by_columns, i, sqrt(1 - square), u);
  }
  return 1;
}

/* df/dL = (G + G') L below and on the diagonal; X_ii cannot move. */
static double correlation_slope(size_t rows, const double *l, const double *grad_x, size_t i, size_t j) {
  double sum = 0;
  for (size_t k = j; k < rows; k++)
    if (k != i) sum += triangle_both(rows, grad_x, i, k) * l[k + rows * j];
  return sum;
}

static void correlation_pull_back(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u,
                                  double *l) {
  const size_t rows = transform_rows(block->size);
  (void)x;
  for (size_t i = 0; i < rows; i++) (void)fill_row(rows, by_columns, i, 0, u, l);
  for (size_t i = 1; i < rows; i++) pull_back_row(rows, by_columns, i, (double)rows, u, l, correlation_slope, grad_x, grad_u);
}

const transform transform_correlation = {
    .name = "a correlation matrix",
    .rank = 2,
    .smallest = 2,
    .dim = partial_dim,
    .constrain = correlation_constrain,
    .inside = correlation_inside,
    .resolved = correlation_resolved,
    .unconstrain = correlation_unconstrain,
    .pull_back = correlation_pull_back,
};
