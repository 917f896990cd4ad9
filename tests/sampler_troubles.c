/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs that do not go as they should: stopped at every stage, aborted at call k, without gradients, with NaNs, with callbacks that must not
 * run at once, with no support at all.  Each ends with a valid result or with an error that says what happened. */
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "check_sampler.h"

/* ---- Stopping ---- */

typedef struct stopper {
  size_t calls, stop_at; /* at this call; 0: never */
  size_t changes[64];    /* calls at which the stage, the group or the round changed */
  size_t count;
  char last[64];
} stopper;

static int stopping_progress(const dilate_progress *progress, void *data) {
  stopper *s = data;
  char now[64];
  snprintf(now, sizeof now, "%s %d %d", progress->stage, progress->group, progress->round);
  s->calls++;
  if (strcmp(now, s->last) && s->count < 64) s->changes[s->count++] = s->calls;
  memcpy(s->last, now, sizeof now);
  return s->calls == s->stop_at;
}

/* Stops the run at the given call: a valid partial result. */
static void assert_stops(const dilate_target *target, dilate_options options, size_t call) {
  stopper s = {.stop_at = call};
  dilate_result *result;
  options.progress_data = &s;
  ck_assert_int_eq(dilate_sample(target, &options, &result, NULL), DILATE_STOPPED);
  ck_assert_uint_eq(s.calls, call);
  ck_assert_int_eq(dilate_result_complete(result), 0);
  ck_assert(has_warning(result, "stopped"));
  ck_assert_uint_le(dilate_result_islands(result), options.islands);
  assert_valid_result(result);
  dilate_result_free(result);
}

START_TEST(stopped_at_every_stage) {
  const dilate_target target = pair_target();
  for (size_t i = 0; dilate_method_name(i); i++) {
    stopper whole = {0};
    dilate_options options = small_options(dilate_method_name(i));
    options.progress = stopping_progress;
    options.progress_data = &whole;
    dilate_result_free(sample(&target, &options));
    for (size_t k = 0; k < whole.count; k++) assert_stops(&target, options, whole.changes[k]);
    assert_stops(&target, options, whole.calls / 2);
    assert_stops(&target, options, whole.calls);
  }
}
END_TEST

/* Taking a result after every step gives a valid one each time, and does not disturb the run: the draws come out the same. */
START_TEST(results_on_the_way) {
  const dilate_target target = pair_target();
  for (size_t i = 0; dilate_method_name(i); i++) {
    const dilate_options options = small_options(dilate_method_name(i));
    dilate_sampler *sampler;
    dilate_result *result, *whole = sample(&target, &options);
    int status = DILATE_CONTINUE;
    ck_assert_int_eq(dilate_sampler_create(&target, &options, &sampler, NULL), DILATE_OK);
    do {
      ck_assert_int_eq(dilate_sampler_result(sampler, &result, NULL), DILATE_OK);
      assert_valid_result(result);
      ck_assert_int_eq(dilate_result_complete(result), status == DILATE_OK);
      if (status == DILATE_OK) break;
      dilate_result_free(result);
      status = dilate_sampler_step(sampler, NULL);
    } while (status >= 0);
    ck_assert_int_eq(status, DILATE_OK);
    assert_same_result(result, whole);
    dilate_result_free(result);
    dilate_result_free(whole);
    dilate_sampler_free(sampler);
  }
}
END_TEST

/* ---- Aborting ---- */

typedef struct aborter {
  atomic_long left;
} aborter;

static int aborting_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  aborter *a = params;
  if (atomic_fetch_sub(&a->left, 1) <= 0) return -3;
  return pair_logp(dim, x, logp, grad, NULL);
}

static int aborting_batch(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {
  for (size_t i = 0; i < n; i++) {
    double point[2] = {x[i], x[ld + i]}, slope[2];
    const int status = aborting_logp(dim, point, &logp[i], grad ? slope : NULL, params);
    if (status) return status;
    for (size_t j = 0; grad && j < 2; j++) grad[j * ld + i] = slope[j];
  }
  return 0;
}

static dilate_target aborting_target(aborter *a, int batch) {
  dilate_target target = pair_target();
  target.logp = batch ? NULL : aborting_logp;
  target.batch = batch ? aborting_batch : NULL;
  target.params = a;
  return target;
}

/* Call k asks to abort, for k over the whole run: an error, no result, no crash. */
static void assert_aborts(const char *method, int batch) {
  dilate_options options = small_options(method);
  options.threads = 2;
  long whole;
  aborter never = {.left = 1L << 60};
  dilate_target target = aborting_target(&never, batch);
  dilate_result_free(sample(&target, &options));
  whole = (1L << 60) - atomic_load(&never.left);
  for (long k = 0; k < whole; k = 4 * k + 1) {
    aborter a = {.left = k};
    dilate_error err;
    dilate_error_init(&err);
    dilate_result *result = (dilate_result *)&err;
    target = aborting_target(&a, batch);
    ck_assert_int_eq(dilate_sample(&target, &options, &result, &err), DILATE_ETARGET);
    ck_assert_ptr_null(result);
    ck_assert_int_eq(err.status, DILATE_ETARGET);
    ck_assert_uint_gt(strlen(err.message), 20);
  }
}

START_TEST(aborted_at_call_k) {
  for (size_t i = 0; dilate_method_name(i); i++) {
    assert_aborts(dilate_method_name(i), 0);
    assert_aborts(dilate_method_name(i), 1);
  }
}
END_TEST

/* After a failed step there is a result of what was valid, and no further step. */
START_TEST(nothing_but_the_result_after_a_failure) {
  for (size_t i = 0; dilate_method_name(i); i++) {
    aborter a = {.left = 6000};
    const dilate_target target = aborting_target(&a, 0);
    const dilate_options options = small_options(dilate_method_name(i));
    dilate_sampler *sampler;
    dilate_result *result;
    int status;
    ck_assert_int_eq(dilate_sampler_create(&target, &options, &sampler, NULL), DILATE_OK);
    while ((status = dilate_sampler_step(sampler, NULL)) == DILATE_CONTINUE) continue;
    ck_assert_int_eq(status, DILATE_ETARGET);
    dilate_error err;
    dilate_error_init(&err);
    ck_assert_int_eq(dilate_sampler_step(sampler, &err), DILATE_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "earlier step has failed"));
    ck_assert_int_eq(dilate_sampler_result(sampler, &result, NULL), DILATE_OK);
    ck_assert_int_eq(dilate_result_complete(result), 0);
    dilate_result_free(result);
    dilate_sampler_free(sampler);
  }
}
END_TEST

/* ---- Targets that are hard to bear ---- */

static int point_only_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  ck_assert_ptr_null(grad);
  return pair_logp(dim, x, logp, NULL, params);
}

START_TEST(no_gradient) {
  dilate_target target = pair_target();
  target.logp = point_only_logp;
  target.flags = DILATE_TARGET_NO_GRADIENT;
  const dilate_options options = small_options("bridge");
  dilate_result *result = sample(&target, &options);
  double log_z, se;
  ck_assert(has_warning(result, "finite differences"));
  ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, NULL), DILATE_OK);
  ck_assert_double_eq_tol(log_z, PAIR_LOG_Z, 4.5 * se);
  ck_assert_uint_eq(dilate_result_mode_count(result), 2);
  dilate_result_free(result);
}
END_TEST

/* NaN, +Inf, or outside by return value, where x[0] > 6: 2 standard deviations beyond the smaller mode. */
typedef enum flaw { FLAW_NAN, FLAW_INFINITE, FLAW_OUTSIDE, FLAW_GRADIENT } flaw;

static int flawed_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const flaw f = *(const flaw *)params;
  pair_logp(dim, x, logp, grad, NULL);
  if (x[0] <= 6) return 0;
  if (f == FLAW_NAN) *logp = NAN;
  if (f == FLAW_INFINITE) *logp = INFINITY;
  if (f == FLAW_GRADIENT && grad) grad[1] = NAN;
  return f == FLAW_OUTSIDE;
}

START_TEST(flawed_densities) {
  for (size_t i = 0; dilate_method_name(i); i++)
    for (flaw f = FLAW_NAN; f <= FLAW_GRADIENT; f++) {
      dilate_target target = pair_target();
      target.logp = flawed_logp;
      target.params = &f;
      const dilate_options options = small_options(dilate_method_name(i));
      dilate_result *result = sample(&target, &options);
      assert_valid_result(result);
      ck_assert_int_eq(has_warning(result, "NaN or +Inf"), f == FLAW_NAN || f == FLAW_INFINITE);
      ck_assert_int_eq(has_warning(result, "gradients were not finite"), f == FLAW_GRADIENT);
      ck_assert_int_eq(has_warning(result, "first offending point is ("), f != FLAW_OUTSIDE);
      for (size_t k = 0; k < 256; k++) ck_assert_double_le(dilate_result_unconstrained(result)[2 * k], 6);
      dilate_result_free(result);
    }
}
END_TEST

static atomic_int running;

static int exclusive_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  if (atomic_fetch_add(&running, 1) != 0) atomic_store((atomic_int *)params, 1);
  const int status = pair_logp(dim, x, logp, grad, NULL);
  atomic_fetch_sub(&running, 1);
  return status;
}

START_TEST(serial_targets) {
  const dilate_target together = pair_target();
  for (size_t i = 0; dilate_method_name(i); i++) {
    atomic_int met = 0;
    dilate_target target = pair_target();
    target.logp = exclusive_logp;
    target.params = &met;
    target.flags = DILATE_TARGET_SERIAL;
    dilate_options options = small_options(dilate_method_name(i));
    options.threads = 4;
    dilate_result *serial = sample(&target, &options), *parallel = sample(&together, &options);
    ck_assert_int_eq(atomic_load(&met), 0);
    assert_same_result(serial, parallel);
    dilate_result_free(serial);
    dilate_result_free(parallel);
  }
}
END_TEST

static int nowhere_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)x, (void)grad, (void)params;
  *logp = -INFINITY;
  return 0;
}

START_TEST(no_support) {
  dilate_target target = pair_target();
  target.logp = nowhere_logp;
  for (size_t i = 0; dilate_method_name(i); i++) {
    const dilate_options options = small_options(dilate_method_name(i));
    dilate_error err;
    dilate_error_init(&err);
    dilate_result *result;
    ck_assert_int_eq(dilate_sample(&target, &options, &result, &err), DILATE_ESUPPORT);
    ck_assert_ptr_null(result);
    ck_assert_uint_gt(strlen(err.message), 20);
  }
}
END_TEST

static int failing_values(size_t dim, const double *x, double *out, void *params) {
  (void)params;
  memcpy(out, x, dim * sizeof *x);
  return x[0] > 0;
}

START_TEST(values_that_cannot_be_computed) {
  dilate_target target = pair_target();
  target.constrain = failing_values;
  for (size_t i = 0; dilate_method_name(i); i++) {
    const dilate_options options = small_options(dilate_method_name(i));
    dilate_error err;
    dilate_error_init(&err);
    dilate_result *result;
    ck_assert_int_eq(dilate_sample(&target, &options, &result, &err), DILATE_ETARGET);
    ck_assert_ptr_null(result);
    ck_assert_ptr_nonnull(strstr(err.message, "constrain"));
  }
}
END_TEST

/* One coordinate, and a density that is flat on an interval: nothing for a gradient to say. */
static int flat_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)params;
  *logp = 0;
  if (grad) grad[0] = 0;
  return x[0] < -1 || x[0] > 3;
}

START_TEST(flat_in_one_dimension) {
  dilate_target target = pair_target();
  target.dim = 1;
  target.logp = flat_logp;
  const dilate_options options = small_options("bridge");
  dilate_result *result = sample(&target, &options);
  double log_z, se;
  assert_valid_result(result);
  ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, NULL), DILATE_OK);
  ck_assert_double_eq_tol(log_z, log(4), 4.5 * se);
  ck_assert_uint_eq(dilate_result_mode_count(result), 1);
  dilate_result_free(result);
}
END_TEST

Suite *troubles_suite(void) {
  Suite *suite = suite_create("troubles");
  TCase *stop = tcase_create("stopping"), *abort_at = tcase_create("aborting"), *hard = tcase_create("hard targets");
  tcase_add_test(stop, stopped_at_every_stage);
  tcase_add_test(stop, results_on_the_way);
  suite_add_tcase(suite, stop);
  tcase_add_test(abort_at, aborted_at_call_k);
  tcase_add_test(abort_at, nothing_but_the_result_after_a_failure);
  suite_add_tcase(suite, abort_at);
  tcase_add_test(hard, no_gradient);
  tcase_add_test(hard, flawed_densities);
  tcase_add_test(hard, serial_targets);
  tcase_add_test(hard, no_support);
  tcase_add_test(hard, values_that_cannot_be_computed);
  tcase_add_test(hard, flat_in_one_dimension);
  suite_add_tcase(suite, hard);
  return suite;
}
