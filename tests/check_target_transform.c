/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transforms: there and back, Jacobians and the chain rule against finite differences, extremes, and what must be refused. */
#include <math.h>
#include <string.h>

#include "check_target.h"
#include "dilate.h"

enum { MAX = 6 };

static const dilate_block blocks[] = {
    {DILATE_UNCONSTRAINED, 3, 0, 0}, {DILATE_POSITIVE, 3, 0, 0},  {DILATE_POSITIVE, 1, -4, 0}, {DILATE_INTERVAL, 3, -2, 5},
    {DILATE_INTERVAL, 2, 0, 1e-6},   {DILATE_ORDERED, 4, 0, 0},   {DILATE_ORDERED, 1, 0, 0},   {DILATE_SIMPLEX, 2, 0, 0},
    {DILATE_SIMPLEX, 3, 0, 0},       {DILATE_SIMPLEX, MAX, 0, 0},
};
#define BLOCKS ((int)(sizeof blocks / sizeof *blocks))

/* A smooth choice of u, another for every `turn`, within (-2, 2). */
static void unconstrained_at(int turn, double *u) {
  for (int i = 0; i < MAX; i++) u[i] = 2 * sin(1 + 3.7 * turn + 1.3 * i);
}

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

static void assert_obeys(const dilate_block *block, const double *x) {
  double sum = 0;
  for (size_t i = 0; i < block->size; i++) {
    sum += x[i];
    if (block->constraint == DILATE_POSITIVE) ck_assert_double_gt(x[i], block->lower);
    if (block->constraint == DILATE_INTERVAL) ck_assert(x[i] > block->lower && x[i] < block->upper);
    if (block->constraint == DILATE_ORDERED && i > 0) ck_assert_double_gt(x[i], x[i - 1]);
    if (block->constraint == DILATE_SIMPLEX) ck_assert_double_gt(x[i], 0);
  }
  if (block->constraint == DILATE_SIMPLEX) ck_assert_double_eq_tol(sum, 1, 1e-15);
}

START_TEST(dimension_of_a_block) {
  const dilate_block *block = &blocks[_i];
  ck_assert_uint_eq(dilate_block_dim(block), block->constraint == DILATE_SIMPLEX ? block->size - 1 : block->size);
}
END_TEST

START_TEST(there_and_back) {
  const dilate_block *block = &blocks[_i];
  for (int turn = 0; turn < 20; turn++) {
    double u[MAX], x[MAX], back[MAX], log_jacobian = 7, again = 0;
    unconstrained_at(turn, u);
    dilate_constrain(block, u, x, &log_jacobian);
    assert_obeys(block, x);
    ck_assert_int_eq(dilate_unconstrain(block, x, back), DILATE_OK);
    for (size_t i = 0; i < dilate_block_dim(block); i++) ck_assert_double_eq_tol(back[i], u[i], 1e-13);
    dilate_constrain(block, u, x, &again);
    ck_assert_double_eq_tol(log_jacobian, 7 + again, 1e-13); /* added to what there was */
    dilate_constrain(block, u, x, NULL);
  }
}
END_TEST

/* log |det dx/du| by central differences of the first dim natural values (those of a simplex determine the last). */
START_TEST(jacobian_is_that_of_the_map) {
  const dilate_block *block = &blocks[_i];
  const size_t dim = dilate_block_dim(block);
  for (int turn = 0; turn < 5; turn++) {
    double u[MAX], high[MAX], low[MAX], derivative[MAX][MAX], log_jacobian = 0;
    unconstrained_at(turn, u);
    dilate_constrain(block, u, high, &log_jacobian);
    for (size_t k = 0; k < dim; k++) {
      const double centre = u[k], h = 1e-5;
      u[k] = centre + h;
      dilate_constrain(block, u, high, NULL);
      u[k] = centre - h;
      dilate_constrain(block, u, low, NULL);
      u[k] = centre;
      for (size_t i = 0; i < dim; i++) derivative[i][k] = (high[i] - low[i]) / (2 * h);
    }
    ck_assert_double_eq_tol(log_abs_det(dim, derivative), log_jacobian, 1e-8);
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

START_TEST(chain_rule) {
  const dilate_block *block = &blocks[_i];
  for (int turn = 0; turn < 10; turn++) {
    double u[MAX], x[MAX], grad_x[MAX], grad_u[MAX];
    unconstrained_at(turn, u);
    dilate_constrain(block, u, x, NULL);
    (void)natural_density(block->size, x, grad_x);
    dilate_pull_back(block, u, x, grad_x, grad_u);
    for (size_t k = 0; k < dilate_block_dim(block); k++) {
      const double centre = u[k], h = 1e-5;
      u[k] = centre + h;
      const double high = pulled_density(block, u);
      u[k] = centre - h;
      const double low = pulled_density(block, u);
      u[k] = centre;
      ck_assert_double_eq_tol(grad_u[k], (high - low) / (2 * h), 1e-8);
    }
  }
}
END_TEST

/* |u| up to 700: values may underflow to an edge, but nothing is NaN, and log Jacobian and gradient stay finite. */
START_TEST(extremes_stay_finite) {
  const dilate_block *block = &blocks[_i];
  const double levels[] = {-700, -300, -40, 40, 300, 700};
  for (int pattern = 0; pattern < 36; pattern++) {
    double u[MAX], x[MAX], grad_u[MAX], log_jacobian = 0, total = 0;
    const double ones[MAX] = {1, 1, 1, 1, 1, 1};
    for (int i = 0; i < MAX; i++) u[i] = levels[i % 2 ? pattern / 6 : pattern % 6];
    dilate_constrain(block, u, x, &log_jacobian);
    ck_assert(isfinite(log_jacobian));
    for (size_t i = 0; i < block->size; i++) {
      ck_assert(isfinite(x[i]));
      total += x[i];
    }
    if (block->constraint == DILATE_SIMPLEX) ck_assert_double_eq_tol(total, 1, 1e-14);
    dilate_pull_back(block, u, x, ones, grad_u);
    for (size_t i = 0; i < dilate_block_dim(block); i++) ck_assert(isfinite(grad_u[i]));
  }
}
END_TEST

START_TEST(log_jacobian_of_an_extreme_interval) {
  const dilate_block unit = {DILATE_INTERVAL, 1, 0, 1};
  for (int side = -1; side <= 1; side += 2) {
    const double u = 700 * side;
    double x, log_jacobian = 0;
    dilate_constrain(&unit, &u, &x, &log_jacobian);
    ck_assert_double_eq_tol(log_jacobian, -700, 1e-12);
  }
}
END_TEST

START_TEST(simplex_is_centred) {
  const dilate_block block = {DILATE_SIMPLEX, MAX, 0, 0};
  const double u[MAX - 1] = {0};
  double x[MAX];
  dilate_constrain(&block, u, x, NULL);
  for (size_t i = 0; i < MAX; i++) ck_assert_double_eq_tol(x[i], 1.0 / MAX, 1e-15);
}
END_TEST

static void assert_breaks(dilate_constraint constraint, size_t size, const double *x) {
  const dilate_block block = {constraint, size, 0, 1};
  double u[MAX];
  ck_assert_int_eq(dilate_unconstrain(&block, x, u), DILATE_EDOMAIN);
}

START_TEST(values_outside_the_constraint_are_refused) {
  const double negative[] = {1, -1}, zero[] = {0, 1}, one[] = {0.5, 1}, infinite[] = {0.5, INFINITY}, invalid[] = {0.5, NAN};
  const double first_invalid[] = {NAN, 1}, equal[] = {2, 2}, descending[] = {2, 1}, short_of_one[] = {0.5, 0.4}, corner[] = {1, 0};
  assert_breaks(DILATE_UNCONSTRAINED, 2, infinite);
  assert_breaks(DILATE_UNCONSTRAINED, 2, invalid);
  assert_breaks(DILATE_POSITIVE, 2, negative);
  assert_breaks(DILATE_POSITIVE, 2, zero);
  assert_breaks(DILATE_POSITIVE, 2, infinite);
  assert_breaks(DILATE_POSITIVE, 2, invalid);
  assert_breaks(DILATE_INTERVAL, 2, negative);
  assert_breaks(DILATE_INTERVAL, 2, zero);
  assert_breaks(DILATE_INTERVAL, 2, one);
  assert_breaks(DILATE_INTERVAL, 2, invalid);
  assert_breaks(DILATE_ORDERED, 2, equal);
  assert_breaks(DILATE_ORDERED, 2, descending);
  assert_breaks(DILATE_ORDERED, 2, infinite);
  assert_breaks(DILATE_ORDERED, 2, invalid);
  assert_breaks(DILATE_ORDERED, 2, first_invalid);
  assert_breaks(DILATE_SIMPLEX, 2, short_of_one);
  assert_breaks(DILATE_SIMPLEX, 2, corner);
  assert_breaks(DILATE_SIMPLEX, 2, negative);
  assert_breaks(DILATE_SIMPLEX, 2, invalid);
}
END_TEST

/* Blocks without a meaning have no dimension; nothing is written for them. */
START_TEST(blocks_without_a_meaning) {
  const dilate_block odd[] = {{(dilate_constraint)99, 2, 0, 1},
                              {DILATE_POSITIVE, 0, 0, 1},
                              {DILATE_SIMPLEX, 1, 0, 1},
                              {DILATE_INTERVAL, 1, 1, 1},
                              {DILATE_INTERVAL, 1, 0, NAN}};
  for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
    double u[2] = {0.1, 0.2}, x[2] = {42, 42}, grad[2] = {42, 42}, log_jacobian = 42;
    ck_assert_uint_eq(dilate_block_dim(&odd[i]), 0);
    ck_assert_int_eq(dilate_unconstrain(&odd[i], u, x), DILATE_EINVAL);
    dilate_constrain(&odd[i], u, x, &log_jacobian);
    dilate_pull_back(&odd[i], u, x, u, grad);
    ck_assert(x[0] == 42 && grad[0] == 42 && log_jacobian == 42);
  }
  ck_assert_uint_eq(dilate_block_dim(NULL), 0);
}
END_TEST

/* Where an array is missing, the others are left as they are. */
START_TEST(missing_arrays_are_left_alone) {
  const dilate_constraint constraints[] = {DILATE_UNCONSTRAINED, DILATE_POSITIVE, DILATE_INTERVAL, DILATE_ORDERED, DILATE_SIMPLEX};
  for (size_t i = 0; i < sizeof constraints / sizeof *constraints; i++) {
    const dilate_block block = {constraints[i], 2, 0, 1};
    const double in[2] = {0.4, 0.6};
    double out[2] = {42, 42}, log_jacobian = 42;
    dilate_constrain(&block, NULL, out, &log_jacobian);
    dilate_constrain(&block, in, NULL, &log_jacobian);
    ck_assert_int_eq(dilate_unconstrain(&block, NULL, out), DILATE_EINVAL);
    ck_assert_int_eq(dilate_unconstrain(&block, in, NULL), DILATE_EINVAL);
    dilate_pull_back(&block, NULL, in, in, out);
    dilate_pull_back(&block, in, NULL, in, out);
    dilate_pull_back(&block, in, in, NULL, out);
    dilate_pull_back(&block, in, in, in, NULL);
    ck_assert(out[0] == 42 && out[1] == 42 && log_jacobian == 42);
  }
}
END_TEST

TCase *transform_tests(void) {
  TCase *tests = tcase_create("transforms");
  tcase_add_loop_test(tests, dimension_of_a_block, 0, BLOCKS);
  tcase_add_loop_test(tests, there_and_back, 0, BLOCKS);
  tcase_add_loop_test(tests, jacobian_is_that_of_the_map, 0, BLOCKS);
  tcase_add_loop_test(tests, chain_rule, 0, BLOCKS);
  tcase_add_loop_test(tests, extremes_stay_finite, 0, BLOCKS);
  tcase_add_test(tests, log_jacobian_of_an_extreme_interval);
  tcase_add_test(tests, simplex_is_centred);
  tcase_add_test(tests, values_outside_the_constraint_are_refused);
  tcase_add_test(tests, blocks_without_a_meaning);
  tcase_add_test(tests, missing_arrays_are_left_alone);
  return tests;
}
