/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Doubts of the target from the last places of particles, for methods that fit nothing (see doubts_target.h).  The local scale is the
 * inverse root of the gradients' second moment, a coordinate at a time. */
#include <math.h>

#include "base/memory.h"
#include "method/doubts_target.h"
#include "method/settled_result.h"

#define POINTS 128

/* Those inside the support to the front: p->n of them. */
static void keep_inside(particles *p) {
  size_t inside = 0;
  for (size_t i = 0; i < p->n; i++)
    if (isfinite(p->logp[i])) particles_copy(p, inside++, p, i);
  p->n = inside;
}

int doubt_particles(run *r, size_t n, size_t ld, const double *x, dilate_error *err) {
  const size_t dim = target_dim(r->target), count = n < POINTS ? n : POINTS;
  particles p;
  target_fault fault;
  double *c = NEW(double, dim);
  int status = particles_create(dim, count, &p) || !c ? error_memory(err, "the check of the target") : DILATE_OK;
  if (!status) {
    for (size_t k = 0; k < count; k++)
      for (size_t j = 0; j < dim; j++) p.x[j * p.ld + k] = x[j * ld + k * n / count];
    particles_evaluate(&p, r->target);
    keep_inside(&p);
    settled_scale(&p, NULL, c);
    const target_view view = {&p, FACTOR_DIAGONAL, c, 0, 1};
    if (p.n) status = doubt_target(&view, r, &fault, err);
  }
  memory_free(c);
  particles_clear(&p);
  return status;
}
