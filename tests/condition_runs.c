/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole runs on conditioned targets: every method, the same bits for every number of threads, aborts, no gradient.
 *
 * The two-moded pair of sampler_cases.c is observed in the sum of its coordinates, or its second one is known.  A right log evidence passes
 * a limit of 4.5 standard errors with probability 1 - 7e-6. */
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "check_condition.h"
#include "check_sampler.h"

#define KINDS 3
static const double both[2] = {1, 1}, seen = 2, blur = 2, second = 1.2;

/* The same measurement as a likelihood. */
static int sum_likelihood(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const double residual = seen - x[0] - x[1];
  (void)params;
  *logp = -0.5 * residual * residual / (blur * blur) - log(blur * sqrt(2 * acos(-1)));
  for (size_t j = 0; grad && j < dim; j++) grad[j] = residual / (blur * blur);
  return 0;
}

static int pair_batch(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {
  for (size_t i = 0; i < n; i++) {
    const double point[2] = {x[i], x[ld + i]};
    double slope[2];
    pair_logp(dim, point, &logp[i], grad ? slope : NULL, params);
    for (size_t j = 0; grad && j < 2; j++) grad[j * ld + i] = slope[j];
  }
  return 0;
}

static dilate_condition *condition_on(int kind, const dilate_target *prior, unsigned flags) {
  const size_t index = 1;
  dilate_condition *c = NULL;
  const int status = kind == 0   ? dilate_condition_linear(prior, 1, both, &seen, &blur, &c, NULL)
                     : kind == 1 ? dilate_condition_likelihood(prior, sum_likelihood, NULL, 1, flags, &c, NULL)
                                 : dilate_condition_fixed(prior, 1, &index, &second, &c, NULL);
  ck_assert_int_eq(status, DILATE_OK);
  return c;
}

/* x1 + x2 + e has the variance 2 + blur^2 about -4 and 6; the second coordinate the variance 1 about 0 and 2. */
static double log_evidence(int kind) {
  const double at = kind < 2 ? seen : second, low = kind < 2 ? -4 : 0, high = kind < 2 ? 6 : 2, v = kind < 2 ? 2 + blur * blur : 1;
  const double density = 0.7 * exp(-0.5 * (at - low) * (at - low) / v) + 0.3 * exp(-0.5 * (at - high) * (at - high) / v);
  return PAIR_LOG_Z + log(density / sqrt(2 * acos(-1) * v));
}

START_TEST(right_evidence) {
  for (int kind = 0; kind < KINDS; kind++)
    for (unsigned flags = 0; flags <= (kind == 1 ? DILATE_TARGET_NO_GRADIENT : 0); flags += DILATE_TARGET_NO_GRADIENT) {
      const dilate_target prior = pair_target();
      dilate_condition *c = condition_on(kind, &prior, flags);
      dilate_options options = small_options("bridge");
      options.draws = 250;
      dilate_result *result = sample(dilate_condition_target(c), &options);
      double log_z, se, df;
      ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, &df), DILATE_OK);
      ck_assert(se > 0 && se < 0.1);
      ck_assert_double_eq_tol(log_z, log_evidence(kind), 4.5 * se);
      ck_assert_uint_eq(dilate_result_mode_count(result), 2);
      assert_valid_result(result);
      if (kind == 2) ck_assert_str_eq(dilate_result_name(result, 0), "x[1]");
      dilate_result_free(result);
      dilate_condition_free(c);
    }
}
END_TEST

START_TEST(every_method_and_the_same_bits_for_all_threads) {
  for (int kind = 0; kind < KINDS; kind++)
    for (int batch = 0; batch < 2; batch++)
      for (size_t i = 0; dilate_method_name(i); i++) {
        dilate_target prior = pair_target();
        if (batch) prior.batch = pair_batch;
        dilate_condition *c = condition_on(kind, &prior, 0);
        dilate_options options = small_options(dilate_method_name(i));
        options.draws = 32;
        dilate_result *one = sample(dilate_condition_target(c), &options);
        assert_valid_result(one);
        for (int k = 0; k < 2; k++) {
          options.threads = k ? 5 : 2;
          dilate_result *more = sample(dilate_condition_target(c), &options);
          assert_same_result(one, more);
          dilate_result_free(more);
        }
        dilate_result_free(one);
        dilate_condition_free(c);
      }
}
END_TEST

/* Vectorised or not, the draws are the same. */
START_TEST(batches_do_not_show) {
  for (int kind = 0; kind < KINDS; kind++) {
    dilate_result *result[2];
    for (int batch = 0; batch < 2; batch++) {
      dilate_target prior = pair_target();
      if (batch) prior.batch = pair_batch;
      dilate_condition *c = condition_on(kind, &prior, 0);
      const dilate_options options = small_options("bridge");
      result[batch] = sample(dilate_condition_target(c), &options);
      dilate_condition_free(c);
    }
    assert_same_result(result[0], result[1]);
    dilate_result_free(result[0]);
    dilate_result_free(result[1]);
  }
}
END_TEST

/* ---- A likelihood that must not run concurrently, and one that has had enough ---- */

typedef struct counter {
  atomic_int inside, most, calls;
  int limit;
} counter;

static int counting(size_t dim, const double *x, double *logp, double *grad, void *params) {
  counter *c = params;
  const int now = atomic_fetch_add(&c->inside, 1) + 1;
  if (now > atomic_load(&c->most)) atomic_store(&c->most, now);
  sum_likelihood(dim, x, logp, grad, NULL);
  atomic_fetch_sub(&c->inside, 1);
  return atomic_fetch_add(&c->calls, 1) > c->limit ? -9 : 0;
}

START_TEST(serial_likelihoods_run_alone) {
  const dilate_target prior = pair_target();
  counter c = {.limit = 1 << 30};
  dilate_condition *condition = NULL;
  dilate_options options = small_options("langevin");
  options.threads = 5;
  ck_assert_int_eq(dilate_condition_likelihood(&prior, counting, &c, 1, DILATE_TARGET_SERIAL, &condition, NULL), DILATE_OK);
  dilate_result_free(sample(dilate_condition_target(condition), &options));
  ck_assert_int_eq(atomic_load(&c.most), 1);
  ck_assert_int_gt(atomic_load(&c.calls), 1000);
  dilate_condition_free(condition);
}
END_TEST

START_TEST(aborts_end_the_run) {
  const dilate_target prior = pair_target();
  counter c = {.limit = 500};
  dilate_condition *condition = NULL;
  dilate_result *result = NULL;
  dilate_error err;
  const dilate_options options = small_options("bridge");
  dilate_error_init(&err);
  ck_assert_int_eq(dilate_condition_likelihood(&prior, counting, &c, 1, 0, &condition, NULL), DILATE_OK);
  ck_assert_int_eq(dilate_sample(dilate_condition_target(condition), &options, &result, &err), DILATE_ETARGET);
  ck_assert_ptr_nonnull(strstr(err.message, "-9"));
  ck_assert_ptr_null(result);
  dilate_condition_free(condition);
}
END_TEST

Suite *condition_runs_suite(void) {
  Suite *suite = suite_create("runs on conditioned targets");
  TCase *tests = tcase_create("runs on conditioned targets");
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, right_evidence);
  tcase_add_test(tests, every_method_and_the_same_bits_for_all_threads);
  tcase_add_test(tests, batches_do_not_show);
  tcase_add_test(tests, serial_likelihoods_run_alone);
  tcase_add_test(tests, aborts_end_the_run);
  suite_add_tcase(suite, tests);
  return suite;
}
