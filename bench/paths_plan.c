/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evaluations of a run of K steps of n particles, of which E come up to the first step's end: E + n (sum of the further steps' costs). */
#include "bench/paths_plan.h"

#include <string.h>

#define TRIED_STEPS 10 /* of the run whose first step alone is taken */
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

static int try_first_step(const dilate_target *target, const dilate_options *options, double *evaluations, dilate_error *err) {
  dilate_sampler *sampler = NULL;
  dilate_progress now = {.struct_size = sizeof now};
  int status = dilate_sampler_create(target, options, &sampler, err);
  if (status == DILATE_OK) status = dilate_sampler_step(sampler, err);
  if (status >= 0) dilate_sampler_progress(sampler, &now);
  *evaluations = (double)now.evaluations;
  dilate_sampler_free(sampler);
  return status < 0 ? status : DILATE_OK;
}

int paths_plan_make(const paths_method *m, const dilate_target *target, size_t samples, uint64_t budget, dilate_options *options,
                    paths_plan *out, dilate_error *err) {
  double first;
  *out = (paths_plan){0};
  options->method = m->method;
  if (m->cost == PATHS_COST_OWN) return DILATE_OK;
  if (m->score != NULL) options->score = m->score;
  if (is_estimated(m, target)) options->score_samples = out->samples = samples;
  options->steps = TRIED_STEPS;
  const int status = try_first_step(target, options, &first, err);
  if (status < 0) return status;
  const size_t score = out->samples > 0 ? out->samples : 1;
  options->steps = out->steps = steps_within(m, score, (double)(options->islands * options->draws), first, (double)budget);
  return DILATE_OK;
}
