/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Resampling: unbiased, as even as systematic resampling can be, in the order it was told; rules that are wrong on purpose are caught by
 * the same checks.  Then the suites of the other stages. */
#include "check_stage.h"

#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>

#include "runner.h"
#include "stage/resample.h"

#define N      7
#define COUNT  10
#define ROUNDS 40000

static const double weights[N] = {0.02, 3, 0, 0.5, 1, 0.011, 0.3};

typedef void (*resample_fn)(size_t n, const double *weight, const size_t *order, double u, size_t count, size_t *parent);

/* Twin 1: the same offset every time. */
static void resample_fixed(size_t n, const double *weight, const size_t *order, double u, size_t count, size_t *parent) {
  (void)u;
  resample_systematic(n, weight, order, 0.5, count, parent);
}

/* Twin 2: rounded expectations; what is left over or missing goes to the last. */
static void resample_rounded(size_t n, const double *weight, const size_t *order, double u, size_t count, size_t *parent) {
  (void)order, (void)u;
  double total = 0;
  size_t k = 0;
  for (size_t i = 0; i < n; i++) total += weight[i];
  for (size_t i = 0; i < n; i++)
    for (double c = rint((double)count * weight[i] / total); c > 0 && k < count; c--) parent[k++] = i;
  while (k < count) parent[k++] = n - 1;
}

/* Twin 3: independent choices: unbiased, but not even. */
static void resample_multinomial(size_t n, const double *weight, const size_t *order, double u, size_t count, size_t *parent) {
  for (size_t k = 0; k < count; k++) resample_systematic(n, weight, order, fmod(1e4 * u * (double)(k + 1), 1), 1, parent + k);
}

/* Twin 4: marks taken from the weights as they are, as if they summed to `count`. */
static void resample_unscaled(size_t n, const double *weight, const size_t *order, double u, size_t count, size_t *parent) {
  (void)order;
  double sum = weight[0];
  size_t at = 0;
  for (size_t k = 0; k < count; k++) {
    while (sum < (double)k + u && at + 1 < n) sum += weight[++at];
    parent[k] = at;
  }
}

/* The largest deviation, in standard deviations, of mean offspring counts from count w over many u; a count that is neither floor nor
 * ceiling of its expectation sets *uneven. */
static double offspring_deviation(resample_fn resample, const size_t *order, int *uneven) {
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  double total = 0, sum[N] = {0}, worst = 0;
  *uneven = 0;
  for (size_t i = 0; i < N; i++) total += weights[i];
  for (int r = 0; r < ROUNDS; r++) {
    size_t parent[COUNT], offspring[N] = {0};
    resample(N, weights, order, gsl_rng_uniform_pos(rng), COUNT, parent);
    for (size_t k = 0; k < COUNT; k++) offspring[parent[k]]++;
    for (size_t i = 0; i < N; i++) {
      const double right = COUNT * weights[i] / total;
      sum[i] += (double)offspring[i];
      if ((double)offspring[i] < floor(right) || (double)offspring[i] > ceil(right)) *uneven = 1;
    }
  }
  for (size_t i = 0; i < N; i++) {
    const double right = COUNT * weights[i] / total, part = right - floor(right);
    const double sd = sqrt(part * (1 - part) / ROUNDS) + 1e-12;
    worst = fmax(worst, fabs(sum[i] / ROUNDS - right) / sd);
  }
  gsl_rng_free(rng);
  return worst;
}

#define LIMIT 5.5 /* standard deviations; seven normal means, two runs: exceeded with probability below 1e-6 */

START_TEST(resampling_is_unbiased_and_even) {
  const size_t backwards[N] = {6, 5, 4, 3, 2, 1, 0}, mixed[N] = {3, 0, 6, 2, 5, 1, 4};
  const size_t *orders[] = {NULL, backwards, mixed};
  for (size_t k = 0; k < 3; k++) {
    int uneven;
    ck_assert_double_lt(offspring_deviation(resample_systematic, orders[k], &uneven), LIMIT);
    ck_assert(!uneven);
  }
}
END_TEST

START_TEST(wrong_resampling_is_caught) {
  int uneven;
  ck_assert_double_gt(offspring_deviation(resample_fixed, NULL, &uneven), LIMIT);
  ck_assert_double_gt(offspring_deviation(resample_rounded, NULL, &uneven), LIMIT);
  ck_assert_double_gt(offspring_deviation(resample_unscaled, NULL, &uneven), LIMIT);
  offspring_deviation(resample_multinomial, NULL, &uneven);
  ck_assert(uneven);
}
END_TEST

/* Parents stand in the order of the cumulative sum, so that neighbours in it are strata. */
START_TEST(resampling_keeps_the_order) {
  const size_t mixed[N] = {3, 0, 6, 2, 5, 1, 4};
  size_t parent[COUNT], rank[N];
  for (size_t i = 0; i < N; i++) rank[mixed[i]] = i;
  for (int r = 1; r < 50; r++) {
    resample_systematic(N, weights, mixed, r / 50.0, COUNT, parent);
    for (size_t k = 0; k + 1 < COUNT; k++) ck_assert_uint_le(rank[parent[k]], rank[parent[k + 1]]);
    resample_systematic(N, weights, NULL, r / 50.0, COUNT, parent);
    for (size_t k = 0; k + 1 < COUNT; k++) ck_assert_uint_le(parent[k], parent[k + 1]);
  }
}
END_TEST

START_TEST(resampling_by_hand) {
  const double even[4] = {2, 2, 2, 2}, one[4] = {0, 0, 1e-300, 0}, huge[3] = {1e300, 0, 3e300};
  size_t parent[8];
  resample_systematic(4, even, NULL, 0.5, 8, parent);
  for (size_t k = 0; k < 8; k++) ck_assert_uint_eq(parent[k], k / 2);
  resample_systematic(4, even, NULL, 0.999999, 4, parent);
  for (size_t k = 0; k < 4; k++) ck_assert_uint_eq(parent[k], k);
  resample_systematic(4, one, NULL, 1e-9, 3, parent);
  for (size_t k = 0; k < 3; k++) ck_assert_uint_eq(parent[k], 2);
  resample_systematic(3, huge, NULL, 0.5, 4, parent);
  ck_assert(parent[0] == 0 && parent[1] == 2 && parent[2] == 2 && parent[3] == 2);
  resample_systematic(1, even, NULL, 0.3, 2, parent);
  ck_assert(parent[0] == 0 && parent[1] == 0);
  resample_systematic(4, even, NULL, 0.3, 0, parent);
}
END_TEST

/* A particle without weight has no offspring, wherever it stands and whatever the offset. */
START_TEST(no_weight_no_offspring) {
  const double holes[6] = {0, 1, 0, 0, 2, 0};
  for (int r = 0; r < 1000; r++) {
    size_t parent[9];
    resample_systematic(6, holes, NULL, (r + 0.5) / 1000, 9, parent);
    for (size_t k = 0; k < 9; k++) ck_assert(parent[k] == 1 || parent[k] == 4);
  }
}
END_TEST

static Suite *resample_suite(void) {
  Suite *suite = suite_create("stage");
  TCase *tests = tcase_create("resample");
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, resampling_is_unbiased_and_even);
  tcase_add_test(tests, wrong_resampling_is_caught);
  tcase_add_test(tests, resampling_keeps_the_order);
  tcase_add_test(tests, resampling_by_hand);
  tcase_add_test(tests, no_weight_no_offspring);
  suite_add_tcase(suite, tests);
  return suite;
}

int main(void) {
  SRunner *runner = srunner_create(resample_suite());
  srunner_add_suite(runner, evidence_suite());
  srunner_add_suite(runner, means_suite());
  srunner_add_suite(runner, islands_suite());
  srunner_add_suite(runner, errors_suite());
  srunner_add_suite(runner, explore_suite());
  srunner_add_suite(runner, reference_suite());
  srunner_add_suite(runner, bridge_suite());
  srunner_add_suite(runner, heavy_suite());
  srunner_add_suite(runner, rounds_suite());
  srunner_add_suite(runner, straighten_suite());
  srunner_add_suite(runner, surface_suite());
  srunner_add_suite(runner, rotation_suite());
  srunner_add_suite(runner, columns_suite());
  srunner_add_suite(runner, parents_suite());
  srunner_add_suite(runner, marginals_suite());
  srunner_add_suite(runner, screen_suite());
  srunner_add_suite(runner, hints_suite());
  return run_all(runner);
}
