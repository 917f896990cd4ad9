/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every method on every kind of target: the same results whatever the threads and however it is stepped, something valid wherever it is
 * stopped, draws whose log-densities are the target's; then what the path methods alone have: schedules, rules for steps, the lower bound
 * of the evidence, guidance.
 *
 * Seeds are fixed; a right mean passes a limit of 4.5 standard errors with probability 1 - 7e-6. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "check_sampler.h"
#include "densities.h"
#include "gaussians.h"
#include "method/particle_run.h"
#include "method/place.h"
#include "runner.h"

static int methods(void) {
  int count = 0;
  while (dilate_method_name((size_t)count)) count++;
  return count;
}

static dilate_target point_target(size_t dim, dilate_logp_fn logp, void *params) {
  dilate_target user;
  dilate_target_init(&user);
  user.dim = dim;
  user.logp = logp;
  user.params = params;
  return user;
}

static int unit_box(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  *logp = 0;
  for (size_t j = 0; grad && j < dim; j++) grad[j] = 0;
  for (size_t j = 0; j < dim; j++)
    if (!(x[j] > 0 && x[j] < 1)) return 1;
  return 0;
}

static int quartic(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    *logp -= pow(x[j], 4);
    if (grad) grad[j] = -4 * pow(x[j], 3);
  }
  return 0;
}

/* Three modes in the plane; the same without a gradient; hard edges; a line; its own convolution. */
static gaussians plane, line;
#define KINDS 5

static dilate_target target_of_kind(int kind) {
  plane = gaussians_random(12, 2, 3, 6);
  line = gaussians_random(13, 1, 2, 4);
  dilate_target user = kind == 2 ? point_target(2, unit_box, NULL) : gaussians_target(kind == 3 ? &line : &plane);
  if (kind == 1) user.flags = DILATE_TARGET_NO_GRADIENT;
  if (kind == 4) user.convolve = gaussians_convolve;
  return user;
}

/* Small enough for estimated scores. */
static dilate_options tiny_options(size_t number) {
  dilate_options o = small_options(dilate_method_name(number));
  o.draws = 32;
  o.score_samples = 16;
  return o;
}

/* Valid, and its log-densities are the target's own. */
static void assert_of_target(const dilate_result *result, const dilate_target *user, double tolerance) {
  const size_t rows = dilate_result_islands(result) * dilate_result_draws(result);
  assert_valid_result(result);
  for (size_t i = 0; i < rows; i++) {
    double logp = NAN;
    ck_assert_int_eq(user->logp(user->dim, dilate_result_unconstrained(result) + i * user->dim, &logp, NULL, user->params), 0);
    ck_assert_double_le(fabs(logp - dilate_result_log_density(result)[i]), tolerance * (1 + fabs(logp)));
  }
}

START_TEST(every_method_on_every_target) {
  const dilate_target user = target_of_kind(_i % KINDS);
  dilate_options o = tiny_options((size_t)(_i / KINDS));
  dilate_result *alone = sample(&user, &o);
  assert_of_target(alone, &user, 1e-12);
  const size_t threads[] = {2, 5};
  for (size_t k = 0; k < 2; k++) {
    o.threads = threads[k];
    dilate_result *together = sample(&user, &o);
    assert_same_result(alone, together);
    dilate_result_free(together);
  }
  dilate_result_free(alone);
}
END_TEST

START_TEST(stepping_is_sampling) {
  const dilate_target user = target_of_kind(_i % KINDS);
  const dilate_options o = tiny_options((size_t)(_i / KINDS));
  dilate_result *whole = sample(&user, &o), *stepped;
  dilate_sampler *sampler;
  int status;
  ck_assert_int_eq(dilate_sampler_create(&user, &o, &sampler, NULL), DILATE_OK);
  while ((status = dilate_sampler_step(sampler, NULL)) == DILATE_CONTINUE) {
    size_t n, ld;
    const double *x = dilate_sampler_particles(sampler, &n, &ld);
    for (size_t i = 0; i < n; i++) ck_assert(!isnan(x[i]));
  }
  ck_assert_int_eq(status, DILATE_OK);
  ck_assert_int_eq(dilate_sampler_result(sampler, &stepped, NULL), DILATE_OK);
  assert_same_result(whole, stepped);
  dilate_sampler_free(sampler);
  dilate_result_free(whole);
  dilate_result_free(stepped);
}
END_TEST

/* After every step there is something to take: a partial result of the target, or the reason why there is none yet; and taking it changes
 * nothing of what follows. */
START_TEST(stopped_anywhere) {
  const dilate_target user = target_of_kind(_i % KINDS);
  dilate_options o = tiny_options((size_t)(_i / KINDS));
  o.draws = 16;
  dilate_result *whole = sample(&user, &o), *last = NULL;
  dilate_sampler *sampler;
  dilate_error err;
  dilate_error_init(&err);
  int status = DILATE_CONTINUE;
  ck_assert_int_eq(dilate_sampler_create(&user, &o, &sampler, NULL), DILATE_OK);
  while (status == DILATE_CONTINUE) {
    dilate_result *partial = NULL;
    const int taken = dilate_sampler_result(sampler, &partial, &err);
    ck_assert(taken == DILATE_OK || (taken == DILATE_ESUPPORT && strlen(err.message) > 20));
    if (partial) {
      ck_assert_int_eq(dilate_result_complete(partial), 0);
      assert_of_target(partial, &user, 1e-8);
    }
    dilate_result_free(partial);
    dilate_error_init(&err);
    status = dilate_sampler_step(sampler, NULL);
  }
  ck_assert_int_eq(status, DILATE_OK);
  ck_assert_int_eq(dilate_sampler_result(sampler, &last, NULL), DILATE_OK);
  assert_same_result(whole, last);
  dilate_sampler_free(sampler);
  dilate_result_free(whole);
  dilate_result_free(last);
}
END_TEST

static int nowhere(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)x, (void)logp, (void)grad, (void)params;
  return 1;
}

/* Nothing to sample, and no search for its place that could tell: the end is an error that says so, or a result without draws that warns.
 */
START_TEST(nothing_to_sample) {
  const dilate_target user = point_target(2, nowhere, NULL);
  const double centre[] = {1, 2};
  for (int known = 0; known < 2; known++) {
    dilate_options o = tiny_options((size_t)_i);
    if (known) o.path_centre = centre, o.path_scale = 3;
    dilate_error err;
    dilate_error_init(&err);
    dilate_result *result = NULL;
    const int status = dilate_sample(&user, &o, &result, &err);
    ck_assert(status == DILATE_ESUPPORT || (known && status == DILATE_OK && !strcmp(o.method, "diffusion-smc")));
    ck_assert(status == DILATE_OK || strlen(err.message) > 20);
    if (result) ck_assert(dilate_result_islands(result) == 0 && has_warning(result, "no particle came to the target's support"));
    dilate_result_free(result);
  }
}
END_TEST

/* Three modes, and nothing else.  The last method, diffusion-smc, is left out: its particles never move but with noise, and resampling
 * loses modes of small weight. */
START_TEST(modes_are_found) {
  if (!strcmp(dilate_method_name((size_t)_i), "diffusion-smc")) return; /* it is lost between modes: check_diffusion.c, slow_diffusion.c */
  const dilate_target user = target_of_kind(4);
  dilate_options o = small_options(dilate_method_name((size_t)_i));
  o.draws = 250;
  o.steps = 100;
  dilate_result *result = sample(&user, &o);
  int seen[3] = {0};
  ck_assert_uint_eq(dilate_result_mode_count(result), 3);
  for (size_t k = 0; k < 3; k++) {
    dilate_mode mode = {.struct_size = sizeof mode};
    ck_assert_int_eq(dilate_result_mode_info(result, k, &mode), DILATE_OK);
    for (size_t c = 0; c < 3; c++) seen[c] |= hypot(mode.peak[0] - plane.mean[c][0], mode.peak[1] - plane.mean[c][1]) < 0.2;
  }
  ck_assert(seen[0] && seen[1] && seen[2]);
  dilate_result_free(result);
}
END_TEST

/* ---- Schedules ---- */

static const char *const path_methods[] = {"geometric", "dilation", "convolution"};

/* What each path method makes of a schedule: its time at the first step, and the share of the steps that follow the path. */
static const struct { double first, share; } followed[] = {{0, 0.8}, {0.1, 0.6}, {0, 0.6}};

/* The temperatures of a run are those of the schedule, of which lambda(t) is told, step by step. */
static void check_temperatures(const dilate_result *result, const char *stage, size_t steps, double first, double share,
                               double (*lambda)(const void *of, double t), const void *of) {
  size_t k = 0;
  for (size_t i = 0; i < dilate_result_trace_count(result); i++) {
    dilate_trace trace = {.struct_size = sizeof trace};
    ck_assert_int_eq(dilate_result_trace_info(result, i, &trace), DILATE_OK);
    if (strcmp(trace.stage, stage)) continue;
    const double along = share * (double)steps, t = first + (1 - first) * (double)k / along;
    ck_assert_double_eq_tol(trace.temperature, (double)k < along ? lambda(of, t) : 1, 1e-12);
    k++;
  }
  ck_assert_uint_eq(k, steps);
}

static double named_lambda(const void *of, double t) {
  return dilate_schedule_lambda(*(const dilate_schedule *)of, t);
}

/* Straight lines through 1/4, 1/4, 1/2, 1. */
static double array_lambda(const void *of, double t) {
  (void)of;
  return t < 1.0 / 3 ? 0.25 : t < 2.0 / 3 ? 0.25 + 0.75 * (t - 1.0 / 3) : 0.5 + 1.5 * (t - 2.0 / 3);
}

START_TEST(schedules_are_followed) {
  const dilate_target user = target_of_kind(4);
  const double lambda[] = {0.25, 0.25, 0.5, 1};
  for (size_t m = 0; m < 3; m++)
    for (size_t k = 0; k < 7; k++) {
      const dilate_schedule kind = (dilate_schedule)k;
      dilate_options o = small_options(path_methods[m]);
      o.schedule = k < 6 ? dilate_schedule_name(k) : "array";
      if (k == 6) o.schedule_count = 4, o.schedule_lambda = lambda;
      dilate_result *result = sample(&user, &o);
      check_temperatures(result, path_methods[m], o.steps, k < 6 ? followed[m].first : 0, followed[m].share,
                         k < 6 ? named_lambda : array_lambda, &kind);
      assert_of_target(result, &user, 1e-12);
      dilate_result_free(result);
    }
}
END_TEST

/* The user's array is copied, and the steps stand at its values. */
START_TEST(arrays_of_schedules_are_copied) {
  const dilate_target user = target_of_kind(0);
  double lambda[] = {0, 0.5, 1};
  dilate_options o = small_options("geometric");
  o.schedule = "array", o.schedule_count = 3, o.schedule_lambda = lambda;
  dilate_sampler *sampler;
  ck_assert_int_eq(dilate_sampler_create(&user, &o, &sampler, NULL), DILATE_OK);
  lambda[0] = lambda[1] = lambda[2] = NAN;
  for (int k = 0; k <= 16; k++) ck_assert_int_eq(dilate_sampler_step(sampler, NULL), DILATE_CONTINUE);
  dilate_progress progress = {.struct_size = sizeof progress};
  dilate_sampler_progress(sampler, &progress);
  ck_assert_double_eq(progress.temperature, 0.5); /* 17 steps of the 32 that follow the path: half of them lie behind the last */
  dilate_sampler_free(sampler);
}
END_TEST

static void assert_refused(const dilate_options *o, const dilate_target *user, int status, const char *text) {
  dilate_error err;
  dilate_error_init(&err);
  dilate_sampler *sampler = (dilate_sampler *)&err;
  ck_assert_int_eq(dilate_sampler_create(user, o, &sampler, &err), status);
  ck_assert_ptr_null(sampler);
  ck_assert_msg(strstr(err.message, text) != NULL, "\"%s\" does not hold \"%s\"", err.message, text);
}

/* Where a path has no density a schedule may not stand, and what a target has not no score can be. */
START_TEST(what_does_not_go_together) {
  const dilate_target user = target_of_kind(0);
  const double from_zero[] = {0, 0.5, 1}, above[] = {1e-6, 0.5, 1};
  dilate_options o = small_options("dilation");
  o.schedule = "array", o.schedule_count = 3, o.schedule_lambda = from_zero;
  assert_refused(&o, &user, DILATE_EDOMAIN, "options.schedule_lambda[0] is 0: there the path \"dilation\" is a point mass");
  o.schedule_lambda = above;
  dilate_result_free(sample(&user, &o));
  o.method = "geometric", o.schedule_lambda = from_zero;
  dilate_result_free(sample(&user, &o));
  const char *const scored[] = {"walk", "convolution"};
  for (size_t k = 0; k < 2; k++) {
    o = small_options(scored[k]);
    o.score = "closed";
    assert_refused(&o, &user, DILATE_EDOMAIN, "convolve");
  }
}
END_TEST

/* Names are ours once the sampler is made, whatever becomes of the user's memory. */
START_TEST(names_are_copied) {
  const dilate_target user = target_of_kind(4);
  char walk[] = "vp", score[] = "importance", rule[] = "lambda", kind[] = "cosine";
  for (int m = 0; m < 2; m++) {
    dilate_options o = small_options(m ? "walk" : "geometric");
    o.walk = walk, o.score = score, o.step_rule = rule, o.schedule = kind, o.step_size = 0.2;
    o.score_samples = 8;
    dilate_result *kept = sample(&user, &o), *gone;
    dilate_sampler *sampler;
    ck_assert_int_eq(dilate_sampler_create(&user, &o, &sampler, NULL), DILATE_OK);
    walk[0] = score[0] = rule[0] = kind[0] = 'x';
    while (dilate_sampler_step(sampler, NULL) == DILATE_CONTINUE) continue;
    ck_assert_int_eq(dilate_sampler_result(sampler, &gone, NULL), DILATE_OK);
    const size_t rows = dilate_result_islands(kept) * dilate_result_draws(kept);
    ck_assert_mem_eq(dilate_result_unconstrained(kept), dilate_result_unconstrained(gone), rows * user.dim * sizeof(double));
    walk[0] = 'v', score[0] = 'i', rule[0] = 'l', kind[0] = 'c';
    dilate_sampler_free(sampler);
    dilate_result_free(kept);
    dilate_result_free(gone);
  }
}
END_TEST

/* ---- Place ---- */

/* The standard normal in d coordinates, seen from 30 away in each: the spread about that centre is 30; a scale that is given stays. */
START_TEST(what_is_given_of_the_place_stays) {
  density normal = density_normal(3, 1);
  const dilate_target user = density_target(&normal);
  const double away[] = {30, 30, 30};
  for (int given = 0; given < 2; given++) {
    dilate_options o = small_options("geometric");
    if (given)
      o.path_scale = 7;
    else
      o.path_centre = away;
    run *r;
    double centre[3], scale;
    ck_assert_int_eq(run_create(&user, &o, &r, NULL), DILATE_OK);
    ck_assert_int_eq(place_find(r, centre, &scale, NULL), DILATE_OK);
    for (size_t j = 0; j < 3; j++) ck_assert_double_le(fabs(centre[j] - (given ? 0 : 30)), given ? 0.7 : 0); /* 5 sd of the mean of 64 */
    ck_assert_double_le(fabs(scale - (given ? 7 : 30)), given ? 0 : 0.7);
    run_free(r);
  }
}
END_TEST

/* A run of a few steps ends on the target, and its bound is one of the target's. */
START_TEST(short_runs_end_on_the_target) {
  const dilate_target user = target_of_kind(4);
  for (size_t m = 0; m < 3; m++)
    for (size_t steps = 1; steps <= 4; steps++) {
      dilate_options o = small_options(path_methods[m]);
      o.steps = steps;
      dilate_result *result = sample(&user, &o);
      dilate_trace last = {.struct_size = sizeof last};
      ck_assert_int_eq(dilate_result_trace_info(result, dilate_result_trace_count(result) - 1, &last), DILATE_OK);
      ck_assert_double_eq(last.temperature, 1);
      dilate_result_free(result);
    }
}
END_TEST

/* ---- Steps ---- */

static const char *const rules[] = {"adapted", "fixed", "lambda", "bounded"};

START_TEST(rules_of_steps) {
  const dilate_target user = target_of_kind(4);
  const char *const all[] = {"langevin", "geometric", "dilation", "convolution"};
  for (size_t m = 0; m < 4; m++)
    for (size_t k = 0; k < 4; k++)
      for (int unadjusted = 0; unadjusted < 2; unadjusted++) {
        dilate_options o = small_options(all[m]);
        o.step_rule = rules[k];
        o.step_size = 0.05;
        o.unadjusted = unadjusted;
        if (unadjusted && k == 0) continue; /* refused: check_options.c */
        dilate_result *result = sample(&user, &o);
        assert_of_target(result, &user, 1e-12);
        ck_assert_int_eq(has_warning(result, "draws are biased by an amount that falls with the step size (0.05)"), unadjusted);
        dilate_result_free(result);
      }
}
END_TEST

/* From where the density's gradient, or its square, overflows: by any rule a valid result or no support, never a number that is none. */
START_TEST(overflow_in_the_tails) {
  const dilate_target user = point_target(2, quartic, NULL);
  const char *const all[] = {"langevin", "geometric", "dilation"};
  const double centre[] = {0, 0}, scales[] = {1e3, 1e20, 1e60, 1e76};
  for (size_t s = 0; s < 4; s++)
    for (size_t m = 0; m < 3; m++)
      for (size_t k = 0; k < 4; k++)
        for (int unadjusted = 0; unadjusted < 2; unadjusted++) {
          dilate_options o = small_options(all[m]);
          o.step_rule = rules[k];
          o.unadjusted = unadjusted;
          o.path_centre = centre;
          o.path_scale = scales[s];
          if (unadjusted && k == 0) continue;
          dilate_error err;
          dilate_error_init(&err);
          dilate_result *result = NULL;
          const int status = dilate_sample(&user, &o, &result, &err);
          ck_assert_msg(status == DILATE_OK || status == DILATE_ESUPPORT, "%s, %s: %s", all[m], rules[k], err.message);
          if (result) assert_of_target(result, &user, 1e-9);
          double bound = 0, se = 0;
          if (result && dilate_result_log_z_bound(result, &bound, &se) == DILATE_OK) ck_assert(isfinite(bound) && !isnan(se));
          dilate_result_free(result);
        }
}
END_TEST

/* ---- The lower bound ---- */

#define PARTICLES 8000

/* Runs a plan unadjusted to its end: *mean and *se of exp(log weight) / Z; the bound that the result states.  The twin forgets the ratios
 * of the kernels after the first step. */
static void weights_of(const particle_plan *plan, gaussians *g, int forget, double *mean, double *se, double *bound) {
  static double first[PARTICLES];
  const double centre[] = {0.2, -0.1, 0.3};
  dilate_target user = gaussians_target(g);
  user.convolve = gaussians_convolve;
  dilate_options o;
  dilate_options_init(&o);
  o.method = "langevin"; /* the plan is ours */
  o.draws = PARTICLES / 4;
  o.steps = 60;
  o.step_rule = "lambda", o.step_size = 0.01, o.unadjusted = 1;
  o.path_centre = centre, o.path_scale = 1.2;
  run *r;
  void *state;
  dilate_result *result;
  int status;
  ck_assert_int_eq(run_create(&user, &o, &r, NULL), DILATE_OK);
  ck_assert_int_eq(particle_run_create(r, plan, &state, NULL), DILATE_OK);
  particle_run *m = state;
  while ((status = particle_run_step(state, r, NULL)) == DILATE_CONTINUE)
    if (m->taken == 1) memcpy(first, m->log_weight, sizeof first);
  ck_assert_int_eq(status, DILATE_OK);
  if (forget) memcpy(m->log_weight, first, sizeof first);
  double sum = 0, square = 0, log_sum = 0;
  for (size_t i = 0; i < PARTICLES; i++) {
    const double log_weight = m->log_weight[i] + m->p.logp[i];
    log_sum += log_weight / PARTICLES;
    sum += exp(log_weight - g->log_z) / PARTICLES;
    square += exp(2 * (log_weight - g->log_z)) / PARTICLES;
  }
  *mean = sum;
  *se = sqrt((square - sum * sum) / PARTICLES);
  double bound_se;
  ck_assert_int_eq(particle_run_result(state, r, &result, NULL), DILATE_OK);
  ck_assert_int_eq(dilate_result_log_z_bound(result, bound, &bound_se), DILATE_OK);
  ck_assert_double_le(fabs(*bound - log_sum), 1e-9);
  ck_assert(forget || (bound_se > 0 && *bound + 4.5 * bound_se < g->log_z));
  dilate_result_free(result);
  particle_run_destroy(state);
  run_free(r);
}

/* The weights of every path, from a Gaussian and dropped from near, have the mean Z, to a few per cent; their logarithms lie below. */
START_TEST(weights_are_unbiased) {
  static const particle_plan plans[] = {
      {.stage = "a", .path = &path_geometric, .schedule = DILATE_SCHEDULE_QUADRATIC, .share = 0.8, .gaussian = 1},
      {.stage = "b", .path = &path_convolution, .schedule = DILATE_SCHEDULE_LINEAR, .share = 0.8, .gaussian = 1},
      {.stage = "c", .path = &path_none, .gaussian = 1},
      {.stage = "d", .path = &path_none, .nearest = 0.7, .farthest = 1.2},
      {.stage = "e", .path = &path_dilation, .first = 0.8, .share = 0.5, .nearest = 0.7, .farthest = 1.2}};
  for (size_t k = 0; k < 5; k++)
    for (size_t dim = 1; dim <= 3; dim += 2) {
      gaussians g = gaussians_random(14, dim, 1, 0.3);
      double mean, se, bound;
      weights_of(&plans[k], &g, 1, &mean, &se, &bound);
      ck_assert_double_gt(fabs(mean - 1), 4.5 * se);
      weights_of(&plans[k], &g, 0, &mean, &se, &bound);
      printf("unadjusted %-11s d = %zu: mean weight %.4f +- %.4f, bound %.4f below log Z\n", plans[k].path->name, dim, mean, se,
             g.log_z - bound);
      ck_assert_msg(fabs(mean - 1) < 4.5 * se && se < 0.03, "%s: %g +- %g", plans[k].path->name, mean, se);
    }
}
END_TEST

START_TEST(a_bound_where_there_is_one) {
  const dilate_target user = target_of_kind(4), box = target_of_kind(2);
  double bound = 0, se = 0;
  for (size_t i = 0; dilate_method_name(i); i++) {
    const dilate_options o = tiny_options(i);
    dilate_result *result = sample(&user, &o);
    ck_assert_int_eq(dilate_result_log_z_bound(result, &bound, &se), DILATE_EDOMAIN);
    ck_assert(isnan(bound) && isnan(se));
    dilate_result_free(result);
  }
  const char *const all[] = {"langevin", "geometric", "dilation", "convolution"};
  for (size_t m = 0; m < 4; m++) {
    dilate_options o = small_options(all[m]);
    o.step_rule = "lambda", o.step_size = 0.02, o.unadjusted = 1;
    dilate_result *result = sample(&user, &o);
    ck_assert_int_eq(dilate_result_log_z_bound(result, &bound, &se), DILATE_OK);
    ck_assert(isfinite(bound) && se >= 0 && bound - 4.5 * se < plane.log_z);
    dilate_result_free(result);
    /* Dropped again, or out of the support: no known density, or a weight of 0. */
    result = m == 3 ? NULL : sample(&box, &o);
    if (result) ck_assert_int_eq(dilate_result_log_z_bound(result, NULL, NULL), DILATE_EDOMAIN);
    dilate_result_free(result);
  }
  ck_assert_int_lt(dilate_result_log_z_bound(NULL, &bound, &se), 0);
}
END_TEST

/* ---- Guidance ---- */

#define DATUM 1.5

/* One observation of the sum of the coordinates, of unit noise; aborts when asked to. */
static int observation(size_t dim, const double *x, double *logp, double *grad, void *params) {
  double sum = 0;
  for (size_t j = 0; j < dim; j++) sum += x[j];
  *logp = -0.5 * (sum - DATUM) * (sum - DATUM);
  for (size_t j = 0; j < dim; j++) grad[j] = DATUM - sum;
  return params ? *(int *)params : 0;
}

static double mean_of(const dilate_result *result) {
  const size_t rows = dilate_result_islands(result) * dilate_result_draws(result);
  double sum = 0;
  for (size_t i = 0; i < rows; i++) sum += dilate_result_unconstrained(result)[i] / (double)rows;
  return sum;
}

/* On N(0, 1), whose posterior is N(DATUM / 2, 1/2): a guide moves the draws that way, one of scale 0 does not, and one that aborts ends the
 * run with what there was. */
START_TEST(guided_walks) {
  const char *const guided[] = {"walk", "convolution"};
  gaussians g = {.dim = 1, .components = 1, .weight = {1}, .covariance = {{1}}, .factor = {{1}}};
  dilate_target user = gaussians_target(&g);
  user.convolve = gaussians_convolve;
  for (size_t m = 0; m < 2; m++) {
    dilate_options o = small_options(guided[m]);
    o.draws = 500;
    o.steps = 100;
    o.walk = m ? NULL : "ncsn";
    dilate_result *free_walk = sample(&user, &o);
    o.guidance = observation;
    dilate_result *towards = sample(&user, &o);
    ck_assert_double_le(fabs(mean_of(free_walk)), 0.1);
    ck_assert_double_le(fabs(mean_of(towards) - DATUM / 2), 0.2);
    ck_assert(has_warning(towards, "guided by a likelihood's gradient") && !has_warning(free_walk, "guided"));
    o.threads = 5;
    dilate_result *threaded = sample(&user, &o);
    assert_same_result(towards, threaded);
    o.guidance_scale = 0;
    dilate_result *nowhere = sample(&user, &o);
    if (m == 0) assert_same_result(free_walk, nowhere);
    ck_assert_double_le(fabs(mean_of(nowhere)), 0.1);
    int code = -3;
    o.guidance_params = &code;
    dilate_result *aborted = NULL;
    dilate_error err;
    dilate_error_init(&err);
    ck_assert_int_eq(dilate_sample(&user, &o, &aborted, &err), DILATE_ETARGET);
    ck_assert_ptr_nonnull(strstr(err.message, "it returned -3"));
    ck_assert_ptr_null(aborted);
    dilate_result_free(free_walk);
    dilate_result_free(towards);
    dilate_result_free(threaded);
    dilate_result_free(nowhere);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("path methods");
  TCase *all = tcase_create("all methods"), *paths = tcase_create("path methods");
  tcase_add_loop_test(all, every_method_on_every_target, 0, methods() * KINDS);
  tcase_add_loop_test(all, nothing_to_sample, 0, methods());
  tcase_add_loop_test(all, modes_are_found, 0, methods());
  tcase_add_loop_test(all, stepping_is_sampling, 0, methods() * KINDS);
  tcase_add_loop_test(all, stopped_anywhere, 0, methods() * KINDS);
  tcase_add_test(paths, schedules_are_followed);
  tcase_add_test(paths, names_are_copied);
  tcase_add_test(paths, what_is_given_of_the_place_stays);
  tcase_add_test(paths, short_runs_end_on_the_target);
  tcase_add_test(paths, arrays_of_schedules_are_copied);
  tcase_add_test(paths, what_does_not_go_together);
  tcase_add_test(paths, rules_of_steps);
  tcase_add_test(paths, overflow_in_the_tails);
  tcase_add_test(paths, weights_are_unbiased);
  tcase_add_test(paths, a_bound_where_there_is_one);
  tcase_add_test(paths, guided_walks);
  tcase_set_timeout(all, 120);
  tcase_set_timeout(paths, 120);
  suite_add_tcase(suite, all);
  suite_add_tcase(suite, paths);
  return run_all(srunner_create(suite));
}
