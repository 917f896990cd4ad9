/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evaluations of a run of K steps of n particles, of which E are those of its first step, of what comes before it, and of the looks at the
 * target after the last: E + n (sum of the further steps' costs). */
#include "bench/paths_plan.h"

#include <string.h>

#define TRIED_STEPS 10 /* of a run that tells E */
#define STEPS_MOST  1000000

/* By its default a walk takes the closed form where there is one. */
static int is_estimated(const paths_method *m, const dilate_target *target) {
  if (m->cost != PATHS_COST_WALK && m->cost != PATHS_COST_DOWN) return 0;
  return m->score != NULL ? strcmp(m->score, "closed") != 0 : target->convolve == NULL;
}

/* Evaluations of a particle in all of the steps but the first. */
static double further_cost(const paths_method *m, size_t score, size_t steps) {
  const size_t moving = (size_t)(m->moving * (double)steps), rest = steps - 1;
  if (m->cost == PATHS_COST_WALK) return (double)(score * rest);
  if (m->cost == PATHS_COST_PATH) return (double)(rest + (moving < rest ? moving : rest));
  if (m->cost == PATHS_COST_DOWN && moving > 0) return (double)(score * (moving - 1) + (steps - moving) + (moving < steps));
  return (double)rest;
}

/* The number of steps that comes nearest to the budget. */
static size_t steps_within(const paths_method *m, size_t score, double particles, double first, double budget) {
  size_t low = m->cost == PATHS_COST_DOWN ? 2 : 1, high = STEPS_MOST;
  while (low < high) {
    const size_t middle = low + (high - low + 1) / 2;
    if (first + particles * further_cost(m, score, middle) <= budget)
      low = middle;
    else
      high = middle - 1;
  }
  const double below = first + particles * further_cost(m, score, low), above = first + particles * further_cost(m, score, low + 1);
  return budget - below <= above - budget || below > budget ? low : low + 1;
}

static int try_run(const dilate_target *target, const dilate_options *options, double *evaluations, dilate_error *err) {
  dilate_sampler *sampler = NULL;
  dilate_progress now = {.struct_size = sizeof now};
  int status = dilate_sampler_create(target, options, &sampler, err);
  if (status == DILATE_OK) status = DILATE_CONTINUE;
  while (status == DILATE_CONTINUE) status = dilate_sampler_step(sampler, err);
  if (status >= 0) dilate_sampler_progress(sampler, &now);
  *evaluations = (double)now.evaluations;
  dilate_sampler_free(sampler);
  return status < 0 ? status : DILATE_OK;
}

int paths_plan_make(const paths_method *m, const dilate_target *target, size_t samples, uint64_t budget, dilate_options *options,
                    paths_plan *out, dilate_error *err) {
  double tried;
  *out = (paths_plan){0};
  options->method = m->method;
  if (m->cost == PATHS_COST_OWN) return DILATE_OK;
  if (m->score != NULL) options->score = m->score;
  if (is_estimated(m, target)) options->score_samples = out->samples = samples;
  options->steps = TRIED_STEPS;
  const int status = try_run(target, options, &tried, err);
  if (status < 0) return status;
  const size_t score = out->samples > 0 ? out->samples : 1;
  const double particles = (double)(options->islands * options->draws), first = tried - particles * further_cost(m, score, TRIED_STEPS);
  options->steps = out->steps = steps_within(m, score, particles, first, (double)budget);
  return DILATE_OK;
}
