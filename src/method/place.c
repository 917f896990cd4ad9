/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A path depends on its centre, and on how far away its particles start.  So a few particles fall onto the target from many distances,
 * without a path; the centre goes to the mean of those that arrived, the scale to their spread, and others fall from there, until neither
 * moves by much.
 *
 * A particle has arrived when its log-density is within 2 d + 5 of the upper quartile of the best pass so far: in a heavy tail, or the
 * mouth of a funnel, particles stay where they were dropped, and would take the scale with them. */
#include "method/place.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "method/doubts_target.h"
#include "method/particle_run.h"
#include "method/settled.h"

#define PARTICLES 64
#define STEPS     40
#define PASSES    8
#define SAME      4.0  /* times what neighbouring numbers are apart: log-densities that differ by no more are the same */
#define STILL     0.15 /* a pass that moves the centre by less than this, in scales, and the log of the scale by less, is the last */

static const particle_plan plan = {.stage = "place", .path = &path_none, .nearest = 1, .farthest = 30};

typedef struct place {
  int centre_known, scale_known; /* the options give it: it stays */
  double *centre, *mean;         /* dim each: of the pass, and of what it found */
  double scale, found;
  double best; /* upper quartile of the log-densities, of the best pass */
  int blind;   /* the log-densities are all the same, and so large that no difference would show */
} place;

static int all_same(const particles *p) {
  double lowest = INFINITY, highest = -INFINITY;
  for (size_t i = 0; i < p->n; i++) {
    lowest = fmin(lowest, p->logp[i]);
    highest = fmax(highest, p->logp[i]);
  }
  const double apart = DBL_EPSILON * fabs(highest);
  return apart > 1 && highest - lowest <= SAME * apart;
}

/* Mean and spread of the particles that arrived; at least two of them, or the place stays as it was. */
static void measure(const particles *p, place *at) {
  double weight[PARTICLES], sorted[2 * PARTICLES], sum = 0;
  at->best = fmax(at->best, settled_quartile(p, sorted));
  at->blind = all_same(p);
  const size_t count = settled_weights(p, at->best - 2 * (double)p->dim - 5, weight);
  memcpy(at->mean, at->centre, p->dim * sizeof *at->mean);
  at->found = at->scale;
  if (count < 2) return;
  if (!at->centre_known) weighted_mean(p->dim, p->n, p->ld, p->x, weight, at->mean);
  for (size_t i = 0; i < p->n; i++)
    for (size_t j = 0; j < p->dim; j++) sum += weight[i] * pow(p->x[j * p->ld + i] - at->mean[j], 2);
  const double spread = sqrt(sum / ((double)count * (double)p->dim));
  if (!at->scale_known && spread > 0 && isfinite(spread)) at->found = spread;
}

static int fall(run *r, unsigned number, place *at, dilate_error *err) {
  particle_run *m = NULL;
  const dilate_options o = {.seed = r->options.seed}; /* whatever rules the run itself follows */
  int status = particle_run_open(r, &o, &plan, PARTICLES, STEPS, number, &m, err);
  if (status) return status;
  particle_run_set_place(m, at->centre, at->scale);
  while (!status && m->taken < m->steps) status = particle_run_advance(m, r, err);
  if (!status) measure(&m->p, at);
  if (!status) status = run_record(r, plan.stage, 0, (int)number - 1, NAN, NAN, NAN, NAN, 0, err);
  particle_run_destroy(m);
  return status;
}

/* Goes to what was found; whether that was near. */
static int settle(size_t dim, place *at) {
  double square = 0;
  for (size_t j = 0; j < dim; j++) square += pow(at->mean[j] - at->centre[j], 2);
  const double grown = fabs(log(at->found / at->scale));
  memcpy(at->centre, at->mean, dim * sizeof *at->centre);
  at->scale = at->found;
  return sqrt(square / (double)dim) < STILL * at->scale && grown < STILL;
}

int place_find(run *r, double *centre, double *scale, dilate_error *err) {
  const dilate_options *o = &r->options;
  const size_t dim = target_dim(r->target);
  place at = {.centre_known = o->path_centre != NULL,
              .scale_known = o->path_scale > 0,
              .centre = centre,
              .mean = NEW(double, dim),
              .scale = o->path_scale > 0 ? o->path_scale : 1,
              .best = -INFINITY};
  if (!at.mean) return error_memory(err, "looking for the target's place");
  for (size_t j = 0; j < dim; j++) centre[j] = at.centre_known ? o->path_centre[j] : 0;
  int status = DILATE_OK, still = at.centre_known && at.scale_known;
  for (unsigned k = 1; k <= PASSES && !status && !still && run_affords(r, PARTICLES * (STEPS + 1), 0); k++) {
    status = fall(r, k, &at, err);
    if (!status && k == 1 && at.blind) status = error_of_fault(TARGET_DIGITS, DILATE_ENUMERIC, err);
    if (!status) still = settle(dim, &at);
  }
  *scale = at.scale;
  memory_free(at.mean);
  return status;
}
