/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole runs: right answers, the same bits for every number of threads and either interface, progress, names and counters.
 *
 * Seeds are fixed; a right answer passes a limit of 4.5 standard errors with probability 1 - 7e-6. */
#include <math.h>
#include <omp.h>
#include <stdatomic.h>
#include <string.h>

#include "check_sampler.h"

/* ---- Answers ---- */

static const double shares[] = {0.7, 0.3}, places[2][2] = {{-4, 0}, {4, 2}};

/* The two modes' weights, peaks and means. */
static void assert_right_modes(const dilate_result *result) {
  ck_assert_uint_eq(dilate_result_mode_count(result), 2);
  ck_assert_int_eq(dilate_result_modes_countable(result), 1);
  for (size_t m = 0; m < 2; m++) {
    dilate_mode mode = {.struct_size = sizeof mode};
    ck_assert_int_eq(dilate_result_mode_info(result, m, &mode), DILATE_OK);
    ck_assert_double_eq_tol(mode.weight, shares[m], 4.5 * mode.weight_se);
    ck_assert_double_lt(mode.weight_se, 0.05);
    for (size_t j = 0; j < 2; j++) {
      ck_assert_double_eq_tol(mode.peak[j], places[m][j], 0.05);
      ck_assert_double_eq_tol(mode.mean[j], places[m][j], 4.5 / sqrt(0.25 * (double)mode.draws));
    }
  }
}

START_TEST(right_answers) {
  const dilate_target target = pair_target();
  dilate_options options = small_options("bridge");
  options.draws = 250;
  for (options.seed = 1; options.seed <= 3; options.seed++) {
    dilate_result *result = sample(&target, &options);
    double log_z, se, df;
    ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, &df), DILATE_OK);
    ck_assert(se > 0 && se < 0.05 && df > 1);
    ck_assert_double_eq_tol(log_z, PAIR_LOG_Z, 4.5 * se);
    assert_right_modes(result);
    assert_valid_result(result);
    dilate_parameter p = {.struct_size = sizeof p};
    ck_assert_int_eq(dilate_result_parameter(result, 1, &p), DILATE_OK);
    ck_assert_double_eq_tol(p.mean, 0.6, 4.5 * p.mcse);
    ck_assert_double_lt(p.rhat, 1.05);
    dilate_result_free(result);
  }
}
END_TEST

START_TEST(islands_and_draws_as_asked) {
  const dilate_target target = pair_target();
  const size_t shape[][3] = {{1, 1, 16}, {1, 1, 300}, {3, 1, 17}, {3, 3, 40}, {6, 2, 20}};
  for (int k = 0; k < 5; k++)
    for (size_t i = 0; dilate_method_name(i); i++) {
      dilate_options options = small_options(dilate_method_name(i));
      options.islands = shape[k][0], options.groups = shape[k][1], options.draws = shape[k][2];
      dilate_result *result = sample(&target, &options);
      assert_valid_result(result);
      ck_assert_uint_eq(dilate_result_islands(result), shape[k][0]);
      ck_assert_uint_eq(dilate_result_groups(result), shape[k][1]);
      ck_assert_uint_eq(dilate_result_draws(result), shape[k][2]);
      ck_assert_str_eq(dilate_result_method(result), options.method);
      ck_assert_uint_eq(dilate_result_seed(result), 1);
      dilate_result_free(result);
    }
}
END_TEST

/* Log-densities of the result are those of its draws. */
START_TEST(densities_belong_to_draws) {
  const dilate_target target = pair_target();
  for (size_t i = 0; dilate_method_name(i); i++) {
    const dilate_options options = small_options(dilate_method_name(i));
    dilate_result *result = sample(&target, &options);
    for (size_t k = 0; k < 256; k++) {
      double logp;
      pair_logp(2, dilate_result_unconstrained(result) + 2 * k, &logp, NULL, NULL);
      ck_assert_double_eq_tol(dilate_result_log_density(result)[k], logp, 1e-12);
    }
    ck_assert_mem_eq(dilate_result_values(result), dilate_result_unconstrained(result), 512 * sizeof(double));
    dilate_result_free(result);
  }
}
END_TEST

/* ---- The same bits ---- */

START_TEST(threads_do_not_show) {
  const dilate_target target = pair_target();
  for (size_t i = 0; dilate_method_name(i); i++) {
    dilate_options options = small_options(dilate_method_name(i));
    dilate_result *one = sample(&target, &options);
    const size_t threads[] = {2, 5, 0};
    for (int k = 0; k < 3; k++) {
      options.threads = threads[k];
      dilate_result *more = sample(&target, &options);
      assert_same_result(one, more);
      ck_assert_uint_eq(dilate_result_evaluations(one, NULL), dilate_result_evaluations(more, NULL));
      dilate_result_free(more);
    }
    dilate_result_free(one);
  }
}
END_TEST

START_TEST(seeds_do_show) {
  const dilate_target target = pair_target();
  for (size_t i = 0; dilate_method_name(i); i++) {
    dilate_options options = small_options(dilate_method_name(i));
    dilate_result *one = sample(&target, &options);
    options.seed = 2;
    dilate_result *two = sample(&target, &options);
    for (size_t k = 0; k < 512; k++) ck_assert_double_ne(dilate_result_unconstrained(one)[k], dilate_result_unconstrained(two)[k]);
    dilate_result_free(one);
    dilate_result_free(two);
  }
}
END_TEST

/* Step by step, with everything looked at between steps: looking changes nothing. */
static dilate_result *sample_in_steps(const dilate_target *target, const dilate_options *options) {
  dilate_sampler *sampler;
  dilate_result *result;
  int status;
  uint64_t evaluations = 0;
  ck_assert_int_eq(dilate_sampler_create(target, options, &sampler, NULL), DILATE_OK);
  do {
    status = dilate_sampler_step(sampler, NULL);
    size_t n, ld;
    const double *x = dilate_sampler_particles(sampler, &n, &ld);
    ck_assert((x != NULL) == (n > 0) && ld >= n);
    for (size_t i = 0; i < n; i++) ck_assert(isfinite(x[i]) && isfinite(x[ld + i]));
    dilate_progress progress = {.struct_size = sizeof progress};
    dilate_sampler_progress(sampler, &progress);
    ck_assert(progress.stage && progress.fraction >= 0 && progress.fraction <= 1 && progress.evaluations >= evaluations);
    evaluations = progress.evaluations;
  } while (status == DILATE_CONTINUE);
  ck_assert_int_eq(status, DILATE_OK);
  ck_assert_int_eq(dilate_sampler_step(sampler, NULL), DILATE_OK); /* it stays done */
  dilate_progress progress = {.struct_size = sizeof progress};
  dilate_sampler_progress(sampler, &progress);
  ck_assert_double_eq(progress.fraction, 1);
  ck_assert_int_eq(dilate_sampler_result(sampler, &result, NULL), DILATE_OK);
  dilate_sampler_free(sampler);
  return result;
}

START_TEST(steps_give_the_same) {
  const dilate_target target = pair_target();
  for (size_t i = 0; dilate_method_name(i); i++) {
    const dilate_options options = small_options(dilate_method_name(i));
    dilate_result *whole = sample(&target, &options), *steps = sample_in_steps(&target, &options);
    ck_assert_int_eq(dilate_result_complete(steps), 1);
    assert_same_result(whole, steps);
    dilate_result_free(whole);
    dilate_result_free(steps);
  }
}
END_TEST

/* The method's name may be the caller's own text, and gone when the run goes on. */
START_TEST(options_are_copied) {
  const dilate_target target = pair_target();
  char method[] = "langevin";
  dilate_options options = small_options(method);
  dilate_sampler *sampler;
  dilate_result *result;
  ck_assert_int_eq(dilate_sampler_create(&target, &options, &sampler, NULL), DILATE_OK);
  memset(method, 'x', sizeof method - 1);
  memset(&options, 0, sizeof options);
  while (dilate_sampler_step(sampler, NULL) == DILATE_CONTINUE) continue;
  ck_assert_int_eq(dilate_sampler_result(sampler, &result, NULL), DILATE_OK);
  ck_assert_str_eq(dilate_result_method(result), "langevin");
  dilate_sampler_free(sampler);
  ck_assert_uint_eq(dilate_result_draws(result), 64); /* a result outlives its sampler */
  assert_valid_result(result);
  dilate_result_free(result);
}
END_TEST

/* ---- Progress and counters ---- */

typedef struct witness {
  size_t calls;
  uint64_t evaluations;
  int outside; /* calls from a parallel region */
} witness;

static int witness_progress(const dilate_progress *progress, void *data) {
  witness *w = data;
  ck_assert_uint_eq(progress->struct_size, sizeof *progress);
  ck_assert(progress->stage && strlen(progress->stage) > 0);
  ck_assert(progress->fraction >= 0 && progress->fraction <= 1 && progress->seconds >= 0);
  ck_assert(progress->group >= 0 && progress->round >= 0);
  ck_assert(isnan(progress->temperature) || (progress->temperature >= 0 && progress->temperature <= 1));
  ck_assert(isnan(progress->ess) || (progress->ess > 0 && progress->ess <= 1 + 1e-12));
  ck_assert_uint_ge(progress->evaluations, w->evaluations);
  w->evaluations = progress->evaluations;
  w->outside += omp_in_parallel();
  w->calls++;
  return 0;
}

START_TEST(progress_is_told) {
  const dilate_target target = pair_target();
  for (size_t i = 0; dilate_method_name(i); i++) {
    witness w = {0};
    dilate_options options = small_options(dilate_method_name(i));
    options.threads = 2;
    dilate_result *silent = sample(&target, &options);
    options.progress = witness_progress;
    options.progress_data = &w;
    dilate_result *told = sample(&target, &options);
    ck_assert(w.calls > 3 && w.outside == 0);
    assert_same_result(silent, told);
    dilate_result_free(silent);
    dilate_result_free(told);
  }
}
END_TEST

typedef struct counter {
  atomic_uint_least64_t points, gradients;
} counter;

static int counting_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  counter *c = params;
  atomic_fetch_add(&c->points, 1);
  if (grad) atomic_fetch_add(&c->gradients, 1);
  return pair_logp(dim, x, logp, grad, NULL);
}

START_TEST(evaluations_are_counted) {
  for (size_t i = 0; dilate_method_name(i); i++) {
    counter c = {0};
    dilate_target target = pair_target();
    target.logp = counting_logp;
    target.params = &c;
    dilate_options options = small_options(dilate_method_name(i));
    options.threads = 2;
    dilate_result *result = sample(&target, &options);
    uint64_t gradients;
    ck_assert_uint_eq(dilate_result_evaluations(result, &gradients), atomic_load(&c.points));
    ck_assert_uint_eq(gradients, atomic_load(&c.gradients));
    ck_assert_double_gt(dilate_result_seconds(result), 0);
    dilate_result_free(result);
  }
}
END_TEST

START_TEST(trace_is_kept) {
  const dilate_target target = pair_target();
  const dilate_options options = small_options("bridge");
  dilate_result *result = sample(&target, &options);
  uint64_t before = 0;
  int bridged = 0, groups = 0;
  ck_assert_uint_gt(dilate_result_trace_count(result), 5);
  for (size_t i = 0; i < dilate_result_trace_count(result); i++) {
    dilate_trace trace = {.struct_size = sizeof trace};
    ck_assert_int_eq(dilate_result_trace_info(result, i, &trace), DILATE_OK);
    ck_assert_uint_ge(trace.evaluations, before);
    before = trace.evaluations;
    bridged += !strcmp(trace.stage, "bridge");
    groups |= 1 << trace.group;
  }
  ck_assert(bridged > 0 && (groups & 3) == 3);
  dilate_result_free(result);
}
END_TEST

Suite *runs_suite(void) {
  Suite *suite = suite_create("runs");
  TCase *answers = tcase_create("answers"), *bits = tcase_create("the same bits"), *told = tcase_create("progress and counters");
  tcase_add_test(answers, right_answers);
  tcase_add_test(answers, islands_and_draws_as_asked);
  tcase_add_test(answers, densities_belong_to_draws);
  suite_add_tcase(suite, answers);
  tcase_add_test(bits, threads_do_not_show);
  tcase_add_test(bits, seeds_do_show);
  tcase_add_test(bits, steps_give_the_same);
  tcase_add_test(bits, options_are_copied);
  suite_add_tcase(suite, bits);
  tcase_add_test(told, progress_is_told);
  tcase_add_test(told, evaluations_are_counted);
  tcase_add_test(told, trace_is_kept);
  suite_add_tcase(suite, told);
  return suite;
}
