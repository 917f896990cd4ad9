/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Particles: memory, copying, and evaluation in parallel over tiles of fixed size. */
#include "target/particles.h"
#include "base/memory.h"
#include "base/team.h"
#include "target/share.h"

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

void particles_copy_range(particles *dst, size_t to, const particles *src, size_t from, size_t n) {
  for (size_t j = 0; j < dst->dim; j++) {
    memcpy(dst->x + j * dst->ld + to, src->x + j * src->ld + from, n * sizeof *dst->x);
    memcpy(dst->grad + j * dst->ld + to, src->grad + j * src->ld + from, n * sizeof *dst->grad);
  }
  memcpy(dst->logp + to, src->logp + from, n * sizeof *dst->logp);
}

static void copy_listed(const double *from, size_t count, const size_t *index, double *to) {
  for (size_t k = 0; k < count; k++) to[index[k]] = from[index[k]];
}

void particles_copy_listed(particles *dst, size_t to, const particles *src, size_t from, size_t count, const size_t *index) {
  for (size_t j = 0; j < dst->dim; j++) {
    copy_listed(src->x + j * src->ld + from, count, index, dst->x + j * dst->ld + to);
    copy_listed(src->grad + j * src->ld + from, count, index, dst->grad + j * dst->ld + to);
  }
  copy_listed(src->logp + from, count, index, dst->logp + to);
}

void particles_gather(particles *dst, const particles *src, size_t count, const size_t *index) {
  for (size_t j = 0; j < dst->dim; j++) {
    for (size_t k = 0; k < count; k++) dst->x[j * dst->ld + k] = src->x[j * src->ld + index[k]];
    for (size_t k = 0; k < count; k++) dst->grad[j * dst->ld + k] = src->grad[j * src->ld + index[k]];
  }
  for (size_t k = 0; k < count; k++) dst->logp[k] = src->logp[index[k]];
}

int particles_thin(const particles *p, size_t most, particles *few) {
  const size_t n = p->n < most ? p->n : most;
  if (particles_create(p->dim, n, few)) return 1;
  for (size_t i = 0; i < n; i++) particles_copy(few, i, p, i * p->n / n);
  return 0;
}

void particles_copy_all(particles *dst, const particles *src) {
  memcpy(dst->x, src->x, src->dim * src->ld * sizeof *dst->x);
  memcpy(dst->grad, src->grad, src->dim * src->ld * sizeof *dst->grad);
  memcpy(dst->logp, src->logp, src->ld * sizeof *dst->logp);
}

void particles_archive(archive *a, particles *p) {
  if (p->x) archive_doubles(a, p->dim * p->ld, p->x);
  if (p->grad) archive_doubles(a, p->dim * p->ld, p->grad);
  if (p->logp) archive_doubles(a, p->ld, p->logp);
}

void particles_evaluate(particles *p, target *t) {
  const shared_loop s = share_begin(t, p->n, 1);
#pragma omp parallel for schedule(dynamic) num_threads(team_size(target_threads(t)))
  for (size_t tile = s.first; tile < s.end; tile++) {
    const size_t begin = tile * PARTICLE_TILE;
    target_evaluate(t, begin, tile_size(p->n, tile), p->ld, p->x + begin, p->logp + begin, p->grad + begin);
  }
  SHARE_END(&s, SHARE_VALUES(p));
}

void particles_evaluate_density(particles *p, size_t n, target *t) {
  const shared_loop s = share_begin(t, n, 1);
#pragma omp parallel for schedule(dynamic) num_threads(team_size(target_threads(t)))
  for (size_t tile = s.first; tile < s.end; tile++) {
    const size_t begin = tile * PARTICLE_TILE;
    target_evaluate(t, begin, tile_size(n, tile), p->ld, p->x + begin, p->logp + begin, NULL);
  }
  SHARE_END(&s, SHARE_ROW(p->logp));
}
