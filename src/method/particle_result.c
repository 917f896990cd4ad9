/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The result of a particle run: where the particles stand, carried to the end of the path, every draw its own lineage; and, of an
 * unadjusted one, the lower bound of the evidence. */
#include <math.h>

#include "method/particle_run.h"
#include "method/settled_result.h"

/* The particles as points of the target: carried there where the path is a map, else as they stand. */
static int points_of_target(const particle_run *m, const run *r, particles *points, dilate_error *err) {
  if (particles_create(m->p.dim, m->p.n, points)) return error_memory(err, "result of a particle run");
  particles_copy_all(points, &m->p);
  if (m->path.type->carry)
    particle_run_carry(m, m->kernel.lambda, 1, 0, points->n, points);
  else if (m->kernel.lambda != 1 && target_status(r->target, NULL) == DILATE_OK)
    particles_evaluate(points, r->target);
  return DILATE_OK;
}

/* The evidence lower bound that an unadjusted path gives: the mean of its log weights, where all are finite. */
static void bound_evidence(const particle_run *m, dilate_result *result) {
  const particles *p = &m->p;
  double sum = 0, square = 0;
  if (!m->log_weight || !m->weighted || m->taken < m->steps) return;
  for (size_t i = 0; i < p->n; i++) sum += m->log_weight[i] + p->logp[i];
  const double mean = sum / (double)p->n;
  if (!isfinite(mean)) return;
  for (size_t i = 0; i < p->n; i++) square += pow(m->log_weight[i] + p->logp[i] - mean, 2);
  result->log_z_bound = mean;
  result->log_z_bound_se = sqrt(square / (double)p->n / (double)(p->n - 1));
}

int particle_run_result(void *state, const run *r, dilate_result **out, dilate_error *err) {
  const particle_run *m = state;
  particles points = {0};
  int status = m->taken ? points_of_target(m, r, &points, err) : DILATE_OK;
  if (!status) status = settled_result(r, &points, m->taken == m->steps, out, err);
  if (!status) bound_evidence(m, *out);
  particles_clear(&points);
  return status;
}
