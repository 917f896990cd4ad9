/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One tile of particles at work: whitening, noise, the Metropolis rule and step-size adaptation (Andrieu & Thoms 2008, section 5). */
#include "kernel/tile.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/clones.h"
#include "base/linalg.h"
#include "base/vmath.h"

size_t langevin_work(const target *t) {
  return 2 * target_threads(t) * target_dim(t) * PARTICLE_TILE;
}

/* All of them, whether the tile is full or not: their number is known when this is compiled. */
WIDE_LOOPS static void number_from(uint32_t first, uint32_t *particle) {
#pragma omp simd
  for (uint32_t i = 0; i < PARTICLE_TILE; i++) particle[i] = first + i;
}

/* Member by member: to zero all and to copy it takes longer than the rest. */
void tile_open(const langevin *k, uint32_t step, const particles *p, size_t tile, kernel_tile *t) {
  const size_t block = p->dim * PARTICLE_TILE;
  t->k = k;
  t->step = step;
  t->begin = tile * PARTICLE_TILE;
  t->n = tile_size(p->n, tile);
  t->dim = p->dim;
  t->ld = p->ld;
  t->move = k->work + 2 * block * (size_t)omp_get_thread_num();
  t->scratch = t->move + block;
  t->slope = NULL;
  t->slope_ld = 0;
  t->any_lost = 0;
  memset(t->lost, 0, sizeof t->lost);
  number_from((uint32_t)t->begin, t->particle);
}

void tile_noise(kernel_tile *t) {
  stream_normals(t->k->stream, t->step, t->dim, t->n, PARTICLE_TILE, t->particle, t->move);
}

void tile_slope(kernel_tile *t, const particles *at) {
  t->slope = at->grad + t->begin;
  t->slope_ld = t->ld;
  if (!t->k->metric_c) return;
  for (size_t j = 0; j < t->dim; j++) memcpy(t->scratch + j * PARTICLE_TILE, t->slope + j * t->ld, t->n * sizeof(double));
  lower_transpose_times(t->dim, t->k->metric_c, t->n, PARTICLE_TILE, t->scratch);
  t->slope = t->scratch;
  t->slope_ld = PARTICLE_TILE;
}

WIDE_LOOPS void tile_square(const kernel_tile *t, size_t ld, const double *u, double *sum) {
  for (size_t i = 0; i < t->n; i++) sum[i] = 0;
  for (size_t j = 0; j < t->dim; j++) {
    const double *row = u + j * ld;
#pragma omp simd
    for (size_t i = 0; i < t->n; i++) sum[i] += row[i] * row[i];
  }
}

/* u <- x + u; zero: NaN once a coordinate is not finite, else 0.  Several rows at a time. */
WIDE_LOOPS static void arrive(size_t dim, size_t n, size_t ld, const double *restrict x, double *restrict u, double *restrict zero) {
  size_t j = 0;
  for (size_t i = 0; i < n; i++) zero[i] = 0;
  for (; j + 4 <= dim; j += 4) {
    const double *const a = x + j * ld, *const b = a + ld, *const c = b + ld, *const d = c + ld;
    double *const row = u + j * PARTICLE_TILE;
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
      const double at_a = row[i] += a[i], at_b = row[PARTICLE_TILE + i] += b[i];
      const double at_c = row[2 * PARTICLE_TILE + i] += c[i], at_d = row[3 * PARTICLE_TILE + i] += d[i];
      zero[i] += (0 * at_a + 0 * at_b) + (0 * at_c + 0 * at_d);
    }
  }
  for (; j < dim; j++)
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
      u[j * PARTICLE_TILE + i] += x[j * ld + i];
      zero[i] += 0 * u[j * PARTICLE_TILE + i];
    }
}

WIDE_LOOPS static int all_zero(size_t n, const double *zero) {
  int64_t other = 0;
#pragma omp simd reduction(| : other)
  for (size_t i = 0; i < n; i++) other |= zero[i] != 0;
  return !other;
}

WIDE_LOOPS static void copy_rows(size_t dim, size_t n, const double *restrict u, size_t ld, double *restrict x) {
  for (size_t j = 0; j < dim; j++)
#pragma omp simd
    for (size_t i = 0; i < n; i++) x[j * ld + i] = u[j * PARTICLE_TILE + i];
}

/* Particles with a coordinate that is not finite are lost. */
static void mark_lost_ways(kernel_tile *t, const double *zero) {
  for (size_t i = 0; i < t->n; i++) t->lost[i] = t->lost[i] || zero[i] != 0;
  t->any_lost = 1;
}

void tile_displace(kernel_tile *t, const particles *home, const particles *from, double *u, particles *to) {
  if (t->k->metric_c) lower_times(t->dim, t->k->metric_c, t->n, PARTICLE_TILE, u);
  double zero[PARTICLE_TILE];
  arrive(t->dim, t->n, t->ld, from->x + t->begin, u, zero);
  if (!t->any_lost && all_zero(t->n, zero)) {
    copy_rows(t->dim, t->n, u, t->ld, to->x + t->begin);
    return;
  }
  mark_lost_ways(t, zero);
  for (size_t j = 0; j < t->dim; j++)
    for (size_t i = 0; i < t->n; i++) {
      const size_t at = j * t->ld + t->begin + i;
      to->x[at] = t->lost[i] ? home->x[at] : u[j * PARTICLE_TILE + i];
    }
}

void tile_evaluate(const kernel_tile *t, particles *at) {
  const path *along = t->k->path;
  const size_t b = t->begin;
  along->type->evaluate(along, t->k->lambda, b, t->n, t->ld, at->x + b, at->logp + b, at->grad + b);
}

/* The lost are outside the support. */
static void mark_lost(const kernel_tile *t, particles *proposal) {
  for (size_t i = 0; i < t->n; i++)
    if (t->lost[i]) {
      proposal->logp[t->begin + i] = -INFINITY;
      for (size_t j = 0; j < t->dim; j++) proposal->grad[j * t->ld + t->begin + i] = 0;
    }
}

/* Log of the acceptance probability, at most 0. */
static double log_acceptance(double ratio, double logp, double proposed) {
  if (!isfinite(proposed)) return -INFINITY;
  if (!isfinite(logp)) return 0;
  const double log_a = proposed - logp + ratio;
  return isnan(log_a) ? -INFINITY : fmin(log_a, 0);
}

static void adapt(const langevin *k, size_t n, const double *a, double *h) {
  if (k->rate == 0) return;
  double factor[PARTICLE_TILE];
  for (size_t i = 0; i < n; i++) factor[i] = k->rate * (a[i] - k->accept);
  vmath_exp(n, factor, factor);
  for (size_t i = 0; i < n; i++) h[i] = fmin(fmax(h[i] * factor[i], k->h_min), k->h_max);
}

void tile_metropolis(const kernel_tile *t, const double *ratio, particles *p, particles *proposal, double *h, double *acceptance) {
  double a[PARTICLE_TILE];
  size_t accepted[PARTICLE_TILE], count = 0;
  mark_lost(t, proposal);
  for (size_t i = 0; i < t->n; i++) a[i] = log_acceptance(ratio[i], p->logp[t->begin + i], proposal->logp[t->begin + i]);
  vmath_exp(t->n, a, a);
  for (size_t i = 0; i < t->n; i++) {
    if (stream_uniform(t->k->stream, t->particle[i], t->step, 0) < a[i]) accepted[count++] = i;
    if (acceptance) acceptance[t->begin + i] = a[i];
  }
  particles_copy_listed(p, t->begin, proposal, t->begin, count, accepted);
  adapt(t->k, t->n, a, h + t->begin);
}

void tile_share(const shared_loop *s, const langevin *k, const particles *p, const particles *proposal, double *h, double *acceptance) {
  const particles none = {0}, *shown = k->proposals_read ? proposal : &none;
  SHARE_END(s, SHARE_POINTS(p), SHARE_VALUES(p), SHARE_POINTS(shown), SHARE_VALUES(shown), SHARE_ROW(h), SHARE_ROW(acceptance));
}
