/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dilation path depends on its centre and on how far away particles are dropped: forty Gaussians shifted by a hundred show five of
 * themselves to one pass.  So a few particles fall onto the target, the centre goes to the mean of where they settled, the scale to their
 * spread, and others fall from there, until neither moves by much. */
#include "method/place.h"

#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "method/particle_run.h"
#include "method/settled.h"

#define PARTICLES  64
#define STEPS      40
#define PASSES     8
#define STILL      0.15 /* a pass that moves the centre by less than this, in scales, and the log of the scale by less, is the last */
#define FIRST_ROOT 0.01

static const particle_plan plan = {
    .stage = "place", .path = &path_dilation, .schedule = DILATE_SCHEDULE_QUADRATIC, .first = FIRST_ROOT, .share = 0.6};

/* The settled particles' mean and spread; 0 where there is no spread. */
static double spread(const particles *p, const double *weight, double *mean) {
  double sum = 0, total = 0;
  weighted_mean(p->dim, p->n, p->ld, p->x, weight, mean);
  for (size_t i = 0; i < p->n; i++) {
    total += weight[i];
    for (size_t j = 0; j < p->dim; j++) sum += weight[i] * pow(p->x[j * p->ld + i] - mean[j], 2);
  }
  return sqrt(sum / (total * (double)p->dim));
}

/* One pass: from centre and scale to those of what was found (mean, *found). */
static int pass(run *r, unsigned number, const double *centre, double scale, double *mean, double *found, dilate_error *err) {
  particle_run *m = NULL;
  dilate_options o = {.seed = r->options.seed}; /* whatever rules the run itself follows */
  int status = particle_run_open(r, &o, &plan, PARTICLES, STEPS, number, &m, err);
  if (status) return status;
  double weight[PARTICLES], sorted[PARTICLES];
  particle_run_set_place(m, centre, scale);
  while (!status && m->taken < m->steps) status = particle_run_advance(m, r, err);
  if (!status) {
    settled_weights(&m->p, sorted, weight);
    *found = spread(&m->p, weight, mean);
    status = run_record(r, plan.stage, 0, (int)number - 1, NAN, NAN, NAN, NAN, 0, err);
  }
  particle_run_destroy(m);
  return status;
}

/* Whether the place moved by little; takes the new one. */
static int settle(size_t dim, const double *mean, double found, double *centre, double *scale) {
  double moved = 0;
  for (size_t j = 0; j < dim; j++) moved += pow(mean[j] - centre[j], 2);
  memcpy(centre, mean, dim * sizeof *centre);
  const double before = *scale;
  if (found > 0 && isfinite(found)) *scale = found;
  return sqrt(moved / (double)dim) < STILL * *scale && fabs(log(*scale / before)) < STILL;
}

static int look(run *r, double *centre, double *scale, double *mean, dilate_error *err) {
  double found = 0;
  int status = 0, still = 0;
  for (unsigned k = 1; k <= PASSES && !status && !still; k++) {
    status = pass(r, k, centre, *scale, mean, &found, err);
    if (!status) still = settle(target_dim(r->target), mean, found, centre, scale);
  }
  return status;
}

int place_find(run *r, double *centre, double *scale, dilate_error *err) {
  const dilate_options *o = &r->options;
  const size_t dim = target_dim(r->target);
  for (size_t j = 0; j < dim; j++) centre[j] = o->path_centre ? o->path_centre[j] : 0;
  *scale = o->path_scale > 0 ? o->path_scale : 1;
  if (o->path_centre && o->path_scale > 0) return DILATE_OK;
  double *mean = NEW(double, dim);
  if (!mean) return error_memory(err, "looking for the target's place");
  const int status = look(r, centre, scale, mean, err);
  memory_free(mean);
  for (size_t j = 0; j < dim && o->path_centre; j++) centre[j] = o->path_centre[j];
  if (o->path_scale > 0) *scale = o->path_scale;
  return status;
}
