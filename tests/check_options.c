/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of a user who wants more, or knows more: budgets, hints, effort, a target error.
 *
 * Seeds are fixed; a right answer passes a limit of 4.5 standard errors with probability 1 - 7e-6. */
#include "check_sampler.h"
#include "runner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- What is refused, and how ---- */

static const double two[] = {1, 2}, two_again[] = {1, 3}, with_nan[] = {0, NAN, 0, 0}, with_inf[] = {INFINITY, 0}, with_zero[] = {1, 0};

static const double falling[] = {0.1, 0.5, 0.4, 1}, unfinished[] = {0, 0.5, 0.9}, beyond[] = {0, 1.5, 1}, below[] = {-0.1, 1},
                    rising[] = {0, 1};

static int no_guide(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)x, (void)logp, (void)grad, (void)params;
  return 1;
}

/* A walk of the user's with so many steps. */
#define FREE(count, sigma, tau, temperature)                                                                                               \
  .walk = "free", .walk_count = (count), .walk_sigma = (sigma), .walk_tau = (tau), .walk_temperature = (temperature)
/* A schedule of his. */
#define ARRAY(count, lambda) .schedule = "array", .schedule_count = (count), .schedule_lambda = (lambda)

typedef struct wrong_case {
  dilate_options set; /* only the members that are tested; 0 stands for the default of effort and score_samples here, NULL for bridge */
  const char *text;
} wrong_case;

static const wrong_case wrong_cases[] = {
    {{.max_seconds = -1}, "options.max_seconds is -1: it must be a finite number of seconds"},
    {{.max_seconds = NAN}, "options.max_seconds is "},
    {{.max_seconds = INFINITY}, "options.max_seconds is inf"},
    {{.effort = 0.09}, "options.effort is 0.09: it must be 0.1 to 1000"},
    {{.effort = 1001}, "options.effort is 1001"},
    {{.effort = -1}, "options.effort is -1"},
    {{.effort = NAN}, "options.effort"},
    {{.target_se = -0.1}, "options.target_se is -0.1"},
    {{.target_se = NAN}, "options.target_se"},
    {{.target_se = INFINITY}, "options.target_se is inf"},
    {{.hint_points_count = 2}, "options.hint_points is NULL: hint_points_count is 2"},
    {{.hint_points_count = SIZE_MAX, .hint_points = two}, "options.hint_points_count"},
    {{.hint_points_count = 2, .hint_points = with_nan}, "coordinate 1 of point 0"},
    {{.hint_centre = with_nan}, "options.hint_centre[1]"},
    {{.hint_centre = with_inf}, "options.hint_centre[0] is inf"},
    {{.hint_scale = with_zero}, "options.hint_scale[1] is 0: it must be positive"},
    {{.hint_scale = with_inf}, "options.hint_scale[0] is inf"},
    {{.hint_lower = two}, "options.hint_upper is NULL"},
    {{.hint_upper = two}, "options.hint_lower is NULL"},
    {{.hint_lower = with_nan, .hint_upper = two}, "options.hint_lower[1]"},
    {{.hint_lower = two, .hint_upper = with_inf}, "options.hint_upper[0] is inf"},
    {{.hint_lower = two, .hint_upper = two_again}, "options.hint_lower[0] is 1: it must be below hint_upper[0], which is 1"},
    {{.path_centre = with_nan}, "options.path_centre[1] is "},
    {{.path_centre = with_inf}, "options.path_centre[0] is inf: it must be finite"},
    {{.path_scale = -1}, "options.path_scale is -1: it must be positive and finite, or 0 for the default"},
    {{.path_scale = NAN}, "options.path_scale is "},
    {{.path_scale = INFINITY}, "options.path_scale is inf"},
    {{.schedule = "quartic"}, "options.schedule: there is no \"quartic\"; known are linear, quadratic, geometric, cosine, vp, ve, array"},
    {{.schedule = ""}, "options.schedule: there is no \"\""},
    {{.schedule = "linear", .schedule_count = 2, .schedule_lambda = rising}, "but options.schedule is linear: it must be \"array\""},
    {{.schedule_count = 2}, "but options.schedule is NULL: it must be \"array\""},
    {{ARRAY(2, NULL)}, "schedule_lambda is NULL and schedule_count is 2; give at least 2 values"},
    {{ARRAY(1, with_zero)}, "schedule_lambda is given and schedule_count is 1"},
    {{ARRAY(SIZE_MAX, rising)}, "options.schedule is \"array\""},
    {{ARRAY(4, falling)}, "options.schedule_lambda[2] is 0.4, below 0.5 before it: a schedule must not fall"},
    {{ARRAY(3, unfinished)}, "options.schedule_lambda ends at 0.9: a schedule must end at 1"},
    {{ARRAY(3, beyond)}, "options.schedule_lambda[1] is 1.5: it must be in [0, 1]"},
    {{ARRAY(2, below)}, "options.schedule_lambda[0] is -0.1"},
    {{ARRAY(4, with_nan)}, "options.schedule_lambda[1] is "},
    {{.step_rule = "clever"}, "options.step_rule: there is no \"clever\"; known are adapted, fixed, lambda, bounded"},
    {{.step_size = -0.1}, "options.step_size is -0.1: it must be positive and finite"},
    {{.step_size = NAN}, "options.step_size is "},
    {{.step_size = INFINITY}, "options.step_size is inf"},
    {{.step_bound = -1}, "options.step_bound is -1"},
    {{.step_bound = INFINITY}, "options.step_bound is inf"},
    {{.unadjusted = 1}, "options.unadjusted is set: without a Metropolis test there is no acceptance to adapt steps to"},
    {{.unadjusted = 1, .step_rule = "adapted"}, "options.unadjusted is set"},
    {{.walk = "random"}, "options.walk: there is no \"random\"; known are ve, vp, ncsn, free"},
    {{.walk_count = 2}, "but options.walk is NULL: it must be \"free\""},
    {{.walk = "ve", .walk_sigma = two}, "but options.walk is ve: it must be \"free\""},
    {{FREE(0, two, two, two)}, "must be given, walk_count (0) values each"},
    {{FREE(SIZE_MAX, two, two, two)}, "must be given, walk_count"},
    {{FREE(2, NULL, two, two)}, "walk_sigma, walk_tau and walk_temperature must be given"},
    {{FREE(2, two, NULL, two)}, "walk_sigma, walk_tau and walk_temperature must be given"},
    {{FREE(2, two, two, NULL)}, "walk_sigma, walk_tau and walk_temperature must be given"},
    {{FREE(2, with_zero, two, two)}, "options.walk_sigma[1] is 0, walk_tau 2, walk_temperature 2"},
    {{FREE(2, two, with_zero, two)}, "options.walk_sigma[1] is 2, walk_tau 0"},
    {{FREE(2, two, two, below)}, "options.walk_sigma[0] is 1, walk_tau 1, walk_temperature -0.1"},
    {{FREE(2, two, two, with_nan)}, "options.walk_sigma[1] is 2"},
    {{FREE(2, with_inf, two, two)}, "options.walk_sigma[0] is inf"},
    {{.score = "exact"}, "options.score: there is no \"exact\"; known are closed, importance, langevin"},
    {{.score_samples = 1}, "options.score_samples is 1: it must be 2 to 1000000"},
    {{.score_samples = 1000001}, "options.score_samples is 1000001"},
    {{.guidance = no_guide}, "options.guidance is given, but the method is \"bridge\": only \"walk\" and \"convolution\" can be guided"},
    {{.guidance = no_guide, .method = "dilation"}, "the method is \"dilation\": only"},
    {{.guidance = no_guide, .method = "diffusion-smc"}, "the method is \"diffusion-smc\": only"},
    {{.guidance = no_guide, .method = "walk", .guidance_scale = NAN}, "options.guidance_scale is "},
    {{.guidance_scale = INFINITY}, "options.guidance_scale is inf: it must be finite"},
};

START_TEST(wrong_values) {
  const dilate_target target = pair_target();
  const wrong_case *w = &wrong_cases[_i];
  dilate_options options = w->set, defaults;
  dilate_error err;
  dilate_error_init(&err);
  dilate_options_init(&defaults);
  memcpy(&options, &defaults, offsetof(dilate_options, max_seconds));
  if (w->set.method) options.method = w->set.method;
  if (options.effort == 0) options.effort = 1;
  if (options.score_samples == 0) options.score_samples = 64;
  dilate_sampler *sampler = (dilate_sampler *)&err;
  ck_assert_int_eq(dilate_sampler_create(&target, &options, &sampler, &err), DILATE_EINVAL);
  ck_assert_ptr_null(sampler);
  ck_assert_msg(strstr(err.message, w->text) != NULL, "\"%s\" does not hold \"%s\"", err.message, w->text);
}
END_TEST

START_TEST(defaults_ask_for_nothing) {
  dilate_options o;
  dilate_options_init(&o);
  ck_assert(o.max_seconds == 0 && o.max_evaluations == 0 && o.target_se == 0 && o.effort == 1);
  ck_assert(!o.path_centre && o.path_scale == 0 && !o.schedule && !o.schedule_count && !o.schedule_lambda);
  ck_assert(!o.step_rule && o.step_size == 0 && o.step_bound == 0 && !o.unadjusted && !o.walk && !o.walk_count);
  ck_assert(!o.walk_sigma && !o.walk_tau && !o.walk_temperature && !o.score && o.score_samples == 64);
  ck_assert(!o.guidance && !o.guidance_params && o.guidance_scale == 1);
  ck_assert(!o.hint_points_count && !o.hint_points && !o.hint_centre && !o.hint_scale && !o.hint_lower && !o.hint_upper);
}
END_TEST

/* A program that was compiled before these members existed: what lies behind its struct is neither read nor written. */
START_TEST(older_programs_still_work) {
  const dilate_target target = pair_target();
  dilate_options now = small_options("bridge"), older;
  memset(&older, 0xAB, sizeof older);
  memcpy(&older, &now, offsetof(dilate_options, max_seconds));
  older.struct_size = offsetof(dilate_options, max_seconds);
  dilate_result *a = sample(&target, &now), *b = sample(&target, &older);
  assert_same_result(a, b);
  const unsigned char *byte = (const unsigned char *)&older;
  for (size_t i = older.struct_size; i < sizeof older; i++) ck_assert_uint_eq(byte[i], 0xAB);
  dilate_result_free(a);
  dilate_result_free(b);
}
END_TEST

/* Hints are copied: what becomes of the user's memory after the sampler was created does not matter. */
START_TEST(hints_are_copied) {
  const dilate_target target = pair_target();
  dilate_options options = small_options("bridge");
  double point[] = {4, 2, -4, 0}, centre[] = {1, 1}, scale[] = {3, 3}, lower[] = {-5, -5}, upper[] = {5, 5};
  options.hint_points_count = 2;
  options.hint_points = point;
  options.hint_centre = centre, options.hint_scale = scale;
  options.hint_lower = lower, options.hint_upper = upper;
  dilate_result *kept = sample(&target, &options), *gone;
  dilate_sampler *sampler;
  ck_assert_int_eq(dilate_sampler_create(&target, &options, &sampler, NULL), DILATE_OK);
  double *const all[] = {point, centre, scale, lower, upper};
  for (int k = 0; k < 5; k++) all[k][0] = all[k][1] = NAN;
  int status;
  while ((status = dilate_sampler_step(sampler, NULL)) == DILATE_CONTINUE) continue;
  ck_assert_int_eq(status, DILATE_OK);
  ck_assert_int_eq(dilate_sampler_result(sampler, &gone, NULL), DILATE_OK);
  assert_same_result(kept, gone);
  dilate_sampler_free(sampler);
  dilate_result_free(kept);
  dilate_result_free(gone);
}
END_TEST

/* ---- Budgets ---- */

static void assert_partial(const dilate_result *result, const char *budget) {
  assert_valid_result(result);
  ck_assert_int_eq(dilate_result_complete(result), 0);
  ck_assert(has_warning(result, "a budget, ") && has_warning(result, budget));
}

static uint64_t evaluations_of_a_whole_run(const dilate_target *target, const dilate_options *options) {
  dilate_result *whole = sample(target, options);
  const uint64_t all = dilate_result_evaluations(whole, NULL);
  dilate_result_free(whole);
  return all;
}

/* Evaluations at which a run ends: from the first to nearly the last; the rest is done without them. */
START_TEST(evaluations_end_every_method) {
  const dilate_target target = pair_target();
  dilate_options options = small_options(dilate_method_name((size_t)_i));
  const uint64_t all = evaluations_of_a_whole_run(&target, &options);
  size_t with_draws = 0;
  for (int k = 0; k < 8; k++) {
    options.max_evaluations = 1 + all * (uint64_t)k / 9;
    dilate_result *result;
    ck_assert_int_eq(dilate_sample(&target, &options, &result, NULL), DILATE_STOPPED);
    assert_partial(result, "max_evaluations");
    ck_assert(dilate_result_evaluations(result, NULL) >= options.max_evaluations);
    with_draws += dilate_result_islands(result) > 0;
    dilate_result_free(result);
  }
  /* Diffusion's particles are noise up to its last step. */
  ck_assert(strcmp(options.method, "diffusion-smc") ? with_draws > 1 : with_draws == 0);
}
END_TEST

START_TEST(enough_is_no_budget) {
  const dilate_target target = pair_target();
  dilate_options options = small_options("bridge");
  dilate_result *free_run = sample(&target, &options);
  options.max_evaluations = dilate_result_evaluations(free_run, NULL) + 1;
  options.max_seconds = 1e6;
  dilate_result *result = sample(&target, &options);
  assert_same_result(free_run, result);
  ck_assert(!has_warning(result, "budget"));
  dilate_result_free(free_run);
  dilate_result_free(result);
}
END_TEST

START_TEST(an_unfinished_exploration_says_so) {
  const dilate_target target = pair_target();
  dilate_options options = small_options("bridge");
  options.max_evaluations = 1;
  dilate_result *result;
  ck_assert_int_eq(dilate_sample(&target, &options, &result, NULL), DILATE_STOPPED);
  assert_partial(result, "its exploration is unfinished, so modes may have been missed");
  ck_assert_uint_eq(dilate_result_islands(result), 0);
  dilate_result_free(result);
}
END_TEST

/* Step by step: stopped, and stopped again. */
START_TEST(seconds_end_every_method) {
  const dilate_target target = pair_target();
  dilate_options options = small_options(dilate_method_name((size_t)_i));
  options.max_seconds = 1e-9;
  dilate_sampler *sampler;
  dilate_result *result;
  ck_assert_int_eq(dilate_sampler_create(&target, &options, &sampler, NULL), DILATE_OK);
  for (int k = 0; k < 3; k++) ck_assert_int_eq(dilate_sampler_step(sampler, NULL), DILATE_STOPPED);
  ck_assert_int_eq(dilate_sampler_result(sampler, &result, NULL), DILATE_OK);
  assert_partial(result, "max_seconds (1e-09)");
  dilate_result_free(result);
  dilate_sampler_free(sampler);
}
END_TEST

/* ---- Hints ---- */

/* Half in a standard normal at the origin, half in a normal of standard deviation 0.01 a thousand away; log Z = 0. */
#define FAR_WIDTH 0.01
static const double far_place[] = {800, -600};

static int far_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  double square[2] = {0}, precision[] = {1, 1 / (FAR_WIDTH * FAR_WIDTH)}, term[2];
  (void)params;
  for (size_t j = 0; j < dim; j++) {
    square[0] += x[j] * x[j];
    square[1] += (x[j] - far_place[j]) * (x[j] - far_place[j]);
  }
  for (int k = 0; k < 2; k++) term[k] = log(0.5 * precision[k] / (2 * acos(-1))) - 0.5 * precision[k] * square[k];
  const double largest = fmax(term[0], term[1]), w0 = exp(term[0] - largest), w1 = exp(term[1] - largest);
  *logp = largest + log(w0 + w1);
  for (size_t j = 0; grad && j < dim; j++) grad[j] = -(w0 * x[j] + w1 * precision[1] * (x[j] - far_place[j])) / (w0 + w1);
  return 0;
}

static dilate_target far_target(void) {
  dilate_target target = pair_target();
  target.logp = far_logp;
  return target;
}

/* Share of the draws near the far mode. */
static double far_share(const dilate_result *result) {
  const double *x = dilate_result_unconstrained(result);
  const size_t rows = dilate_result_islands(result) * dilate_result_draws(result);
  size_t there = 0;
  for (size_t i = 0; i < rows; i++) there += fabs(x[2 * i] - far_place[0]) < 1;
  return (double)there / (double)rows;
}

/* Runs with seeds 1 to `seeds`: how many found both modes with the right weight and log Z. */
static int runs_that_find_both(dilate_options options, int seeds) {
  const dilate_target target = far_target();
  int right = 0;
  for (options.seed = 1; options.seed <= (uint64_t)seeds; options.seed++) {
    double log_z, se, df;
    dilate_result *result = sample(&target, &options);
    ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, &df), DILATE_OK);
    right += fabs(log_z) < 4.5 * se + 0.01 && fabs(far_share(result) - 0.5) < 0.15;
    dilate_result_free(result);
  }
  return right;
}

START_TEST(a_point_finds_what_is_hidden) {
  dilate_options options = small_options("bridge");
  const double near[] = {800.02, -599.97};
  ck_assert_int_le(runs_that_find_both(options, 3), 1);
  options.hint_points_count = 1;
  options.hint_points = near;
  ck_assert_int_eq(runs_that_find_both(options, 3), 3);
}
END_TEST

START_TEST(a_box_finds_what_is_hidden) {
  dilate_options options = small_options("bridge");
  const double lower[] = {799, -601}, upper[] = {801, -599};
  options.hint_lower = lower;
  options.hint_upper = upper;
  ck_assert_int_eq(runs_that_find_both(options, 3), 3);
}
END_TEST

START_TEST(a_centre_finds_what_is_hidden) {
  dilate_options options = small_options("bridge");
  const double scale[] = {0.02, 0.02};
  options.hint_centre = far_place;
  options.hint_scale = scale;
  ck_assert_int_eq(runs_that_find_both(options, 3), 3);
}
END_TEST

/* More points than the first batches have room for. */
START_TEST(many_points) {
  dilate_options options = small_options("bridge");
  const size_t count = 1000;
  double *point = calloc(count, 2 * sizeof *point);
  for (size_t i = 0; i < count; i++) {
    point[2 * i] = i % 2 ? far_place[0] : 3;
    point[2 * i + 1] = i % 2 ? far_place[1] : -3;
  }
  options.hint_points_count = count;
  options.hint_points = point;
  ck_assert_int_ge(runs_that_find_both(options, 2), 1);
  free(point);
}
END_TEST

/* Half of the plane is outside: the pair of normals where x[0] > -10 only. */
static int cut_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  return x[0] > -10 ? pair_logp(dim, x, logp, grad, params) : 1;
}

static void set_wrong_hint(int which, dilate_options *options) {
  static const double outside[] = {-1000, 0}, wide[] = {4000, 4000}, narrow[] = {1e-3, 1e-3}, distant[] = {1e6, -1e6}, above[] = {-900, 1};
  switch (which) {
  case 0:
    options->hint_points_count = 1;
    options->hint_points = outside;
    break;
  case 1:
    options->hint_scale = wide;
    break;
  case 2:
    options->hint_scale = narrow;
    break;
  case 3:
    options->hint_centre = distant;
    break;
  case 4: /* a box without a point of the support */
    options->hint_lower = outside;
    options->hint_upper = above;
    break;
  default: /* all at once */
    for (int k = 0; k < 5; k++) set_wrong_hint(k, options);
  }
}

/* Three seeds each: log Z and the weights as without hints. */
START_TEST(wrong_hints_do_no_harm) {
  dilate_target target = pair_target();
  dilate_options options = small_options("bridge");
  target.logp = cut_logp;
  set_wrong_hint(_i, &options);
  for (options.seed = 1; options.seed <= 3; options.seed++) {
    double log_z, se, df;
    dilate_result *result = sample(&target, &options);
    ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, &df), DILATE_OK);
    ck_assert_msg(fabs(log_z - PAIR_LOG_Z) < 4.5 * se && se < 0.2, "log Z %g +- %g with seed %d", log_z, se, (int)options.seed);
    ck_assert_uint_eq(dilate_result_mode_count(result), 2);
    dilate_result_free(result);
  }
}
END_TEST

/* ---- Effort and a target error ---- */

static double se_of(const dilate_target *target, const dilate_options *options, uint64_t *evaluations) {
  double log_z, se, df;
  dilate_result *result = sample(target, options);
  assert_valid_result(result);
  ck_assert_uint_eq(dilate_result_draws(result), options->draws);
  ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, &df), DILATE_OK);
  ck_assert_double_eq_tol(log_z, PAIR_LOG_Z, 4.5 * se);
  *evaluations = dilate_result_evaluations(result, NULL);
  dilate_result_free(result);
  return se;
}

/* One group, so that the excess between groups, which is mostly zero and sometimes not, does not blur the comparison: sixteen times the
 * chains are a quarter of the error, within what two estimates of it differ by. */
START_TEST(effort_buys_precision) {
  const dilate_target target = pair_target();
  dilate_options options = small_options("bridge");
  uint64_t little, usual, much;
  options.groups = 1;
  const double se = se_of(&target, &options, &usual);
  options.effort = 16;
  const double less = se_of(&target, &options, &much);
  options.effort = 0.1;
  const double more = se_of(&target, &options, &little);
  ck_assert_msg(less < se / 2, "%g is not much less than %g", less, se);
  ck_assert_double_gt(more, se);
  ck_assert(little < usual && usual < much);
}
END_TEST

START_TEST(a_target_error_is_reached) {
  const dilate_target target = pair_target();
  dilate_options options = small_options("bridge");
  uint64_t usual, more;
  options.target_se = se_of(&target, &options, &usual) / 2;
  ck_assert_double_le(se_of(&target, &options, &more), options.target_se);
  ck_assert_uint_gt(more, usual);
  options.threads = 3;
  uint64_t again;
  ck_assert_double_le(se_of(&target, &options, &again), options.target_se);
  ck_assert_uint_eq(again, more);
}
END_TEST

START_TEST(a_target_error_out_of_reach) {
  const dilate_target target = pair_target();
  dilate_options options = small_options("bridge");
  options.draws = 16;
  options.target_se = 1e-9;
  dilate_result *result = sample(&target, &options);
  ck_assert(has_warning(result, "after 64 repeats") && has_warning(result, "raise the effort"));
  options.max_evaluations = dilate_result_evaluations(result, NULL) / 2;
  dilate_result_free(result);
  result = sample(&target, &options);
  ck_assert(has_warning(result, "a budget leaves no room for another"));
  ck_assert(dilate_result_complete(result) && dilate_result_mode_count(result) == 2);
  dilate_result_free(result);
}
END_TEST

/* What is pooled is unbiased: over twenty seeds the mean of (log Z - truth)/se is within 4.5/sqrt(20) of 0, for an error of at most 1. */
START_TEST(repeats_are_unbiased) {
  const dilate_target target = pair_target();
  dilate_options options = small_options("bridge");
  double sum = 0;
  options.target_se = 0.006;
  for (options.seed = 1; options.seed <= 20; options.seed++) {
    double log_z, se, df;
    dilate_result *result = sample(&target, &options);
    ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, &df), DILATE_OK);
    sum += (log_z - PAIR_LOG_Z) / se;
    dilate_result_free(result);
  }
  ck_assert_double_lt(fabs(sum / 20), 4.5 / sqrt(20));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("options");
  TCase *refused = tcase_create("refused"), *budgets = tcase_create("budgets"), *hints = tcase_create("hints"),
        *more = tcase_create("effort and target error");
  int methods = 0;
  while (dilate_method_name((size_t)methods)) methods++;
  tcase_add_test(refused, defaults_ask_for_nothing);
  tcase_add_loop_test(refused, wrong_values, 0, (int)(sizeof wrong_cases / sizeof *wrong_cases));
  tcase_add_test(refused, older_programs_still_work);
  tcase_add_test(refused, hints_are_copied);
  tcase_add_loop_test(budgets, evaluations_end_every_method, 0, methods);
  tcase_add_loop_test(budgets, seconds_end_every_method, 0, methods);
  tcase_add_test(budgets, enough_is_no_budget);
  tcase_add_test(budgets, an_unfinished_exploration_says_so);
  tcase_add_test(hints, a_point_finds_what_is_hidden);
  tcase_add_test(hints, a_box_finds_what_is_hidden);
  tcase_add_test(hints, a_centre_finds_what_is_hidden);
  tcase_add_test(hints, many_points);
  tcase_add_loop_test(hints, wrong_hints_do_no_harm, 0, 6);
  tcase_add_test(more, effort_buys_precision);
  tcase_add_test(more, a_target_error_is_reached);
  tcase_add_test(more, a_target_error_out_of_reach);
  tcase_add_test(more, repeats_are_unbiased);
  TCase *all[] = {refused, budgets, hints, more};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    tcase_set_timeout(all[i], 300);
    suite_add_tcase(suite, all[i]);
  }
  return run_all(srunner_create(suite));
}
