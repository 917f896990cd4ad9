/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all paths share: the range of lambda, scratch, and evaluation of a whole cloud of particles. */
#include "path/path.h"

size_t path_work(const path_type *type, const target *t) {
  return type->work * target_threads(t) * target_dim(t) * PARTICLE_TILE;
}

int path_check_lambda(const path *p, double lambda, dilate_error *err) {
  if (!(lambda >= 0 && lambda <= 1)) return error_set(err, DILATE_EINVAL, "lambda is %g; it must be 0 < lambda <= 1", lambda);
  if (lambda == 0 && !p->type->has_density_at_zero)
    return error_set(err, DILATE_EDOMAIN, "at lambda = 0 the path \"%s\" is a point mass: it has no density and no score; take lambda > 0",
                     p->type->name);
  return DILATE_OK;
}

void path_evaluate(const path *p, double lambda, particles *at) {
  const size_t tiles = tile_count(at->n);
#pragma omp parallel for schedule(dynamic) num_threads((int)target_threads(p->target))
  for (size_t tile = 0; tile < tiles; tile++) {
    const size_t begin = tile * PARTICLE_TILE;
    p->type->evaluate(p, lambda, begin, tile_size(at->n, tile), at->ld, at->x + begin, at->logp + begin, at->grad + begin);
  }
}
