/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where hinted particles start: see hints.h. */
#include "stage/hints.h"

#include <string.h>

hints hints_of(const dilate_options *o) {
  return (hints){.points = o->hint_points_count,
                 .point = o->hint_points,
                 .centre = o->hint_centre,
                 .scale = o->hint_scale,
                 .lower = o->hint_lower,
                 .upper = o->hint_upper};
}

static int has_place(const hints *h) {
  return h->centre || h->scale;
}

/* Particles of a batch of n that each kind of hint has. */
static size_t share(const hints *h, size_t batch, size_t n) {
  const size_t kinds = (h->points > 0) + (size_t)(h->lower != NULL) + (size_t)has_place(h);
  return kinds ? n / (batch ? 4 : 2) / kinds : 0;
}

/* Hinted particle number k is every other one: later batches let the even ones contract and the odd ones fall from where they are. */
static size_t place_of(size_t k) {
  return 2 * k + 1;
}

/* Particles that earlier batches started at points. */
static size_t started_before(const hints *h, size_t batch, size_t n) {
  return batch ? share(h, 0, n) + (batch - 1) * share(h, 1, n) : 0;
}

int hints_used(const hints *h, size_t batch, size_t n) {
  return started_before(h, batch, n) >= h->points;
}

static void drop_at_points(const hints *h, size_t batch, size_t count, particles *p, double *factor) {
  const size_t before = started_before(h, batch, p->n);
  for (size_t k = 0; k < count; k++) {
    const size_t i = place_of(k), number = (before + k) % h->points;
    factor[i] = 1;
    for (size_t j = 0; j < p->dim; j++) p->x[j * p->ld + i] = h->point[number * p->dim + j];
  }
}

static void drop_in_box(const hints *h, stream s, size_t begin, size_t count, particles *p, double *factor) {
  for (size_t k = begin; k < begin + count; k++) {
    const size_t i = place_of(k);
    factor[i] = 1;
    for (size_t j = 0; j < p->dim; j++) {
      const double u = stream_uniform(s, (uint32_t)i, 0, (uint32_t)j);
      p->x[j * p->ld + i] = (1 - u) * h->lower[j] + u * h->upper[j];
    }
  }
}

static void drop_around(const hints *h, stream s, size_t begin, size_t count, particles *p, const double *factor) {
  for (size_t k = begin; k < begin + count; k++) {
    const size_t i = place_of(k);
    const uint32_t number = (uint32_t)i;
    stream_normals(s, 0, p->dim, 1, p->ld, &number, p->x + i);
    for (size_t j = 0; j < p->dim; j++) {
      const double scale = h->scale ? h->scale[j] : 1, centre = h->centre ? h->centre[j] : 0;
      p->x[j * p->ld + i] = centre + factor[i] * scale * p->x[j * p->ld + i];
    }
  }
}

/* Number of the first hinted particle that is dropped around the centre: behind those at points and those in the box. */
static size_t first_around(const hints *h, size_t batch, size_t n) {
  return ((size_t)(h->points > 0) + (size_t)(h->lower != NULL)) * share(h, batch, n);
}

void hints_drop(const hints *h, size_t batch, stream s, const warp *w, particles *p, double *factor) {
  const size_t each = share(h, batch, p->n), hinted = first_around(h, batch, p->n) + (has_place(h) ? each : 0);
  if (h->points) drop_at_points(h, batch, each, p, factor);
  if (h->lower) drop_in_box(h, s, h->points ? each : 0, each, p, factor);
  if (has_place(h)) drop_around(h, s, first_around(h, batch, p->n), each, p, factor);
  for (size_t k = 0; w && k < hinted; k++) warp_backward(w, 1, p->ld, p->x + place_of(k), NULL, NULL);
}

void hints_place(const hints *h, size_t dim, const warp *w, double *place) {
  if (!h->centre) return;
  memcpy(place, h->centre, dim * sizeof *place);
  if (w) warp_backward(w, 1, 1, place, NULL, NULL);
}

int hints_contracts(const hints *h, size_t batch, size_t n, size_t i) {
  if (!h->centre || i % 2 == 0) return 0;
  const size_t first = first_around(h, batch, n), k = i / 2;
  return k >= first && k < first + share(h, batch, n);
}
