/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counting explored particles by the modes of the draws: see bridge_unseen.h. */
#include "method/bridge_unseen.h"

#include <math.h>

#include "base/distance.h"
#include "base/memory.h"
#include "method/result_rows.h"
#include "stats/summary.h"
#include "stats/unseen.h"

#define PLACES_MAX 1024 /* draws that stand for all, evenly spaced; the peaks come on top */

/* What particles are compared with: points over the draws' spread, and the lowest log-density of each mode's draws. */
typedef struct places {
  size_t dim, count, ld;
  double *x, *scale, *lowest, *at; /* dim x ld; dim; modes; dim */
  double *distance;                /* ld */
  size_t *mode;
} places;

static void places_clear(places *p) {
  memory_free(p->x);
  memory_free(p->scale);
  memory_free(p->lowest);
  memory_free(p->at);
  memory_free(p->distance);
  memory_free(p->mode);
}

static void add_place(places *p, const double *x, size_t mode) {
  for (size_t j = 0; j < p->dim; j++) p->x[j * p->ld + p->count] = x[j] * p->scale[j];
  p->mode[p->count++] = mode;
}

/* column: rows; row, x: the places' draws, PLACES_MAX + 1. */
static void fill_places(const dilate_result *r, target *t, double *column, size_t *row, double *x, places *p) {
  const size_t rows = r->islands * r->draws, stride = 1 + (rows - 1) / PLACES_MAX;
  size_t n = 0;
  for (size_t j = 0; j < p->dim; j++) {
    result_column(r, t, r->x, r->dim, j, column);
    const double variance = summary_variance(rows, column);
    p->scale[j] = variance > 0 ? 1 / sqrt(variance) : 0;
  }
  for (size_t m = 0; m < r->modes; m++) {
    p->lowest[m] = INFINITY;
    add_place(p, r->peak + m * p->dim, m);
  }
  for (size_t i = 0; i < rows; i++) {
    if (r->mode[i] < 0) continue;
    const size_t m = (size_t)r->mode[i];
    p->lowest[m] = fmin(p->lowest[m], r->logp[i]);
    if (i % stride == 0) row[n++] = i;
  }
  result_pick(r, t, n, row, x);
  for (size_t k = 0; k < n; k++) add_place(p, x + k * p->dim, (size_t)r->mode[row[k]]);
}

static int places_create(const dilate_result *r, target *t, places *p) {
  const size_t rows = r->islands * r->draws, most = PLACES_MAX + 1 + r->modes;
  *p = (places){.dim = r->dim,
                .ld = most,
                .x = NEW2(double, most, r->dim),
                .scale = NEW(double, r->dim),
                .lowest = NEW(double, r->modes),
                .at = NEW(double, r->dim),
                .distance = NEW(double, most),
                .mode = NEW(size_t, most)};
  double *column = NEW(double, rows), *x = NEW2(double, most, r->dim);
  size_t *row = NEW(size_t, most);
  const int failed = !p->x || !p->scale || !p->lowest || !p->at || !p->distance || !p->mode || !column || !x || !row;
  if (!failed) fill_places(r, t, column, row, x, p);
  memory_free(column);
  memory_free(x);
  memory_free(row);
  return failed;
}

/* The mode of the place nearest to p->at, which is scaled on the way. */
static size_t nearest_mode(places *p) {
  for (size_t j = 0; j < p->dim; j++) p->at[j] *= p->scale[j];
  square_distances(p->dim, p->count, p->ld, p->x, 1, p->at, p->distance);
  return p->mode[least_of(p->count, p->distance)];
}

static void count_particles(const explore *e, const warp *w, places *p, size_t *count) {
  const particles *found = &e->ascended;
  const size_t n = e->batches * EXPLORE_BATCH < found->n ? e->batches * EXPLORE_BATCH : found->n;
  for (size_t i = 0; i < n; i++) {
    if (!e->kept[i]) continue;
    double log_det = 0;
    for (size_t j = 0; j < p->dim; j++) p->at[j] = found->x[j * found->ld + i];
    if (w) warp_forward(w, 1, 1, p->at, &log_det);
    const size_t mode = nearest_mode(p);
    count[mode] += found->logp[i] - log_det >= p->lowest[mode];
  }
}

int bridge_unseen(bridge_group *const *group, size_t groups, const warp *w, const run *r, dilate_result *out, dilate_error *err) {
  const size_t rows = out->islands * out->draws;
  int uncountable = !out->modes_countable || !out->modes || !rows;
  for (size_t g = 0; g < groups; g++) uncountable = uncountable || group[g]->explore.uncountable;
  out->unseen_mass = NAN;
  if (uncountable) return DILATE_OK;
  places p = {0};
  double *weight = NEW(double, out->modes);
  size_t *count = NEW2(size_t, groups, out->modes);
  const int failed = places_create(out, r->target, &p) || !weight || !count;
  if (!failed) {
    for (size_t i = 0; i < rows; i++)
      if (out->mode[i] >= 0) weight[out->mode[i]] += 1 / (double)rows;
    for (size_t g = 0; g < groups; g++) count_particles(&group[g]->explore, g ? w : NULL, &p, count + g * out->modes);
    out->unseen_mass = unseen_mass(out->modes, weight, groups, count);
  }
  places_clear(&p);
  memory_free(weight);
  memory_free(count);
  return failed ? error_memory(err, "the unseen mass") : DILATE_OK;
}
