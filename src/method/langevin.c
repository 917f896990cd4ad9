/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plain Langevin sampling, the baseline: every draw is the end of its own Metropolis-adjusted Langevin run on the target, started far away.
 * Each particle stays in the basin it falls into. */
#include "method/particle_run.h"

static int langevin_create(run *r, void **state, dilate_error *err) {
  particle_run *m = NULL;
  const int status = particle_run_create(r, "langevin", &path_none, &m, err);
  *state = m;
  return status;
}

static int langevin_step(void *state, run *r, dilate_error *err) {
  return particle_run_step(state, r, 1, err);
}

const method method_langevin = {.name = "langevin",
                                .summary =
                                    "Metropolis-adjusted Langevin steps on the target itself, many short runs: finds modes, not weights",
                                .create = langevin_create,
                                .step = langevin_step,
                                .result = particle_run_result,
                                .particles = particle_run_particles,
                                .destroy = particle_run_destroy};
