/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The result of a particle run: where the particles stand, carried to the end of the path, every draw its own lineage, with the modes that
 * they fell into. */
#include "method/particle_run.h"
#include "method/settled_modes.h"

/* The particles as points of the target. */
static int points_of_target(const particle_run *m, particles *points) {
  if (particles_create(m->p.dim, m->p.n, points)) return DILATE_ENOMEM;
  for (size_t i = 0; i < m->p.n; i++) particles_copy(points, i, &m->p, i);
  particle_run_carry(m, m->kernel.lambda, 1, 0, points->n, points);
  return DILATE_OK;
}

int particle_run_result(void *state, const run *r, dilate_result **out, dilate_error *err) {
  const particle_run *m = state;
  dilate_result *result = NULL;
  particles points = {0};
  int status = result_create(r, m->taken ? r->options.islands : 0, &result, err);
  if (status) return status;
  result->complete = m->taken == m->steps;
  if (m->taken) {
    status = points_of_target(m, &points) ? error_memory(err, "result of a particle run") : DILATE_OK;
    if (!status) settled_rows(&points, result);
    /* A target that asked to abort is not asked again. */
    if (!status && target_status(r->target, NULL) == DILATE_OK) status = settled_modes(r, &points, result, err);
  }
  if (!status) status = result_finish(result, r, NULL, err);
  particles_clear(&points);
  if (status)
    dilate_result_free(result);
  else
    *out = result;
  return status;
}
