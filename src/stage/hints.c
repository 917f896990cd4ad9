/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where hinted particles start: see hints.h. */
#include "stage/hints.h"

#define COPIES      8  /* particles that one point gets, at most: enough to tell how wide its mode is */
#define BATCHES_MAX 12 /* over which many points are spread; of more than these hold, every so many-th is used */

hints hints_of(const dilate_options *o) {
  return (hints){.points = o->hint_points_count,
                 .point = o->hint_points,
                 .centre = o->hint_centre,
                 .scale = o->hint_scale,
                 .lower = o->hint_lower,
                 .upper = o->hint_upper};
}

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

static int has_place(const hints *h) {
  return h->centre || h->scale;
}

/* The hinted ones among n particles, every other one, are numbered from 0; each kind of hint has this many of them in the first batch. */
static size_t share(const hints *h, size_t n) {
  const size_t kinds = (h->points > 0) + (size_t)(h->lower != NULL) + (size_t)has_place(h);
  return kinds ? n / 2 / kinds : 0;
}

/* How many points are used in all, and by the batches before number `batch`. */
static size_t points_in_use(const hints *h, size_t n) {
  return smaller(h->points, share(h, n) + (BATCHES_MAX - 1) * (n / 2));
}

static size_t points_before(const hints *h, size_t batch, size_t n) {
  return batch ? smaller(points_in_use(h, n), share(h, n) + (batch - 1) * (n / 2)) : 0;
}

int hints_used(const hints *h, size_t batch, size_t n) {
  return points_before(h, batch, n) == points_in_use(h, n);
}

/* Hinted particles of this batch that start at points. */
static size_t particles_at_points(const hints *h, size_t batch, size_t n) {
  const size_t points = points_before(h, batch + 1, n) - points_before(h, batch, n);
  return smaller(points * COPIES, batch ? n / 2 : share(h, n));
}

static void drop_at_points(const hints *h, size_t batch, particles *p, double *factor) {
  const size_t before = points_before(h, batch, p->n), now = points_before(h, batch + 1, p->n) - before;
  const size_t n = particles_at_points(h, batch, p->n), used = points_in_use(h, p->n);
  for (size_t k = 0; k < n; k++) {
    const size_t i = 2 * k + 1, number = (size_t)((double)(before + k % now) * ((double)h->points / (double)used));
    factor[i] = 1;
    for (size_t j = 0; j < p->dim; j++) p->x[j * p->ld + i] = h->point[number * p->dim + j];
  }
}

static void drop_in_box(const hints *h, stream s, size_t begin, size_t end, particles *p, double *factor) {
  for (size_t k = begin; k < end; k++) {
    const size_t i = 2 * k + 1;
    factor[i] = 1;
    for (size_t j = 0; j < p->dim; j++) {
      const double u = stream_uniform(s, (uint32_t)i, 0, (uint32_t)j + 1);
      p->x[j * p->ld + i] = (1 - u) * h->lower[j] + u * h->upper[j];
    }
  }
}

/* The first batch was dropped about the origin with scale 1. */
static void drop_around(const hints *h, size_t begin, size_t end, particles *p) {
  for (size_t j = 0; j < p->dim; j++) {
    const double scale = h->scale ? h->scale[j] : 1, centre = h->centre ? h->centre[j] : 0;
    for (size_t k = begin; k < end; k++) p->x[j * p->ld + 2 * k + 1] = centre + scale * p->x[j * p->ld + 2 * k + 1];
  }
}

/* The hinted particles [*begin, *end) of the first batch that are dropped around the hinted centre: behind those of the box, which are
 * behind those of the points. */
static void placed(const hints *h, size_t n, size_t *begin, size_t *end) {
  *begin = particles_at_points(h, 0, n) + (h->lower ? share(h, n) : 0);
  *end = *begin + (has_place(h) ? share(h, n) : 0);
}

void hints_drop(const hints *h, size_t batch, stream s, particles *p, double *factor) {
  size_t begin, end;
  if (particles_at_points(h, batch, p->n)) drop_at_points(h, batch, p, factor);
  if (batch) return;
  placed(h, p->n, &begin, &end);
  if (h->lower) drop_in_box(h, s, particles_at_points(h, 0, p->n), begin, p, factor);
  drop_around(h, begin, end, p);
}

const double *hints_centre(const hints *h, size_t batch, size_t n, size_t i, const double *centre) {
  size_t begin, end;
  if (batch || !h->centre || i % 2 == 0) return centre;
  placed(h, n, &begin, &end);
  return i / 2 >= begin && i / 2 < end ? h->centre : centre;
}
