/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Langevin sampling along the Gaussian convolution path, the diffusion path: from N(c, s^2 I) to the target, whose modes part from one
 * another as the noise goes.  By the closed form where the target has it, and otherwise, or guided, by the walk of convolution_walk.h. */
#include <string.h>

#include "base/memory.h"
#include "method/convolution_walk.h"
#include "method/particle_run.h"

#define SHARE_ESTIMATED 0.9 /* of the steps that follow the path, by estimated scores */

/* lambda must be 1 before adaptation ends at 0.8 of the run: on narrow modes the last steps along the path are too long for the target. */
static const particle_plan plan = {
    .stage = "convolution", .path = &path_convolution, .schedule = DILATE_SCHEDULE_VP, .share = 0.6, .gaussian = 1};

/* One of the two. */
typedef struct convolution {
  void *path; /* particle_run */
  convolution_walk *walk;
} convolution;

static int by_closed_form(const run *r) {
  const dilate_options *o = &r->options;
  return !o->guidance && target_can_convolve(r->target) && (!o->score || !strcmp(o->score, "closed"));
}

static void convolution_destroy(void *state) {
  convolution *c = state;
  if (!c) return;
  particle_run_destroy(c->path);
  convolution_walk_destroy(c->walk);
  memory_free(c);
}

static int convolution_create(run *r, void **state, dilate_error *err) {
  convolution *c = NEW(convolution, 1);
  if (!c) return error_memory(err, plan.stage);
  const int status = by_closed_form(r) ? particle_run_create(r, &plan, &c->path, err)
                                       : convolution_walk_create(r, plan.stage, plan.schedule, SHARE_ESTIMATED, &c->walk, err);
  if (status)
    convolution_destroy(c);
  else
    *state = c;
  return status;
}

static int convolution_step(void *state, run *r, dilate_error *err) {
  convolution *c = state;
  return c->walk ? convolution_walk_step(c->walk, r, err) : particle_run_step(c->path, r, err);
}

static int convolution_result(void *state, const run *r, dilate_result **out, dilate_error *err) {
  convolution *c = state;
  return c->walk ? convolution_walk_result(c->walk, r, out, err) : particle_run_result(c->path, r, out, err);
}

static const double *convolution_particles(const void *state, size_t *n, size_t *ld) {
  const convolution *c = state;
  return c->walk ? convolution_walk_particles(c->walk, n, ld) : particle_run_particles(c->path, n, ld);
}

static void convolution_archive(archive *a, run *r, void **state) {
  if (archive_reads(a) && !(*state = NEW(convolution, 1))) archive_fail(a, DILATE_ENOMEM, "out of memory");
  if (archive_failed(a)) return;
  convolution *c = *state;
  if (by_closed_form(r))
    particle_run_archive(a, r, &plan, &c->path);
  else
    convolution_walk_archive(a, r, plan.stage, plan.schedule, SHARE_ESTIMATED, &c->walk);
}

const method method_convolution = {.name = "convolution",
                                   .summary = "Langevin steps along the Gaussian convolution path, from a Gaussian: no weights",
                                   .create = convolution_create,
                                   .step = convolution_step,
                                   .result = convolution_result,
                                   .particles = convolution_particles,
                                   .destroy = convolution_destroy,
                                   .archive = convolution_archive};
