/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Langevin sampling along the Gaussian convolution path, the diffusion path: from draws of N(c, s^2 I) to the target, whose modes part from
 * one another as the noise goes. */
#include "method/particle_run.h"

static const particle_plan plan = {
    .stage = "convolution", .path = &path_convolution, .schedule = DILATE_SCHEDULE_VP, .share = 0.9, .gaussian = 1};

static int convolution_create(run *r, void **state, dilate_error *err) {
  return particle_run_create(r, &plan, state, err);
}

const method method_convolution = {.name = "convolution",
                                   .summary = "Langevin steps along the Gaussian convolution path, from a Gaussian",
                                   .create = convolution_create,
                                   .step = particle_run_step,
                                   .result = particle_run_result,
                                   .particles = particle_run_particles,
                                   .destroy = particle_run_destroy};
