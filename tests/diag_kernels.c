/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums over pairs of draws: each against the same sum by brute force, and against what the laws behind the samples have in closed form. */
#include "densities.h"
#include "diag_cases.h"

#include <gsl/gsl_sort.h>
#include <math.h>

static double square_of(size_t dim, const double *x, const double *y) {
  double sum = 0;
  for (size_t j = 0; j < dim; j++) sum += (x[j] - y[j]) * (x[j] - y[j]);
  return sum;
}

typedef double (*pair_kernel)(double square, double h);
static double imq(double square, double h) {
  return 1 / sqrt(1 + square / (h * h));
}
static double gaussian(double square, double h) {
  return exp(-square / (2 * h * h));
}
static double length(double square, double h) {
  (void)h;
  return sqrt(square);
}

/* The sum over all pairs; with_self 0: but those of a draw with itself. */
static double pair_sum(size_t dim, size_t n, const double *x, size_t m, const double *y, pair_kernel k, double h, int with_self) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < m; j++) sum += with_self || i != j ? k(square_of(dim, x + i * dim, y + j * dim), h) : 0;
  return sum;
}

enum { N = 301, M = 270, DIM = 3 }; /* more than a tile, and not full ones */
static double x[N * DIM], y[M * DIM], s[N * DIM];

static void fill(size_t dim, unsigned long seed) {
  gsl_rng *rng = diag_rng(seed);
  diag_normals(rng, N * dim, 1, x);
  diag_normals(rng, M * dim, 1.5, y);
  diag_normals(rng, N * dim, 1, s);
  gsl_rng_free(rng);
}

/* All distances, sorted; the lower one of an even number. */
START_TEST(median_is_exact) {
  static double all[(N + M) * (N + M - 1) / 2], pool[(N + M) * DIM];
  for (size_t dim = 1; dim <= DIM; dim += 2) {
    size_t count = 0;
    fill(dim, 10);
    for (size_t k = 0; k < N * dim; k++) pool[k] = x[k];
    for (size_t k = 0; k < M * dim; k++) pool[N * dim + k] = y[k];
    for (size_t i = 0; i < N + M; i++)
      for (size_t j = 0; j < i; j++) all[count++] = sqrt(square_of(dim, pool + i * dim, pool + j * dim));
    gsl_sort(all, 1, count);
    ck_assert_double_eq(diag_value(dilate_distance_median, dim, N, x, M, y, NULL), all[(count - 1) / 2]);
    ck_assert_double_eq(diag_value(dilate_distance_median, dim, N + M, pool, 0, NULL, NULL), all[(count - 1) / 2]);
  }
  const double two[] = {3, 7}, equal[] = {1, 1, 1, 4};
  ck_assert_double_eq(diag_value(dilate_distance_median, 1, 2, two, 0, NULL, NULL), 4);
  double median;
  ck_assert_int_eq(dilate_distance_median(1, 4, equal, 0, NULL, NULL, &median, NULL), DILATE_EDOMAIN);
}
END_TEST

START_TEST(mmd_is_its_sum) {
  const pair_kernel kernels[] = {imq, gaussian};
  for (int k = 0; k < 2; k++)
    for (size_t dim = 1; dim <= DIM; dim += 2)
      for (double h = 0; h < 1; h += 0.7) { /* 0: the median */
        fill(dim, 11);
        dilate_distance_options o = diag_defaults();
        o.kernel = k ? DILATE_KERNEL_GAUSSIAN : DILATE_KERNEL_IMQ;
        o.bandwidth = h;
        double value, unbiased;
        ck_assert_int_eq(dilate_distance_mmd(dim, N, x, M, y, &o, &value, &unbiased, NULL), 0);
        const double used = h > 0 ? h : diag_value(dilate_distance_median, dim, N, x, M, y, NULL);
        const double xy = pair_sum(dim, N, x, M, y, kernels[k], used, 1) / (N * M);
        const double biased =
            pair_sum(dim, N, x, N, x, kernels[k], used, 1) / (N * N) + pair_sum(dim, M, y, M, y, kernels[k], used, 1) / (M * M) - 2 * xy;
        const double fair = pair_sum(dim, N, x, N, x, kernels[k], used, 0) / (N * (N - 1)) +
                            pair_sum(dim, M, y, M, y, kernels[k], used, 0) / (M * (M - 1)) - 2 * xy;
        ck_assert_double_eq_tol(value * value, biased, 1e-13);
        ck_assert_double_eq_tol(unbiased, fair, 1e-13);
      }
}
END_TEST

/* N(0, I) and N(v, I) by the Gaussian kernel of width h: MMD^2 = 2 (h^2/(h^2+2))^(d/2) (1 - exp(-|v|^2 / (2 (h^2+2)))).  The mean of the
 * unbiased estimate over 400 pairs of samples, within DIAG_Z_LIMIT; the twin is the biased one. */
START_TEST(mmd_of_gaussians) {
  enum { PAIRS = 400, SIZE = 50 };
  const size_t dims[] = {1, DIM};
  double fair[PAIRS], biased[PAIRS];
  gsl_rng *rng = diag_rng(12);
  for (size_t d = 0; d < 2; d++) {
    const double h2 = 2.25, shift = 0.4, square = shift * shift * (double)dims[d];
    dilate_distance_options o = diag_defaults();
    o.kernel = DILATE_KERNEL_GAUSSIAN;
    o.bandwidth = sqrt(h2);
    o.threads = 1;
    for (size_t k = 0; k < PAIRS; k++) {
      diag_normals(rng, SIZE * dims[d], 1, x);
      diag_normals(rng, SIZE * dims[d], 1, y);
      for (size_t i = 0; i < SIZE * dims[d]; i++) y[i] += shift;
      ck_assert_int_eq(dilate_distance_mmd(dims[d], SIZE, x, SIZE, y, &o, &biased[k], &fair[k], NULL), 0);
      biased[k] *= biased[k];
    }
    const double truth = 2 * pow(h2 / (h2 + 2), 0.5 * (double)dims[d]) * (1 - exp(-square / (2 * (h2 + 2))));
    ck_assert_double_lt(fabs(diag_z(PAIRS, fair, truth)), DIAG_Z_LIMIT);
    ck_assert_double_gt(fabs(diag_z(PAIRS, biased, truth)), DIAG_Z_LIMIT);
  }
  gsl_rng_free(rng);
}
END_TEST

START_TEST(energy_is_its_sum) {
  for (size_t dim = 1; dim <= DIM; dim += 2) {
    fill(dim, 13);
    const double value = diag_value(dilate_distance_energy, dim, N, x, M, y, NULL);
    const double sum = 2 * pair_sum(dim, N, x, M, y, length, 0, 1) / (N * M) - pair_sum(dim, N, x, N, x, length, 0, 1) / (N * N) -
                       pair_sum(dim, M, y, M, y, length, 0, 1) / (M * M);
    ck_assert_double_eq_tol(value * value, sum, 1e-12);
  }
}
END_TEST

/* On a line the squared energy distance is 2 int (F - G)^2, here from one value to the next. */
START_TEST(energy_is_an_integral_on_a_line) {
  double all[N + M], integral = 0;
  fill(1, 14);
  for (size_t k = 0; k < N; k++) all[k] = x[k];
  for (size_t k = 0; k < M; k++) all[N + k] = y[k];
  gsl_sort(all, 1, N + M);
  for (size_t k = 0; k + 1 < N + M; k++) {
    double f = 0, g = 0;
    for (size_t i = 0; i < N; i++) f += x[i] <= all[k];
    for (size_t i = 0; i < M; i++) g += y[i] <= all[k];
    integral += (f / N - g / M) * (f / N - g / M) * (all[k + 1] - all[k]);
  }
  const double value = diag_value(dilate_distance_energy, 1, N, x, M, y, NULL);
  ck_assert_double_eq_tol(value * value, 2 * integral, 1e-12);
}
END_TEST

/* k_s(x, y) by differences of the kernel, rather than by its formula: s(x).s(y) k + s(x).grad_y k + s(y).grad_x k + sum_j d2k/dx_j dy_j. */
static double stein_by_differences(size_t dim, double *a, const double *sa, double *b, const double *sb, double c) {
#define KERNEL() (1 / sqrt(c * c + square_of(dim, a, b)))
  const double step = 1e-3;
  double sum = 0;
  for (size_t j = 0; j < dim; j++) {
    const double aj = a[j], bj = b[j];
    double corner[2][2], across_a[2], across_b[2];
    for (int p = 0; p < 2; p++) {
      a[j] = aj + (p ? step : -step);
      across_a[p] = KERNEL();
      for (int q = 0; q < 2; q++) {
        b[j] = bj + (q ? step : -step);
        corner[p][q] = KERNEL();
      }
      a[j] = aj;
      b[j] = bj + (p ? step : -step);
      across_b[p] = KERNEL();
      b[j] = bj;
    }
    sum += sa[j] * sb[j] * KERNEL() + sb[j] * (across_a[1] - across_a[0]) / (2 * step) + sa[j] * (across_b[1] - across_b[0]) / (2 * step);
    sum += (corner[1][1] - corner[1][0] - corner[0][1] + corner[0][0]) / (4 * step * step);
  }
  return sum;
#undef KERNEL
}

START_TEST(ksd_is_its_sum) {
  for (size_t dim = 1; dim <= DIM; dim += 2)
    for (double h = 0; h < 1.5; h += 1.3) {
      fill(dim, 15);
      double value, unbiased, all = 0, apart = 0;
      dilate_distance_options o = diag_defaults();
      o.bandwidth = h;
      ck_assert_int_eq(dilate_distance_ksd(dim, N, x, s, &o, &value, &unbiased, NULL), 0);
      const double c = h > 0 ? h : diag_value(dilate_distance_median, dim, N, x, 0, NULL, NULL);
      for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
          double point[DIM];
          for (size_t k = 0; k < dim; k++) point[k] = x[j * dim + k];
          const double k = stein_by_differences(dim, x + i * dim, s + i * dim, point, s + j * dim, c);
          all += k;
          apart += i == j ? 0 : k;
        }
      ck_assert_double_eq_tol(value * value, all / (N * N), 2e-6);
      ck_assert_double_eq_tol(unbiased, apart / (N * (N - 1)), 2e-6);
    }
}
END_TEST

enum { REPLICATES = 300, DRAWS = 100 };
typedef enum stein_fault { RIGHT, SHIFTED, WRONG_SCORES, BIASED } stein_fault;

/* How many standard errors the mean of KSD^2 over replicates is from 0: the unbiased estimate of exact draws, or something wrong.  The
 * kernel has a fixed length, so that the expectation is 0 exactly. */
static double stein_z(density *f, stein_fault fault) {
  static double value[REPLICATES];
  gsl_rng *rng = diag_rng(16);
  dilate_distance_options o = diag_defaults();
  o.bandwidth = 1.5;
  o.threads = 1;
  for (size_t k = 0; k < REPLICATES; k++) {
    for (size_t i = 0; i < DRAWS; i++) {
      double logp, *at = x + i * f->dim, *grad = s + i * f->dim;
      density_draw(f, rng, at);
      if (fault == SHIFTED) at[0] += 0.3;
      ck_assert_int_eq(density_logp(f->dim, at, &logp, grad, f), 0);
      if (fault == WRONG_SCORES) grad[0] *= 3;
    }
    double biased, unbiased;
    ck_assert_int_eq(dilate_distance_ksd(f->dim, DRAWS, x, s, &o, &biased, &unbiased, NULL), 0);
    value[k] = fault == BIASED ? biased * biased : unbiased;
  }
  gsl_rng_free(rng);
  return diag_z(REPLICATES, value, 0);
}

/* Within DIAG_Z_LIMIT for exact draws; twins: draws shifted by 0.3, scores three times as large in the first coordinate, the biased estimate. */
START_TEST(stein_kernel_has_mean_zero) {
  density targets[] = {density_normal(1, 1), density_chained(3), density_correlated(), density_modes(1), density_modes(2)};
  for (size_t k = 0; k < 5; k++) {
    ck_assert_double_lt(fabs(stein_z(&targets[k], RIGHT)), DIAG_Z_LIMIT);
    ck_assert_double_gt(stein_z(&targets[k], BIASED), DIAG_Z_LIMIT);
    ck_assert_double_gt(stein_z(&targets[k], SHIFTED), DIAG_Z_LIMIT);
    ck_assert_double_gt(stein_z(&targets[k], WRONG_SCORES), DIAG_Z_LIMIT);
  }
}
END_TEST

START_TEST(one_draw_has_no_unbiased_estimate) {
  const double one[] = {0.5}, score[] = {-0.5};
  double value, unbiased = 0;
  dilate_distance_options o = diag_defaults();
  o.bandwidth = 2;
  ck_assert_int_eq(dilate_distance_ksd(1, 1, one, score, &o, &value, &unbiased, NULL), 0);
  ck_assert_double_eq_tol(value * value, 0.25 / 2 + 1. / 8, 1e-15);
  ck_assert(isnan(unbiased));
  ck_assert_int_eq(dilate_distance_mmd(1, 1, one, 1, score, &o, &value, &unbiased, NULL), 0);
  ck_assert_double_eq_tol(value * value, 2 - 2 / sqrt(1.25), 1e-15);
  ck_assert(isnan(unbiased));
}
END_TEST

TCase *diag_kernels_case(void) {
  TCase *tests = tcase_create("kernels");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, median_is_exact);
  tcase_add_test(tests, mmd_is_its_sum);
  tcase_add_test(tests, mmd_of_gaussians);
  tcase_add_test(tests, energy_is_its_sum);
  tcase_add_test(tests, energy_is_an_integral_on_a_line);
  tcase_add_test(tests, ksd_is_its_sum);
  tcase_add_test(tests, stein_kernel_has_mean_zero);
  tcase_add_test(tests, one_draw_has_no_unbiased_estimate);
  return tests;
}
