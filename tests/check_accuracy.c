/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statistics of bench/accuracy against closed forms.
 *
 * Simulations have fixed seeds; a limit of 5 standard errors is passed by a right answer with probability 1 - 6e-7. */
#include "check_accuracy.h"

#include "bench/accuracy_measure.h"
#include "bench/support.h"
#include "bench/calibration.h"
#include "runner.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void assert_near(double value, double truth, double tolerance) {
  ck_assert_msg(fabs(value - truth) <= tolerance, "%.12g is not %.12g within %.2g", value, truth, tolerance);
}

static gsl_rng *generator(unsigned long seed) {
  gsl_rng *const rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, seed);
  return rng;
}

/* ---- Sorting and order statistics ---- */

START_TEST(sorts_every_kind_of_number) {
  double x[] = {3, -0.0, INFINITY, -1e-310, 1e300, -2, -INFINITY, 1 + 4e-16, 1, -1e300, 1 + 2e-16, 5e-324};
  const size_t n = sizeof x / sizeof *x;
  uint64_t work[2 * sizeof x / sizeof *x];
  sort_ascending(n, x, work);
  for (size_t i = 1; i < n; i++) ck_assert_msg(x[i - 1] <= x[i], "%.17g before %.17g", x[i - 1], x[i]);
  ck_assert(isinf(x[0]) && isinf(x[n - 1]));
}
END_TEST

START_TEST(sorts_many_numbers) {
  enum { N = 5000 };
  static double x[N];
  static uint64_t work[2 * N];
  double sum = 0;
  gsl_rng *const rng = generator(1);
  for (size_t i = 0; i < N; i++) sum += x[i] = floor(8 * gsl_ran_ugaussian(rng)) + 1e-13 * gsl_rng_uniform(rng);
  sort_ascending(N, x, work);
  for (size_t i = 1; i < N; i++) ck_assert(x[i - 1] <= x[i]);
  for (size_t i = 0; i < N; i++) sum -= x[i];
  assert_near(sum, 0, 1e-8);
  gsl_rng_free(rng);
}
END_TEST

START_TEST(order_statistics_by_hand) {
  const double even[] = {4, 1, 3, 2}, broken[] = {1, NAN, 2}, wide[] = {-INFINITY, INFINITY, 7};
  const double level[] = {0, 0.5, 1}, value[] = {1, 3, 11};
  assert_near(median_of(4, even), 2.5, 0);
  assert_near(median_of(3, broken), 2, 0);
  assert_near(median_of(3, wide), 7, 0);
  assert_near(sd_of(4, even), sqrt(5.0 / 3), 1e-15);
  ck_assert(isinf(largest_of(3, broken)) && isnan(median_of(0, even)) && isnan(sd_of(1, even)));
  assert_near(interpolate(3, level, value, 0.25), 2, 1e-15);
  assert_near(interpolate(3, level, value, 0.75), 7, 1e-15);
  assert_near(interpolate(3, level, value, 1), 11, 0);
}
END_TEST

/* ---- Sliced distances ---- */

/* Of n points from a sample, both row-major. */
static double w2(const sliced *s, size_t n, const double *x) {
  sliced_cells cells;
  double *const projection = ALLOCATE(double, s->directions *n);
  uint64_t *const work = ALLOCATE(uint64_t, 3 * n);
  sliced_cells_make(s, n, &cells);
  sliced_project(s, n, x, projection);
  const double distance = sliced_w2(s, &cells, n, projection, work);
  sliced_cells_free(&cells);
  free(projection);
  free(work);
  return distance;
}

static double kolmogorov(const sliced *s, size_t n, const double *x) {
  double *const projection = ALLOCATE(double, s->directions *n);
  uint64_t *const work = ALLOCATE(uint64_t, 3 * n);
  sliced_project(s, n, x, projection);
  const double distance = sliced_kolmogorov(s, n, n, projection, work);
  free(projection);
  free(work);
  return distance;
}

/* Ten exact draws 0, 1, .., 9 against four, whose cells are 2.5 wide: each draw is coupled with five of twenty half draws. */
START_TEST(w2_with_cells_that_cut_draws) {
  const double exact[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, x[] = {9, 0.5, 7, 3};
  const double sorted[] = {0.5, 3, 7, 9}, variance = 8.25;
  sliced s;
  sliced_make(&s, SLICED_FIRST, 1, 10, exact);
  double sum = 0;
  for (int unit = 0; unit < 20; unit++) sum += pow(sorted[unit / 5] - unit / 2, 2) / 20;
  assert_near(w2(&s, 4, x), sqrt(sum / variance), 1e-14);
  sliced_free(&s);
}
END_TEST

/* The sample itself, moved by 0.3 and -0.1 standard deviations: along the unit vector u the distance is |0.3 u_1 - 0.1 u_2|. */
START_TEST(w2_of_a_shift) {
  enum { N = 2000 };
  static double exact[2 * N], x[2 * N];
  gsl_rng *const rng = generator(2);
  for (size_t i = 0; i < N; i++) {
    exact[2 * i] = 1000 + 5 * gsl_ran_ugaussian(rng);
    exact[2 * i + 1] = exact[2 * i] - 1000 + gsl_ran_exponential(rng, 1);
  }
  gsl_rng_free(rng);
  sliced s;
  sliced_make(&s, SLICED_RANDOM, 2, N, exact);
  double sd[2], sum = 0;
  for (size_t j = 0; j < 2; j++) {
    double mean = 0, square = 0;
    for (size_t i = 0; i < N; i++) mean += exact[2 * i + j] / N;
    for (size_t i = 0; i < N; i++) square += pow(exact[2 * i + j] - mean, 2) / N;
    sd[j] = sqrt(square);
  }
  for (size_t i = 0; i < N; i++) {
    x[2 * i] = exact[2 * i] + 0.3 * sd[0];
    x[2 * i + 1] = exact[2 * i + 1] - 0.1 * sd[1];
  }
  for (size_t d = 0; d < s.directions; d++) {
    const double u[] = {s.matrix[d] * sd[0], s.matrix[s.directions + d] * sd[1]};
    assert_near(hypot(u[0], u[1]), 1, 1e-12);
    sum += pow(0.3 * u[0] - 0.1 * u[1], 2) / (double)s.directions;
  }
  assert_near(w2(&s, N, x), sqrt(sum), 1e-10);
  assert_near(w2(&s, N, exact), 0, 1e-6);
  sliced_free(&s);
}
END_TEST

START_TEST(place_and_scale_do_not_matter) {
  enum { N = 4000, FEW = 500 };
  static double exact[3 * N], moved[3 * N];
  const double shift[] = {-1e4, 7, 0.1}, scale[] = {1e3, 1, 1e-3};
  gsl_rng *const rng = generator(3);
  for (size_t i = 0; i < 3 * (size_t)N; i++) {
    exact[i] = gsl_ran_ugaussian(rng);
    moved[i] = shift[i % 3] + scale[i % 3] * exact[i];
  }
  gsl_rng_free(rng);
  sliced s, t;
  sliced_make(&s, SLICED_RANDOM, 3, N, exact);
  sliced_make(&t, SLICED_RANDOM, 3, N, moved);
  assert_near(w2(&s, FEW, exact), w2(&t, FEW, moved), 1e-9);
  assert_near(kolmogorov(&s, FEW, exact), kolmogorov(&t, FEW, moved), 1e-12);
  sliced_free(&s);
  sliced_free(&t);
}
END_TEST

#define UNIFORM_SIZE 100000
static void uniform_sample(sliced *s) {
  double *const exact = ALLOCATE(double, UNIFORM_SIZE);
  for (size_t i = 0; i < UNIFORM_SIZE; i++) exact[i] = ((double)i + 0.5) / UNIFORM_SIZE;
  sliced_make(s, SLICED_FIRST, 1, UNIFORM_SIZE, exact);
  free(exact);
}

/* Mean over 2000 replicates of W2^2 of 100 uniform draws, `stretch` times as wide, in standard errors from 2/n: E W2^2 = 1/(6n) on
 * (0, 1), whose variance is 1/12. */
static double uniform_error(double stretch) {
  enum { N = 100, TIMES = 2000 };
  double x[N], square[TIMES];
  sliced s;
  uniform_sample(&s);
  gsl_rng *const rng = generator(4);
  for (size_t r = 0; r < TIMES; r++) {
    for (size_t i = 0; i < N; i++) x[i] = 0.5 + stretch * (gsl_rng_uniform(rng) - 0.5);
    square[r] = pow(w2(&s, N, x), 2);
  }
  gsl_rng_free(rng);
  sliced_free(&s);
  return (mean_of(TIMES, square) - 2.0 / N) / (sd_of(TIMES, square) / sqrt(TIMES));
}

START_TEST(w2_of_uniform_draws) {
  ck_assert(fabs(uniform_error(1)) < 5);
  ck_assert(uniform_error(1.1) > 5); /* the broken twin: draws of too large a spread */
}
END_TEST

START_TEST(kolmogorov_by_hand) {
  const double exact[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, x[] = {8.5, 6.5, 0.5, 7.5};
  sliced s;
  sliced_make(&s, SLICED_FIRST, 1, 10, exact);
  assert_near(kolmogorov(&s, 4, x), 0.45, 1e-12);     /* just below 6.5, where the exact share is .7 and that of the draws .25 */
  assert_near(kolmogorov(&s, 10, exact), 0.1, 1e-12); /* by its left limits */
  sliced_free(&s);
}
END_TEST

/* Share of 2000 replicates of 1000 uniform draws to the given power whose sqrt(n) D exceeds Kolmogorov's 5 % point 1.3581. */
static double kolmogorov_rejects(double power) {
  enum { N = 1000, TIMES = 2000 };
  static double x[N];
  size_t beyond = 0;
  sliced s;
  uniform_sample(&s);
  gsl_rng *const rng = generator(5);
  for (size_t r = 0; r < TIMES; r++) {
    for (size_t i = 0; i < N; i++) x[i] = pow(gsl_rng_uniform(rng), power);
    beyond += sqrt(N) * kolmogorov(&s, N, x) > 1.3581;
  }
  gsl_rng_free(rng);
  sliced_free(&s);
  return (double)beyond / TIMES;
}

/* At n = 1000 the asymptotic point is exceeded with probability .047: within .003 of 5 %, beside 5 standard errors. */
START_TEST(kolmogorov_of_uniform_draws) {
  const double limit = 0.003 + 5 * sqrt(0.05 * 0.95 / 2000);
  assert_near(kolmogorov_rejects(1), 0.05, limit);
  ck_assert(kolmogorov_rejects(1.2) > 0.05 + limit); /* the broken twin: another law */
}
END_TEST

START_TEST(wells_are_the_even_coordinates) {
  double exact[40], x[] = {0, 77, 0, -5};
  for (size_t i = 0; i < 40; i++) exact[i] = (double)(i / 4) - 4.5;
  sliced s;
  sliced_make(&s, SLICED_EVEN, 4, 10, exact);
  ck_assert_uint_eq(s.directions, 2);
  assert_near(kolmogorov(&s, 1, x), 0.5, 1e-12);
  sliced_free(&s);
}
END_TEST

/* ---- Total variation ---- */

static size_t side(const builtin *self, const double *x) {
  (void)self;
  return x[0] > 0;
}

START_TEST(total_variation_by_hand) {
  const double weight[] = {0.5, 0.5};
  const row r = {.name = "sides"};
  const double x[] = {1, 2, 3, -1, 5, 6, -2, -3};
  builtin b = {.target = {.dim = 1}, .components = 2, .component_weight = weight, .component = side};
  yardstick y;
  points p;
  yardstick_make(&r, &b, &y);
  points_make(&y, size_list[SIZES - 1], &p);
  points_set(&y, 8, x, &p);
  assert_near(yardstick_measure(&y, MEASURE_SHARES, 8, &p), 0.125, 1e-15);
  assert_near(yardstick_measure(&y, MEASURE_SHARES, 4, &p), 0.25, 1e-15);
  points_free(&p);
  yardstick_free(&y);
}
END_TEST

/* ---- The calibration ---- */

/* Medians c/sqrt(n), and quantiles of the uniform law about them. */
static calibration_entry uniform_entry(void) {
  calibration_entry e = {.law = NULL};
  for (size_t s = 0; s < SIZES; s++)
    for (size_t l = 0; l < LEVELS; l++) e.quantile[s][l] = (0.5 + level_list[l]) / sqrt((double)size_list[s]);
  return e;
}

START_TEST(worth_of_the_square_root_law) {
  const calibration_entry e = uniform_entry();
  for (double n = 100; n < 1e5; n *= 1.7) assert_near(calibration_worth(&e, 1 / sqrt(n)) / n, 1, 1e-9);
  assert_near(calibration_worth(&e, INFINITY), 0, 0);
  assert_near(calibration_worth(&e, NAN), 0, 0);
  assert_near(calibration_largest(&e), 1.5 / sqrt(1000), 1e-15);
}
END_TEST

/* The median of an odd number m of uniform numbers has the law Beta((m+1)/2, (m+1)/2); of 20,000 simulated ones the 99 % point has a
 * standard error of sqrt(.01 .99 / 20000) over the density, at most .004. */
START_TEST(limit_of_the_median) {
  const calibration_entry e = uniform_entry();
  for (unsigned m = 1; m <= 19; m += 6) {
    const double half = (m + 1) / 2.0, truth = gsl_cdf_beta_Pinv(0.99, half, half);
    assert_near(sqrt(2500) * calibration_median_limit(&e, 2500, m) - 0.5, truth, 0.02);
  }
}
END_TEST

START_TEST(every_row_is_calibrated) {
  char folder[4096];
  const char *const top = getenv("top_srcdir");
  calibration c;
  snprintf(folder, sizeof folder, "%s/bench", top != NULL ? top : ".");
  calibration_read(folder, &c);
  for (size_t r = 0; r < row_count; r++)
    for (size_t m = 0; m < MEASURES_MAX; m++) {
      if (!measure_is_calibrated(row_list[r].measures[m].kind)) continue;
      const calibration_entry *const e = calibration_find(&c, &row_list[r], row_list[r].measures[m].kind);
      assert_near(calibration_worth(e, interpolate(LEVELS, level_list, e->quantile[1], 0.5)), 2500, 1e-6);
      ck_assert(e->quantile[0][LEVELS - 1] > e->quantile[0][0] && e->quantile[2][0] > 0);
    }
  calibration_free(&c);
}
END_TEST

static Suite *statistics_suite(void) {
  Suite *suite = suite_create("accuracy");
  TCase *order = tcase_create("order"), *distance = tcase_create("distances"), *stored = tcase_create("calibration");
  tcase_add_test(order, sorts_every_kind_of_number);
  tcase_add_test(order, sorts_many_numbers);
  tcase_add_test(order, order_statistics_by_hand);
  suite_add_tcase(suite, order);
  tcase_add_test(distance, w2_with_cells_that_cut_draws);
  tcase_add_test(distance, w2_of_a_shift);
  tcase_add_test(distance, place_and_scale_do_not_matter);
  tcase_add_test(distance, w2_of_uniform_draws);
  tcase_add_test(distance, kolmogorov_by_hand);
  tcase_add_test(distance, kolmogorov_of_uniform_draws);
  tcase_add_test(distance, wells_are_the_even_coordinates);
  tcase_add_test(distance, total_variation_by_hand);
  suite_add_tcase(suite, distance);
  tcase_add_test(stored, worth_of_the_square_root_law);
  tcase_add_test(stored, limit_of_the_median);
  tcase_add_test(stored, every_row_is_calibrated);
  suite_add_tcase(suite, stored);
  return suite;
}

int main(void) {
  SRunner *runner = srunner_create(statistics_suite());
  srunner_add_suite(runner, verdicts_suite());
  return run_all(runner);
}
