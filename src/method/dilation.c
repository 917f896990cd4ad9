/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Langevin sampling along the dilation path (Chehab & Korba 2024, arXiv 2406.14040) made practical: steps proportional to lambda, particles
 * that start at many distances instead of all in the centre, and a settling phase at lambda = 1.  The schedule is linear in sqrt(lambda),
 * a constant speed of the particles towards the centre. */
#include "method/particle_run.h"

static const particle_plan plan = {.stage = "dilation",
                                   .path = &path_dilation,
                                   .schedule = DILATE_SCHEDULE_QUADRATIC,
                                   .first = 0.1, /* sqrt(lambda); at 0 the path is a point mass */
                                   .share = 0.6,
                                   .nearest = 1,
                                   .farthest = 30};

static int dilation_create(run *r, void **state, dilate_error *err) {
  return particle_run_create(r, &plan, state, err);
}

static void dilation_archive(archive *a, run *r, void **state) {
  particle_run_archive(a, r, &plan, state);
}

const method method_dilation = {.name = "dilation",
                                .summary = "Langevin steps along the dilation path from far away onto the target: finds modes, not weights",
                                .create = dilation_create,
                                .step = particle_run_step,
                                .result = particle_run_result,
                                .particles = particle_run_particles,
                                .destroy = particle_run_destroy,
                                .archive = dilation_archive};
