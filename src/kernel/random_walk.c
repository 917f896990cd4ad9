/* SPDX-License-Identifier: GPL-3.0-or-later */
/* x <- x + tau s + sqrt(2 tau T) n, tile by tile. */
#include "kernel/random_walk.h"
#include "base/team.h"

#include <math.h>
#include <omp.h>

size_t random_walk_work(size_t threads, size_t dim) {
  return threads * dim * PARTICLE_TILE;
}

/* to = x + tau s + spread n, over the noise n; lost[i]: 1 where that overflows. */
static void walk(const particles *p, size_t begin, size_t n, double tau, double spread, double *to, unsigned char *lost) {
  for (size_t j = 0; j < p->dim; j++) {
    const double *x = p->x + j * p->ld + begin, *s = p->grad + j * p->ld + begin;
    double *row = to + j * PARTICLE_TILE;
#pragma omp simd
    for (size_t i = 0; i < n; i++) row[i] = x[i] + tau * s[i] + spread * row[i];
    for (size_t i = 0; i < n; i++) lost[i] = lost[i] || !isfinite(row[i]);
  }
}

static void walk_tile(const random_walk *k, uint32_t step, double tau, double spread, size_t begin, size_t n, particles *p) {
  uint32_t number[PARTICLE_TILE];
  unsigned char lost[PARTICLE_TILE] = {0};
  double *to = k->work + p->dim * PARTICLE_TILE * (size_t)omp_get_thread_num();
  for (size_t i = 0; i < n; i++) number[i] = (uint32_t)(begin + i);
  stream_normals(k->stream, step, p->dim, n, PARTICLE_TILE, number, to);
  walk(p, begin, n, tau, spread, to, lost);
  for (size_t j = 0; j < p->dim; j++)
    for (size_t i = 0; i < n; i++)
      if (!lost[i]) p->x[j * p->ld + begin + i] = to[j * PARTICLE_TILE + i];
}

void random_walk_step(const random_walk *k, uint32_t step, double tau, double temperature, particles *p) {
  const size_t tiles = tile_count(p->n);
  const double spread = sqrt(2 * tau * temperature);
#pragma omp parallel for schedule(dynamic) num_threads(team_size(k->threads))
  for (size_t tile = 0; tile < tiles; tile++) walk_tile(k, step, tau, spread, tile * PARTICLE_TILE, tile_size(p->n, tile), p);
}
