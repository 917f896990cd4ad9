/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What holds for every distance: changes of coordinates, order, threads, refusals; and the total variation of mode weights. */
#include "diag_cases.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { N = 90, M = 70, DIM = 3 };
static double x[N * DIM], y[M * DIM], s[N * DIM], x2[N * DIM], y2[M * DIM], s2[N * DIM];

static void fill(void) {
  gsl_rng *rng = diag_rng(31);
  diag_normals(rng, N * DIM, 1, x);
  diag_normals(rng, M * DIM, 1.5, y);
  for (size_t k = 0; k < N * DIM; k++) s[k] = -x[k] + 0.1 * (double)(k % 3);
  gsl_rng_free(rng);
}

static double ksd(const double *at, const double *score) {
  double value;
  ck_assert_int_eq(dilate_distance_ksd(DIM, N, at, score, NULL, &value, NULL, NULL), 0);
  return value;
}

static void assert_near(double value, double wanted, const char *name) {
  ck_assert_msg(fabs(value - wanted) <= 1e-7 * wanted, "%s: %.15g, not %.15g", name, value, wanted);
}

static void turn(size_t n, const double *from, double *to) {
  const double c = 0.6, si = 0.8; /* in the first plane, then the second */
  for (size_t i = 0; i < n; i++) {
    const double *a = from + i * DIM;
    const double first = c * a[0] - si * a[1], second = si * a[0] + c * a[1];
    to[i * DIM] = first;
    to[i * DIM + 1] = c * second - si * a[2];
    to[i * DIM + 2] = si * second + c * a[2];
  }
}

static void reverse(size_t n, const double *from, double *to) {
  for (size_t i = 0; i < n; i++) memcpy(to + i * DIM, from + (n - 1 - i) * DIM, DIM * sizeof *to);
}

START_TEST(order_does_not_matter) {
  fill();
  reverse(N, x, x2);
  reverse(M, y, y2);
  reverse(N, s, s2);
  for (size_t k = 0; k < DIAG_ALL; k++) {
    const double value = diag_value(diag_all[k].distance, DIM, N, x, M, y, NULL);
    assert_near(diag_value(diag_all[k].distance, DIM, N, x2, M, y2, NULL), value, diag_all[k].name);
    if (diag_all[k].distance != dilate_distance_sinkhorn)
      assert_near(diag_value(diag_all[k].distance, DIM, M, y, N, x, NULL), value, diag_all[k].name);
  }
  assert_near(ksd(x2, s2), ksd(x, s), "KSD");
}
END_TEST

/* Sinkhorn ends on one marginal, so it is symmetric to its tolerance. */
START_TEST(sinkhorn_is_symmetric) {
  fill();
  dilate_distance_options o = diag_defaults();
  o.tolerance = 1e-9;
  assert_near(diag_value(dilate_distance_sinkhorn, DIM, M, y, N, x, &o), diag_value(dilate_distance_sinkhorn, DIM, N, x, M, y, &o),
              "Sinkhorn");
}
END_TEST

START_TEST(a_common_shift_does_not_matter) {
  fill();
  for (size_t k = 0; k < N * DIM; k++) x2[k] = x[k] + 100;
  for (size_t k = 0; k < M * DIM; k++) y2[k] = y[k] + 100;
  for (size_t k = 0; k < DIAG_ALL; k++)
    assert_near(diag_value(diag_all[k].distance, DIM, N, x2, M, y2, NULL), diag_value(diag_all[k].distance, DIM, N, x, M, y, NULL),
                diag_all[k].name);
  assert_near(ksd(x2, s), ksd(x, s), "KSD");
}
END_TEST

START_TEST(a_common_rotation_does_not_matter) {
  fill();
  turn(N, x, x2);
  turn(M, y, y2);
  turn(N, s, s2);
  for (size_t k = 0; k < DIAG_ALL; k++) {
    const double value = diag_value(diag_all[k].distance, DIM, N, x, M, y, NULL);
    const double turned = diag_value(diag_all[k].distance, DIM, N, x2, M, y2, NULL);
    if (diag_all[k].turns)
      assert_near(turned, value, diag_all[k].name);
    else
      ck_assert(turned != value && fabs(turned / value - 1) < 0.2); /* other directions */
  }
  assert_near(ksd(x2, s2), ksd(x, s), "KSD");
}
END_TEST

/* Scores scale by 1/a; the kernel (h^2 + r^2)^(-1/2) has one more length in the denominator, so KSD^2 scales by a^-3. */
START_TEST(a_common_scale_is_known) {
  const double scale = 1e3;
  fill();
  for (size_t k = 0; k < N * DIM; k++) x2[k] = x[k] * scale, s2[k] = s[k] / scale;
  for (size_t k = 0; k < M * DIM; k++) y2[k] = y[k] * scale;
  for (size_t k = 0; k < DIAG_ALL; k++)
    assert_near(diag_value(diag_all[k].distance, DIM, N, x2, M, y2, NULL),
                pow(scale, diag_all[k].power) * diag_value(diag_all[k].distance, DIM, N, x, M, y, NULL), diag_all[k].name);
  assert_near(ksd(x2, s2), pow(scale, -1.5) * ksd(x, s), "KSD");
}
END_TEST

START_TEST(equal_samples_are_at_zero) {
  fill();
  for (size_t dim = 1; dim <= DIM; dim++)
    for (size_t k = 1; k < DIAG_ALL; k++) ck_assert_double_eq(diag_value(diag_all[k].distance, dim, N, x, N, x, NULL), 0);
}
END_TEST

/* The size of a default run, and a linear amount of memory: the matrices of pairs would be 128 MB each. */
START_TEST(threads_give_the_same_bits) {
  enum { ROWS = 4000, PLANE = 2 };
  static double a[ROWS * PLANE], b[ROWS * PLANE], score[ROWS * PLANE];
  const size_t threads[] = {1, 2, 5};
  gsl_rng *rng = diag_rng(32);
  diag_normals(rng, ROWS * PLANE, 1, a);
  diag_normals(rng, ROWS * PLANE, 1.1, b);
  for (size_t k = 0; k < ROWS * PLANE; k++) score[k] = -a[k];
  double first[DIAG_ALL + 1];
  for (size_t t = 0; t < 3; t++) {
    dilate_distance_options o = diag_defaults();
    o.threads = threads[t];
    for (size_t k = 0; k <= DIAG_ALL; k++) {
      double value;
      if (k == DIAG_ALL)
        ck_assert_int_eq(dilate_distance_ksd(PLANE, ROWS, a, score, &o, &value, NULL, NULL), 0);
      else /* Sinkhorn: many sweeps */
        value = diag_value(diag_all[k].distance, PLANE, diag_all[k].distance == dilate_distance_sinkhorn ? 500 : ROWS, a, 510, b, &o);
      if (t == 0) first[k] = value;
      ck_assert(memcmp(&first[k], &value, sizeof value) == 0);
    }
  }
  gsl_rng_free(rng);
}
END_TEST

static void refused(int status, int wanted, const dilate_error *err, double value, const char *part) {
  ck_assert_int_eq(status, wanted);
  ck_assert_msg(strstr(err->message, part) != NULL, "says '%s', not '%s'", err->message, part);
  ck_assert(isnan(value));
}

#define REFUSES(wanted, part, call)                                                                                                        \
  do {                                                                                                                                     \
    dilate_error err;                                                                                                                      \
    double value = 7;                                                                                                                      \
    dilate_error_init(&err);                                                                                                               \
    const int status = (call);                                                                                                             \
    refused(status, (wanted), &err, value, (part));                                                                                        \
  } while (0)

START_TEST(samples_that_cannot_be_are_refused) {
  fill();
  for (size_t k = 0; k < DIAG_ALL; k++) {
    const diag_distance f = diag_all[k].distance;
    REFUSES(DILATE_EINVAL, "dim is 0", f(0, N, x, M, y, NULL, &value, &err));
    REFUSES(DILATE_EINVAL, "x has no rows", f(DIM, 0, x, M, y, NULL, &value, &err));
    REFUSES(DILATE_EINVAL, "x is NULL", f(DIM, N, NULL, M, y, NULL, &value, &err));
    REFUSES(DILATE_EINVAL, "y is NULL", f(DIM, N, x, M, NULL, NULL, &value, &err));
    if (k > 0) REFUSES(DILATE_EINVAL, "y has no rows", f(DIM, N, x, 0, y, NULL, &value, &err));
    x[4 * DIM + 2] = NAN;
    REFUSES(DILATE_EINVAL, "x: coordinate 2 of row 4 (both from 0) is", f(DIM, N, x, M, y, NULL, &value, &err));
    x[4 * DIM + 2] = 0;
    y[7 * DIM] = INFINITY;
    REFUSES(DILATE_EINVAL, "y: coordinate 0 of row 7 (both from 0) is inf", f(DIM, N, x, M, y, NULL, &value, &err));
    y[7 * DIM] = 0;
    ck_assert_int_eq(f(DIM, N, x, M, y, NULL, NULL, NULL), DILATE_EINVAL);
  }
  REFUSES(DILATE_EINVAL, "scores is NULL", dilate_distance_ksd(DIM, N, x, NULL, NULL, &value, NULL, &err));
  s[5] = -INFINITY;
  REFUSES(DILATE_EINVAL, "scores: coordinate 2 of row 1", dilate_distance_ksd(DIM, N, x, s, NULL, &value, NULL, &err));
  ck_assert_int_eq(dilate_distance_ksd(DIM, N, x, s, NULL, NULL, NULL, NULL), DILATE_EINVAL);
}
END_TEST

START_TEST(lengths_that_are_not_there_are_refused) {
  const double same[4] = {1, 1, 1, 1};
  dilate_distance_options o = diag_defaults();
  REFUSES(DILATE_EDOMAIN, "median distance is 0", diag_mmd(1, 4, same, 4, same, &o, &value, &err));
  REFUSES(DILATE_EDOMAIN, "median distance is 0", dilate_distance_sinkhorn(1, 4, same, 4, same, &o, &value, &err));
  REFUSES(DILATE_EDOMAIN, "median distance is 0", dilate_distance_ksd(1, 1, same, same, &o, &value, NULL, &err));
  o.bandwidth = o.epsilon = 1;
  ck_assert_double_eq(diag_value(diag_mmd, 1, 4, same, 4, same, &o), 0);
  ck_assert_double_eq(diag_value(dilate_distance_sinkhorn, 1, 4, same, 4, same, &o), 0);
}
END_TEST

/* Squares that overflow give no distance; KS, which takes none, has one. */
START_TEST(overflow_is_reported) {
  const double far[] = {-1e200, 0}, away[] = {1e200, 1};
  const dilate_distance_options o = {
      .struct_size = sizeof o, .directions = 4, .bandwidth = 1, .epsilon = 1, .iterations = 10, .tolerance = 0.1};
  REFUSES(DILATE_ENUMERIC, "overflows", dilate_distance_sliced_w2(1, 2, far, 2, away, &o, &value, &err));
  REFUSES(DILATE_ENUMERIC, "overflows", dilate_distance_energy(1, 2, far, 2, away, &o, &value, &err));
  REFUSES(DILATE_ENUMERIC, "overflows", dilate_distance_sinkhorn(1, 2, far, 2, away, &o, &value, &err));
  REFUSES(DILATE_ENUMERIC, "overflows", dilate_distance_median(1, 1, far, 1, away, &o, &value, &err));
  ck_assert_double_eq(diag_value(dilate_distance_sliced_ks, 1, 2, far, 2, away, &o), 1);
}
END_TEST

START_TEST(options_that_cannot_be_are_refused) {
  fill();
  const struct {
    size_t offset;
    int real; /* else a size_t */
    double value;
    const char *part;
  } wrong[] = {{offsetof(dilate_distance_options, struct_size), 0, 3, "struct_size is 3"},
               {offsetof(dilate_distance_options, struct_size), 0, 1e9, "dilate_distance_options_init"},
               {offsetof(dilate_distance_options, directions), 0, 0, "directions is 0"},
               {offsetof(dilate_distance_options, directions), 0, 4e9, "directions is 4000000000"},
               {offsetof(dilate_distance_options, threads), 0, 2000, "threads is 2000"},
               {offsetof(dilate_distance_options, iterations), 0, 0, "iterations is 0"},
               {offsetof(dilate_distance_options, bandwidth), 1, -1, "bandwidth is -1"},
               {offsetof(dilate_distance_options, bandwidth), 1, NAN, "bandwidth is"},
               {offsetof(dilate_distance_options, epsilon), 1, -0.5, "epsilon is -0.5"},
               {offsetof(dilate_distance_options, epsilon), 1, INFINITY, "epsilon is inf"},
               {offsetof(dilate_distance_options, tolerance), 1, 0, "tolerance is 0"},
               {offsetof(dilate_distance_options, tolerance), 1, 1, "tolerance is 1"}};
  for (size_t w = 0; w < sizeof wrong / sizeof *wrong; w++)
    for (size_t k = 0; k <= DIAG_ALL; k++) {
      dilate_distance_options o = diag_defaults();
      const size_t whole = wrong[w].real ? 0 : (size_t)wrong[w].value;
      if (wrong[w].real)
        memcpy((char *)&o + wrong[w].offset, &wrong[w].value, sizeof wrong[w].value);
      else
        memcpy((char *)&o + wrong[w].offset, &whole, sizeof whole);
      if (k == DIAG_ALL)
        REFUSES(DILATE_EINVAL, wrong[w].part, dilate_distance_ksd(DIM, N, x, s, &o, &value, NULL, &err));
      else
        REFUSES(DILATE_EINVAL, wrong[w].part, diag_all[k].distance(DIM, N, x, M, y, &o, &value, &err));
    }
  dilate_distance_options o = diag_defaults();
  o.kernel = (dilate_distance_kernel)7;
  REFUSES(DILATE_EINVAL, "kernel is 7", diag_mmd(DIM, N, x, M, y, &o, &value, &err));
}
END_TEST

/* What an older caller's struct does not reach keeps its default, and nothing beyond it is written. */
START_TEST(options_may_be_shorter_or_longer) {
  struct {
    dilate_distance_options o;
    char beyond[16];
  } longer;
  fill();
  memset(&longer, 0x55, sizeof longer);
  const size_t old = offsetof(dilate_distance_options, bandwidth);
  dilate_distance_options_init_sized(&longer.o, old);
  ck_assert_uint_eq(longer.o.struct_size, old);
  ck_assert_uint_eq(longer.o.directions, 128);
  ck_assert(memcmp(&longer.o.bandwidth, longer.beyond, 8) == 0);
  ck_assert_double_eq(diag_value(diag_mmd, DIM, N, x, M, y, &longer.o), diag_value(diag_mmd, DIM, N, x, M, y, NULL));
  dilate_distance_options_init_sized(&longer.o, sizeof longer);
  ck_assert(longer.beyond[0] == 0 && longer.beyond[15] == 0);
  ck_assert_double_eq(diag_value(diag_mmd, DIM, N, x, M, y, &longer.o), diag_value(diag_mmd, DIM, N, x, M, y, NULL));
  dilate_distance_options_init_sized(NULL, 8);
}
END_TEST

static double mode_tv(size_t n, const int *label, size_t modes, const double *weight) {
  double value;
  ck_assert_int_eq(dilate_distance_mode_tv(n, label, modes, weight, &value, NULL), 0);
  return value;
}

START_TEST(mode_weights_by_hand) {
  const int label[] = {0, 1, 1, 2, 1, 0, 0, 0}, lost[] = {0, 0, -1, -1};
  const double shares[] = {0.5, 0.375, 0.125}, other[] = {0.25, 0.25, 0.5}, none[] = {0, 0, 1}, one[] = {1};
  ck_assert_double_eq(mode_tv(8, label, 3, shares), 0);
  ck_assert_double_eq_tol(mode_tv(8, label, 3, other), 0.375, 1e-15);
  ck_assert_double_eq(mode_tv(4, lost, 1, one), 0.5);
  ck_assert_double_eq(mode_tv(2, label + 1, 3, none), 1);
}
END_TEST

START_TEST(mode_weights_that_cannot_be_are_refused) {
  const int label[] = {0, 1, 2}, low[] = {0, -2};
  const double weight[] = {0.5, 0.5}, short_of[] = {0.5, 0.4}, negative[] = {1.5, -0.5}, nan_weight[] = {0.5, NAN};
  REFUSES(DILATE_EINVAL, "no labels", dilate_distance_mode_tv(0, label, 2, weight, &value, &err));
  REFUSES(DILATE_EINVAL, "no labels", dilate_distance_mode_tv(2, NULL, 2, weight, &value, &err));
  REFUSES(DILATE_EINVAL, "no weights", dilate_distance_mode_tv(2, label, 0, weight, &value, &err));
  REFUSES(DILATE_EINVAL, "no weights", dilate_distance_mode_tv(2, label, 2, NULL, &value, &err));
  REFUSES(DILATE_EINVAL, "label[2] is 2", dilate_distance_mode_tv(3, label, 2, weight, &value, &err));
  REFUSES(DILATE_EINVAL, "label[1] is -2", dilate_distance_mode_tv(2, low, 2, weight, &value, &err));
  REFUSES(DILATE_EINVAL, "sum to 0.9", dilate_distance_mode_tv(2, label, 2, short_of, &value, &err));
  REFUSES(DILATE_EINVAL, "weight[1] is -0.5", dilate_distance_mode_tv(2, label, 2, negative, &value, &err));
  REFUSES(DILATE_EINVAL, "weight[1] is", dilate_distance_mode_tv(2, label, 2, nan_weight, &value, &err));
  ck_assert_int_eq(dilate_distance_mode_tv(2, label, 2, weight, NULL, NULL), DILATE_EINVAL);
}
END_TEST

TCase *diag_common_case(void) {
  TCase *tests = tcase_create("all distances");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, order_does_not_matter);
  tcase_add_test(tests, sinkhorn_is_symmetric);
  tcase_add_test(tests, a_common_shift_does_not_matter);
  tcase_add_test(tests, a_common_rotation_does_not_matter);
  tcase_add_test(tests, a_common_scale_is_known);
  tcase_add_test(tests, equal_samples_are_at_zero);
  tcase_add_test(tests, threads_give_the_same_bits);
  tcase_add_test(tests, samples_that_cannot_be_are_refused);
  tcase_add_test(tests, lengths_that_are_not_there_are_refused);
  tcase_add_test(tests, overflow_is_reported);
  tcase_add_test(tests, options_that_cannot_be_are_refused);
  tcase_add_test(tests, options_may_be_shorter_or_longer);
  tcase_add_test(tests, mode_weights_by_hand);
  tcase_add_test(tests, mode_weights_that_cannot_be_are_refused);
  return tests;
}
