/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The method "diffusion-smc" as a user meets it: evidence and draws with their errors, partial results at any step, the same bits on any
 * number of threads, and what it says when it cannot be trusted. */
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "check_diffusion.h"

#define ROWS(result) (dilate_result_islands(result) * dilate_result_draws(result))

static const double origin[5] = {0, 0, 0, 0, 0};

static dilate_options options_of(size_t islands, size_t draws, size_t steps) {
  dilate_options o;
  dilate_options_init(&o);
  o.method = "diffusion-smc";
  o.islands = islands;
  o.groups = 1;
  o.draws = draws;
  o.steps = steps;
  o.threads = 2;
  o.path_centre = origin;
  o.path_scale = 1.5;
  return o;
}

static dilate_result *sample(const dilate_target *target, const dilate_options *o) {
  dilate_error err;
  dilate_error_init(&err);
  dilate_result *result = NULL;
  const int status = dilate_sample(target, o, &result, &err);
  ck_assert_msg(status == DILATE_OK, "%s", err.message);
  return result;
}

static int warns(const dilate_result *result, const char *words) {
  for (size_t i = 0; i < dilate_result_warning_count(result); i++)
    if (strstr(dilate_result_warning(result, i), words)) return 1;
  return 0;
}

/* Shares 0.7 at -2.5 and 0.3 at 2.5 in every coordinate, unit width, times e. */
static int pair_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  double first[5], second[5], a, b;
  normal left = {-2.5, 1, 1 + log(0.7)}, right = {2.5, 1, 1 + log(0.3)};
  normal_logp(dim, x, &a, first, &left);
  normal_logp(dim, x, &b, second, &right);
  (void)params;
  *logp = fmax(a, b) + log1p(exp(-fabs(a - b)));
  for (size_t j = 0; j < dim && grad; j++) grad[j] = exp(a - *logp) * first[j] + exp(b - *logp) * second[j];
  return 0;
}

/* Log Z and the shares of the modes within 4.5 of their errors (t quantiles folded in: at 15 degrees of freedom probability 5e-4, and
 * less with more), and the errors small. */
START_TEST(evidence_and_weights) {
  const size_t dims[] = {1, 2, 5};
  const dilate_target target = target_with(dims[_i], pair_logp, NULL);
  const dilate_options o = options_of(16, 1000, 60);
  dilate_result *result = sample(&target, &o);
  double log_z, se, df, total = 0;
  ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, &df), DILATE_OK);
  ck_assert_double_lt(fabs(log_z - 1), 4.5 * se);
  ck_assert(se < 0.1 && df == 15);
  ck_assert_uint_eq(dilate_result_mode_count(result), 2);
  for (size_t k = 0; k < 2; k++) {
    dilate_mode mode = {.struct_size = sizeof mode};
    ck_assert_int_eq(dilate_result_mode_info(result, k, &mode), DILATE_OK);
    ck_assert_double_lt(fabs(mode.peak[0] - (k ? 2.5 : -2.5)), 0.2);
    ck_assert_double_lt(mode.weight_se, 0.05);
    /* A percent: a mode's basin is not its component. */
    ck_assert_double_lt(fabs(mode.weight - (k ? 0.3 : 0.7)), 4.5 * mode.weight_se + 0.01);
    total += mode.weight;
  }
  ck_assert_double_le(fabs(total - 1), 1e-12);
  dilate_parameter p = {.struct_size = sizeof p};
  ck_assert_int_eq(dilate_result_parameter(result, 0, &p), DILATE_OK);
  ck_assert_double_lt(fabs(p.mean + 1), 4.5 * p.mcse);
  ck_assert(p.ess_bulk < 16000 && p.ess_bulk > 100);
  for (size_t i = 0; i < ROWS(result); i++) {
    double logp;
    pair_logp(dims[_i], dilate_result_unconstrained(result) + i * dims[_i], &logp, NULL, NULL);
    ck_assert_double_le(fabs(logp - dilate_result_log_density(result)[i]), 1e-12 * (1 + fabs(logp)));
  }
  ck_assert(!warns(result, "do not agree") && !warns(result, "stopped"));
  dilate_result_free(result);
}
END_TEST

/* Centre and scale are found where they are not given. */
START_TEST(place_is_found) {
  normal f = {.mean = 300, .sd = 20, .log_z = 2};
  const dilate_target target = target_with(2, normal_logp, &f);
  dilate_options o = options_of(8, 500, 40);
  o.path_centre = NULL;
  o.path_scale = 0;
  dilate_result *result = sample(&target, &o);
  double log_z, se;
  ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, NULL), DILATE_OK);
  ck_assert_double_lt(fabs(log_z - 2), 4.5 * se);
  ck_assert_double_lt(se, 0.1);
  dilate_result_free(result);
}
END_TEST

/* One step from the base is importance sampling. */
START_TEST(one_step) {
  normal f = {.mean = 0.5, .sd = 1, .log_z = -1};
  const dilate_target target = target_with(1, normal_logp, &f);
  const dilate_options o = options_of(4, 2000, 1);
  dilate_result *result = sample(&target, &o);
  double log_z, se;
  ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, NULL), DILATE_OK);
  ck_assert_double_lt(fabs(log_z + 1), 4.5 * se);
  ck_assert_uint_eq(dilate_result_trace_count(result), 2);
  uint64_t gradients;
  ck_assert_uint_ge(dilate_result_evaluations(result, &gradients), 8000);
  dilate_result_free(result);
}
END_TEST

START_TEST(threads_give_the_same_bits) {
  const dilate_target target = target_with(2, pair_logp, NULL);
  const size_t threads[] = {1, 2, 5};
  dilate_result *result[3];
  double log_z[3], se[3];
  for (size_t k = 0; k < 3; k++) {
    dilate_options o = options_of(3, 100, 12); /* tiles that are not full */
    o.threads = threads[k];
    result[k] = sample(&target, &o);
    ck_assert_int_eq(dilate_result_log_z(result[k], &log_z[k], &se[k], NULL), DILATE_OK);
    ck_assert_mem_eq(dilate_result_unconstrained(result[k]), dilate_result_unconstrained(result[0]), 600 * sizeof(double));
    ck_assert_mem_eq(dilate_result_mode(result[k]), dilate_result_mode(result[0]), 300 * sizeof(int));
    ck_assert_mem_eq(&log_z[k], &log_z[0], sizeof(double));
    ck_assert_mem_eq(&se[k], &se[0], sizeof(double));
  }
  dilate_options o = options_of(3, 100, 12);
  o.seed = 2;
  dilate_result *other = sample(&target, &o);
  ck_assert_mem_ne(dilate_result_unconstrained(other), dilate_result_unconstrained(result[0]), 600 * sizeof(double));
  dilate_result_free(other);
  for (size_t k = 0; k < 3; k++) dilate_result_free(result[k]);
}
END_TEST

/* One record a level, K + 1 of them; before the last there are particles, but no draws and no evidence. */
START_TEST(stepping_is_sampling) {
  const dilate_target target = target_with(2, pair_logp, NULL);
  const dilate_options o = options_of(4, 100, 12);
  dilate_sampler *sampler;
  dilate_result *part, *whole = sample(&target, &o);
  size_t n, ld;
  double last = -1;
  ck_assert_int_eq(dilate_sampler_create(&target, &o, &sampler, NULL), DILATE_OK);
  ck_assert_ptr_null(dilate_sampler_particles(sampler, &n, &ld));
  for (int k = 0; k <= 13; k++) {
    ck_assert_int_eq(dilate_sampler_result(sampler, &part, NULL), DILATE_OK);
    ck_assert_int_eq(dilate_result_complete(part), k == 13);
    ck_assert_uint_eq(dilate_result_islands(part), k == 13 ? 4 : 0);
    ck_assert_int_eq(dilate_result_log_z(part, NULL, NULL, NULL), k == 13 ? DILATE_OK : DILATE_EDOMAIN);
    ck_assert_int_eq(warns(part, "stopped"), k < 13);
    if (k == 13) ck_assert_mem_eq(dilate_result_unconstrained(part), dilate_result_unconstrained(whole), 800 * sizeof(double));
    dilate_result_free(part);
    if (k == 13) break;
    ck_assert_int_eq(dilate_sampler_step(sampler, NULL), k < 12 ? DILATE_CONTINUE : DILATE_OK);
    ck_assert_ptr_nonnull(dilate_sampler_particles(sampler, &n, &ld));
    ck_assert(n == 400 && ld >= n);
  }
  ck_assert_uint_eq(dilate_result_trace_count(whole), 13);
  for (size_t k = 0; k < 13; k++) {
    dilate_trace trace = {.struct_size = sizeof trace};
    ck_assert_int_eq(dilate_result_trace_info(whole, k, &trace), DILATE_OK);
    ck_assert_str_eq(trace.stage, "diffusion");
    ck_assert(trace.temperature > last && trace.temperature <= 1 && trace.ess > 0 && trace.ess <= 1 && isfinite(trace.log_z));
    last = trace.temperature;
  }
  ck_assert(last == 1);
  dilate_sampler_free(sampler);
  dilate_result_free(whole);
}
END_TEST

/* Every particle outside at the end: a defined outcome, said aloud. */
START_TEST(nothing_is_found) {
  const dilate_target target = target_with(2, nowhere_logp, NULL);
  for (size_t islands = 1; islands <= 2; islands++) {
    const dilate_options o = options_of(islands, 50, 10);
    dilate_result *result = sample(&target, &o);
    double log_z, se, df;
    ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, &df), DILATE_OK);
    ck_assert(log_z == -INFINITY && se == INFINITY && df == 1);
    ck_assert_uint_eq(dilate_result_islands(result), 0);
    ck_assert_int_eq(dilate_result_complete(result), 1);
    ck_assert(warns(result, "the estimate of the evidence is 0"));
    dilate_result_free(result);
  }
}
END_TEST

/* Some islands find the small support and some do not: all rows are filled, from those that did. */
START_TEST(some_islands_find_nothing) {
  const dilate_target target = target_with(2, corner_logp, NULL);
  const dilate_options o = options_of(20, 16, 1);
  dilate_result *result = sample(&target, &o);
  double log_z, se;
  ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, NULL), DILATE_OK);
  ck_assert_double_lt(fabs(log_z - log(0.25)), 4.5 * se);
  ck_assert_uint_eq(ROWS(result), 320);
  for (size_t i = 0; i < 640; i++) ck_assert(dilate_result_unconstrained(result)[i] > 0.5 && dilate_result_unconstrained(result)[i] < 1);
  ck_assert(warns(result, "do not agree"));
  dilate_result_free(result);
}
END_TEST

START_TEST(one_island_has_no_error) {
  const dilate_target target = target_with(1, pair_logp, NULL);
  const dilate_options o = options_of(1, 500, 30);
  dilate_result *result = sample(&target, &o);
  double log_z, se, df;
  ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, &df), DILATE_OK);
  ck_assert(fabs(log_z - 1) < 0.3 && isnan(se) && isnan(df));
  ck_assert(warns(result, "there is one island"));
  dilate_result_free(result);
}
END_TEST

/* What is wrong is refused with a reason. */
START_TEST(improper_input) {
  const double stays[] = {1, 1}, falls[] = {0.5, 0.4, 1}, nowhere[] = {0, NAN};
  const dilate_target target = target_with(2, pair_logp, NULL);
  dilate_options o[6];
  for (size_t k = 0; k < 6; k++) o[k] = options_of(2, 16, 5);
  for (size_t k = 0; k < 2; k++) {
    o[k].schedule = "array";
    o[k].schedule_lambda = k ? falls : stays;
    o[k].schedule_count = 2 + k;
  }
  o[2].schedule = "no such";
  o[3].path_centre = nowhere;
  o[4].path_scale = -1;
  o[5].steps = 0;
  for (size_t k = 0; k < 6; k++) {
    dilate_error err;
    dilate_error_init(&err);
    dilate_sampler *sampler = (dilate_sampler *)&err;
    ck_assert_int_eq(dilate_sampler_create(&target, &o[k], &sampler, &err), DILATE_EINVAL);
    ck_assert_ptr_null(sampler);
    ck_assert_int_eq(err.status, DILATE_EINVAL);
    ck_assert_uint_gt(strlen(err.message), 20);
    if (k == 0) ck_assert_ptr_nonnull(strstr(err.message, "begin below 1"));
  }
}
END_TEST

static int limited_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  pair_logp(dim, x, logp, grad, NULL);
  return atomic_fetch_sub((atomic_long *)params, 1) > 0 ? 0 : -1;
}

/* A target that asks to abort on the way: the run fails, and what is left is an empty result. */
START_TEST(a_failing_target) {
  atomic_long left = 1000;
  const dilate_target target = target_with(2, limited_logp, &left);
  const dilate_options o = options_of(2, 100, 20);
  dilate_sampler *sampler;
  dilate_result *result;
  int status = DILATE_CONTINUE;
  ck_assert_int_eq(dilate_sampler_create(&target, &o, &sampler, NULL), DILATE_OK);
  while (status == DILATE_CONTINUE) status = dilate_sampler_step(sampler, NULL);
  ck_assert_int_eq(status, DILATE_ETARGET);
  ck_assert_int_eq(dilate_sampler_result(sampler, &result, NULL), DILATE_OK);
  ck_assert(dilate_result_islands(result) == 0 && !dilate_result_complete(result));
  dilate_result_free(result);
  dilate_sampler_free(sampler);
}
END_TEST

Suite *methods_suite(void) {
  Suite *suite = suite_create("diffusion-smc");
  TCase *tests = tcase_create("method");
  tcase_set_timeout(tests, 120);
  tcase_add_loop_test(tests, evidence_and_weights, 0, 3);
  tcase_add_test(tests, place_is_found);
  tcase_add_test(tests, one_step);
  tcase_add_test(tests, threads_give_the_same_bits);
  tcase_add_test(tests, stepping_is_sampling);
  tcase_add_test(tests, nothing_is_found);
  tcase_add_test(tests, some_islands_find_nothing);
  tcase_add_test(tests, one_island_has_no_error);
  tcase_add_test(tests, improper_input);
  tcase_add_test(tests, a_failing_target);
  suite_add_tcase(suite, tests);
  return suite;
}
