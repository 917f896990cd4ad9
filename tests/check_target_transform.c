/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transforms: there and back, Jacobians and the chain rule against finite differences.  Edges, refusals and Stan's own values are in files
 * of their own. */
#include <math.h>
#include <string.h>

#include "check_target.h"
#include "dilate.h"
#include "transform_cases.h"

/* log |det| of a small matrix with partial pivoting; a is overwritten. */
static double log_abs_det(size_t n, double a[MAX][MAX]) {
  double sum = 0;
  for (size_t k = 0; k < n; k++) {
    size_t pivot = k;
    for (size_t i = k + 1; i < n; i++) pivot = fabs(a[i][k]) > fabs(a[pivot][k]) ? i : pivot;
    for (size_t j = 0; j < n; j++) {
      const double kept = a[k][j];
      a[k][j] = a[pivot][j];
      a[pivot][j] = kept;
    }
    sum += log(fabs(a[k][k]));
    for (size_t i = k + 1; i < n; i++)
      for (size_t j = n; j-- > k;) a[i][j] -= a[i][k] / a[k][k] * a[k][j];
  }
  return sum;
}

static void assert_factor(const dilate_block *block, const double *x) {
  const size_t rows = rows_of(block);
  for (size_t i = 0; i < rows; i++) {
    double square = 0;
    for (size_t j = 0; j < rows; j++) {
      square += x[i + rows * j] * x[i + rows * j];
      if (j > i) ck_assert(x[i + rows * j] == 0);
    }
    ck_assert_double_gt(x[i + rows * i], 0);
    if (block->constraint == DILATE_CHOLESKY_CORRELATION) ck_assert_double_eq_tol(square, 1, 1e-14);
  }
}

/* Symmetric, and Cholesky's decomposition exists. */
static void assert_positive(const dilate_block *block, const double *x) {
  static double l[MAX];
  const size_t rows = rows_of(block);
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j <= i; j++) {
      double left = x[i + rows * j];
      for (size_t k = 0; k < j; k++) left -= l[i + rows * k] * l[j + rows * k];
      ck_assert(x[i + rows * j] == x[j + rows * i]);
      if (i == j) ck_assert_double_gt(left, 0);
      l[i + rows * j] = i == j ? sqrt(left) : left / l[j + rows * j];
    }
  for (size_t i = 0; block->constraint == DILATE_CORRELATION && i < rows; i++) ck_assert(x[i + rows * i] == 1);
}

static void assert_obeys(const dilate_block *block, const double *x) {
  const dilate_constraint kind = block->constraint;
  double sum = 0, square = 0;
  for (size_t i = 0; i < block->size; i++) {
    sum += x[i];
    square += x[i] * x[i];
    if (kind == DILATE_LOWER) ck_assert_double_gt(x[i], block->lower);
    if (kind == DILATE_UPPER) ck_assert_double_lt(x[i], block->upper);
    if (kind == DILATE_INTERVAL) ck_assert(x[i] > block->lower && x[i] < block->upper);
    if ((kind == DILATE_ORDERED || kind == DILATE_POSITIVE_ORDERED) && i > 0) ck_assert_double_gt(x[i], x[i - 1]);
    if (kind == DILATE_SIMPLEX || kind == DILATE_POSITIVE_ORDERED) ck_assert_double_gt(x[i], 0);
  }
  if (kind == DILATE_SIMPLEX) ck_assert_double_eq_tol(sum, 1, 1e-15);
  if (kind == DILATE_UNIT_VECTOR) ck_assert_double_eq_tol(square, 1, 1e-15);
  if (kind == DILATE_CHOLESKY_COVARIANCE || kind == DILATE_CHOLESKY_CORRELATION) assert_factor(block, x);
  if (kind == DILATE_COVARIANCE || kind == DILATE_CORRELATION) assert_positive(block, x);
}

START_TEST(dimension_of_a_block) {
  size_t index[MAX];
  ck_assert_uint_eq(dilate_block_dim(&transform_blocks[_i]), free_values(&transform_blocks[_i], index));
}
END_TEST

/* A unit vector comes back as itself: its length is free.  The decomposition of a matrix costs digits. */
START_TEST(there_and_back) {
  const dilate_block *block = &transform_blocks[_i];
  const double tolerance = is_matrix(block) ? 1e-10 : 1e-13;
  for (int turn = 0; turn < 20; turn++) {
    double u[MAX], x[MAX], back[MAX], log_jacobian = 7, again = 0;
    unconstrained_at(block, turn, u);
    dilate_constrain(block, u, x, &log_jacobian);
    assert_obeys(block, x);
    ck_assert_int_eq(dilate_unconstrain(block, x, back), DILATE_OK);
    for (size_t i = 0; i < dilate_block_dim(block); i++)
      ck_assert_double_eq_tol(back[i], block->constraint == DILATE_UNIT_VECTOR ? x[i] : u[i], tolerance);
    dilate_constrain(block, u, x, &again);
    ck_assert_double_eq_tol(log_jacobian, 7 + again, 1e-13 * (1 + fabs(again))); /* added to what there was */
    dilate_constrain(block, u, x, NULL);
  }
}
END_TEST

/* log |det dx/du| by central differences of the free natural values.  That of a unit vector is none: see radius_of_a_unit_vector. */
START_TEST(jacobian_is_that_of_the_map) {
  const dilate_block *block = &transform_blocks[_i];
  const size_t dim = dilate_block_dim(block);
  static double derivative[MAX][MAX];
  size_t index[MAX];
  free_values(block, index);
  for (int turn = 0; turn < 5 && block->constraint != DILATE_UNIT_VECTOR; turn++) {
    double u[MAX], high[MAX], low[MAX], log_jacobian = 0;
    unconstrained_at(block, turn, u);
    dilate_constrain(block, u, high, &log_jacobian);
    for (size_t k = 0; k < dim; k++) {
      const double centre = u[k], h = 1e-5;
      u[k] = centre + h;
      dilate_constrain(block, u, high, NULL);
      u[k] = centre - h;
      dilate_constrain(block, u, low, NULL);
      u[k] = centre;
      for (size_t i = 0; i < dim; i++) derivative[i][k] = (high[index[i]] - low[index[i]]) / (2 * h);
    }
    ck_assert_double_eq_tol(log_abs_det(dim, derivative), log_jacobian, 1e-8);
  }
}
END_TEST

/* The law of the radius that the density of a unit vector gets integrates to 1: int_0^inf exp(gain(r)) r^(n-1) dr, by the trapezoidal rule.
 */
START_TEST(radius_of_a_unit_vector) {
  for (size_t n = 2; n < 9; n++) {
    const dilate_block block = {DILATE_UNIT_VECTOR, n, 0, 0};
    double sum = 0, x[8];
    for (int i = 1; i < 1500; i++) {
      const double r = 0.01 * i, u[8] = {r * 0.6, r * -0.8};
      double gain = 0;
      dilate_constrain(&block, u, x, &gain);
      sum += 0.01 * exp(gain) * pow(r, (double)n - 1);
    }
    ck_assert_double_eq_tol(sum, 1, 1e-4); /* n = 2 has a corner at 0, which costs 1e-5 */
  }
}
END_TEST

/* f(x) = sum_i cos(x_i + i) + x_0 x_last */
static double natural_density(size_t n, const double *x, double *grad) {
  double sum = x[0] * x[n - 1];
  for (size_t i = 0; i < n; i++) sum += cos(x[i] + (double)i);
  for (size_t i = 0; grad && i < n; i++) grad[i] = -sin(x[i] + (double)i);
  if (grad) {
    grad[0] += x[n - 1];
    grad[n - 1] += x[0];
  }
  return sum;
}

static double pulled_density(const dilate_block *block, const double *u) {
  double x[MAX], log_jacobian = 0;
  dilate_constrain(block, u, x, &log_jacobian);
  return natural_density(block->size, x, NULL) + log_jacobian;
}

/* By four points: the error is of fourth order. */
static double derivative_at(const dilate_block *block, double *u, size_t k) {
  const double centre = u[k], h = 2e-4;
  double value[5];
  for (int i = 0; i < 5; i++) {
    u[k] = centre + (i - 2) * h;
    value[i] = pulled_density(block, u);
  }
  u[k] = centre;
  return (8 * (value[3] - value[1]) - (value[4] - value[0])) / (12 * h);
}

START_TEST(chain_rule) {
  const dilate_block *block = &transform_blocks[_i];
  for (int turn = 0; turn < 10; turn++) {
    double u[MAX], x[MAX], grad_x[MAX], grad_u[MAX];
    unconstrained_at(block, turn, u);
    dilate_constrain(block, u, x, NULL);
    (void)natural_density(block->size, x, grad_x);
    dilate_pull_back(block, u, x, grad_x, grad_u);
    for (size_t k = 0; k < dilate_block_dim(block); k++) {
      const double difference = derivative_at(block, u, k);
      ck_assert_double_eq_tol(grad_u[k], difference, 1e-8);
    }
  }
}
END_TEST

TCase *transform_tests(void) {
  TCase *tests = tcase_create("transforms");
  tcase_add_loop_test(tests, dimension_of_a_block, 0, transform_block_count);
  tcase_add_loop_test(tests, there_and_back, 0, transform_block_count);
  tcase_add_loop_test(tests, jacobian_is_that_of_the_map, 0, transform_block_count);
  tcase_add_test(tests, radius_of_a_unit_vector);
  tcase_add_loop_test(tests, chain_rule, 0, transform_block_count);
  return tests;
}
