/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evaluations where a target may break down without a fault: far out, or a step beyond an edge. */
#include "base/team.h"
#include "target/share.h"
#include "target/state.h"

void target_probe(target *t, size_t n, size_t ld, const double *x, double *logp, double *grad) {
  const uint64_t density = atomic_load(&t->bad_density), gradient = atomic_load(&t->bad_gradient);
  const int had_bad = t->has_bad;
  const shared_loop s = tile_count(n) > 1 ? share_begin(t, n, 1) : share_alone(t, n);
  /* Numbers above those of all offenders: none of them is replaced. */
#pragma omp parallel for schedule(dynamic) num_threads(team_size(tile_count(n) > 1 ? target_threads(t) : 1))
  for (size_t tile = s.first; tile < s.end; tile++) {
    const size_t begin = tile * PARTICLE_TILE;
    target_evaluate(t, UINT64_MAX - n + begin, tile_size(n, tile), ld, x + begin, logp + begin, grad ? grad + begin : NULL);
  }
  SHARE_END(&s, SHARE_ROW(logp), SHARE_ROWS(grad, t->user.dim, ld));
  atomic_store(&t->bad_density, density);
  atomic_store(&t->bad_gradient, gradient);
  t->has_bad = had_bad;
}
