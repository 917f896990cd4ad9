/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Annealed Langevin steps on the convolution path by estimated scores.  With y = c + (x - c)/sqrt(lambda) a step of size h on mu_lambda is
 * a random walk's step tau = h / lambda at noise sigma = s sqrt((1 - lambda)/lambda), and where lambda rises while x stays, y goes to c +
 * sqrt(lambda_before / lambda) (y - c).  Unless the options say otherwise tau = 0.2 sigma^2, since X + sigma E is smooth on that scale. At
 * lambda = 1 the target's own score is exact, and the last steps are Metropolis-adjusted; a guided run has no such end. */
#include "method/convolution_walk.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/langevin.h"
#include "method/doubts_target.h"
#include "method/settled.h"
#include "method/walk_run.h"
#include "path/schedule.h"

#define STEP 0.2 /* in units of sigma^2 */

struct convolution_walk {
  walk_run *walk;
  schedule schedule;
  double *lambda; /* of each level */
  path none;
  langevin kernel; /* on the target */
  particles proposal;
  double *h;
  size_t settle, settled; /* steps at the end, and those taken */
};

static int allocate(convolution_walk *c, run *r) {
  const size_t n = c->walk->p.n;
  c->none = (path){.type = &path_none, .target = r->target};
  c->kernel = langevin_adapting(&c->none, stream_make(r->options.seed, STREAM_PATH, 0, 0));
  c->kernel.work = NEW(double, langevin_work(r->target));
  c->lambda = NEW(double, c->walk->levels);
  c->h = NEW(double, n);
  if (!c->kernel.work || !c->lambda || !c->h) return DILATE_ENOMEM;
  return particles_create(target_dim(r->target), n, &c->proposal) ? DILATE_ENOMEM : DILATE_OK;
}

/* Steps that follow the path. */
static size_t steps_along(const dilate_options *o, double share) {
  return o->guidance ? o->steps : (size_t)fmax(1, share * (double)o->steps);
}

int convolution_walk_create(run *r, const char *stage, dilate_schedule kind, double share, convolution_walk **out, dilate_error *err) {
  const dilate_options *o = &r->options;
  convolution_walk *c = NEW(convolution_walk, 1);
  if (!c) return error_memory(err, stage);
  const size_t along = steps_along(o, share);
  c->settle = o->steps - along;
  c->schedule = options_schedule(o, kind);
  int status = walk_run_create(r, stage, along, &c->walk, err);
  if (!status && allocate(c, r)) status = error_memory(err, stage);
  if (status)
    convolution_walk_destroy(c);
  else
    *out = c;
  return status;
}

void convolution_walk_destroy(convolution_walk *c) {
  if (!c) return;
  walk_run_destroy(c->walk);
  memory_free(c->lambda);
  memory_free(c->kernel.work);
  memory_free(c->h);
  particles_clear(&c->proposal);
  memory_free(c);
}

/* tau of a level. */
static double step_at(const dilate_options *o, double lambda, double sigma) {
  if (o->step_size == 0) return STEP * sigma * sigma;
  return o->step_rule && !strcmp(o->step_rule, "fixed") ? o->step_size / lambda : o->step_size;
}

/* Levels in the middle of equal parts of time, so that lambda is neither 0 nor 1. */
static int fill_levels(convolution_walk *c, run *r, dilate_error *err) {
  walk_run *w = c->walk;
  const int status = walk_run_place(w, r, err);
  for (size_t k = 0; k < w->levels && !status; k++) {
    const double lambda = fmin(fmax(schedule_lambda(&c->schedule, ((double)k + 0.5) / (double)w->levels), 1e-8), 1 - 1e-8);
    const double sigma = w->scale * sqrt((1 - lambda) / lambda);
    c->lambda[k] = lambda;
    w->level[k] = (walk_level){
        .sigma = sigma, .tau = step_at(&r->options, lambda, sigma), .temperature = 1, .carry = k ? sqrt(c->lambda[k - 1] / lambda) : 1};
  }
  if (!status && r->options.guidance) w->level[w->levels - 1].temperature = 0;
  return status;
}

/* The particles arrive on the target: its log-densities and gradients; one that is not on it takes another's place. */
static int arrive(convolution_walk *c, run *r, dilate_error *err) {
  walk_run *w = c->walk;
  const double sigma = w->level[w->levels - 1].sigma;
  particles_evaluate(&w->p, r->target);
  for (size_t i = 0; i < w->p.n; i++) c->h[i] = STEP * sigma * sigma;
  const int status = target_status(r->target, err);
  if (status || settled_share_places(&w->p)) return status;
  return settled_none(r->target, w->p.n, err);
}

static int settle(convolution_walk *c, run *r, dilate_error *err) {
  const double done = (double)c->settled / (double)c->settle;
  const int status = c->settled == 0 ? arrive(c, r, err) : DILATE_OK;
  if (status) return status;
  c->kernel.rate = langevin_rate(done);
  mala_step(&c->kernel, (uint32_t)c->settled, &c->walk->p, &c->proposal, c->h, NULL);
  c->settled++;
  return target_status(r->target, err);
}

int convolution_walk_step(convolution_walk *c, run *r, dilate_error *err) {
  walk_run *w = c->walk;
  const size_t steps = w->levels + c->settle;
  int status = w->taken == 0 ? fill_levels(c, r, err) : DILATE_OK;
  if (status) return status;
  if (w->taken < w->levels) {
    status = walk_run_advance(w, r, err);
    if (!status) status = walk_run_record(w, r, c->lambda[w->taken - 1], w->taken, steps, err);
  } else {
    status = settle(c, r, err);
    if (!status) status = run_record(r, w->stage, 0, 0, 1, NAN, NAN, NAN, (double)(w->taken + c->settled) / (double)steps, err);
  }
  if (status) return status;
  return w->taken + c->settled < steps ? DILATE_CONTINUE : doubt_particles(r, w->p.n, w->p.ld, w->p.x, err);
}

int convolution_walk_result(convolution_walk *c, const run *r, dilate_result **out, dilate_error *err) {
  if (r->unwatched) particles_clear(&c->proposal);
  return walk_run_result_of(c->walk, c->walk->taken + c->settled == c->walk->levels + c->settle, r, out, err);
}

const double *convolution_walk_particles(const convolution_walk *c, size_t *n, size_t *ld) {
  return walk_run_particles(c->walk, n, ld);
}

void convolution_walk_archive(archive *a, run *r, const char *stage, dilate_schedule kind, double share, convolution_walk **out) {
  if (archive_reads(a)) walk_run_expect(a, r, steps_along(&r->options, share));
  if (archive_reads(a) && !archive_failed(a) && convolution_walk_create(r, stage, kind, share, out, NULL))
    archive_fail(a, DILATE_ENOMEM, "out of memory");
  if (archive_failed(a)) return;
  convolution_walk *c = *out;
  walk_run_archive(a, c->walk);
  archive_doubles(a, c->walk->levels, c->lambda);
  archive_doubles(a, c->walk->p.n, c->h);
  archive_size(a, &c->settled, c->settle);
}
