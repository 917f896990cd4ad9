/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Peaks into modes by the segment rule, with as few evaluations as it takes.
 *
 * Two groups of peaks are joined by a segment that nowhere falls by more than 1 below the lower of the two groups' highest peaks, so that
 * no chain of joins leads over a saddle.  Peaks that coincide are one at the price of a midpoint.  Those that remain distinct are tested
 * against their nearest neighbours, the nearest first, a batch for each rank; at last the highest peaks of what is still apart are tested
 * against one another. */
#include "stats/segments.h"

#include "base/distance.h"
#include "base/memory.h"
#include "base/team.h"
#include "target/share.h"

#include <gsl/gsl_sort.h>
#include <math.h>

#define LARGEST_FALL  1.0 /* of the log-density below the lower end */
#define INTERIOR      14  /* further points of a segment whose midpoint has passed */
#define RANKS         12  /* nearest neighbours that are tested */
#define SAME_DISTANCE .05 /* times sqrt(dim): coinciding peaks */
#define SAME_DENSITY  1e-2
#define CHUNK         512 /* points a batch */

typedef struct join {
  target *t;
  const particles *peaks;
  size_t n, budget, *spent;
  double *distance;           /* n x n: the longer of those in the two peaks' metrics */
  size_t *order;              /* n x n: the others of each peak by distance */
  unsigned char *tested;      /* n x n */
  size_t *mode;               /* union-find: the parent, never lower than its child */
  size_t pairs, room, *a, *b; /* segments to be tested */
  double *lowest;             /* of each, as far as it was evaluated */
  size_t *pass_order;
  double *row;      /* n: distances to a list */
  double *x, *logp; /* CHUNK points */
} join;

static size_t find(size_t *mode, size_t i) {
  while (mode[i] != i) i = mode[i] = mode[mode[i]];
  return i;
}

/* The higher peak becomes the root: at equal heights the first. */
static void unite(join *s, size_t i, size_t j) {
  const double *logp = s->peaks->logp;
  i = find(s->mode, i);
  j = find(s->mode, j);
  const int first = logp[i] > logp[j] || (logp[i] == logp[j] && i < j);
  s->mode[first ? j : i] = first ? i : j;
}

/* The lower of the highest peaks of two groups. */
static double lower_top(const join *s, size_t i, size_t j) {
  return fmin(s->peaks->logp[find(s->mode, i)], s->peaks->logp[find(s->mode, j)]);
}

/* ---- Distances ---- */

/* distance[i][k] for the n_own peaks from `begin` on, in the metric that they share; work: dim x ld and a factor. */
static void whitened_distances(join *s, factor_form form, const double *factor, size_t begin, size_t n_own, double *u, double *inverse) {
  const particles *p = s->peaks;
  factor_inverse(p->dim, form, factor, inverse);
  for (size_t j = 0; j < p->dim; j++)
    for (size_t i = 0; i < s->n; i++) u[j * p->ld + i] = p->x[j * p->ld + i] - p->x[j * p->ld + begin];
  factor_times(p->dim, form, inverse, s->n, p->ld, u);
  for (size_t i = begin; i < begin + n_own; i++) square_distances(p->dim, s->n, p->ld, u, p->ld, u + i, s->distance + i * s->n);
}

static int fill_distances(join *s, const size_t *metric, factor_form form, const double *const *metric_c) {
  const size_t dim = s->peaks->dim, n = s->n;
  double *u = NEW2(double, dim, s->peaks->ld), *inverse = NEW(double, factor_size(dim, form));
  for (size_t begin = 0, end; u && inverse && begin < n; begin = end) {
    for (end = begin + 1; end < n && metric[end] == metric[begin];) end++;
    whitened_distances(s, form, metric_c[metric[begin]], begin, end - begin, u, inverse);
  }
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k <= i; k++)
      s->distance[i * n + k] = s->distance[k * n + i] = sqrt(fmax(s->distance[i * n + k], s->distance[k * n + i]));
  const int status = u && inverse ? 0 : DILATE_ENOMEM;
  memory_free(u);
  memory_free(inverse);
  return status;
}

/* ---- Segments ---- */

static void evaluate(join *s, size_t n) {
  const shared_loop own = share_begin(s->t, n, 1);
#pragma omp parallel for schedule(dynamic) num_threads(team_size(target_threads(s->t)))
  for (size_t tile = own.first; tile < own.end; tile++) {
    const size_t begin = tile * PARTICLE_TILE;
    target_evaluate(s->t, begin, tile_size(n, tile), CHUNK, s->x + begin, s->logp + begin, NULL);
  }
  SHARE_END(&own, SHARE_ROW(s->logp));
  *s->spent += n;
}

/* Point number `at` of the segment of a pair, of `of` in all that divide it evenly. */
static void place_point(const join *s, size_t pair, size_t at, size_t of, size_t column) {
  const particles *p = s->peaks;
  const double share = (double)(at + 1) / (double)(of + 1);
  for (size_t j = 0; j < p->dim; j++) {
    const double from = p->x[j * p->ld + s->a[pair]], to = p->x[j * p->ld + s->b[pair]];
    s->x[j * CHUNK + column] = from + share * (to - from);
  }
}

/* Evaluates `of` points of every segment; those that fall too low are dropped from the list, as are those beyond the budget. */
static void keep_high_segments(join *s, size_t of) {
  const size_t left = s->budget > *s->spent ? (s->budget - *s->spent) / of : 0;
  if (s->pairs > left) s->pairs = left;
  const size_t points = s->pairs * of;
  for (size_t begin = 0; begin < points; begin += CHUNK) {
    const size_t n = points - begin < CHUNK ? points - begin : CHUNK;
    for (size_t i = 0; i < n; i++) place_point(s, (begin + i) / of, (begin + i) % of, of, i);
    evaluate(s, n);
    for (size_t i = 0; i < n; i++) s->lowest[(begin + i) / of] = fmin(s->lowest[(begin + i) / of], s->logp[i]);
  }
  size_t kept = 0;
  for (size_t k = 0; k < s->pairs; k++) {
    if (!(s->lowest[k] >= lower_top(s, s->a[k], s->b[k]) - LARGEST_FALL)) continue;
    s->a[kept] = s->a[k];
    s->b[kept] = s->b[k];
    s->lowest[kept++] = s->lowest[k];
  }
  s->pairs = kept;
}

/* The highest passes first. */
static void unite_listed(join *s) {
  size_t *order = s->pass_order;
  gsl_sort_index(order, s->lowest, 1, s->pairs);
  for (size_t r = s->pairs; r-- > 0;) {
    const size_t a = s->a[order[r]], b = s->b[order[r]];
    if (s->lowest[order[r]] >= lower_top(s, a, b) - LARGEST_FALL) unite(s, a, b);
  }
  s->pairs = 0;
}

static void test_listed(join *s) {
  keep_high_segments(s, 1);
  keep_high_segments(s, INTERIOR);
  unite_listed(s);
}

static void list_pair(join *s, size_t i, size_t k) {
  if (s->pairs == s->room || s->tested[i * s->n + k] || find(s->mode, i) == find(s->mode, k)) return;
  s->tested[i * s->n + k] = s->tested[k * s->n + i] = 1;
  s->lowest[s->pairs] = fmin(s->peaks->logp[i], s->peaks->logp[k]);
  s->a[s->pairs] = i;
  s->b[s->pairs++] = k;
}

/* ---- The three passes ---- */

/* Peaks from the highest down: each is the same as the nearest of the distinct ones when they coincide. */
static void unite_coinciding(join *s, size_t *by_height) {
  const double radius = SAME_DISTANCE * sqrt((double)s->peaks->dim);
  gsl_sort_index(by_height, s->peaks->logp, 1, s->n);
  size_t distinct = 0;
  for (size_t r = s->n; r-- > 0;) {
    const size_t i = by_height[r];
    size_t nearest = i;
    double best = radius;
    for (size_t k = 0; k < distinct; k++) {
      const size_t leader = s->order[k];
      if (s->distance[i * s->n + leader] > best || s->peaks->logp[leader] - s->peaks->logp[i] > SAME_DENSITY) continue;
      best = s->distance[i * s->n + leader];
      nearest = leader;
    }
    if (nearest == i)
      s->order[distinct++] = i;
    else
      list_pair(s, i, nearest);
  }
  keep_high_segments(s, 1);
  unite_listed(s);
}

/* list: `count` roots in rising order; each is tested against its `ranks` nearest neighbours of the list. */
static void test_neighbours(join *s, const size_t *list, size_t count, size_t ranks) {
  for (size_t i = 0; i < count; i++) {
    for (size_t k = 0; k < count; k++) s->row[k] = s->distance[list[i] * s->n + list[k]];
    gsl_sort_index(s->order + i * count, s->row, 1, count);
  }
  for (size_t r = 1; r < count && r <= ranks; r++) {
    for (size_t i = 0; i < count; i++) list_pair(s, list[i], list[s->order[i * count + r]]);
    test_listed(s);
  }
}

static size_t list_roots(const join *s, size_t *list) {
  size_t count = 0;
  for (size_t i = 0; i < s->n; i++)
    if (s->mode[i] == i) list[count++] = i;
  return count;
}

static void join_all(join *s, size_t *list) {
  unite_coinciding(s, list);
  size_t count = list_roots(s, list), before = 0;
  test_neighbours(s, list, count, RANKS);
  do {
    before = count;
    count = list_roots(s, list);
    if (count < before) test_neighbours(s, list, count, RANKS);
  } while (count < before);
  for (size_t i = 0; i < s->n; i++) s->mode[i] = find(s->mode, i);
}

static int join_create(join *s) {
  const size_t n = s->n, dim = s->peaks->dim;
  s->room = n;
  s->distance = NEW2(double, n, n);
  s->order = NEW2(size_t, n, n);
  s->tested = NEW2(unsigned char, n, n);
  s->a = NEW(size_t, n);
  s->b = NEW(size_t, n);
  s->lowest = NEW(double, n);
  s->pass_order = NEW(size_t, n);
  s->row = NEW(double, n);
  s->x = NEW2(double, dim, CHUNK);
  s->logp = NEW(double, CHUNK);
  const int all = s->distance && s->order && s->tested && s->a && s->b && s->lowest && s->pass_order && s->row && s->x && s->logp;
  return all ? 0 : DILATE_ENOMEM;
}

static void join_clear(join *s) {
  memory_free(s->distance);
  memory_free(s->order);
  memory_free(s->tested);
  memory_free(s->a);
  memory_free(s->b);
  memory_free(s->lowest);
  memory_free(s->pass_order);
  memory_free(s->row);
  memory_free(s->x);
  memory_free(s->logp);
}

int segments_join(target *t, const particles *peaks, const size_t *metric, factor_form form, const double *const *metric_c, size_t budget,
                  size_t *spent, size_t *mode, dilate_error *err) {
  join s = {.t = t, .peaks = peaks, .n = peaks->n, .budget = budget, .spent = spent, .mode = mode};
  size_t *list = NEW(size_t, peaks->n);
  int status = join_create(&s) || !list ? DILATE_ENOMEM : 0;
  if (!status) status = fill_distances(&s, metric, form, metric_c);
  if (!status) {
    for (size_t i = 0; i < s.n; i++) mode[i] = i;
    join_all(&s, list);
  } else {
    status = error_memory(err, "segments_join");
  }
  join_clear(&s);
  memory_free(list);
  return status;
}
