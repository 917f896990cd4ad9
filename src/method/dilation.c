/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Langevin sampling along the dilation path (Chehab & Korba 2024, arXiv 2406.14040) made practical: Metropolis-adjusted steps proportional
 * to lambda, particles that start at many distances instead of all in the centre, and a settling phase at lambda = 1.  The schedule is
 * linear in sqrt(lambda), a constant speed of the particles towards the centre. */
#include "method/particle_run.h"

#define FIRST_ROOT 0.01 /* sqrt(lambda) at the start; at 0 the path is a point mass */
#define PATH_SHARE 0.6  /* of the steps; the rest settle at lambda = 1 */

static int dilation_create(run *r, void **state, dilate_error *err) {
  particle_run *m = NULL;
  const int status = particle_run_create(r, "dilation", &path_dilation, &m, err);
  *state = m;
  return status;
}

static double lambda_at(size_t step, size_t steps) {
  const double t = (double)step / (PATH_SHARE * (double)steps);
  return t < 1 ? dilate_schedule_lambda(DILATE_SCHEDULE_QUADRATIC, FIRST_ROOT + (1 - FIRST_ROOT) * t) : 1;
}

static int dilation_step(void *state, run *r, dilate_error *err) {
  particle_run *m = state;
  return particle_run_step(m, r, lambda_at(m->taken, m->steps), err);
}

const method method_dilation = {.name = "dilation",
                                .summary = "Langevin steps along the dilation path from far away onto the target: finds modes, not weights",
                                .create = dilation_create,
                                .step = dilation_step,
                                .result = particle_run_result,
                                .particles = particle_run_particles,
                                .destroy = particle_run_destroy};
