/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Particles: memory, copying, and evaluation in parallel over tiles of fixed size. */
#include "target/particles.h"
#include "base/memory.h"

#include <stdint.h>
#include <string.h>

#define LANES 8 /* doubles in the widest vector, and in a cache line */

int particles_create(size_t dim, size_t n, particles *p) {
  memset(p, 0, sizeof *p);
  if (n > SIZE_MAX - LANES) return 1;
  p->n = n;
  p->dim = dim;
  p->ld = (n + LANES - 1) / LANES * LANES;
  p->x = NEW2(double, dim, p->ld);
  p->grad = NEW2(double, dim, p->ld);
  p->logp = NEW(double, p->ld);
  if (p->x && p->grad && p->logp) return 0;
  particles_clear(p);
  return 1;
}

void particles_clear(particles *p) {
  memory_free(p->x);
  memory_free(p->grad);
  memory_free(p->logp);
  memset(p, 0, sizeof *p);
}

void particles_copy(particles *dst, size_t to, const particles *src, size_t from) {
  for (size_t j = 0; j < dst->dim; j++) {
    dst->x[j * dst->ld + to] = src->x[j * src->ld + from];
    dst->grad[j * dst->ld + to] = src->grad[j * src->ld + from];
  }
  dst->logp[to] = src->logp[from];
}

void particles_copy_all(particles *dst, const particles *src) {
  memcpy(dst->x, src->x, src->dim * src->ld * sizeof *dst->x);
  memcpy(dst->grad, src->grad, src->dim * src->ld * sizeof *dst->grad);
  memcpy(dst->logp, src->logp, src->ld * sizeof *dst->logp);
}

void particles_evaluate(particles *p, target *t) {
  const size_t tiles = tile_count(p->n);
#pragma omp parallel for schedule(dynamic) num_threads((int)target_threads(t))
  for (size_t tile = 0; tile < tiles; tile++) {
    const size_t begin = tile * PARTICLE_TILE;
    target_evaluate(t, begin, tile_size(p->n, tile), p->ld, p->x + begin, p->logp + begin, p->grad + begin);
  }
}

void particles_evaluate_density(particles *p, size_t n, target *t) {
  const size_t tiles = tile_count(n);
#pragma omp parallel for schedule(dynamic) num_threads((int)target_threads(t))
  for (size_t tile = 0; tile < tiles; tile++) {
    const size_t begin = tile * PARTICLE_TILE;
    target_evaluate(t, begin, tile_size(n, tile), p->ld, p->x + begin, p->logp + begin, NULL);
  }
}
