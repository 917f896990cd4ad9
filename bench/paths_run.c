/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run by the stepwise interface, so that evaluations and time are those of the sampler, without the search for modes that follows. */
#include "bench/paths_run.h"

#include "bench/support.h"
#include <math.h>
#include <stdlib.h>

#define EXACT_FIRST_SEED 1000

static void set_options(const paths_yardstick *y, const paths_method *method, uint64_t seed, dilate_options *options) {
  dilate_options_init(options);
  options->seed = seed;
  options->threads = 1;
  options->islands = PATHS_ISLANDS;
  options->draws = y->row->draws;
  options->method = method->method;
  if (y->row->effort > 0) options->effort = y->row->effort;
  if (y->row->groups > 0) options->groups = y->row->groups;
}

/* Steps to the end; a run that its own budget stopped counts as done. */
static int step_all(dilate_sampler *sampler, paths_run *out, dilate_error *err) {
  dilate_progress now = {.struct_size = sizeof now};
  const double start = thread_seconds();
  int status = dilate_sampler_step(sampler, err);
  while (status == DILATE_CONTINUE) status = dilate_sampler_step(sampler, err);
  dilate_sampler_progress(sampler, &now);
  out->value[PATHS_SECONDS] = thread_seconds() - start;
  out->value[PATHS_EVALUATIONS] = (double)now.evaluations;
  return status;
}

static void measure(const paths_yardstick *y, const dilate_result *result, int shown, paths_run *out) {
  double log_z;
  const size_t n = dilate_result_islands(result) * dilate_result_draws(result);
  if (out->method->evidence && dilate_result_log_z(result, &log_z, NULL, NULL) == DILATE_OK)
    out->value[PATHS_LOG_Z] = log_z - y->target->log_z;
  if (n == y->n)
    paths_measure_draws(y, dilate_result_unconstrained(result), shown, out);
  else
    out->failure = copy_text("no draws");
}

static void run_method(const paths_yardstick *y, int shown, paths_run *out) {
  const dilate_target *const target = &y->target->target;
  dilate_options options;
  dilate_error err;
  paths_plan plan;
  dilate_sampler *sampler = NULL;
  dilate_result *result = NULL;
  dilate_error_init(&err);
  set_options(y, out->method, out->seed, &options);
  const size_t samples = out->method->cost == PATHS_COST_DOWN ? y->row->path_samples : y->row->samples;
  int status = paths_plan_make(out->method, target, samples, y->row->budget, &options, &plan, &err);
  out->steps = plan.steps;
  out->samples = plan.samples;
  if (status >= 0) status = dilate_sampler_create(target, &options, &sampler, &err);
  if (status >= 0) status = step_all(sampler, out, &err);
  if (status >= 0) status = dilate_sampler_result(sampler, &result, &err);
  if (status >= 0)
    measure(y, result, shown, out);
  else
    out->failure = copy_text(err.message);
  dilate_result_free(result);
  dilate_sampler_free(sampler);
}

void paths_run_make(const paths_yardstick *y, const paths_method *method, uint64_t seed, int shown, paths_run *out) {
  *out = (paths_run){.method = method, .seed = seed};
  for (size_t m = 0; m < PATHS_MEASURES; m++) out->value[m] = NAN;
  if (method != PATHS_EXACT) {
    run_method(y, shown, out);
    return;
  }
  double *const x = paths_exact(y->target, EXACT_FIRST_SEED + (unsigned long)seed, y->n);
  paths_measure_draws(y, x, shown, out);
  free(x);
}
