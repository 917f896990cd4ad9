/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transforms at their edges: extremes, and what must be refused. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "check_target.h"
#include "dilate.h"
#include "transform_cases.h"

/* |u| up to 1000 and down to 1e-300: values may underflow to an edge or overflow, but nothing is NaN and the log Jacobian stays finite; so
 * does the gradient where values are finite, which they are up to 300, and up to 700 where they are not squared. */
START_TEST(extremes_stay_finite) {
  const dilate_block *block = &transform_blocks[_i];
  static const double levels[] = {-1000, -700, -300, -40, -1e-300, 1e-300, 40, 300, 700, 1000};
  for (int pattern = 0; pattern < 100; pattern++) {
    double u[MAX], x[MAX], grad_u[MAX], ones[MAX], log_jacobian = 0, total = 0, largest = 0;
    for (int i = 0; i < MAX; i++) {
      ones[i] = 1;
      u[i] = levels[i % 2 ? pattern / 10 : pattern % 10];
      largest = fmax(largest, fabs(u[i]));
    }
    dilate_constrain(block, u, x, &log_jacobian);
    ck_assert(isfinite(log_jacobian));
    for (size_t i = 0; i < block->size; i++) {
      ck_assert(!isnan(x[i]));
      total += x[i];
    }
    if (largest <= 300 || (largest <= 700 && block->constraint != DILATE_COVARIANCE)) ck_assert(isfinite(total));
    if (block->constraint == DILATE_SIMPLEX) ck_assert_double_eq_tol(total, 1, 1e-14);
    if (!isfinite(total)) continue;
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
  const dilate_block block = {DILATE_SIMPLEX, 6, 0, 0};
  const double u[5] = {0};
  double x[6];
  dilate_constrain(&block, u, x, NULL);
  for (size_t i = 0; i < 6; i++) ck_assert_double_eq_tol(x[i], 1.0 / 6, 1e-15);
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
  assert_breaks(DILATE_UPPER, 2, one);
  assert_breaks(DILATE_UPPER, 2, infinite);
  assert_breaks(DILATE_UPPER, 2, invalid);
  assert_breaks(DILATE_POSITIVE_ORDERED, 2, equal);
  assert_breaks(DILATE_POSITIVE_ORDERED, 2, zero);
  assert_breaks(DILATE_POSITIVE_ORDERED, 2, infinite);
  assert_breaks(DILATE_POSITIVE_ORDERED, 2, first_invalid);
  assert_breaks(DILATE_UNIT_VECTOR, 2, short_of_one);
  assert_breaks(DILATE_UNIT_VECTOR, 2, infinite);
  assert_breaks(DILATE_UNIT_VECTOR, 2, invalid);
}
END_TEST

/* Two by two, column-major. */
START_TEST(matrices_outside_the_constraint_are_refused) {
  const double above[] = {1, 0, 0.5, 1}, negative[] = {1, 0, 0, -1}, zero[] = {0, 0, 0, 1}, invalid[] = {1, NAN, 0, 1};
  const double skew[] = {1, 0.5, 0.4, 1}, indefinite[] = {1, 2, 2, 1}, singular[] = {1, 1, 1, 1}, unequal[] = {1, 0.5, 0.5, 2};
  const double short_row[] = {1, 0.6, 0, 0.7}, endless[] = {INFINITY, 0, 0, 1};
  const double third[] = {1, 0.9, -0.9, 0.9, 1, 0.9, -0.9, 0.9, 1}; /* its minors of two rows are positive, it is not */
  for (int kind = DILATE_CHOLESKY_COVARIANCE; kind <= DILATE_CORRELATION; kind++) {
    const int factor = kind == DILATE_CHOLESKY_COVARIANCE || kind == DILATE_CHOLESKY_CORRELATION;
    assert_breaks((dilate_constraint)kind, 4, factor ? above : skew);
    assert_breaks((dilate_constraint)kind, 4, factor ? negative : indefinite);
    assert_breaks((dilate_constraint)kind, 4, factor ? zero : singular);
    assert_breaks((dilate_constraint)kind, 4, invalid);
    assert_breaks((dilate_constraint)kind, 4, endless);
    if (!factor) assert_breaks((dilate_constraint)kind, 9, third);
  }
  assert_breaks(DILATE_CHOLESKY_CORRELATION, 4, short_row);
  assert_breaks(DILATE_CORRELATION, 4, unequal);
}
END_TEST

/* No direction: no density, and values that are none. */
START_TEST(centre_of_a_unit_vector) {
  const dilate_block block = {DILATE_UNIT_VECTOR, 3, 0, 0};
  const double u[3] = {0};
  double x[3] = {42, 42, 42}, gain = 0;
  dilate_constrain(&block, u, x, &gain);
  ck_assert(gain == -INFINITY && x[0] == 0 && x[1] == 0 && x[2] == 0);
}
END_TEST

/* Blocks without a meaning have no dimension; nothing is written for them. */
START_TEST(blocks_without_a_meaning) {
  const dilate_block odd[] = {{(dilate_constraint)99, 2, 0, 1},
                              {DILATE_POSITIVE, 0, 0, 1},
                              {DILATE_SIMPLEX, 1, 0, 1},
                              {DILATE_UNIT_VECTOR, 1, 0, 1},
                              {DILATE_CHOLESKY_COVARIANCE, 2, 0, 1},
                              {DILATE_COVARIANCE, 3, 0, 1},
                              {DILATE_CHOLESKY_CORRELATION, 1, 0, 1},
                              {DILATE_CORRELATION, 8, 0, 1},
                              {DILATE_CORRELATION, SIZE_MAX, 0, 1},
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
  for (int kind = DILATE_UNCONSTRAINED; kind <= DILATE_CORRELATION; kind++) {
    const dilate_block block = {(dilate_constraint)kind, kind < DILATE_CHOLESKY_COVARIANCE ? 2 : 4, 0, 1};
    const double in[4] = {0.4, 0.6, 0.6, 0.4};
    double out[4] = {42, 42, 42, 42}, log_jacobian = 42;
    dilate_constrain(&block, NULL, out, &log_jacobian);
    dilate_constrain(&block, in, NULL, &log_jacobian);
    ck_assert_int_eq(dilate_unconstrain(&block, NULL, out), DILATE_EINVAL);
    ck_assert_int_eq(dilate_unconstrain(&block, in, NULL), DILATE_EINVAL);
    dilate_pull_back(&block, NULL, in, in, out);
    dilate_pull_back(&block, in, NULL, in, out);
    dilate_pull_back(&block, in, in, NULL, out);
    dilate_pull_back(&block, in, in, in, NULL);
    for (int i = 0; i < 4; i++) ck_assert(out[i] == 42);
    ck_assert(log_jacobian == 42);
  }
}
END_TEST

TCase *transform_edges_tests(void) {
  TCase *tests = tcase_create("transforms at their edges");
  tcase_add_loop_test(tests, extremes_stay_finite, 0, transform_block_count);
  tcase_add_test(tests, log_jacobian_of_an_extreme_interval);
  tcase_add_test(tests, simplex_is_centred);
  tcase_add_test(tests, values_outside_the_constraint_are_refused);
  tcase_add_test(tests, matrices_outside_the_constraint_are_refused);
  tcase_add_test(tests, centre_of_a_unit_vector);
  tcase_add_test(tests, blocks_without_a_meaning);
  tcase_add_test(tests, missing_arrays_are_left_alone);
  return tests;
}
