/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run that is asked to stop has the result that it would have had without being asked, at the last step that was finished: between steps,
 * and when a long step is given up in its midst, whose points that were not evaluated any more are in no result. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <omp.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "check_sampler.h"
#include "planted.h"

static dilate_sampler *sampler_of(const dilate_target *target, const dilate_options *options) {
  dilate_sampler *sampler;
  ck_assert_int_eq(dilate_sampler_create(target, options, &sampler, NULL), DILATE_OK);
  return sampler;
}

/* Where it stands. */
static void assert_same_place(const dilate_sampler *a, const dilate_sampler *b) {
  dilate_progress one = {.struct_size = sizeof one}, other = {.struct_size = sizeof other};
  dilate_sampler_progress(a, &one);
  dilate_sampler_progress(b, &other);
  ck_assert_str_eq(one.stage, other.stage);
  ck_assert(one.group == other.group && one.round == other.round && one.fraction == other.fraction);
}

/* The stopped sampler's result against that of the same steps. */
static void assert_stopped_like(dilate_sampler *stopped, dilate_sampler *same) {
  dilate_result *result, *expected;
  assert_same_place(stopped, same);
  ck_assert_int_eq(dilate_sampler_result(stopped, &result, NULL), DILATE_OK);
  ck_assert_int_eq(dilate_sampler_result(same, &expected, NULL), DILATE_OK);
  assert_valid_result(result);
  assert_same_result(expected, result);
  ck_assert_int_eq(dilate_result_complete(result), 0);
  ck_assert_uint_eq(dilate_result_trace_count(result), dilate_result_trace_count(expected));
  ck_assert_uint_eq(dilate_result_warning_count(result), dilate_result_warning_count(expected) + 1);
  ck_assert(has_warning(result, "asked to stop, the run ended ") && !has_warning(expected, "asked to stop"));
  dilate_result_free(result);
  dilate_result_free(expected);
}

START_TEST(stopped_after_every_step) {
  const dilate_target target = pair_target();
  const dilate_options options = small_options(dilate_method_name((size_t)_i));
  dilate_sampler *same = sampler_of(&target, &options);
  int steps = 0;
  do {
    dilate_sampler *stopped = sampler_of(&target, &options);
    for (int k = 0; k < steps; k++) ck_assert_int_eq(dilate_sampler_step(stopped, NULL), DILATE_CONTINUE);
    dilate_sampler_stop(stopped);
    for (int k = 0; k < 2; k++) ck_assert_int_eq(dilate_sampler_step(stopped, NULL), DILATE_STOPPED);
    assert_stopped_like(stopped, same);
    dilate_sampler_free(stopped);
    steps++;
  } while (dilate_sampler_step(same, NULL) == DILATE_CONTINUE);
  ck_assert_int_gt(steps, 10);
  dilate_sampler_free(same);
}
END_TEST

START_TEST(nothing_is_stopped_after_the_end) {
  const dilate_target target = pair_target();
  const dilate_options options = small_options("bridge");
  dilate_result *result;
  dilate_sampler *sampler = sampler_of(&target, &options);
  dilate_sampler_stop(NULL);
  while (dilate_sampler_step(sampler, NULL) == DILATE_CONTINUE) continue;
  dilate_sampler_stop(sampler);
  ck_assert_int_eq(dilate_sampler_step(sampler, NULL), DILATE_OK);
  ck_assert_int_eq(dilate_sampler_result(sampler, &result, NULL), DILATE_OK);
  ck_assert_int_eq(dilate_result_complete(result), 1);
  ck_assert_uint_gt(dilate_result_mode_count(result), 0);
  dilate_result_free(result);
  dilate_sampler_free(sampler);
}
END_TEST

/* ---- In the midst of a step ---- */

/* A target that turns slow, and asks its own sampler to stop, at a certain call. */
typedef struct slow {
  dilate_logp_fn logp;     /* of two coordinates */
  dilate_sampler *sampler; /* NULL: stays fast */
  atomic_long calls;
  long slow_from;
} slow;

#define PAUSE 0.02 /* seconds a call: the step that is shortest would take ten times as long as it may */

static int slow_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  slow *s = params;
  const struct timespec pause = {.tv_nsec = (long)(PAUSE * 1e9)};
  const long call = atomic_fetch_add(&s->calls, 1);
  if (call == s->slow_from && s->sampler) dilate_sampler_stop(s->sampler);
  if (call >= s->slow_from) nanosleep(&pause, NULL);
  return s->logp(dim, x, logp, grad, NULL);
}

static dilate_target slow_target(slow *s) {
  dilate_target target = pair_target();
  target.logp = slow_logp;
  target.params = s;
  return target;
}

/* The steps that take fewer than so many calls: the sampler after them. */
static dilate_sampler *sampler_before(const dilate_target *target, const dilate_options *options, long calls, int *steps) {
  long last = 0, now = 0;
  dilate_progress progress = {.struct_size = sizeof progress};
  dilate_sampler *sampler = sampler_of(target, options);
  for (*steps = 0; now <= calls; ++*steps) {
    last = now;
    ck_assert_int_ge(dilate_sampler_step(sampler, NULL), 0);
    dilate_sampler_progress(sampler, &progress);
    now = (long)progress.evaluations;
  }
  dilate_sampler_free(sampler);
  sampler = sampler_of(target, options);
  for (int k = 0; k + 1 < *steps; k++) ck_assert_int_eq(dilate_sampler_step(sampler, NULL), DILATE_CONTINUE);
  dilate_sampler_progress(sampler, &progress);
  ck_assert_uint_eq(progress.evaluations, (uint64_t)last);
  return sampler;
}

/* Turns slow at this call; threads sleep side by side. */
static void assert_given_up(dilate_logp_fn logp, dilate_options options, long call, double max_seconds) {
  slow never = {.logp = logp, .slow_from = INT32_MAX}, s = {.logp = logp, .slow_from = call};
  const dilate_target plain = slow_target(&never), target = slow_target(&s);
  int steps, status;
  dilate_sampler *same = sampler_before(&plain, &options, call, &steps);
  options.max_seconds = max_seconds;
  dilate_sampler *stopped = sampler_of(&target, &options);
  if (max_seconds == 0) s.sampler = stopped;
  const double before = omp_get_wtime();
  while ((status = dilate_sampler_step(stopped, NULL)) == DILATE_CONTINUE) steps--;
  ck_assert_int_eq(status, DILATE_STOPPED);
  ck_assert_int_eq(steps, 1); /* it was the step in which the call is */
  ck_assert_double_lt(omp_get_wtime() - before, 10);
  const long calls = atomic_load(&s.calls);
  s.slow_from = INT32_MAX;
  ck_assert_int_lt(calls - call, (long)((1.5 + max_seconds) * (double)options.threads / PAUSE) + 64);
  if (max_seconds == 0) assert_stopped_like(stopped, same);
  dilate_result *result;
  ck_assert_int_eq(dilate_sampler_result(stopped, &result, NULL), DILATE_OK);
  if (strcmp(options.method, "walk")) ck_assert_int_eq(atomic_load(&s.calls), calls); /* whose draws are evaluated at the end */
  ck_assert(has_warning(result, "the next step was given up") && has_warning(result, max_seconds > 0 ? "max_seconds" : "asked to stop"));
  dilate_result_free(result);
  dilate_sampler_free(stopped);
  dilate_sampler_free(same);
}

/* And whether it warns. */
static long calls_of_a_whole_run(dilate_logp_fn logp, const dilate_options *options, const char *warning) {
  slow never = {.logp = logp, .slow_from = INT32_MAX};
  const dilate_target target = slow_target(&never);
  dilate_result *result = sample(&target, options);
  ck_assert(!warning || has_warning(result, warning));
  dilate_result_free(result);
  return atomic_load(&never.calls);
}

/* From the first exploration to the modes, which are the last to be evaluated: there are draws, and no modes. */
START_TEST(given_up_in_the_midst) {
  const double at[] = {0.1, 0.6, 0.8, 0.95};
  dilate_options options = small_options("bridge");
  options.threads = 4;
  const long all = calls_of_a_whole_run(pair_logp, &options, NULL);
  assert_given_up(pair_logp, options, (long)(at[_i] * (double)all), 0);
}
END_TEST

START_TEST(modes_are_given_up) {
  dilate_options options = small_options("bridge");
  options.threads = 4;
  assert_given_up(pair_logp, options, calls_of_a_whole_run(pair_logp, &options, NULL) - 250, 0);
}
END_TEST

/* A mode that one group lost: the last step warns of it, and then looks for others. */
START_TEST(warnings_are_taken_back) {
  const dilate_logp_fn logp = planted_find("far")->logp;
  dilate_options options = small_options("bridge");
  options.threads = 4;
  assert_given_up(logp, options, calls_of_a_whole_run(logp, &options, "had not found mode") - 250, 0);
}
END_TEST

START_TEST(given_up_when_time_is_up) {
  dilate_options options = small_options("bridge");
  options.threads = 4;
  assert_given_up(pair_logp, options, calls_of_a_whole_run(pair_logp, &options, NULL) / 2, 0.5);
}
END_TEST

START_TEST(diffusion_is_given_up) {
  dilate_options options = small_options("diffusion-smc");
  options.draws = 400;
  options.threads = 4;
  assert_given_up(pair_logp, options, calls_of_a_whole_run(pair_logp, &options, NULL) / 2, 0);
}
END_TEST

/* Its first step looks for the target's place, pass after pass, and records each: what was recorded before the stop is taken back. */
START_TEST(recorded_passes_are_taken_back) {
  dilate_options options = small_options("diffusion-smc");
  const dilate_target target = pair_target();
  dilate_progress progress = {.struct_size = sizeof progress};
  options.threads = 4;
  dilate_sampler *sampler = sampler_of(&target, &options);
  ck_assert_int_eq(dilate_sampler_step(sampler, NULL), DILATE_CONTINUE);
  dilate_sampler_progress(sampler, &progress);
  dilate_result *result;
  ck_assert_int_eq(dilate_sampler_result(sampler, &result, NULL), DILATE_OK);
  ck_assert_uint_gt(dilate_result_trace_count(result), 2); /* passes, and the level */
  dilate_result_free(result);
  dilate_sampler_free(sampler);
  assert_given_up(pair_logp, options, (long)(0.7 * (double)progress.evaluations), 0);
}
END_TEST

/* Monte Carlo scores: a step is 64 evaluations a particle. */
START_TEST(walks_are_given_up) {
  const char *const rows[] = {"ve", "vp"};
  dilate_options options = small_options("walk");
  options.walk = rows[_i];
  options.score = "importance";
  options.threads = 4;
  assert_given_up(pair_logp, options, calls_of_a_whole_run(pair_logp, &options, NULL) / 2, 0);
}
END_TEST

Suite *stops_suite(void) {
  Suite *suite = suite_create("stops");
  TCase *between = tcase_create("between steps"), *within = tcase_create("in the midst of a step");
  int methods = 0;
  while (dilate_method_name((size_t)methods)) methods++;
  tcase_add_loop_test(between, stopped_after_every_step, 0, methods);
  tcase_add_test(between, nothing_is_stopped_after_the_end);
  suite_add_tcase(suite, between);
  tcase_set_timeout(within, 60);
  tcase_add_loop_test(within, given_up_in_the_midst, 0, 4);
  tcase_add_test(within, modes_are_given_up);
  tcase_add_test(within, warnings_are_taken_back);
  tcase_add_test(within, given_up_when_time_is_up);
  tcase_add_test(within, diffusion_is_given_up);
  tcase_add_test(within, recorded_passes_are_taken_back);
  tcase_add_loop_test(within, walks_are_given_up, 0, 2);
  suite_add_tcase(suite, within);
  return suite;
}
