/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of paths and walks: names that exist, numbers in their ranges, schedules that rise to 1. */
#include "method/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "score/score.h"

#define ARRAY_MAX 100000000 /* entries of a schedule or a walk */

/* Whether *name (NULL: the default, allowed) is in the list, whose own static string it becomes; else what would be right. */
static int check_name(const char *option, const char **name, size_t count, const char *const *known, dilate_error *err) {
  char list[256] = "";
  size_t used = 0;
  for (size_t i = 0; i < count; i++) {
    if (!*name) return 0;
    if (!strcmp(*name, known[i])) {
      *name = known[i];
      return 0;
    }
    if (used < sizeof list) used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", known[i]);
  }
  return error_set(err, DILATE_EINVAL, "options.%s: there is no \"%.64s\"; known are %s", option, *name, list);
}

static int check_positive(const char *option, double value, dilate_error *err) {
  if (value >= 0 && isfinite(value)) return 0;
  return error_set(err, DILATE_EINVAL, "options.%s is %g: it must be positive and finite, or 0 for the default", option, value);
}

static int check_lambdas(const dilate_options *o, dilate_error *err) {
  const double *lambda = o->schedule_lambda;
  if (!lambda || o->schedule_count < 2 || o->schedule_count > ARRAY_MAX)
    return error_set(err, DILATE_EINVAL,
                     "options.schedule is \"array\": schedule_lambda %s and schedule_count is %zu; give at least 2 values",
                     lambda ? "is given" : "is NULL", o->schedule_count);
  for (size_t k = 0; k < o->schedule_count; k++) {
    if (!(lambda[k] >= 0 && lambda[k] <= 1))
      return error_set(err, DILATE_EINVAL, "options.schedule_lambda[%zu] is %g: it must be in [0, 1]", k, lambda[k]);
    if (k && lambda[k] < lambda[k - 1])
      return error_set(err, DILATE_EINVAL, "options.schedule_lambda[%zu] is %g, below %g before it: a schedule must not fall", k, lambda[k],
                       lambda[k - 1]);
  }
  const double last = lambda[o->schedule_count - 1];
  if (last == 1) return 0;
  return error_set(err, DILATE_EINVAL, "options.schedule_lambda ends at %g: a schedule must end at 1, where the path is the target", last);
}

static int check_schedule(dilate_options *o, dilate_error *err) {
  if (o->schedule && !strcmp(o->schedule, "array")) {
    o->schedule = "array";
    return check_lambdas(o, err);
  }
  if (o->schedule_lambda || o->schedule_count)
    return error_set(err, DILATE_EINVAL, "options.schedule_lambda is given, but options.schedule is %s: it must be \"array\"",
                     o->schedule ? o->schedule : "NULL");
  const char *known[DILATE_SCHEDULE_VE + 2];
  size_t count = 0;
  for (; count <= DILATE_SCHEDULE_VE; count++) known[count] = dilate_schedule_name(count);
  known[count++] = "array";
  return check_name("schedule", &o->schedule, count, known, err);
}

static int check_steps(dilate_options *o, dilate_error *err) {
  static const char *const rules[] = {"adapted", "fixed", "lambda", "bounded"};
  int status = check_name("step_rule", &o->step_rule, 4, rules, err);
  if (!status) status = check_positive("step_size", o->step_size, err);
  if (!status) status = check_positive("step_bound", o->step_bound, err);
  if (!status) status = check_positive("path_scale", o->path_scale, err);
  if (status) return status;
  if (o->unadjusted && (!o->step_rule || !strcmp(o->step_rule, "adapted")))
    return error_set(err, DILATE_EINVAL,
                     "options.unadjusted is set: without a Metropolis test there is no acceptance to adapt steps to; set step_rule to "
                     "\"fixed\", \"lambda\" or \"bounded\", and step_size");
  return 0;
}

static int check_level(const dilate_options *o, size_t k, dilate_error *err) {
  const double sigma = o->walk_sigma[k], tau = o->walk_tau[k], temperature = o->walk_temperature[k];
  if (sigma > 0 && tau > 0 && temperature >= 0 && isfinite(sigma) && isfinite(tau) && isfinite(temperature)) return 0;
  return error_set(err, DILATE_EINVAL,
                   "options.walk_sigma[%zu] is %g, walk_tau %g, walk_temperature %g: all must be finite, the first two positive, a "
                   "temperature at least 0",
                   k, sigma, tau, temperature);
}

static int check_walk(dilate_options *o, dilate_error *err) {
  static const char *const walks[] = {"ve", "vp", "ncsn", "free"};
  int status = check_name("walk", &o->walk, 4, walks, err);
  if (status) return status;
  const int free_walk = o->walk && !strcmp(o->walk, "free");
  if (!free_walk && (o->walk_count || o->walk_sigma || o->walk_tau || o->walk_temperature))
    return error_set(err, DILATE_EINVAL,
                     "options.walk_sigma, walk_tau or walk_temperature is given, but options.walk is %s: it must be \"free\"",
                     o->walk ? o->walk : "NULL");
  if (free_walk && (!o->walk_sigma || !o->walk_tau || !o->walk_temperature || o->walk_count < 1 || o->walk_count > ARRAY_MAX))
    return error_set(err, DILATE_EINVAL,
                     "options.walk is \"free\": walk_sigma, walk_tau and walk_temperature must be given, walk_count (%zu) values each",
                     o->walk_count);
  for (size_t k = 0; k < o->walk_count && !status; k++) status = check_level(o, k, err);
  return status;
}

static int check_score(dilate_options *o, dilate_error *err) {
  static const char *const scores[] = {"closed", "importance", "langevin"};
  const int status = check_name("score", &o->score, 3, scores, err);
  if (status) return status;
  if (o->score_samples < 2 || o->score_samples > SCORE_SAMPLES_MAX)
    return error_set(err, DILATE_EINVAL, "options.score_samples is %zu: it must be 2 to %d", o->score_samples, SCORE_SAMPLES_MAX);
  return 0;
}

static int check_guidance(const dilate_options *o, dilate_error *err) {
  if (!isfinite(o->guidance_scale))
    return error_set(err, DILATE_EINVAL, "options.guidance_scale is %g: it must be finite", o->guidance_scale);
  if (!o->guidance || !strcmp(o->method, "walk") || !strcmp(o->method, "convolution")) return 0;
  return error_set(
      err, DILATE_EINVAL,
      "options.guidance is given, but the method is \"%s\": only \"walk\" and \"convolution\" can be guided; what is exact with "
      "every method is a conditioned target, dilate_condition_likelihood()",
      o->method);
}

int options_check_path(dilate_options *o, dilate_error *err) {
  int status = check_schedule(o, err);
  if (!status) status = check_steps(o, err);
  if (!status) status = check_walk(o, err);
  if (!status) status = check_score(o, err);
  return status ? status : check_guidance(o, err);
}

schedule options_schedule(const dilate_options *o, dilate_schedule otherwise) {
  schedule s = {.kind = otherwise};
  if (!o->schedule || schedule_find(o->schedule, &s.kind)) return s;
  s.count = o->schedule_count;
  s.lambda = o->schedule_lambda;
  return s;
}
