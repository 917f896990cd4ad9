/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sliced W2 and KS: on a line by hand and by brute force, directions by the exact law of a shift's projection. */
#include "densities.h"
#include "diag_cases.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <math.h>

START_TEST(line_by_hand) {
  const double x[] = {5, 0, 1}, y[] = {3, 2}, steps[] = {0, 1, 2, 3}, one[] = {2.5}, ties[] = {1, 1};
  /* Quantiles: 0 with 2 for 1/3, 1 with 2 and with 3 for 1/6 each, 5 with 3 for 1/3. */
  ck_assert_double_eq_tol(diag_value(dilate_distance_sliced_w2, 1, 3, x, 2, y, NULL), sqrt(4. / 3 + 1. / 6 + 4. / 6 + 4. / 3), 1e-14);
  ck_assert_double_eq_tol(diag_value(dilate_distance_sliced_ks, 1, 3, x, 2, y, NULL), 2. / 3, 1e-14);
  ck_assert_double_eq_tol(diag_value(dilate_distance_sliced_ks, 1, 4, steps, 1, one, NULL), 0.75, 1e-14);
  ck_assert_double_eq_tol(diag_value(dilate_distance_sliced_ks, 1, 3, x, 2, ties, NULL), 1. / 3, 1e-14);
  ck_assert_double_eq_tol(diag_value(dilate_distance_sliced_w2, 1, 1, x, 1, y, NULL), 2, 1e-14);
  ck_assert_double_eq(diag_value(dilate_distance_sliced_ks, 1, 1, x, 1, y, NULL), 1);
}
END_TEST

/* Of sizes n and m: every draw of one repeated as often as the other has draws, sorted, and compared one by one. */
START_TEST(unequal_sizes_by_repetition) {
  enum { N = 21, M = 15 };
  gsl_rng *rng = diag_rng(1);
  double x[N], y[M], xs[N * M], ys[N * M], sum = 0, largest = 0;
  diag_normals(rng, N, 1, x);
  diag_normals(rng, M, 2, y);
  for (size_t i = 0; i < N * M; i++) xs[i] = x[i / M], ys[i] = y[i / N];
  gsl_sort(xs, 1, N * M);
  gsl_sort(ys, 1, N * M);
  for (size_t i = 0; i < N * M; i++) sum += (xs[i] - ys[i]) * (xs[i] - ys[i]) / (N * M);
  for (size_t i = 0; i < N * M; i++) {
    double below_x = 0, below_y = 0;
    for (size_t k = 0; k < N; k++) below_x += x[k] <= xs[i];
    for (size_t k = 0; k < M; k++) below_y += y[k] <= xs[i];
    largest = fmax(largest, fabs(below_x / N - below_y / M));
  }
  for (size_t k = 0; k < M; k++) {
    double below_x = 0, below_y = 0;
    for (size_t l = 0; l < N; l++) below_x += x[l] <= y[k];
    for (size_t l = 0; l < M; l++) below_y += y[l] <= y[k];
    largest = fmax(largest, fabs(below_x / N - below_y / M));
  }
  ck_assert_double_eq_tol(diag_value(dilate_distance_sliced_w2, 1, N, x, M, y, NULL), sqrt(sum), 1e-13);
  ck_assert_double_eq_tol(diag_value(dilate_distance_sliced_ks, 1, N, x, M, y, NULL), largest, 1e-13);
  gsl_rng_free(rng);
}
END_TEST

/* One direction u, samples a shift v = 2 e_1 apart: (W2/2)^2 = u_1^2, which for a uniform direction is Beta(1/2, (d-1)/2).  `squares` are
 * of many seeds; returns the scaled KS statistic. */
static double direction_statistic(size_t dim, size_t n, double *squares) {
  for (size_t k = 0; k < n; k++) squares[k] = gsl_cdf_beta_P(squares[k], 0.5, 0.5 * ((double)dim - 1));
  return ks_statistic(n, squares);
}

enum { SEEDS = 4000 };

/* Level below 1e-6 (KS_LIMIT).  The twin takes directions from a cube, not a ball. */
START_TEST(directions_are_uniform) {
  static double squares[SEEDS];
  const size_t dims[] = {2, 3, 7};
  gsl_rng *rng = diag_rng(2);
  for (size_t d = 0; d < 3; d++) {
    const double zero[7] = {0}, shift[7] = {2};
    dilate_distance_options o = diag_defaults();
    o.directions = 1;
    o.threads = 1;
    for (size_t k = 0; k < SEEDS; k++) {
      o.seed = k + 1;
      squares[k] = pow(diag_value(dilate_distance_sliced_w2, dims[d], 1, zero, 1, shift, &o) / 2, 2);
    }
    ck_assert_double_lt(direction_statistic(dims[d], SEEDS, squares), KS_LIMIT);
    for (size_t k = 0; k < SEEDS; k++) {
      double first = 0, square = 0;
      for (size_t j = 0; j < dims[d]; j++) {
        const double u = 2 * gsl_rng_uniform(rng) - 1;
        first = j ? first : u * u;
        square += u * u;
      }
      squares[k] = first / square;
    }
    ck_assert_double_gt(direction_statistic(dims[d], SEEDS, squares), KS_LIMIT);
  }
  gsl_rng_free(rng);
}
END_TEST

/* A sample and its shift by v: E W2^2 = |v|^2 / d over directions, with variance 2 (d-1) / (d^2 (d+2)) |v|^4 a direction; and KS, for
 * one point each, is 1.  6 standard errors of the mean of 2000 directions: level below 1e-8.  The twin leaves the 1/d out. */
START_TEST(shift_has_its_expectation) {
  enum { DIM = 5, N = 40, DIRECTIONS = 2000 };
  double x[N * DIM], y[N * DIM];
  const double v[DIM] = {1, -2, 0.5, 0, 3}, square = 1 + 4 + 0.25 + 9;
  gsl_rng *rng = diag_rng(3);
  dilate_distance_options o = diag_defaults();
  o.directions = DIRECTIONS;
  diag_normals(rng, N * DIM, 1, x);
  for (size_t k = 0; k < N * DIM; k++) y[k] = x[k] + v[k % DIM];
  const double value = diag_value(dilate_distance_sliced_w2, DIM, N, x, N, y, &o);
  const double error = square * sqrt(2. * (DIM - 1) / (DIM * DIM * (DIM + 2)) / DIRECTIONS);
  ck_assert_double_lt(fabs(value * value - square / DIM), 6 * error);
  ck_assert_double_gt(fabs(value * value * DIM - square / DIM), 6 * error);
  ck_assert_double_eq(diag_value(dilate_distance_sliced_ks, DIM, 1, x, 1, y, &o), 1);
  gsl_rng_free(rng);
}
END_TEST

TCase *diag_sliced_case(void) {
  TCase *tests = tcase_create("sliced");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, line_by_hand);
  tcase_add_test(tests, unequal_sizes_by_repetition);
  tcase_add_test(tests, directions_are_uniform);
  tcase_add_test(tests, shift_has_its_expectation);
  return tests;
}
