/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Langevin diffusion dx = S grad log mu dt + sqrt(2) C dW, S = C C', one Euler step of size h: unadjusted (ULA) and Metropolis-adjusted
 * (MALA; Besag 1994; Roberts & Tweedie 1996, Bernoulli 2:341).  In whitened coordinates u, x = C u, a proposal is u + m with
 * m = h b(x) + sqrt(2h) z, b = C'g or, with bounded drift (their truncated algorithm), C'g / max(1, h |C'g| / bound); and with
 * m- = -m - h b(x + C m) the log ratio of the step back and the step is |z|^2 / 2 - |m-|^2 / (4h). */
#include "kernel/langevin.h"

#include <math.h>
#include <string.h>

#include "base/clones.h"
#include "base/team.h"
#include "base/vmath.h"
#include "kernel/tile.h"

#define RATE        1.6
#define RATE_UNTIL  0.8
#define STEP_LIMITS 1e20

langevin langevin_adapting(const path *along, stream s) {
  return (langevin){.path = along, .lambda = 1, .stream = s, .accept = MALA_ACCEPTANCE, .h_min = 1 / STEP_LIMITS, .h_max = STEP_LIMITS};
}

double langevin_rate(double done) {
  return RATE * fmax(0, 1 - done / RATE_UNTIL);
}

/* |slope| of particle i, where its square overflows. */
static double long_slope(const kernel_tile *t, size_t i) {
  double longest = 0, square = 0;
  for (size_t j = 0; j < t->dim; j++) longest = fmax(longest, fabs(t->slope[j * t->slope_ld + i]));
  for (size_t j = 0; j < t->dim; j++) square += pow(t->slope[j * t->slope_ld + i] / longest, 2);
  return longest * sqrt(square);
}

/* drift = h / max(1, h |slope| / bound): what the slope is multiplied by. */
static void bound_drift(const kernel_tile *t, const double *h, double *drift) {
  const double bound = t->k->bound;
  memcpy(drift, h, t->n * sizeof *drift);
  if (bound == 0) return;
  double square[PARTICLE_TILE];
  tile_square(t, t->slope_ld, t->slope, square);
  for (size_t i = 0; i < t->n; i++) {
    const double length = isfinite(square[i]) ? sqrt(square[i]) : long_slope(t, i);
    drift[i] *= fmin(1, bound / h[i] / length);
  }
}

/* move: z -> drift slope + sqrt(2h) z, two rows at a time. */
WIDE_LOOPS static void propose(const kernel_tile *t, const double *h, const double *drift) {
  double spread[PARTICLE_TILE];
  size_t j = 0;
  for (size_t i = 0; i < t->n; i++) spread[i] = 2 * h[i];
  vmath_root(t->n, spread, spread);
  for (; j + 2 <= t->dim; j += 2) {
    double *const a = t->move + j * PARTICLE_TILE, *const b = a + PARTICLE_TILE;
    const double *const slope = t->slope + j * t->slope_ld, *const next = slope + t->slope_ld;
#pragma omp simd
    for (size_t i = 0; i < t->n; i++) {
      a[i] = drift[i] * slope[i] + spread[i] * a[i];
      b[i] = drift[i] * next[i] + spread[i] * b[i];
    }
  }
  if (j == t->dim) return;
  double *const last = t->move + j * PARTICLE_TILE;
  const double *const slope = t->slope + j * t->slope_ld;
#pragma omp simd
  for (size_t i = 0; i < t->n; i++) last[i] = drift[i] * slope[i] + spread[i] * last[i];
}

/* scratch <- m-, the move that would lead back, from the proposals' slope. */
WIDE_LOOPS static void move_back(const kernel_tile *t, const double *drift) {
  for (size_t j = 0; j < t->dim; j++) {
    const double *move = t->move + j * PARTICLE_TILE, *slope = t->slope + j * t->slope_ld;
    double *back = t->scratch + j * PARTICLE_TILE;
#pragma omp simd
    for (size_t i = 0; i < t->n; i++) back[i] = -move[i] - drift[i] * slope[i];
  }
}

/* Noise and drift at p's points: move; forward (NULL: not needed): |z|^2. */
static void step_forward(kernel_tile *t, const particles *p, const double *h, double *forward) {
  double drift[PARTICLE_TILE];
  tile_noise(t);
  if (forward) tile_square(t, PARTICLE_TILE, t->move, forward);
  tile_slope(t, p);
  bound_drift(t, h, drift);
  propose(t, h, drift);
}

/* A step, proposals evaluated in `to`, and the log ratio of the step back and the step. */
static void step_and_back(kernel_tile *t, const particles *p, particles *to, const double *h, double *ratio) {
  double forward[PARTICLE_TILE], drift[PARTICLE_TILE];
  step_forward(t, p, h, forward);
  memcpy(t->scratch, t->move, t->dim * PARTICLE_TILE * sizeof *t->move);
  tile_displace(t, p, p, t->scratch, to);
  tile_evaluate(t, to);
  tile_slope(t, to);
  bound_drift(t, h, drift);
  move_back(t, drift);
  tile_square(t, PARTICLE_TILE, t->scratch, ratio);
  for (size_t i = 0; i < t->n; i++) ratio[i] = 0.5 * forward[i] - ratio[i] / (4 * h[i]);
}

static void mala_tile(kernel_tile *t, particles *p, particles *proposal, double *h, double *acceptance) {
  double ratio[PARTICLE_TILE];
  step_and_back(t, p, proposal, h + t->begin, ratio);
  tile_metropolis(t, ratio, p, proposal, h, acceptance);
}

void mala_step(const langevin *k, uint32_t step, particles *p, particles *proposal, double *h, double *acceptance) {
  const shared_loop s = share_begin(k->path->target, p->n, 1);
#pragma omp parallel for schedule(dynamic) num_threads(team_size(target_threads(k->path->target)))
  for (size_t tile = s.first; tile < s.end; tile++) {
    kernel_tile t;
    tile_open(k, step, p, tile, &t);
    mala_tile(&t, p, proposal, h, acceptance);
  }
  tile_share(&s, k, p, proposal, h, acceptance);
}

static void ula_tile(kernel_tile *t, particles *p, const double *h, double *log_ratio) {
  double ratio[PARTICLE_TILE];
  if (log_ratio) {
    step_and_back(t, p, p, h, ratio);
    for (size_t i = 0; i < t->n; i++) log_ratio[i] = t->lost[i] ? -INFINITY : ratio[i];
    return;
  }
  step_forward(t, p, h, NULL);
  tile_displace(t, p, p, t->move, p);
  tile_evaluate(t, p);
}

void ula_step(const langevin *k, uint32_t step, particles *p, const double *h, double *log_ratio) {
  const shared_loop s = share_begin(k->path->target, p->n, 1);
#pragma omp parallel for schedule(dynamic) num_threads(team_size(target_threads(k->path->target)))
  for (size_t tile = s.first; tile < s.end; tile++) {
    kernel_tile t;
    tile_open(k, step, p, tile, &t);
    ula_tile(&t, p, h + t.begin, log_ratio ? log_ratio + t.begin : NULL);
  }
  SHARE_END(&s, SHARE_POINTS(p), SHARE_VALUES(p), SHARE_ROW(log_ratio));
}
