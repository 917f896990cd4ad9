/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counting explored particles by the modes of the draws: see bridge_unseen.h. */
#include "method/bridge_unseen.h"

#include <math.h>

#include "base/distance.h"
#include "base/memory.h"
#include "base/team.h"
#include "method/result_rows.h"
#include "stats/summary.h"
#include "stats/unseen.h"

#define PLACES_MAX 1024 /* draws that stand for all, evenly spaced; the peaks come on top */

/* What particles are compared with: points over the draws' spread, and the lowest log-density of each mode's draws. */
typedef struct places {
  size_t dim, count, ld;
  double *x, *scale, *lowest; /* dim x ld; dim; modes */
  size_t *mode;
  size_t threads, scratch_thread;
  double *scratch; /* of each thread: distances from all, and a particle's coordinates */
} places;

static void places_clear(places *p) {
  memory_free(p->x);
  memory_free(p->scale);
  memory_free(p->lowest);
  memory_free(p->mode);
  memory_free(p->scratch);
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
  const size_t threads = target_threads(t);
  const size_t rows = r->islands * r->draws, most = PLACES_MAX + 1 + r->modes;
  *p = (places){.dim = r->dim,
                .ld = most,
                .x = NEW2(double, most, r->dim),
                .scale = NEW(double, r->dim),
                .lowest = NEW(double, r->modes),
                .mode = NEW(size_t, most),
                .threads = threads,
                .scratch_thread = memory_whole_lines(most + r->dim)};
  p->scratch = NEW2(double, threads, p->scratch_thread);
  double *column = NEW(double, rows), *x = NEW2(double, most, r->dim);
  size_t *row = NEW(size_t, most);
  const int failed = !p->x || !p->scale || !p->lowest || !p->mode || !p->scratch || !column || !x || !row;
  if (!failed) fill_places(r, t, column, row, x, p);
  memory_free(column);
  memory_free(x);
  memory_free(row);
  return failed;
}

/* The mode of the place nearest to `at`, which is scaled on the way. */
static size_t nearest_mode(const places *p, double *at, double *distance) {
  for (size_t j = 0; j < p->dim; j++) at[j] *= p->scale[j];
  square_distances(p->dim, p->count, p->ld, p->x, 1, at, distance);
  return p->mode[least_of(p->count, distance)];
}

/* The mode that particle i counts for, or that there are none more of. */
static size_t mode_of_particle(const particles *found, size_t i, const warp *w, const places *p, double *scratch, size_t none) {
  double log_det = 0, *at = scratch + p->ld;
  for (size_t j = 0; j < p->dim; j++) at[j] = found->x[j * found->ld + i];
  if (w) warp_forward(w, 1, 1, at, &log_det);
  const size_t mode = nearest_mode(p, at, scratch);
  return found->logp[i] - log_det >= p->lowest[mode] ? mode : none;
}

/* of: n numbers of scratch. */
static void count_particles(const explore *e, const warp *w, const places *p, size_t modes, size_t *of, size_t *count) {
  const particles *found = &e->ascended;
  const size_t n = e->batches * EXPLORE_BATCH < found->n ? e->batches * EXPLORE_BATCH : found->n;
#pragma omp parallel for schedule(dynamic, 16) num_threads(team_size(p->threads))
  for (size_t i = 0; i < n; i++) {
    double *scratch = p->scratch + p->scratch_thread * (size_t)omp_get_thread_num();
    of[i] = e->kept[i] ? mode_of_particle(found, i, w, p, scratch, modes) : modes;
  }
  for (size_t i = 0; i < n; i++)
    if (of[i] < modes) count[of[i]]++;
}

int bridge_unseen(bridge_group *const *group, size_t groups, const warp *w, const run *r, dilate_result *out, dilate_error *err) {
  const size_t rows = out->islands * out->draws;
  int uncountable = !out->modes_countable || !out->modes || !rows;
  for (size_t g = 0; g < groups; g++) uncountable = uncountable || group[g]->explore.uncountable;
  out->unseen_mass = NAN;
  if (uncountable) return DILATE_OK;
  places p = {0};
  double *weight = NEW(double, out->modes);
  size_t *count = NEW2(size_t, groups, out->modes), most = 1;
  for (size_t g = 0; g < groups; g++) most = group[g]->explore.ascended.n > most ? group[g]->explore.ascended.n : most;
  size_t *of = NEW(size_t, most);
  const int failed = places_create(out, r->target, &p) || !weight || !count || !of;
  if (!failed) {
    for (size_t i = 0; i < rows; i++)
      if (out->mode[i] >= 0) weight[out->mode[i]] += 1 / (double)rows;
    for (size_t g = 0; g < groups; g++) count_particles(&group[g]->explore, g ? w : NULL, &p, out->modes, of, count + g * out->modes);
    out->unseen_mass = unseen_mass(out->modes, weight, groups, count);
  }
  places_clear(&p);
  memory_free(weight);
  memory_free(count);
  memory_free(of);
  return failed ? error_memory(err, "the unseen mass") : DILATE_OK;
}
