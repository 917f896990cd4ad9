/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a result derives from its draws, by hand on made-up draws; traces and warnings of a run. */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check_sampler.h"
#include "method/result.h"
#include "stats/summary.h"

#define ROWS 256 /* of a small run: 4 islands of 64 draws */

typedef struct fixture {
  run *run;
  dilate_result *result;
} fixture;

static fixture open_result(const dilate_target *user, size_t islands) {
  fixture f;
  const dilate_options options = small_options("bridge");
  ck_assert_int_eq(run_create(user, &options, &f.run, NULL), 0);
  ck_assert_int_eq(result_create(f.run, islands, 0, &f.result, NULL), 0);
  ck_assert_int_eq(result_set_lineages(f.result, NULL), 0);
  for (size_t i = 0; i < islands * f.result->draws; i++) f.result->cluster[i] = f.result->chain[i] = i;
  f.result->complete = 1;
  return f;
}

/* Independent standard normals, the first coordinate of the first island moved by `shift`. */
static void fill_draws(const fixture *f, unsigned long seed, double shift) {
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, seed);
  for (size_t i = 0; i < 2 * ROWS; i++) f->result->x[i] = gsl_ran_ugaussian(rng);
  for (size_t i = 0; i < f->result->draws; i++) f->result->x[2 * i] += shift;
  gsl_rng_free(rng);
}

static void finish(const fixture *f) {
  ck_assert_int_eq(result_finish(f->result, f->run, NULL, NULL), 0);
}

static void close_result(fixture *f) {
  dilate_result_free(f->result);
  run_free(f->run);
}

/* ---- Values ---- */

static int three_values(size_t dim, const double *x, double *out, void *params) {
  (void)dim;
  out[0] = exp(x[0]);
  out[1] = x[0] + x[1];
  out[2] = params ? NAN : 5;
  return 0;
}

START_TEST(values_on_the_natural_scale) {
  const char *const names[] = {"scale", "sum", "five"};
  dilate_target user = pair_target();
  user.n_out = 3;
  user.names = names;
  user.constrain = three_values;
  fixture f = open_result(&user, 4);
  fill_draws(&f, 1, 0);
  finish(&f);
  const double *x = dilate_result_unconstrained(f.result), *value = dilate_result_values(f.result);
  for (size_t i = 0; i < ROWS; i++) {
    ck_assert_double_eq(value[3 * i], exp(x[2 * i]));
    ck_assert_double_eq(value[3 * i + 1], x[2 * i] + x[2 * i + 1]);
  }
  for (size_t j = 0; j < 3; j++) ck_assert_str_eq(dilate_result_name(f.result, j), names[j]);
  dilate_parameter p = {.struct_size = sizeof p};
  ck_assert_int_eq(dilate_result_parameter(f.result, 2, &p), 0);
  ck_assert(p.mean == 5 && p.sd == 0);
  ck_assert_uint_eq(dilate_result_warning_count(f.result), 0);
  close_result(&f);
}
END_TEST

START_TEST(values_that_are_not_finite) {
  dilate_target user = pair_target();
  int broken = 1;
  user.n_out = 3;
  user.constrain = three_values;
  user.params = &broken;
  fixture f = open_result(&user, 4);
  fill_draws(&f, 1, 0);
  finish(&f);
  ck_assert(has_warning(f.result, "x[3] are not finite"));
  ck_assert_uint_eq(dilate_result_warning_count(f.result), 1);
  close_result(&f);
}
END_TEST

static int fails_at_seventy(size_t dim, const double *x, double *out, void *params) {
  (void)dim, (void)x, (void)out;
  return (*(int *)params)++ == 70;
}

START_TEST(values_that_fail) {
  dilate_target user = pair_target();
  int calls = 0;
  dilate_error err;
  dilate_error_init(&err);
  user.constrain = fails_at_seventy;
  user.params = &calls;
  fixture f = open_result(&user, 4);
  ck_assert_int_eq(result_finish(f.result, f.run, NULL, &err), DILATE_ETARGET);
  ck_assert_ptr_nonnull(strstr(err.message, "draw 6 of island 1 (row 70)"));
  close_result(&f);
}
END_TEST

START_TEST(no_island_yet) {
  const dilate_target user = pair_target();
  fixture f = open_result(&user, 0);
  f.result->complete = 0;
  finish(&f);
  assert_valid_result(f.result);
  ck_assert_uint_eq(dilate_result_islands(f.result), 0);
  ck_assert(has_warning(f.result, "stopped before its end"));
  ck_assert_int_eq(dilate_result_log_z(f.result, NULL, NULL, NULL), DILATE_EDOMAIN);
  close_result(&f);
}
END_TEST

/* ---- Modes ---- */

/* The first quarter of each run of `each` draws is in mode 1, the rest in mode 0; `each` draws are a cluster. */
static dilate_mode mode_of_quarters(size_t each, size_t quarter, double excess) {
  const dilate_target user = pair_target();
  fixture f = open_result(&user, 4);
  fill_draws(&f, 2, 0);
  ck_assert_int_eq(result_set_modes(f.result, 2, NULL), 0);
  f.result->clusters = ROWS / each;
  for (size_t i = 0; i < ROWS; i++) {
    f.result->cluster[i] = i / each;
    f.result->mode[i] = i / quarter % 4 == 0;
    f.result->x[2 * i] = f.result->mode[i] ? 7 : 0;
  }
  f.result->mode_excess[1] = excess;
  finish(&f);
  dilate_mode mode = {.struct_size = sizeof mode};
  ck_assert_int_eq(dilate_result_mode_info(f.result, 1, &mode), 0);
  ck_assert_double_eq(mode.weight, 0.25);
  ck_assert_uint_eq(mode.draws, ROWS / 4);
  ck_assert_double_eq(mode.mean[0], 7);
  mode.mean = mode.peak = NULL;
  close_result(&f);
  return mode;
}

START_TEST(weights_have_errors) {
  const double p = 0.1875; /* 1/4 of 3/4 */
  ck_assert_double_eq_tol(mode_of_quarters(1, 1, 0).weight_se, sqrt(p / 255) * summary_t_factor(255), 1e-12);
  ck_assert_double_eq_tol(mode_of_quarters(8, 8, 0).weight_se, sqrt(p / 31) * summary_t_factor(31), 1e-12);
  /* every cluster has its quarter: no uncertainty at all */
  ck_assert_double_eq_tol(mode_of_quarters(8, 2, 0).weight_se, 0, 1e-12);
  /* one ancestor for all: as one draw */
  ck_assert_double_eq_tol(mode_of_quarters(256, 8, 0).weight_se, sqrt(p) * summary_t_factor(1), 1e-12);
}
END_TEST

START_TEST(groups_add_to_the_errors) {
  const double within = 0.1875 / 31, excess = 0.01, factor = summary_t_factor(31); /* two groups: the excess as it is */
  ck_assert_double_eq_tol(mode_of_quarters(8, 8, excess).weight_se, sqrt(within * factor * factor + excess), 1e-12);
}
END_TEST

START_TEST(modes_can_be_set_again) {
  const dilate_target user = pair_target();
  fixture f = open_result(&user, 4);
  fill_draws(&f, 2, 0);
  ck_assert_int_eq(result_set_modes(f.result, 5, NULL), 0);
  ck_assert_int_eq(result_set_modes(f.result, 2, NULL), 0);
  finish(&f);
  ck_assert_uint_eq(dilate_result_mode_count(f.result), 2);
  dilate_mode mode = {.struct_size = sizeof mode};
  ck_assert_int_eq(dilate_result_mode_info(f.result, 1, &mode), 0);
  ck_assert(mode.weight == 0 && mode.draws == 0 && mode.weight_se == 0 && isnan(mode.mean[0]));
  close_result(&f);
}
END_TEST

/* ---- Warnings ---- */

START_TEST(islands_that_disagree) {
  const dilate_target user = pair_target();
  fixture f = open_result(&user, 4);
  fill_draws(&f, 3, 2);
  finish(&f);
  ck_assert(has_warning(f.result, "R-hat of x[1] is 1."));
  ck_assert(has_warning(f.result, "for 1 of 2 parameters"));
  close_result(&f);
}
END_TEST

/* Sound islands raise the warning with probability 0.001: more than 3 of 300 have probability 3e-4. */
START_TEST(islands_that_agree) {
  size_t alarms = 0;
  for (unsigned long seed = 1; seed <= 300; seed++) {
    const dilate_target user = pair_target();
    fixture f = open_result(&user, 4);
    fill_draws(&f, seed, 0);
    finish(&f);
    alarms += dilate_result_warning_count(f.result) > 0;
    close_result(&f);
  }
  ck_assert_uint_le(alarms, 3);
}
END_TEST

START_TEST(draws_that_are_worth_little) {
  const dilate_target user = pair_target();
  fixture f = open_result(&user, 4);
  fill_draws(&f, 4, 0);
  f.result->clusters = ROWS / 32;
  for (size_t i = 0; i < ROWS; i++) {
    f.result->cluster[i] = i / 32;
    f.result->x[2 * i + 1] += 3 * f.result->x[2 * (i - i % 32) + 1];
  }
  finish(&f);
  ck_assert(has_warning(f.result, "the 256 draws of x[2] are worth only"));
  close_result(&f);
}
END_TEST

START_TEST(warnings_of_a_run) {
  const dilate_target user = pair_target();
  fixture f = open_result(&user, 4);
  fill_draws(&f, 1, 0);
  for (int i = 0; i < 300; i++) ck_assert_int_eq(run_warn(f.run, NULL, "this is warning number %d", i / 2), 0);
  finish(&f);
  ck_assert_uint_eq(dilate_result_warning_count(f.result), 150); /* none is repeated */
  ck_assert_str_eq(dilate_result_warning(f.result, 149), "this is warning number 149");
  close_result(&f);
}
END_TEST

START_TEST(trace_of_a_run) {
  const dilate_target user = pair_target();
  fixture f = open_result(&user, 4);
  fill_draws(&f, 1, 0);
  for (int i = 0; i < 300; i++)
    ck_assert_int_eq(run_record(f.run, i % 2 ? "odd" : "even", 1, i, 0.5, NAN, i < 200 ? i : (double)NAN, NAN, i, NULL), 0);
  ck_assert_double_eq(f.run->progress.log_z, 199); /* so far */
  ck_assert_double_eq(f.run->progress.fraction, 1);
  finish(&f);
  ck_assert_uint_eq(dilate_result_trace_count(f.result), 300);
  dilate_trace trace = {.struct_size = sizeof trace};
  ck_assert_int_eq(dilate_result_trace_info(f.result, 299, &trace), 0);
  ck_assert_str_eq(trace.stage, "odd");
  ck_assert(trace.group == 1 && trace.round == 299 && trace.temperature == 0.5 && isnan(trace.log_z) && isnan(trace.acceptance));
  close_result(&f);
}
END_TEST

Suite *finish_suite(void) {
  Suite *suite = suite_create("results");
  TCase *values = tcase_create("values"), *modes = tcase_create("modes"), *warnings = tcase_create("warnings");
  tcase_add_test(values, values_on_the_natural_scale);
  tcase_add_test(values, values_that_are_not_finite);
  tcase_add_test(values, values_that_fail);
  tcase_add_test(values, no_island_yet);
  suite_add_tcase(suite, values);
  tcase_add_test(modes, weights_have_errors);
  tcase_add_test(modes, groups_add_to_the_errors);
  tcase_add_test(modes, modes_can_be_set_again);
  suite_add_tcase(suite, modes);
  tcase_add_test(warnings, islands_that_disagree);
  tcase_add_test(warnings, islands_that_agree);
  tcase_add_test(warnings, draws_that_are_worth_little);
  tcase_add_test(warnings, warnings_of_a_run);
  tcase_add_test(warnings, trace_of_a_run);
  suite_add_tcase(suite, warnings);
  return suite;
}
