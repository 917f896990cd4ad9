/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sinkhorn's divergence: against what is known at every epsilon (a shift; two Gaussians), and for small ones against exact transport. */
#include "diag_cases.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

#define SINKHORN(dim, n, x, m, y, o) diag_value(dilate_distance_sinkhorn, (dim), (n), (x), (m), (y), (o))

/* A sample and its shift by v: |x - y - v|^2 differs from |x - y|^2 by terms of x alone and y alone, so S = |v|^2 at every epsilon. */
START_TEST(shift_is_its_length) {
  enum { N = 100, DIM = 3 };
  double x[N * DIM], y[N * DIM];
  const double v[DIM] = {1, -2, 0.5};
  gsl_rng *rng = diag_rng(21);
  diag_normals(rng, N * DIM, 1, x);
  dilate_distance_options o = diag_defaults();
  o.tolerance = 1e-4;
  o.threads = 1;
  for (size_t dim = 1; dim <= DIM; dim += 2) {
    double square = 0;
    for (size_t j = 0; j < dim; j++) square += v[j] * v[j];
    for (size_t k = 0; k < N * dim; k++) y[k] = x[k] + v[k % dim];
    for (o.epsilon = 0.2; o.epsilon < 10; o.epsilon *= 8) ck_assert_double_eq_tol(SINKHORN(dim, N, x, N, y, &o), sqrt(square), 1e-3);
  }
  gsl_rng_free(rng);
}
END_TEST

/* S of N(a, s^2) and N(b, t^2) at epsilon = 2 v (Janati, Muzellec, Peyre & Cuturi 2020, arXiv 2006.02572), D(p, q) = sqrt(4 p^2 q^2 + v^2):
 *   (a-b)^2 + (D(s,s) + D(t,t))/2 - D(s,t) + v log((D(s,t) + v) / sqrt((D(s,s) + v) (D(t,t) + v))). */
static double gaussian_divergence(double shift, double s, double t, double epsilon) {
  const double v = epsilon / 2, ss = sqrt(4 * s * s * s * s + v * v), tt = sqrt(4 * t * t * t * t + v * v);
  const double st = sqrt(4 * s * s * t * t + v * v);
  return shift * shift + 0.5 * (ss + tt) - st + v * log((st + v) / sqrt((ss + v) * (tt + v)));
}

/* Samples are quantiles, which stand for the law with an error that falls with their number: no chance is involved. */
START_TEST(gaussians_have_their_closed_form) {
  enum { N = 500, M = 400 };
  double x[N], y[M];
  dilate_distance_options o = diag_defaults();
  for (size_t i = 0; i < N; i++) x[i] = gsl_cdf_ugaussian_Pinv(((double)i + 0.5) / N);
  for (size_t i = 0; i < M; i++) y[i] = 0.7 + 2 * gsl_cdf_ugaussian_Pinv(((double)i + 0.5) / M);
  for (o.epsilon = 0.1; o.epsilon < 20; o.epsilon *= 4) {
    const double truth = sqrt(gaussian_divergence(0.7, 1, 2, o.epsilon));
    ck_assert_double_eq_tol(SINKHORN(1, N, x, M, y, &o), truth, 0.007);
    ck_assert(fabs(truth - sqrt(gaussian_divergence(0.7, 1, 2, 4 * o.epsilon))) > 0.007 ||
              o.epsilon < 1); /* the test tells epsilons apart */
  }
  o.epsilon = 0.02; /* W2^2 = (a-b)^2 + (s-t)^2 */
  ck_assert_double_eq_tol(SINKHORN(1, N, x, M, y, &o), sqrt(0.49 + 1), 0.008);
}
END_TEST

/* The least mean squared distance over all assignments of y to x. */
static double best_assignment(size_t dim, size_t n, const double *x, const double *y, size_t done, unsigned used) {
  if (done == n) return 0;
  double best = INFINITY;
  for (size_t k = 0; k < n; k++) {
    if (used >> k & 1u) continue;
    double square = 0;
    for (size_t j = 0; j < dim; j++) square += pow(x[done * dim + j] - y[k * dim + j], 2) / (double)n;
    best = fmin(best, square + best_assignment(dim, n, x, y, done + 1, used | 1u << k));
  }
  return best;
}

START_TEST(small_epsilon_is_exact_transport) {
  enum { N = 7, DIM = 2, SAMPLES = 10 };
  gsl_rng *rng = diag_rng(22);
  for (size_t k = 0; k < SAMPLES; k++) {
    double x[N * DIM], y[N * DIM];
    diag_normals(rng, N * DIM, 1, x);
    diag_normals(rng, N * DIM, 1, y);
    dilate_distance_options o = diag_defaults();
    o.epsilon = 1e-3;
    o.tolerance = 1e-5;
    ck_assert_double_eq_tol(SINKHORN(DIM, N, x, N, y, &o), sqrt(best_assignment(DIM, N, x, y, 0, 0)), 1e-3);
  }
  gsl_rng_free(rng);
}
END_TEST

/* Two clumps ten apart, of shares 1/2 and 1/2 in one sample and 3/10 and 7/10 in the other, of other sizes: mass has to travel.  Exact W2
 * on a line is the sliced one. */
START_TEST(wrong_weights_are_paid_for) {
  enum { N = 200, M = 130 };
  double x[N], y[M];
  gsl_rng *rng = diag_rng(23);
  diag_normals(rng, N, 0.5, x);
  diag_normals(rng, M, 0.5, y);
  for (size_t i = 0; i < N / 2; i++) x[i] += 10;
  for (size_t i = 0; i < M * 3 / 10; i++) y[i] += 10;
  dilate_distance_options o = diag_defaults();
  o.epsilon = 0.05;
  const double exact = diag_value(dilate_distance_sliced_w2, 1, N, x, M, y, NULL);
  ck_assert_double_gt(exact, 3.9);
  ck_assert_double_eq_tol(SINKHORN(1, N, x, M, y, &o), exact, 2e-3 * exact);
  gsl_rng_free(rng);
}
END_TEST

START_TEST(equal_samples_are_at_zero) {
  enum { N = 300, DIM = 2 };
  double x[N * DIM], turned[N * DIM];
  gsl_rng *rng = diag_rng(24);
  diag_normals(rng, N * DIM, 1, x);
  for (size_t i = 0; i < N; i++) memcpy(turned + i * DIM, x + (N - 1 - i) * DIM, DIM * sizeof *x);
  ck_assert_double_eq(SINKHORN(DIM, N, x, N, x, NULL), 0);
  ck_assert_double_le(SINKHORN(DIM, N, x, N, turned, NULL), 1e-6);
  ck_assert_double_eq_tol(SINKHORN(DIM, 1, x, 1, x + DIM, NULL), hypot(x[0] - x[2], x[1] - x[3]), 1e-12);
  gsl_rng_free(rng);
}
END_TEST

/* One sweep is not enough, and it is said; and so is an epsilon that rounding hides. */
START_TEST(failure_to_converge_is_reported) {
  enum { N = 50 };
  double x[N], y[N], value = 0;
  gsl_rng *rng = diag_rng(25);
  diag_normals(rng, N, 1, x);
  diag_normals(rng, N, 2, y);
  for (int k = 0; k < 3; k++) {
    dilate_error err;
    dilate_error_init(&err);
    dilate_distance_options o = diag_defaults();
    if (k == 0) o.iterations = 1;
    if (k == 1) o.iterations = 12, o.tolerance = 1e-12;
    if (k == 2) o.epsilon = 1e-15;
    ck_assert_int_eq(dilate_distance_sinkhorn(1, N, x, N, y, &o, &value, &err), DILATE_ENUMERIC);
    ck_assert_ptr_nonnull(strstr(err.message, k < 2 ? "Sinkhorn: after" : "drowns"));
    ck_assert(isnan(value));
  }
  gsl_rng_free(rng);
}
END_TEST

TCase *diag_transport_case(void) {
  TCase *tests = tcase_create("transport");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, shift_is_its_length);
  tcase_add_test(tests, gaussians_have_their_closed_form);
  tcase_add_test(tests, small_epsilon_is_exact_transport);
  tcase_add_test(tests, wrong_weights_are_paid_for);
  tcase_add_test(tests, equal_samples_are_at_zero);
  tcase_add_test(tests, failure_to_converge_is_reported);
  return tests;
}
