/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The methods "langevin" and "dilation": they find modes and settle in them, say what they cannot say, and give what there is when they are
 * stopped.  A run too short to settle is the twin that the test of settling must reject. */
#include <check.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "densities.h"
#include "runner.h"

static const char *const names[] = {"langevin", "dilation"};

/* Three modes far apart on the first axis. */
static density far_modes(void) {
  density f = density_modes(2);
  f.mean[0][0] = -9;
  f.mean[1][0] = 0;
  f.mean[2][0] = 8;
  return f;
}

static dilate_options options_for(const char *method, size_t steps) {
  dilate_options o;
  dilate_options_init(&o);
  o.method = method;
  o.steps = steps;
  o.threads = 2;
  return o;
}

static dilate_result *sample(const dilate_target *target, const dilate_options *o, int expected) {
  dilate_error err;
  dilate_error_init(&err);
  dilate_result *result;
  ck_assert_int_eq(dilate_sample(target, o, &result, &err), expected);
  ck_assert_int_eq(err.status, expected < 0 ? expected : 0);
  ck_assert_int_eq(result == NULL, expected < 0);
  return result;
}

static size_t rows_of(const dilate_result *result) {
  return dilate_result_islands(result) * dilate_result_draws(result);
}

/* Whether some warning has these words. */
static int warns(const dilate_result *result, const char *words) {
  for (size_t i = 0; i < dilate_result_warning_count(result); i++)
    if (strstr(dilate_result_warning(result, i), words)) return 1;
  return 0;
}

/* Every draw's log-density is the target's there. */
static void check_log_densities(const dilate_result *result, density *f, double tolerance) {
  for (size_t i = 0; i < rows_of(result); i++) {
    double logp;
    density_logp(f->dim, dilate_result_unconstrained(result) + i * f->dim, &logp, NULL, f);
    ck_assert_double_le(fabs(logp - dilate_result_log_density(result)[i]), tolerance * (1 + fabs(logp)));
  }
}

START_TEST(modes_are_found) {
  density f = far_modes();
  const dilate_target target = density_target(&f);
  for (size_t m = 0; m < 2; m++) {
    const dilate_options o = options_for(names[m], 100);
    dilate_result *result = sample(&target, &o, DILATE_OK);
    ck_assert_int_eq(dilate_result_complete(result), 1);
    ck_assert_str_eq(dilate_result_method(result), names[m]);
    ck_assert_uint_eq(rows_of(result), 4000);
    ck_assert_uint_eq(dilate_result_mode_count(result), 3);
    double total = 0;
    int seen[3] = {0, 0, 0};
    for (size_t k = 0; k < 3; k++) {
      dilate_mode mode = {.struct_size = sizeof mode};
      ck_assert_int_eq(dilate_result_mode_info(result, k, &mode), DILATE_OK);
      total += mode.weight;
      for (size_t c = 0; c < 3; c++) seen[c] |= fabs(mode.peak[0] - f.mean[c][0]) < 0.1 && fabs(mode.peak[1]) < 0.1;
    }
    ck_assert_double_le(fabs(total - 1), 1e-12);
    ck_assert(seen[0] && seen[1] && seen[2]);
    check_log_densities(result, &f, 1e-12);
    dilate_result_free(result);
  }
}
END_TEST

START_TEST(what_is_not_estimated_is_said) {
  density f = far_modes();
  const dilate_target target = density_target(&f);
  for (size_t m = 0; m < 2; m++) {
    const dilate_options o = options_for(names[m], 20);
    dilate_result *result = sample(&target, &o, DILATE_OK);
    double log_z, se, df;
    ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, &df), DILATE_EDOMAIN);
    ck_assert(isnan(log_z) && isnan(se) && isnan(df));
    ck_assert(warns(result, "no log evidence"));
    ck_assert(warns(result, "\"bridge\""));
    ck_assert(!warns(result, "stopped"));
    dilate_result_free(result);
  }
}
END_TEST

/* Kolmogorov-Smirnov statistic of the second coordinate, which is standard normal in every mode. */
static double settled_distance(const char *method, size_t steps) {
  density f = far_modes();
  const dilate_target target = density_target(&f);
  const dilate_options o = options_for(method, steps);
  dilate_result *result = sample(&target, &o, DILATE_OK);
  static double u[4000];
  for (size_t i = 0; i < 4000; i++) u[i] = gsl_cdf_ugaussian_P(dilate_result_unconstrained(result)[2 * i + 1]);
  dilate_result_free(result);
  return ks_statistic(4000, u);
}

/* Every draw is the end of one particle's path: by their order, too, they are worth as many as there are, but for the noise of an ESS of
 * independent draws (2 %).  The twin, where a draw stands twice in a row, is worth half. */
START_TEST(draws_in_their_order_are_independent) {
  density f = far_modes();
  const dilate_target target = density_target(&f);
  for (size_t m = 0; m < 2; m++) {
    const dilate_options o = options_for(names[m], 60);
    dilate_result *result = sample(&target, &o, DILATE_OK);
    static double x[4000], twice[4000];
    dilate_parameter p = {.struct_size = sizeof p};
    for (size_t i = 0; i < 4000; i++) {
      x[i] = dilate_result_unconstrained(result)[2 * i];
      twice[i] = x[i / 2 * 2];
    }
    dilate_result_free(result);
    ck_assert_int_eq(dilate_summarise(4, 1000, x, &p, NULL), DILATE_OK);
    ck_assert(p.ess_bulk > 3600 && p.ess_bulk < 4400 && p.rhat < 1.01);
    ck_assert_int_eq(dilate_summarise(4, 1000, twice, &p, NULL), DILATE_OK);
    ck_assert(p.ess_bulk > 1600 && p.ess_bulk < 2400);
  }
}
END_TEST

START_TEST(particles_settle) {
  for (size_t m = 0; m < 2; m++) {
    ck_assert_double_lt(settled_distance(names[m], 250), KS_LIMIT);
    ck_assert_double_gt(settled_distance(names[m], 1), KS_LIMIT);
  }
}
END_TEST

START_TEST(threads_give_the_same_bits) {
  density f = far_modes();
  const dilate_target target = density_target(&f);
  const size_t threads[] = {1, 2, 5};
  for (size_t m = 0; m < 2; m++) {
    dilate_result *result[3];
    for (size_t k = 0; k < 3; k++) {
      dilate_options o = options_for(names[m], 30);
      o.threads = threads[k];
      result[k] = sample(&target, &o, DILATE_OK);
      ck_assert_mem_eq(dilate_result_unconstrained(result[k]), dilate_result_unconstrained(result[0]), 8000 * sizeof(double));
      ck_assert_mem_eq(dilate_result_log_density(result[k]), dilate_result_log_density(result[0]), 4000 * sizeof(double));
      ck_assert_mem_eq(dilate_result_mode(result[k]), dilate_result_mode(result[0]), 4000 * sizeof(int));
    }
    dilate_options o = options_for(names[m], 30);
    o.seed = 2;
    dilate_result *other = sample(&target, &o, DILATE_OK);
    ck_assert_mem_ne(dilate_result_unconstrained(other), dilate_result_unconstrained(result[0]), 8000 * sizeof(double));
    dilate_result_free(other);
    for (size_t k = 0; k < 3; k++) dilate_result_free(result[k]);
  }
}
END_TEST

/* The records at the beginning that tell of the search for the target's place: they have no figures of the path. */
static size_t place_records(const dilate_result *result) {
  size_t count = 0;
  dilate_trace trace = {.struct_size = sizeof trace};
  while (dilate_result_trace_info(result, count, &trace) == DILATE_OK && !strcmp(trace.stage, "place")) {
    ck_assert_int_eq(trace.round, (int)count);
    ck_assert(isnan(trace.temperature) && isnan(trace.acceptance));
    count++;
  }
  return count;
}

/* One record a step, after those of the search for a place, if there was one; the path method's lambda rises to 1 and stays. */
START_TEST(every_step_is_recorded) {
  density f = far_modes();
  const dilate_target target = density_target(&f);
  const double centre[] = {0, 0};
  for (size_t m = 0; m < 4; m++) {
    dilate_options o = options_for(names[m % 2], 50);
    if (m >= 2) o.path_centre = centre, o.path_scale = 5;
    dilate_result *result = sample(&target, &o, DILATE_OK);
    const size_t before = place_records(result);
    ck_assert(m < 2 ? before >= 1 && before <= 8 : before == 0);
    ck_assert_uint_eq(dilate_result_trace_count(result), before + 50);
    double last = m % 2 ? 0 : 1;
    for (size_t k = 0; k < 50; k++) {
      dilate_trace trace = {.struct_size = sizeof trace};
      ck_assert_int_eq(dilate_result_trace_info(result, before + k, &trace), DILATE_OK);
      ck_assert_str_eq(trace.stage, names[m % 2]);
      ck_assert(trace.temperature >= last && trace.temperature <= 1);
      ck_assert(m % 2 == 0 || k >= 30 || trace.temperature > last);
      ck_assert(k < 30 || trace.temperature == 1);
      ck_assert(trace.acceptance >= 0 && trace.acceptance <= 1 && isnan(trace.log_z) && isnan(trace.ess));
      last = trace.temperature;
    }
    dilate_result_free(result);
  }
}
END_TEST

START_TEST(stepping_is_sampling) {
  density f = far_modes();
  const dilate_target target = density_target(&f);
  for (size_t m = 0; m < 2; m++) {
    const dilate_options o = options_for(names[m], 12);
    dilate_sampler *sampler;
    dilate_result *stepped, *early, *whole = sample(&target, &o, DILATE_OK);
    size_t n, ld;
    ck_assert_int_eq(dilate_sampler_create(&target, &o, &sampler, NULL), DILATE_OK);
    ck_assert_ptr_null(dilate_sampler_particles(sampler, &n, &ld));
    ck_assert_int_eq(dilate_sampler_result(sampler, &early, NULL), DILATE_OK);
    ck_assert_uint_eq(dilate_result_islands(early), 0);
    ck_assert_int_eq(dilate_result_complete(early), 0);
    for (int k = 1; k < 12; k++) ck_assert_int_eq(dilate_sampler_step(sampler, NULL), DILATE_CONTINUE);
    ck_assert_int_eq(dilate_sampler_step(sampler, NULL), DILATE_OK);
    ck_assert_ptr_nonnull(dilate_sampler_particles(sampler, &n, &ld));
    ck_assert(n == 4000 && ld >= n);
    ck_assert_int_eq(dilate_sampler_result(sampler, &stepped, NULL), DILATE_OK);
    ck_assert_mem_eq(dilate_result_unconstrained(stepped), dilate_result_unconstrained(whole), 8000 * sizeof(double));
    dilate_result_free(stepped);
    dilate_result_free(early);
    dilate_result_free(whole);
    dilate_sampler_free(sampler);
  }
}
END_TEST

static int stop_at(const dilate_progress *progress, void *data) {
  int *left = data;
  ck_assert(progress->fraction > 0 && progress->fraction < 1 && progress->temperature <= 1);
  return --*left == 0;
}

/* On the path too the partial result's draws are points of the target, with its log-density there. */
START_TEST(stopped_runs_are_partial) {
  density f = far_modes();
  const dilate_target target = density_target(&f);
  for (size_t m = 0; m < 2; m++) {
    int left = 10;
    dilate_options o = options_for(names[m], 50);
    o.progress = stop_at;
    o.progress_data = &left;
    dilate_result *result = sample(&target, &o, DILATE_STOPPED);
    ck_assert_int_eq(dilate_result_complete(result), 0);
    ck_assert_uint_eq(rows_of(result), 4000);
    ck_assert(warns(result, "stopped"));
    check_log_densities(result, &f, 1e-9);
    dilate_result_free(result);
  }
}
END_TEST

/* A box of a hundredth, off the origin: every draw is inside, though few particles dropped into it. */
static int small_box_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    if (!(x[j] > 0.01 && x[j] < 0.02)) return 1;
    if (grad) grad[j] = 0;
  }
  return 0;
}

static int nowhere_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)x, (void)logp, (void)grad, (void)params;
  return 1;
}

/* An interval that the few particles of the search for a place miss, and the many of the run do not. */
static int far_interval_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)params;
  *logp = 0;
  if (grad) *grad = 0;
  return x[0] < 12 || x[0] > 12.2;
}

START_TEST(a_place_that_is_missed_is_no_end) {
  const dilate_target target = target_of(1, far_interval_logp, NULL);
  for (size_t m = 0; m < 2; m++) {
    const dilate_options o = options_for(names[m], 100);
    dilate_result *result = sample(&target, &o, DILATE_OK);
    ck_assert_uint_eq(place_records(result), 0);
    for (size_t i = 0; i < 4000; i++)
      ck_assert(dilate_result_unconstrained(result)[i] >= 12 && dilate_result_unconstrained(result)[i] <= 12.2);
    dilate_result_free(result);
  }
}
END_TEST

START_TEST(support_is_found_or_missed_aloud) {
  const dilate_target box = target_of(2, small_box_logp, NULL), nowhere = target_of(2, nowhere_logp, NULL);
  for (size_t m = 0; m < 2; m++) {
    const dilate_options o = options_for(names[m], 100);
    dilate_result *result = sample(&box, &o, DILATE_OK);
    double distinct = 0;
    for (size_t i = 0; i < 4000; i++) {
      const double *x = dilate_result_unconstrained(result) + 2 * i;
      ck_assert(x[0] > 0.01 && x[0] < 0.02 && x[1] > 0.01 && x[1] < 0.02);
      distinct += x[0] != dilate_result_unconstrained(result)[0];
    }
    ck_assert_double_gt(distinct, 3900);
    dilate_result_free(result);
    ck_assert_ptr_null(sample(&nowhere, &o, DILATE_ESUPPORT));
  }
}
END_TEST

/* The standard normal, until its calls are used up. */
static int limited_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    *logp -= 0.5 * x[j] * x[j];
    if (grad) grad[j] = -x[j];
  }
  return atomic_fetch_sub((atomic_long *)params, 1) > 0 ? 0 : -1;
}

START_TEST(a_failing_target_leaves_what_there_was) {
  const long calls[] = {100, 30000};
  for (size_t m = 0; m < 2; m++)
    for (size_t k = 0; k < 2; k++) {
      atomic_long left = calls[k];
      const dilate_target target = target_of(2, limited_logp, &left);
      const dilate_options o = options_for(names[m], 50);
      dilate_sampler *sampler;
      dilate_result *result;
      int status = DILATE_CONTINUE;
      ck_assert_int_eq(dilate_sampler_create(&target, &o, &sampler, NULL), DILATE_OK);
      while (status == DILATE_CONTINUE) status = dilate_sampler_step(sampler, NULL);
      ck_assert_int_eq(status, DILATE_ETARGET);
      ck_assert_int_eq(dilate_sampler_result(sampler, &result, NULL), DILATE_OK);
      ck_assert_uint_eq(rows_of(result), k ? 4000 : 0);
      for (size_t i = 0; i < rows_of(result); i++) ck_assert(isfinite(dilate_result_log_density(result)[i]));
      dilate_result_free(result);
      dilate_sampler_free(sampler);
    }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("particle run");
  TCase *tests = tcase_create("particle run");
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, modes_are_found);
  tcase_add_test(tests, what_is_not_estimated_is_said);
  tcase_add_test(tests, draws_in_their_order_are_independent);
  tcase_add_test(tests, particles_settle);
  tcase_add_test(tests, threads_give_the_same_bits);
  tcase_add_test(tests, every_step_is_recorded);
  tcase_add_test(tests, stepping_is_sampling);
  tcase_add_test(tests, stopped_runs_are_partial);
  tcase_add_test(tests, a_place_that_is_missed_is_no_end);
  tcase_add_test(tests, support_is_found_or_missed_aloud);
  tcase_add_test(tests, a_failing_target_leaves_what_there_was);
  suite_add_tcase(suite, tests);
  return run_all(srunner_create(suite));
}
