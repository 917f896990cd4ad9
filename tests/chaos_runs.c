/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole runs while memory runs out, with what else a run can be asked for: hints, no gradient, constrained parameters, data, a schedule and a
 * walk of one's own, every kind of score.  See chaos.h. */
#include "chaos.h"

#include <check.h>
#include <math.h>

/* A run that ends well or hands out nothing. */
static int sample(const dilate_target *target, const dilate_options *options, dilate_error *err) {
  dilate_result *result = (dilate_result *)err; /* not NULL: it must become so */
  const int status = dilate_sample(target, options, &result, err);
  ck_assert_int_eq(result != NULL, status == DILATE_OK);
  dilate_result_free(result);
  return status;
}

static dilate_options short_bridge(void) {
  dilate_options options = chaos_options("bridge");
  options.effort = 0.1;
  return options;
}

static int run_hints(dilate_error *err) {
  const double points[] = {-3, 0, 3, 0}, centre[] = {0, 0}, scale[] = {3, 1}, lower[] = {-9, -9}, upper[] = {9, 9};
  const dilate_target target = chaos_target();
  dilate_options options = short_bridge();
  options.hint_points_count = 2;
  options.hint_points = points;
  options.hint_centre = centre;
  options.hint_scale = scale;
  options.hint_lower = lower;
  options.hint_upper = upper;
  return sample(&target, &options, err);
}

static int run_without_gradient(dilate_error *err) {
  dilate_target target = chaos_target();
  const dilate_options options = short_bridge();
  target.flags = DILATE_TARGET_NO_GRADIENT;
  return sample(&target, &options, err);
}

/* A location of either sign, and a scale: log-normal. */
static int natural(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)params;
  const double log_scale = log(x[1]);
  *logp = -0.5 * x[0] * x[0] - 0.5 * log_scale * log_scale - log_scale;
  if (grad) {
    grad[0] = -x[0];
    grad[1] = -(log_scale + 1) / x[1];
  }
  return 0;
}

static int run_constrained(dilate_error *err) {
  const dilate_declaration d[2] = {{.struct_size = sizeof *d, .name = "mu"},
                                   {.struct_size = sizeof *d, .name = "sigma", .constraint = DILATE_POSITIVE}};
  const dilate_options options = short_bridge();
  dilate_target target;
  dilate_target_init(&target);
  target.logp = natural;
  dilate_model *model;
  int status = dilate_model_create(&target, d, 2, &model, err);
  if (status == DILATE_OK) status = sample(dilate_model_target(model), &options, err);
  dilate_model_free(model);
  return status;
}

static int run_conditioned(dilate_error *err) {
  const double a[2] = {1, 1}, y = 1, noise = 0.5;
  const dilate_target prior = chaos_target();
  const dilate_options options = short_bridge();
  dilate_condition *condition;
  int status = dilate_condition_linear(&prior, 1, a, &y, &noise, &condition, err);
  if (status == DILATE_OK) status = sample(dilate_condition_target(condition), &options, err);
  dilate_condition_free(condition);
  return status;
}

static int run_arrays(dilate_error *err) {
  const double lambda[] = {0.1, 0.5, 1}, sigma[] = {2, 1, 0.5}, tau[] = {0.2, 0.1, 0.1}, temperature[] = {1, 1, 1}, centre[] = {0, 1};
  const dilate_target target = chaos_target();
  dilate_options options = chaos_options("dilation");
  options.schedule = "array";
  options.schedule_count = 3;
  options.schedule_lambda = lambda;
  options.step_rule = "lambda";
  options.path_centre = centre;
  options.path_scale = 2;
  int status = sample(&target, &options, err);
  options = chaos_options("walk");
  options.walk = "free";
  options.walk_count = 3;
  options.walk_sigma = sigma;
  options.walk_tau = tau;
  options.walk_temperature = temperature;
  options.score = "langevin";
  options.score_samples = 4;
  return status ? status : sample(&target, &options, err);
}

const chaos_case chaos_variants[] = {{"bridge with hints", run_hints},
                                     {"bridge without gradients", run_without_gradient},
                                     {"bridge of a model", run_constrained},
                                     {"bridge of a conditioned target", run_conditioned},
                                     {"a schedule and a walk of one's own", run_arrays}};
const size_t chaos_variant_count = sizeof chaos_variants / sizeof *chaos_variants;
