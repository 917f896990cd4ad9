/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linear algebra: every routine against its defining identity, on matrices of known spectrum, and on what must be refused. */
#include <math.h>
#include <string.h>

#include "base/factor.h"
#include "base/linalg.h"
#include "base/memory.h"
#include "base/random.h"
#include "check_base.h"

static const size_t sizes[] = {1, 2, 3, 10, 50};
#define SIZES (sizeof sizes / sizeof *sizes)
#define MAX   50

static double a[MAX * MAX], b[MAX * MAX], c[MAX * MAX], e[MAX * MAX], q[MAX * MAX];

/* n numbers, normal. */
static void noise(unsigned number, size_t n, double *x) {
  for (uint32_t i = 0; i < n; i++) stream_normals(stream_make(1, STREAM_USER, number, 0), 0, 1, 1, 1, &i, x + i);
}

/* out = l r for d x d matrices; `turned`: l r'. */
static void product(size_t d, const double *l, const double *r, int turned, double *out) {
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) {
      double sum = 0;
      for (size_t k = 0; k < d; k++) sum += l[i * d + k] * (turned ? r[j * d + k] : r[k * d + j]);
      out[i * d + j] = sum;
    }
}

/* Orthonormal rows, by Gram and Schmidt, twice. */
static void orthonormal(unsigned number, size_t d, double *out) {
  noise(number, d * d, out);
  for (size_t i = 0; i < d; i++) {
    for (size_t k = 0; k < 2 * i; k++) {
      const double *other = out + (k % i) * d;
      double overlap = 0;
      for (size_t j = 0; j < d; j++) overlap += out[i * d + j] * other[j];
      for (size_t j = 0; j < d; j++) out[i * d + j] -= overlap * other[j];
    }
    double square = 0;
    for (size_t j = 0; j < d; j++) square += out[i * d + j] * out[i * d + j];
    for (size_t j = 0; j < d; j++) out[i * d + j] /= sqrt(square);
  }
}

/* Symmetric, eigenvalues from condition^-1/2 to condition^1/2, coordinate j in units of scale^(j odd ? -1 : 1). */
static void definite(unsigned number, size_t d, double condition, double scale, double *out) {
  orthonormal(number, d, q);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j <= i; j++) {
      double sum = 0;
      for (size_t k = 0; k < d; k++) sum += q[k * d + i] * q[k * d + j] * pow(condition, d == 1 ? 0.3 : (double)k / ((double)d - 1) - 0.5);
      out[i * d + j] = out[j * d + i] = sum * (i % 2 ? 1 / scale : scale) * (j % 2 ? 1 / scale : scale);
    }
}

/* The largest |x - y|, entry (i, j) in units of sqrt(y_ii y_jj). */
static double distance(size_t d, const double *x, const double *y) {
  double largest = 0;
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) largest = fmax(largest, fabs(x[i * d + j] - y[i * d + j]) / sqrt(y[i * d + i] * y[j * d + j]));
  return largest;
}

static void identity(size_t d, double *out) {
  for (size_t i = 0; i < d * d; i++) out[i] = i % (d + 1) == 0;
}

/* ---- Triangles ---- */

START_TEST(cholesky_factor_and_inverse) {
  const size_t d = sizes[_i];
  definite(1, d, 1e6, 1e3, a);
  memcpy(c, a, sizeof c);
  ck_assert_int_eq(cholesky(d, c), 0);
  double log_det = 0;
  for (size_t i = 0; i < d; i++) {
    log_det += log(c[i * d + i]);
    for (size_t j = i + 1; j < d; j++) ck_assert(c[i * d + j] == 0);
  }
  ck_assert_double_eq_tol(lower_log_det(d, c), log_det, 1e-12);
  product(d, c, c, 1, b);
  ck_assert_double_le(distance(d, b, a), 1e-12);
  lower_inverse(d, c, e);
  product(d, c, e, 0, b);
  identity(d, a);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) ck_assert_double_eq_tol(b[i * d + j] * (i % 2 ? 1e3 : 1e-3) * (j % 2 ? 1e-3 : 1e3), a[i * d + j], 1e-9);
}
END_TEST

/* log det C of a matrix with the spectrum of definite(): the exponents sum to zero. */
/* A x = b for A = C C' and a known x. */
START_TEST(cholesky_solves) {
  const size_t d = sizes[_i];
  double x[MAX], right[MAX] = {0};
  definite(7, d, 1e4, 3, a);
  noise(8, d, x);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) right[i] += a[i * d + j] * x[j];
  ck_assert_int_eq(cholesky(d, a), 0);
  cholesky_solve(d, a, right);
  for (size_t i = 0; i < d; i++) ck_assert_double_eq_tol(right[i], x[i], 1e-9);
}
END_TEST

START_TEST(log_det_is_that_of_the_spectrum) {
  definite(2, 10, 1e6, 1, c);
  ck_assert_int_eq(cholesky(10, c), 0);
  ck_assert_double_eq_tol(lower_log_det(10, c), 0, 1e-9);
}
END_TEST

START_TEST(cholesky_refuses_what_is_not_definite) {
  const double indefinite[] = {1, 2, 2, 1}, singular[] = {1, 1, 1, 1}, zero[] = {0, 0, 0, 0}, negative[] = {-1, 0, 0, 1};
  const double nan_inside[] = {1, NAN, NAN, 1}, nan_pivot[] = {NAN, 0, 0, 1}, infinite[] = {INFINITY, 0, 0, 1},
               edge[] = {1, INFINITY, INFINITY, 1};
  const double *const refused[] = {indefinite, singular, zero, negative, nan_inside, nan_pivot, infinite, edge};
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    double m[4];
    memcpy(m, refused[i], sizeof m);
    ck_assert_msg(cholesky(2, m) != 0, "matrix %zu", i);
  }
}
END_TEST

/* ---- Tiles ---- */

enum { N = 37, LD = 40 };
static double x[MAX * LD], y[MAX * LD], z[MAX * LD];

/* z = m x over the first N columns, the rest as in x; `turned`: m' x. */
static void plain_times(size_t d, const double *m, int turned) {
  memcpy(z, x, sizeof z);
  for (size_t j = 0; j < d; j++)
    for (size_t i = 0; i < N; i++) {
      double sum = 0;
      for (size_t k = 0; k < d; k++) sum += (turned ? m[k * d + j] : m[j * d + k]) * x[k * LD + i];
      z[j * LD + i] = sum;
    }
}

static void assert_tiles_equal(size_t d, const double *left) {
  for (size_t i = 0; i < d * LD; i++) ck_assert_double_eq_tol(left[i], z[i], 1e-12);
}

START_TEST(products_with_a_tile) {
  const size_t d = sizes[_i];
  noise(3, d * LD, x);
  noise(4, d * d, a);
  memcpy(y, x, sizeof y);
  matrix_times(d, a, N, LD, x, y);
  plain_times(d, a, 0);
  assert_tiles_equal(d, y);
  for (size_t i = 0; i < d; i++)
    for (size_t j = i + 1; j < d; j++) a[i * d + j] = 0;
  memcpy(y, x, sizeof y);
  lower_times(d, a, N, LD, y);
  plain_times(d, a, 0);
  assert_tiles_equal(d, y);
  memcpy(y, x, sizeof y);
  lower_transpose_times(d, a, N, LD, y);
  plain_times(d, a, 1);
  assert_tiles_equal(d, y);
}
END_TEST

/* Byte for byte, whatever the threads and wherever a block ends. */
START_TEST(products_of_many_points_are_those_of_a_tile) {
  enum { D = 40, POINTS = 1003, WIDE = 1008 };
  static double many[D * WIDE], alone[D * WIDE], shared[D * WIDE];
  noise(5, D * WIDE, many);
  noise(6, D * D, a);
  matrix_times(D, a, POINTS, WIDE, many, alone);
  for (size_t threads = 1; threads <= 3; threads++) {
    memset(shared, 0, sizeof shared);
    matrix_times_all(threads, D, a, POINTS, WIDE, many, shared);
    ck_assert_mem_eq(shared, alone, sizeof alone);
  }
  memcpy(alone, many, sizeof alone);
  lower_times(D, a, POINTS, WIDE, alone);
  for (size_t threads = 1; threads <= 3; threads++) {
    memcpy(shared, many, sizeof shared);
    lower_times_all(threads, D, a, POINTS, WIDE, shared);
    ck_assert_mem_eq(shared, alone, sizeof alone);
  }
}
END_TEST

START_TEST(empty_tiles_are_allowed) {
  x[0] = 42;
  a[0] = 2;
  matrix_times(1, a, 0, 1, y, x);
  lower_times(1, a, 0, 1, x);
  lower_transpose_times(1, a, 0, 1, x);
  ck_assert(x[0] == 42);
}
END_TEST

/* All that a diagonal factor does, against the same as a lower factor. */
START_TEST(diagonal_factors_are_lower_ones) {
  enum { D = 10, COUNT = 7, STRIDE = 8 };
  static const factor_form forms[] = {FACTOR_LOWER, FACTOR_DIAGONAL};
  double factor[2][D * D] = {{0}}, inverse[2][D * D], points[2][D * STRIDE], once[2][D * STRIDE];
  ck_assert_uint_eq(factor_size(D, FACTOR_LOWER), D * D);
  ck_assert_uint_eq(factor_size(D, FACTOR_DIAGONAL), D);
  for (size_t j = 0; j < D; j++) factor[0][j * D + j] = factor[1][j] = 0.3 + (double)j;
  for (int f = 0; f < 2; f++) {
    noise(40, D * STRIDE, points[f]);
    factor_times(D, forms[f], factor[f], COUNT, STRIDE, points[f]);
    memcpy(once[f], points[f], sizeof points[f]);
    factor_transpose_times(D, forms[f], factor[f], COUNT, STRIDE, points[f]);
    factor_inverse(D, forms[f], factor[f], inverse[f]);
  }
  for (size_t j = 0; j < D * STRIDE; j++) {
    ck_assert_double_eq(once[0][j], once[1][j]);
    ck_assert_double_eq(points[0][j], points[1][j]);
  }
  for (size_t j = 0; j < D; j++) ck_assert_double_eq(inverse[0][j * D + j], inverse[1][j]);
}
END_TEST

START_TEST(squares_are_the_diagonal_of_the_covariance) {
  enum { D = 10, COUNT = 40 };
  double points[D * COUNT], w[COUNT], squares[D];
  noise(41, D * COUNT, points);
  noise(42, COUNT, w);
  for (size_t i = 0; i < COUNT; i++) w[i] = fabs(w[i]);
  for (int weighted = 0; weighted < 2; weighted++) {
    weighted_covariance(D, COUNT, COUNT, points, weighted ? w : NULL, NULL, a);
    weighted_squares(D, COUNT, COUNT, points, weighted ? w : NULL, squares);
    for (size_t j = 0; j < D; j++) ck_assert_double_eq_tol(squares[j], a[j * D + j], 1e-14 * a[j * D + j]);
  }
  memset(w, 0, sizeof w);
  weighted_squares(D, COUNT, COUNT, points, w, squares);
  for (size_t j = 0; j < D; j++) ck_assert_double_eq(squares[j], 0);
}
END_TEST

START_TEST(means_and_covariances) {
  enum { POINTS = 200 };
  const size_t d = 5;
  static double points[5 * POINTS], w[POINTS];
  double mean[5], m[5], cov[25];
  noise(5, d * POINTS, points);
  for (size_t i = 0; i < POINTS; i++) w[i] = (double)(i % 4);
  for (int weighted = 0; weighted < 2; weighted++) {
    const double *weight = weighted ? w : NULL;
    double total = 0;
    for (size_t i = 0; i < POINTS; i++) total += weighted ? w[i] : 1;
    weighted_mean(d, POINTS, POINTS, points, weight, mean);
    for (size_t j = 0; j < d; j++) {
      m[j] = 0;
      for (size_t i = 0; i < POINTS; i++) m[j] += (weighted ? w[i] : 1) * points[j * POINTS + i] / total;
      ck_assert_double_eq_tol(mean[j], m[j], 1e-14);
    }
    for (int centred = 0; centred < 2; centred++) {
      weighted_covariance(d, POINTS, POINTS, points, weight, centred ? mean : NULL, cov);
      for (size_t j = 0; j < d; j++)
        for (size_t k = 0; k < d; k++) {
          double sum = 0;
          for (size_t i = 0; i < POINTS; i++)
            sum += (weighted ? w[i] : 1) * (points[j * POINTS + i] - centred * m[j]) * (points[k * POINTS + i] - centred * m[k]);
          ck_assert_double_eq_tol(cov[j * d + k], sum / total, 1e-13);
          ck_assert(cov[j * d + k] == cov[k * d + j]);
        }
    }
  }
}
END_TEST

START_TEST(no_weight_gives_zero) {
  const double points[] = {1, 2}, w[] = {0, 0};
  double mean = 42, cov = 42;
  weighted_mean(1, 2, 2, points, w, &mean);
  weighted_covariance(1, 2, 2, points, w, &mean, &cov);
  ck_assert(mean == 0 && cov == 0);
}
END_TEST

/* ---- Spectra ---- */

static void check_spectrum(size_t d, double unit) {
  double values[MAX];
  double *work = NEW(double, symmetric_eigen_work(d));
  ck_assert_ptr_nonnull(work);
  symmetric_eigen(d, a, values, b, work);
  memory_free(work);
  for (size_t j = 0; j < d; j++) {
    if (j > 0) ck_assert_double_ge(values[j], values[j - 1]);
    for (size_t i = 0; i < d; i++) {
      double image = 0, overlap = 0;
      for (size_t k = 0; k < d; k++) image += a[i * d + k] / unit * b[k * d + j];
      for (size_t k = 0; k < d; k++) overlap += b[k * d + i] * b[k * d + j];
      ck_assert_double_eq_tol(image, values[j] / unit * b[i * d + j], 1e-11);
      ck_assert_double_eq_tol(overlap, i == j, 1e-12);
    }
  }
}

START_TEST(eigenvectors_and_values) {
  const size_t d = sizes[_i];
  const double units[] = {1, 1e300, 1e-300};
  for (size_t u = 0; u < 3; u++) {
    definite(6, d, 1e4, 1, a);
    for (size_t i = 0; i < d * d; i++) a[i] *= units[u];
    check_spectrum(d, units[u]);
    noise(7, d * d, b);
    for (size_t i = 0; i < d; i++)
      for (size_t j = 0; j < d; j++) a[i * d + j] = (b[i * d + j] + b[j * d + i]) * units[u]; /* of both signs */
    check_spectrum(d, units[u]);
  }
}
END_TEST

START_TEST(spectra_of_odd_matrices) {
  double values[2], work[12], v[4];
  const double zero[] = {0, 0, 0, 0}, invalid[] = {1, NAN, NAN, 1}, infinite[] = {INFINITY, 0, 0, 1}, diagonal[] = {2, 0, 0, -1};
  ck_assert_uint_ge(sizeof work / sizeof *work, symmetric_eigen_work(2));
  symmetric_eigen(2, zero, values, v, work);
  ck_assert(values[0] == 0 && values[1] == 0 && v[0] == 1 && v[1] == 0 && v[3] == 1);
  symmetric_eigen(2, invalid, values, v, work);
  ck_assert(isnan(values[0]) && isnan(values[1]));
  symmetric_eigen(2, infinite, values, v, work);
  ck_assert(isnan(values[0]) && isnan(values[1]));
  symmetric_eigen(2, diagonal, values, v, work);
  ck_assert(values[0] == -1 && values[1] == 2);
}
END_TEST

/* S Cg S = Cx with condition numbers up to 1e6, in coordinates whose units differ by up to 1e12. */
START_TEST(geometric_mean_solves_its_equation) {
  const size_t d = sizes[_i];
  double *work = NEW(double, geometric_mean_work(d));
  ck_assert_ptr_nonnull(work);
  const double conditions[] = {1, 1e2, 1e6}, scales[] = {1, 1e3};
  for (size_t k = 0; k < 3; k++)
    for (size_t s = 0; s < 2; s++) {
      definite(8, d, conditions[k], scales[s], a);
      definite(9, d, conditions[k], 1 / scales[s], b);
      ck_assert_int_eq(geometric_mean(d, a, b, c, work), 0);
      for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) ck_assert(c[i * d + j] == c[j * d + i]);
      product(d, c, b, 0, e);
      memcpy(b, e, sizeof b);
      product(d, b, c, 0, e);
      ck_assert_double_le(distance(d, e, a), 1e-7);
      ck_assert_int_eq(cholesky(d, c), 0);
    }
  memory_free(work);
}
END_TEST

/* A Gaussian of covariance Sigma: Cx = Sigma and Cg = Sigma^-1 give S = Sigma. */
START_TEST(geometric_mean_of_a_gaussian_is_its_covariance) {
  const size_t d = 10;
  double *work = NEW(double, geometric_mean_work(d));
  ck_assert_ptr_nonnull(work);
  definite(10, d, 1e4, 10, a);
  memcpy(c, a, sizeof c);
  ck_assert_int_eq(cholesky(d, c), 0);
  lower_inverse(d, c, e);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) {
      b[i * d + j] = 0;
      for (size_t k = 0; k < d; k++) b[i * d + j] += e[k * d + i] * e[k * d + j];
    }
  ck_assert_int_eq(geometric_mean(d, a, b, c, work), 0);
  ck_assert_double_le(distance(d, c, a), 1e-8);
  memory_free(work);
}
END_TEST

/* Rank one in ten dimensions: floored, so that the answer is finite and definite. */
START_TEST(geometric_mean_of_singular_matrices_is_finite) {
  const size_t d = 10;
  double *work = NEW(double, geometric_mean_work(d));
  ck_assert_ptr_nonnull(work);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) a[i * d + j] = b[i * d + j] = (double)((i + 1) * (j + 1));
  ck_assert_int_eq(geometric_mean(d, a, b, c, work), 0);
  for (size_t i = 0; i < d * d; i++) ck_assert(isfinite(c[i]));
  for (size_t i = 0; i < d; i++) ck_assert_double_gt(c[i * d + i], 0);
  memory_free(work);
}
END_TEST

START_TEST(geometric_mean_refuses_what_has_no_answer) {
  double work[64], s[4];
  const double good[] = {1, 0, 0, 1}, zero[] = {0, 0, 0, 0}, invalid[] = {1, NAN, NAN, 1}, infinite[] = {1, 0, 0, INFINITY};
  ck_assert_uint_ge(sizeof work / sizeof *work, geometric_mean_work(2));
  ck_assert_int_ne(geometric_mean(2, good, zero, s, work), 0);
  ck_assert_int_ne(geometric_mean(2, zero, good, s, work), 0);
  ck_assert_int_ne(geometric_mean(2, invalid, good, s, work), 0);
  ck_assert_int_ne(geometric_mean(2, good, invalid, s, work), 0);
  ck_assert_int_ne(geometric_mean(2, infinite, good, s, work), 0);
  ck_assert_int_ne(geometric_mean(0, good, good, s, work), 0);
  ck_assert_int_eq(geometric_mean(2, good, good, s, work), 0);
}
END_TEST

TCase *linalg_tests(void) {
  TCase *tests = tcase_create("linear algebra");
  tcase_add_loop_test(tests, cholesky_factor_and_inverse, 0, SIZES);
  tcase_add_loop_test(tests, cholesky_solves, 0, SIZES);
  tcase_add_test(tests, log_det_is_that_of_the_spectrum);
  tcase_add_test(tests, cholesky_refuses_what_is_not_definite);
  tcase_add_loop_test(tests, products_with_a_tile, 0, SIZES);
  tcase_add_test(tests, products_of_many_points_are_those_of_a_tile);
  tcase_add_test(tests, empty_tiles_are_allowed);
  tcase_add_test(tests, diagonal_factors_are_lower_ones);
  tcase_add_test(tests, means_and_covariances);
  tcase_add_test(tests, squares_are_the_diagonal_of_the_covariance);
  tcase_add_test(tests, no_weight_gives_zero);
  tcase_add_loop_test(tests, eigenvectors_and_values, 0, SIZES);
  tcase_add_test(tests, spectra_of_odd_matrices);
  tcase_add_loop_test(tests, geometric_mean_solves_its_equation, 0, SIZES);
  tcase_add_test(tests, geometric_mean_of_a_gaussian_is_its_covariance);
  tcase_add_test(tests, geometric_mean_of_singular_matrices_is_finite);
  tcase_add_test(tests, geometric_mean_refuses_what_has_no_answer);
  return tests;
}
