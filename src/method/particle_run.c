/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Particles dropped from far away and moved along a path by MALA.
 *
 * A particle starts at a distance of its own, log-uniform between 1 and 100 times a standard normal point, so that no scale has to be
 * known.  The step is proportional to lambda, which makes it a step of fixed size on the target itself, and adapts to each particle's
 * acceptance; adaptation fades out over the first 80 % of the steps, the rest leave the target invariant. */
#include "method/particle_run.h"

#include <math.h>

#include "base/memory.h"

#define NEAREST     1.0 /* start distances, in units of a standard normal point */
#define FARTHEST    100.0
#define DROPS       16    /* tries to drop a particle inside the support, each from half the distance of the one before */
#define FIRST_STEP  0.1   /* of the Langevin diffusion on the target */
#define RATE        1.6   /* of adaptation, at the start of the run */
#define RATE_UNTIL  0.8   /* share of the run after which step sizes are fixed */
#define ACCEPTANCE  0.574 /* Roberts & Rosenthal 1998 */
#define STEP_LIMITS 1e20

int particle_run_create(run *r, const char *stage, const path_type *type, particle_run **out, dilate_error *err) {
  const size_t n = r->options.islands * r->options.draws, dim = target_dim(r->target);
  particle_run *m = NEW(particle_run, 1);
  if (!m) return error_memory(err, stage);
  m->stage = stage;
  m->steps = r->options.steps;
  m->path = (path){.type = type, .target = r->target, .work = NEW(double, path_work(type, r->target))};
  m->kernel = (langevin){.path = &m->path,
                         .lambda = 1,
                         .stream = stream_make(r->options.seed, STREAM_PATH, 0, 0),
                         .accept = ACCEPTANCE,
                         .h_min = 1 / STEP_LIMITS,
                         .h_max = STEP_LIMITS,
                         .work = NEW(double, langevin_work(r->target))};
  m->h = NEW(double, n);
  m->acceptance = NEW(double, n);
  const int no_cloud = particles_create(dim, n, &m->p) || particles_create(dim, n, &m->proposal);
  if (no_cloud || !m->path.work || !m->kernel.work || !m->h || !m->acceptance) {
    particle_run_destroy(m);
    return error_memory(err, stage);
  }
  const int status = run_warn(r, err,
                              "The method \"%s\" estimates no log evidence, and the weights of its modes are those of the basins that its "
                              "particles fell into, not the target's. Use the default method, \"bridge\", for weights and log evidence.",
                              stage);
  if (status)
    particle_run_destroy(m);
  else
    *out = m;
  return status;
}

void particle_run_destroy(void *state) {
  particle_run *m = state;
  if (!m) return;
  memory_free(m->path.work);
  memory_free(m->kernel.work);
  particles_clear(&m->p);
  particles_clear(&m->proposal);
  memory_free(m->h);
  memory_free(m->acceptance);
  memory_free(m);
}

/* A place for particle i: a standard normal point times its own distance. */
static void drop(const run *r, unsigned attempt, size_t i, particles *p) {
  const stream s = stream_make(r->options.seed, STREAM_START, attempt, 0);
  const uint32_t number = (uint32_t)i;
  const double distance = ldexp(NEAREST * pow(FARTHEST / NEAREST, stream_uniform(s, number, 0, 0)), -(int)attempt);
  stream_normals(s, 0, p->dim, 1, p->ld, &number, p->x + i);
  for (size_t j = 0; j < p->dim; j++) p->x[j * p->ld + i] *= distance;
}

/* Drops the particles outside the support again, from nearer. */
static void drop_again(const run *r, unsigned attempt, particles *p) {
  for (size_t i = 0; i < p->n; i++)
    if (!isfinite(p->logp[i])) {
      drop(r, attempt, i, p);
      target_evaluate(r->target, i, 1, p->ld, p->x + i, p->logp + i, p->grad + i);
    }
}

/* Particles that found no place inside the support take those of the ones that did, in turn.  Returns how many did. */
static size_t share_places(particles *p) {
  size_t inside = 0, next = 0;
  for (size_t i = 0; i < p->n; i++) inside += isfinite(p->logp[i]) != 0;
  if (inside == 0 || inside == p->n) return inside;
  for (size_t i = 0; i < p->n; i++) {
    if (isfinite(p->logp[i])) continue;
    while (!isfinite(p->logp[next])) next = (next + 1) % p->n;
    particles_copy(p, i, p, next);
    next = (next + 1) % p->n;
  }
  return inside;
}

static int start(particle_run *m, run *r, dilate_error *err) {
  for (size_t i = 0; i < m->p.n; i++) {
    m->h[i] = FIRST_STEP;
    drop(r, 0, i, &m->p);
  }
  particles_evaluate(&m->p, r->target);
  for (unsigned attempt = 1; attempt < DROPS; attempt++) drop_again(r, attempt, &m->p);
  const int status = target_status(r->target, err);
  if (status) return status;
  const size_t inside = share_places(&m->p);
  if (inside == 0)
    return error_set(err, DILATE_ESUPPORT,
                     "none of %zu starting points, at distances from %g to %g of the origin, lies inside the target's support",
                     m->p.n * DROPS, ldexp(NEAREST, 1 - DROPS), FARTHEST);
  return DILATE_OK;
}

void particle_run_carry(const particle_run *m, double from, double to, size_t begin, size_t n, particles *p) {
  const double shift = 0.5 * (double)p->dim * log(from / to), scale = sqrt(from / to);
  if (from == to || !m->path.type->carry) return;
  m->path.type->carry(&m->path, from, to, n, p->ld, p->x + begin);
  for (size_t i = begin; i < begin + n; i++) p->logp[i] += shift;
  for (size_t j = 0; j < p->dim; j++)
    for (size_t i = begin; i < begin + n; i++) p->grad[j * p->ld + i] *= scale;
}

/* The path moves on under the particles, which stay: on the target they contract towards the centre.  One that would leave the support by
 * that is carried along instead, and so keeps its point of the target. */
static void move_along(particle_run *m, double to) {
  const double from = m->kernel.lambda;
  particles *p = &m->p, *before = &m->proposal;
  for (size_t i = 0; i < p->n; i++) particles_copy(before, i, p, i);
  path_evaluate(&m->path, to, p);
  for (size_t i = 0; i < p->n; i++)
    if (!isfinite(p->logp[i])) {
      particles_copy(p, i, before, i);
      particle_run_carry(m, from, to, i, 1, p);
    }
}

static void go_to(particle_run *m, double to) {
  const double from = m->kernel.lambda;
  if (from == to) return;
  if (m->taken == 0)
    particle_run_carry(m, from, to, 0, m->p.n, &m->p);
  else
    move_along(m, to);
  for (size_t i = 0; i < m->p.n; i++) m->h[i] *= to / from;
  m->kernel.lambda = to;
}

static double mean_acceptance(const particle_run *m) {
  double sum = 0;
  for (size_t i = 0; i < m->p.n; i++) sum += m->acceptance[i];
  return sum / (double)m->p.n;
}

int particle_run_step(particle_run *m, run *r, double lambda, dilate_error *err) {
  int status = m->taken == 0 ? start(m, r, err) : DILATE_OK;
  if (status) return status;
  go_to(m, lambda);
  const double done = (double)m->taken / (double)m->steps;
  m->kernel.rate = RATE * fmax(0, 1 - done / RATE_UNTIL);
  mala_step(&m->kernel, (uint32_t)m->taken, &m->p, &m->proposal, m->h, m->acceptance);
  m->taken++;
  status = target_status(r->target, err);
  if (status) return status;
  status = run_record(r, m->stage, 0, 0, lambda, NAN, NAN, mean_acceptance(m), (double)m->taken / (double)m->steps, err);
  if (status) return status;
  return m->taken < m->steps ? DILATE_CONTINUE : DILATE_OK;
}

const double *particle_run_particles(const void *state, size_t *n, size_t *ld) {
  const particle_run *m = state;
  *n = m->taken ? m->p.n : 0;
  *ld = m->p.ld;
  return m->taken ? m->p.x : NULL;
}
