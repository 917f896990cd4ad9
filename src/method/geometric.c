/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Langevin sampling along the geometric path, annealing: from draws of N(c, s^2 I), whose tempered law turns into the target.  A mode's
 * weight is settled where the barriers rise, long before the end, and it is not the target's. */
#include "method/particle_run.h"

static const particle_plan plan = {
    .stage = "geometric", .path = &path_geometric, .schedule = DILATE_SCHEDULE_QUADRATIC, .share = 0.8, .gaussian = 1};

static int geometric_create(run *r, void **state, dilate_error *err) {
  return particle_run_create(r, &plan, state, err);
}

static void geometric_archive(archive *a, run *r, void **state) {
  particle_run_archive(a, r, &plan, state);
}

const method method_geometric = {.name = "geometric",
                                 .summary = "Langevin steps along the geometric path (annealing) from a Gaussian: no weights",
                                 .create = geometric_create,
                                 .step = particle_run_step,
                                 .result = particle_run_result,
                                 .particles = particle_run_particles,
                                 .destroy = particle_run_destroy,
                                 .archive = geometric_archive};
