/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The result of a particle run: where the particles stand, carried to the end of the path, every draw its own lineage; and, of an
 * unadjusted one, the lower bound of the evidence. */
#include <math.h>

#include "base/memory.h"
#include "method/particle_run.h"
#include "method/settled_result.h"

/* The evidence lower bound that an unadjusted path gives: the mean of its log weights, where all are finite. */
typedef struct evidence_bound {
  double bound, se; /* NaN: none */
} evidence_bound;

static evidence_bound bound_evidence(const particle_run *m) {
  const particles *p = &m->p;
  const evidence_bound none = {NAN, NAN};
  double sum = 0, square = 0;
  if (!m->log_weight || !m->weighted || m->taken < m->steps) return none;
  for (size_t i = 0; i < p->n; i++) sum += m->log_weight[i] + p->logp[i];
  const double mean = sum / (double)p->n;
  if (!isfinite(mean)) return none;
  for (size_t i = 0; i < p->n; i++) square += pow(m->log_weight[i] + p->logp[i] - mean, 2);
  return (evidence_bound){mean, sqrt(square / (double)p->n / (double)(p->n - 1))};
}

/* A copy of the particles in the memory of the proposals, which are over; the particles themselves where nobody looks at them again. */
static void take_particles(particle_run *m, const run *r) {
  if (!r->unwatched) {
    particles_copy_all(&m->proposal, &m->p);
    return;
  }
  particles_clear(&m->proposal);
  m->proposal = m->p;
  m->p = (particles){0};
  memory_free(m->h);
  memory_free(m->acceptance);
  m->h = m->acceptance = NULL;
}

/* The points of the target: carried there where the path is a map, else as the particles stand. */
static void to_target(const particle_run *m, const run *r, particles *points) {
  if (m->path.type->carry)
    particle_run_carry(m, m->kernel.lambda, 1, 0, points->n, points);
  else if (m->kernel.lambda != 1 && target_status(r->target, NULL) == DILATE_OK)
    particles_evaluate(points, r->target);
}

int particle_run_result(void *state, const run *r, dilate_result **out, dilate_error *err) {
  particle_run *m = state;
  particles none = {0};
  const evidence_bound evidence = bound_evidence(m);
  const int some = m->taken > 0;
  if (some) take_particles(m, r);
  if (some) to_target(m, r, &m->proposal);
  const int status = settled_result(r, some ? &m->proposal : &none, m->taken == m->steps, out, err);
  if (status) return status;
  (*out)->log_z_bound = evidence.bound;
  (*out)->log_z_bound_se = evidence.se;
  return DILATE_OK;
}
