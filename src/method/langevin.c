/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plain Langevin sampling, the baseline: every draw is the end of its own Langevin run on the target, started far away.  Each particle
 * stays in the basin it falls into. */
#include "method/particle_run.h"

static const particle_plan plan = {.stage = "langevin", .path = &path_none, .share = 0, .nearest = 0.1, .farthest = 10};

static int langevin_create(run *r, void **state, dilate_error *err) {
  return particle_run_create(r, &plan, state, err);
}

static void langevin_archive(archive *a, run *r, void **state) {
  particle_run_archive(a, r, &plan, state);
}

const method method_langevin = {.name = "langevin",
                                .summary = "Langevin steps on the target itself, many short runs: finds modes, not weights",
                                .create = langevin_create,
                                .step = particle_run_step,
                                .result = particle_run_result,
                                .particles = particle_run_particles,
                                .destroy = particle_run_destroy,
                                .archive = langevin_archive};
