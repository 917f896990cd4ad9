/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where particles start: from the path's Gaussian N(c, s^2 I), or each dropped at its own distance.
 *
 * A dropped particle is c + s r z, z standard normal, log r uniform, so that no scale has to be known well.  Its density, a scale mixture
 * of Gaussians, is a sum over RADII equal parts of log r. */
#include <math.h>

#include "base/constants.h"
#include "base/logsumexp.h"
#include "method/particle_run.h"
#include "method/settled.h"

#define DROPS 16 /* tries to drop a particle inside the support, each from half the distance of the one before */
#define RADII 256

static stream start_stream(const particle_run *m, const run *r, unsigned attempt) {
  return stream_make(r->options.seed, STREAM_START, m->number * DROPS + attempt, 0);
}

static double radius_at(const particle_plan *plan, double u) {
  return plan->nearest * pow(plan->farthest / plan->nearest, u);
}

/* x = c + distance z. */
static void place(particle_run *m, stream s, size_t i, double distance) {
  const uint32_t number = (uint32_t)i;
  particles *p = &m->p;
  stream_normals(s, 0, p->dim, 1, p->ld, &number, p->x + i);
  for (size_t j = 0; j < p->dim; j++) p->x[j * p->ld + i] = m->centre[j] + distance * p->x[j * p->ld + i];
}

static void drop(particle_run *m, const run *r, unsigned attempt, size_t i) {
  const stream s = start_stream(m, r, attempt);
  const double radius = radius_at(m->plan, stream_uniform(s, (uint32_t)i, 0, 0));
  place(m, s, i, ldexp(m->path.scale * radius, -(int)attempt));
}

/* Drops the particles outside the support again, from nearer; returns how many those were. */
static size_t drop_again(particle_run *m, const run *r, unsigned attempt) {
  particles *p = &m->p;
  size_t outside = 0;
  for (size_t i = 0; i < p->n; i++) {
    if (isfinite(p->logp[i])) continue;
    drop(m, r, attempt, i);
    target_evaluate(r->target, i, 1, p->ld, p->x + i, p->logp + i, p->grad + i);
    outside++;
  }
  return outside;
}

/* log q_0 of a point at the squared distance `square` from the centre. */
static double log_start_density(const particle_run *m, double square) {
  const double dim = (double)m->p.dim, scale = m->path.scale;
  double term[RADII];
  if (m->plan->gaussian) return -0.5 * (dim * LOG_2PI + square / (scale * scale)) - dim * log(scale);
  for (int k = 0; k < RADII; k++) {
    const double distance = scale * radius_at(m->plan, (k + 0.5) / RADII);
    term[k] = -0.5 * (dim * LOG_2PI + square / (distance * distance)) - dim * log(distance) - log(RADII);
  }
  return log_sum_exp(RADII, term);
}

static void begin_weights(particle_run *m) {
  const particles *p = &m->p;
  for (size_t i = 0; i < p->n; i++) {
    double square = 0;
    for (size_t j = 0; j < p->dim; j++) square += pow(p->x[j * p->ld + i] - m->centre[j], 2);
    m->log_weight[i] = -log_start_density(m, square);
  }
}

static int start_dropped(particle_run *m, run *r, dilate_error *err) {
  for (size_t i = 0; i < m->p.n; i++) drop(m, r, 0, i);
  if (m->log_weight) begin_weights(m);
  particles_evaluate(&m->p, r->target);
  m->weighted = 1;
  for (unsigned attempt = 1; attempt < DROPS; attempt++)
    if (drop_again(m, r, attempt)) m->weighted = 0;
  const int status = target_status(r->target, err);
  if (status || settled_share_places(&m->p)) return status;
  char bad[TARGET_BAD_TEXT];
  target_bad_text(r->target, bad);
  return error_set(
      err, DILATE_ESUPPORT,
      "none of %zu starting points, at distances from %g to %g of the centre, lies inside the target's support; set path_centre and "
      "path_scale to where that is%s",
      m->p.n * DROPS, m->path.scale * ldexp(m->plan->nearest, 1 - DROPS), m->path.scale * m->plan->farthest, bad);
}

static void start_gaussian(particle_run *m, const run *r) {
  const stream s = start_stream(m, r, 0);
  for (size_t i = 0; i < m->p.n; i++) place(m, s, i, m->path.scale);
  if (m->log_weight) begin_weights(m);
  m->weighted = 1;
  m->kernel.lambda = -1; /* nowhere: the first step evaluates them where the path begins */
}

int particle_run_start(particle_run *m, run *r, dilate_error *err) {
  const double first = m->rule == STEP_ADAPTED && !m->step_given ? m->step_size * m->path.scale * m->path.scale : m->step_size;
  for (size_t i = 0; i < m->p.n; i++) m->h[i] = first;
  if (!m->plan->gaussian) return start_dropped(m, r, err);
  start_gaussian(m, r);
  return DILATE_OK;
}
