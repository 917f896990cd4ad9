/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guided reverse kernel: see denoise.h. */
#include "stage/denoise.h"

#include <math.h>
#include <omp.h>

#include "base/constants.h"
#include "base/random.h"

#define LOG_LIMIT 1e300 /* of a log ghat, so that sums of them stay finite */

/* One tile of an island. */
typedef struct tile {
  size_t begin, n, dim, ld;         /* particles begin .. begin + n - 1 */
  stream stream;                    /* the island's */
  uint32_t particle[PARTICLE_TILE]; /* their numbers in it */
} tile;

size_t denoise_tiles(const diffusion *d) {
  return tile_count(d->set.draws);
}

static tile tile_open(const diffusion *d, size_t number) {
  const size_t island = number / denoise_tiles(d), of_island = number % denoise_tiles(d), first = of_island * PARTICLE_TILE;
  tile t = {.begin = island * d->set.draws + first, .n = tile_size(d->set.draws, of_island), .dim = d->now.dim, .ld = d->now.ld};
  t.stream = stream_make(d->set.seed, STREAM_DIFFUSION, 0, (unsigned)island);
  for (size_t i = 0; i < t.n; i++) t.particle[i] = (uint32_t)(first + i);
  return t;
}

void denoise_start(diffusion *d, size_t number) {
  const tile t = tile_open(d, number);
  stream_normals(t.stream, (uint32_t)d->level, t.dim, t.n, t.ld, t.particle, d->now.x + t.begin);
  for (size_t i = t.begin; i < t.begin + t.n; i++) {
    d->log_weight[i] = 0;
    d->eve[i] = i;
  }
}

/* now.x <- grad log ghat at the parents, 0 outside the support; square[i]: its squared norm. */
static void guide(diffusion *d, const tile *t, double *square) {
  const double root = sqrt(d->old_abar), s = d->set.scale;
  for (size_t i = 0; i < t->n; i++) square[i] = 0;
  for (size_t j = 0; j < t->dim; j++) {
    const double *x = d->old.x + j * t->ld, *grad = d->old.grad + j * t->ld;
    double *guidance = d->now.x + j * t->ld + t->begin;
    for (size_t i = 0; i < t->n; i++) {
      const size_t from = d->parent[t->begin + i];
      guidance[i] = isfinite(d->old.logp[from]) ? root * (s * grad[from] + root * x[from]) : 0;
      square[i] += guidance[i] * guidance[i];
    }
  }
}

/* factor[i]: what the guidance, of squared norm square[i], is multiplied by to give b; 0 where its norm overflows. */
static void bound(const tile *t, double variance, const double *square, double *factor) {
  const double step = 2 * variance / (1 + sqrt(1 - variance)), most = GUIDANCE_MOST * sqrt(variance * (double)t->dim);
  for (size_t i = 0; i < t->n; i++) {
    const double length = step * sqrt(square[i]);
    factor[i] = !isfinite(length) ? 0 : length > most ? step * (most / length) : step;
  }
}

/* now.x: guidance -> the new place; log_ratio[i] = log p/phat. */
static void move(diffusion *d, const tile *t, double variance, const double *noise, const double *factor, double *log_ratio) {
  const double shrink = sqrt(1 - variance), sd = sqrt(variance);
  for (size_t i = 0; i < t->n; i++) log_ratio[i] = 0;
  for (size_t j = 0; j < t->dim; j++) {
    const double *x = d->old.x + j * t->ld, *z = noise + j * PARTICLE_TILE;
    double *to = d->now.x + j * t->ld + t->begin;
    for (size_t i = 0; i < t->n; i++) {
      const double b = factor[i] > 0 ? factor[i] * to[i] : 0;
      log_ratio[i] -= variance > 0 ? b * (b + 2 * sd * z[i]) / (2 * variance) : 0;
      to[i] = shrink * x[d->parent[t->begin + i]] + b + sd * z[i];
    }
  }
}

void denoise_move(diffusion *d, size_t number) {
  const tile t = tile_open(d, number);
  const double variance = d->abar > 0 ? (d->abar - d->old_abar) / d->abar : 0; /* 1 - a */
  double *noise = d->work + t.dim * PARTICLE_TILE * (size_t)omp_get_thread_num();
  double square[PARTICLE_TILE], factor[PARTICLE_TILE], log_ratio[PARTICLE_TILE];
  stream_normals(t.stream, (uint32_t)d->level, t.dim, t.n, PARTICLE_TILE, t.particle, noise);
  guide(d, &t, square);
  bound(&t, variance, square, factor);
  move(d, &t, variance, noise, factor, log_ratio);
  for (size_t i = 0; i < t.n; i++) {
    const size_t at = t.begin + i, from = d->parent[at];
    const int dead = d->old_log_g[from] == -INFINITY;
    d->log_weight[at] = dead ? -INFINITY : d->old_log_weight[from] + log_ratio[i] - d->old_log_g[from];
    d->eve[at] = d->old_eve[from];
  }
}

/* cloud: tilted points; a point that overflows is not shown to the target, and outside[i] = 1. */
static void tilt(diffusion *d, const tile *t, unsigned char *outside) {
  const double reach = sqrt(d->abar) * d->set.scale;
  for (size_t i = 0; i < t->n; i++) outside[i] = 0;
  for (size_t j = 0; j < t->dim; j++) {
    const size_t row = j * t->ld + t->begin;
    for (size_t i = 0; i < t->n; i++) {
      d->cloud[row + i] = d->set.centre[j] + reach * d->now.x[row + i];
      if (!isfinite(d->cloud[row + i])) outside[i] = 1;
    }
  }
  for (size_t i = 0; i < t->n; i++)
    for (size_t j = 0; j < t->dim && outside[i]; j++) d->cloud[j * t->ld + t->begin + i] = d->set.centre[j];
}

/* log ghat from the target's log-densities: less log q0 at the tilted points. */
static void potential(diffusion *d, const tile *t) {
  const double constant = (double)t->dim * (0.5 * LOG_2PI + log(d->set.scale));
  double square[PARTICLE_TILE] = {0};
  for (size_t j = 0; j < t->dim; j++) {
    const double *x = d->now.x + j * t->ld + t->begin;
    for (size_t i = 0; i < t->n; i++) square[i] += x[i] * x[i];
  }
  for (size_t i = 0; i < t->n; i++) {
    const double logp = d->now.logp[t->begin + i], log_g = logp + constant + 0.5 * d->abar * square[i];
    d->log_g[t->begin + i] = isfinite(logp) ? fmin(fmax(log_g, -LOG_LIMIT), LOG_LIMIT) : -INFINITY;
  }
}

/* At abar = 0 every tilted point is the centre and g is constant: nothing is asked of the target. */
static void stay_at_base(diffusion *d, const tile *t) {
  for (size_t i = t->begin; i < t->begin + t->n; i++) d->now.logp[i] = d->log_g[i] = 0;
  for (size_t j = 0; j < t->dim; j++)
    for (size_t i = t->begin; i < t->begin + t->n; i++) d->now.grad[j * t->ld + i] = 0;
}

static void ask_target(diffusion *d, const tile *t) {
  const size_t b = t->begin;
  unsigned char outside[PARTICLE_TILE];
  tilt(d, t, outside);
  target_evaluate(d->set.target, b, t->n, t->ld, d->cloud + b, d->now.logp + b, d->now.grad + b);
  for (size_t i = 0; i < t->n; i++)
    if (outside[i]) d->now.logp[b + i] = -INFINITY;
  potential(d, t);
}

void denoise_evaluate(diffusion *d, size_t number) {
  const tile t = tile_open(d, number);
  if (d->abar > 0)
    ask_target(d, &t);
  else
    stay_at_base(d, &t);
  for (size_t j = 0; j < t.dim; j++)
    for (size_t i = t.begin; i < t.begin + t.n; i++) d->cloud[j * t.ld + i] = d->set.centre[j] + d->set.scale * d->now.x[j * t.ld + i];
}
