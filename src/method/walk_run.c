/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks down noise levels: see walk_run.h.  The walk is in the target's own coordinates, the variance-exploding form; the particles' last
 * places are taken as draws, and only then is the target's own log-density asked for. */
#include "method/walk_run.h"

#include <math.h>

#include "base/memory.h"
#include "method/place.h"
#include "method/settled_result.h"

static int allocate(walk_run *w, const run *r, size_t levels) {
  const size_t dim = target_dim(r->target), n = r->options.islands * r->options.draws, threads = target_threads(r->target);
  w->levels = levels;
  w->centre = NEW(double, dim);
  w->ess = NEW(double, n);
  w->level = NEW(walk_level, levels);
  w->kernel = (random_walk){
      .stream = stream_make(r->options.seed, STREAM_WALK, 0, 0), .threads = threads, .work = NEW(double, random_walk_work(threads, dim))};
  if (!w->centre || !w->ess || !w->level || !w->kernel.work) return DILATE_ENOMEM;
  return particles_create(dim, n, &w->p) ? DILATE_ENOMEM : DILATE_OK;
}

static int warn_of_limits(const walk_run *w, run *r, dilate_error *err) {
  int status =
      run_warn(r, err,
               "The method \"%s\" estimates no log evidence, and its draws are biased: steps are unadjusted and of finite size%s. Use "
               "the default method, \"bridge\", for weights and log evidence.",
               w->stage, score_has_density(w->score) ? "" : ", and scores are Monte Carlo estimates");
  if (!status && w->guidance.log_likelihood)
    status =
        run_warn(r, err,
                 "the walk is guided by a likelihood's gradient at the particles' own places: right only as the noise goes to 0, so "
                 "its draws are not the posterior's; use a conditioned target (dilate_condition_likelihood), which is exact with every "
                 "method");
  return status;
}

int walk_run_create(run *r, const char *stage, size_t levels, walk_run **out, dilate_error *err) {
  const dilate_options *o = &r->options;
  walk_run *w = NEW(walk_run, 1);
  if (!w) return error_memory(err, stage);
  w->stage = stage;
  int status = allocate(w, r, levels) ? error_memory(err, stage) : DILATE_OK;
  if (!status) status = score_create(o->score, r->target, w->p.n, o->score_samples, o->seed, &w->score, err);
  if (!status) status = guidance_create(o, r->target, &w->guidance, err);
  if (!status) status = warn_of_limits(w, r, err);
  if (status)
    walk_run_destroy(w);
  else
    *out = w;
  return status;
}

void walk_run_destroy(void *state) {
  walk_run *w = state;
  if (!w) return;
  score_free(w->score);
  guidance_clear(&w->guidance);
  particles_clear(&w->p);
  memory_free(w->kernel.work);
  memory_free(w->centre);
  memory_free(w->ess);
  memory_free(w->level);
  memory_free(w);
}

int walk_run_place(walk_run *w, run *r, dilate_error *err) {
  return place_find(r, w->centre, &w->scale, err);
}

static void start(walk_run *w, const run *r) {
  const stream s = stream_make(r->options.seed, STREAM_START, 0, 0);
  const double spread = hypot(w->level[0].sigma, w->scale);
  particles *p = &w->p;
  for (uint32_t i = 0; i < p->n; i++) {
    stream_normals(s, 0, p->dim, 1, p->ld, &i, p->x + i);
    for (size_t j = 0; j < p->dim; j++) p->x[j * p->ld + i] = w->centre[j] + spread * p->x[j * p->ld + i];
  }
}

static void contract(walk_run *w, double factor) {
  particles *p = &w->p;
  for (size_t j = 0; j < p->dim && factor != 1; j++)
    for (size_t i = 0; i < p->n; i++) p->x[j * p->ld + i] = w->centre[j] + factor * (p->x[j * p->ld + i] - w->centre[j]);
}

/* Where a Monte Carlo score found nothing of the target, that of its place, N(c, s^2 I), convolved: it leads to where something is. */
static void fall_back(walk_run *w, double sigma) {
  const double precision = 1 / (w->scale * w->scale + sigma * sigma);
  particles *p = &w->p;
  for (size_t j = 0; j < p->dim; j++)
    for (size_t i = 0; i < p->n; i++)
      if (w->ess[i] == 0) p->grad[j * p->ld + i] = precision * (w->centre[j] - p->x[j * p->ld + i]);
}

int walk_run_advance(walk_run *w, run *r, dilate_error *err) {
  const uint32_t step = (uint32_t)w->taken;
  if (w->taken == 0) start(w, r);
  const walk_level *level = &w->level[w->taken];
  contract(w, level->carry);
  score_evaluate(w->score, level->sigma, step, &w->p, NULL, w->ess);
  fall_back(w, level->sigma);
  guidance_add(&w->guidance, level->sigma / level->tau, &w->p); /* a step of it is no longer than the noise: a longer one overshoots */
  int status = target_status(r->target, err);
  if (!status) status = guidance_status(&w->guidance, err);
  if (status) return status;
  random_walk_step(&w->kernel, step, level->tau, level->temperature, &w->p);
  w->taken++;
  return DILATE_OK;
}

/* Mean share of the score's samples that were effective. */
static double effective_share(const walk_run *w, double samples) {
  double sum = 0;
  for (size_t i = 0; i < w->p.n; i++) sum += fmin(1, w->ess[i] / samples);
  return sum / (double)w->p.n;
}

int walk_run_record(walk_run *w, run *r, double temperature, size_t done, size_t steps, dilate_error *err) {
  const double share = effective_share(w, (double)r->options.score_samples);
  return run_record(r, w->stage, 0, 0, temperature, share, NAN, NAN, (double)done / (double)steps, err);
}

/* A copy of the particles; the particles themselves, and no more of the walk, where nobody looks at it again. */
static int take_particles(walk_run *w, const run *r, particles *points) {
  if (!r->unwatched) {
    if (particles_create(w->p.dim, w->p.n, points)) return DILATE_ENOMEM;
    particles_copy_all(points, &w->p);
    return DILATE_OK;
  }
  *points = w->p;
  w->p = (particles){0};
  score_free(w->score);
  memory_free(w->ess);
  w->score = NULL;
  w->ess = NULL;
  return DILATE_OK;
}

int walk_run_result_of(walk_run *w, int complete, const run *r, dilate_result **out, dilate_error *err) {
  particles points = {0};
  if (w->taken && take_particles(w, r, &points)) return error_memory(err, "result of a walk");
  if (w->taken && target_status(r->target, NULL) == DILATE_OK) particles_evaluate(&points, r->target);
  const int status = settled_result(r, &points, complete, out, err);
  particles_clear(&points);
  return status;
}

int walk_run_result(void *state, const run *r, dilate_result **out, dilate_error *err) {
  walk_run *w = state;
  return walk_run_result_of(w, w->taken == w->levels, r, out, err);
}

const double *walk_run_particles(const void *state, size_t *n, size_t *ld) {
  const walk_run *w = state;
  *n = w->taken ? w->p.n : 0;
  *ld = w->p.ld;
  return w->taken ? w->p.x : NULL;
}

void walk_run_expect(archive *a, const run *r, size_t levels) {
  const dilate_options *o = &r->options;
  const size_t n = o->islands * o->draws;
  archive_expect(a, n, 2 * target_dim(r->target) + 1, sizeof(double));
  archive_expect(a, levels, 4, sizeof(double));
  score_expect(a, o->score, r->target, n, o->score_samples);
}

void walk_run_archive(archive *a, walk_run *w) {
  archive_size(a, &w->taken, w->levels);
  archive_double(a, &w->scale);
  archive_doubles(a, w->p.dim, w->centre);
  for (size_t k = 0; k < w->levels && !archive_failed(a); k++) {
    walk_level *level = &w->level[k];
    archive_double(a, &level->sigma);
    archive_double(a, &level->tau);
    archive_double(a, &level->temperature);
    archive_double(a, &level->carry);
  }
  particles_archive(a, &w->p);
  score_archive(a, w->score);
}
