/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A target's callback, called as the library calls it, with nothing around it.  Turns with and without gradient alternate, each goes on
 * where the last one of its kind left off, so that a dear target is measured at few of the points, a cheap one at all of them. */
#include "bench/speed_cost.h"

#include "bench/support.h"
#include <stdlib.h>
#include <string.h>

enum { TILE = 64, TURNS = 9 };
#define LEAST 0.01 /* seconds a turn */

typedef struct caller {
  const dilate_target *target;
  size_t n, tiles;
  double *x; /* tiles of dim x TILE, or, for a point callback, row by row */
  double *logp, *grad;
} caller;

static size_t tile_points(const caller *c, size_t tile) {
  const size_t left = c->n - tile * TILE;
  return left < TILE ? left : TILE;
}

static void call_tile(const caller *c, size_t tile, int gradient) {
  const size_t dim = c->target->dim, points = tile_points(c, tile);
  const double *const x = c->x + tile * TILE * dim;
  double *const grad = gradient ? c->grad : NULL;
  if (c->target->batch != NULL)
    c->target->batch(dim, points, TILE, x, c->logp, grad, c->target->params);
  else
    for (size_t i = 0; i < points; i++) c->target->logp(dim, x + i * dim, &c->logp[i], grad, c->target->params);
}

/* Seconds a call, over at least one tile; *next moves on. */
static double turn(const caller *c, int gradient, size_t *next) {
  size_t calls = 0;
  const double start = processor_seconds();
  double seconds = 0;
  while (calls == 0 || seconds < LEAST) {
    for (int i = 0; i < 8 && (i == 0 || seconds < LEAST / 8); i++) {
      call_tile(c, *next, gradient);
      calls += tile_points(c, *next);
      *next = (*next + 1) % c->tiles;
    }
    seconds = processor_seconds() - start;
  }
  return seconds / (double)calls;
}

static void place(caller *c, const double *x) {
  const size_t dim = c->target->dim;
  if (c->target->batch == NULL) memcpy(c->x, x, c->n * dim * sizeof *x);
  for (size_t i = 0; c->target->batch != NULL && i < c->n; i++)
    for (size_t j = 0; j < dim; j++) c->x[i / TILE * TILE * dim + j * TILE + i % TILE] = x[i * dim + j];
}

void target_cost(const dilate_target *target, size_t n, const double *x, double *density, double *gradient) {
  double with[TURNS], without[TURNS];
  size_t next[2] = {0, 0};
  caller c = {.target = target, .n = n, .tiles = (n + TILE - 1) / TILE};
  c.x = ALLOCATE(double, c.tiles *TILE * target->dim);
  c.logp = ALLOCATE(double, TILE);
  c.grad = ALLOCATE(double, TILE * target->dim);
  place(&c, x);
  const int has_gradient = (target->flags & DILATE_TARGET_NO_GRADIENT) == 0;
  turn(&c, has_gradient, &next[1]);
  for (size_t i = 0; i < TURNS; i++) {
    without[i] = turn(&c, 0, &next[0]);
    with[i] = turn(&c, has_gradient, &next[1]);
  }
  *density = median_of(TURNS, without);
  *gradient = median_of(TURNS, with);
  free(c.x);
  free(c.logp);
  free(c.grad);
}
