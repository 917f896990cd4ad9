/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which coordinates are parents: see parents.h.
 *
 * A full regression of all coordinates for each that may be a parent takes time like dim^2 n.  So all are looked at first by regressions
 * with one scale, which are small systems out of one matrix, the products of the columns 1, t, t^2, the coordinates and their scores; only
 * those that promise most there are tried in full. */
#include "stage/parents.h"

#include <math.h>

#include "base/memory.h"

#define TRIALS 4 /* coordinates that are tried in full */

enum { COLUMN_ONE, COLUMN_T, COLUMN_SQUARE, COLUMNS }; /* then the coordinates, then their scores */

#define SYSTEM_MAX (COLUMNS + PARENTS_MAX + 2) /* columns of a regression, the response last */

typedef struct table {
  size_t dim, m;                  /* columns in all */
  double *product, *scaled, *one; /* m x m; scratch: m columns, and one of weights */
  const double **column;
} table;

static void table_clear(table *t) {
  memory_free(t->product);
  memory_free(t->scaled);
  memory_free(t->one);
  memory_free(t->column);
}

/* The products of all columns at the points of g; non-zero when out of memory. */
static int table_create(const regression *g, table *t) {
  const particles *p = g->p;
  const size_t dim = p->dim, m = COLUMNS + 2 * dim;
  *t = (table){.dim = dim,
               .m = m,
               .product = NEW2(double, m, m),
               .scaled = NEW2(double, m, p->ld),
               .one = NEW(double, p->ld),
               .column = NEW(const double *, m)};
  if (!t->product || !t->scaled || !t->one || !t->column) return 1;
  for (size_t i = 0; i < p->n; i++) t->one[i] = 1;
  t->column[COLUMN_ONE] = g->one;
  t->column[COLUMN_T] = g->t;
  t->column[COLUMN_SQUARE] = g->square;
  for (size_t j = 0; j < dim; j++) {
    t->column[COLUMNS + j] = p->x + j * p->ld;
    t->column[COLUMNS + dim + j] = p->grad + j * p->ld;
  }
  g->kernels->products(p->ld, m, t->column, t->one, t->scaled, t->product);
  return 0;
}

/* Share of j's score that stays unexplained when x_j is regressed on the first `terms` of `at` (columns), the score being the first. */
static double unexplained(const table *t, size_t terms, const size_t *at, size_t j) {
  double normal[SYSTEM_MAX * SYSTEM_MAX], by[SYSTEM_MAX], square = 0, with_score = 0;
  const size_t score = COLUMNS + t->dim + j;
  for (size_t r = 0; r < terms; r++) {
    for (size_t c = 0; c < terms; c++) normal[r * terms + c] = t->product[at[r] * t->m + at[c]];
    by[r] = t->product[at[r] * t->m + COLUMNS + j];
  }
  if (least_squares_solve(terms, normal, by)) return 1;
  by[0] = -1; /* what is left without the score's term: minus the response, and its terms */
  for (size_t r = 0; r < terms; r++) {
    const size_t row = r ? at[r] : COLUMNS + j;
    with_score += by[r] * t->product[row * t->m + score];
    for (size_t c = 0; c < terms; c++) square += by[r] * by[c] * t->product[row * t->m + (c ? at[c] : COLUMNS + j)];
  }
  const double scores = t->product[score * t->m + score];
  if (!(square > 0 && scores > 0 && with_score > 0)) return 1;
  return fmax(1 - with_score * with_score / (square * scores), UNEXPLAINED_LEAST);
}

/* What j gains when k is a parent, too, against a line. */
static double gain_with(const regression *g, const table *t, size_t j, size_t k) {
  const size_t terms = COLUMNS + 2 + g->parents;
  size_t at[SYSTEM_MAX] = {COLUMNS + t->dim + j, COLUMN_ONE, COLUMN_T, COLUMN_SQUARE, COLUMNS + k};
  for (size_t a = 0; a < g->parents; a++) at[COLUMNS + 2 + a] = COLUMNS + g->parent[a];
  const double gain = 0.5 * log(unexplained(t, COLUMN_SQUARE + 1, at, j) / unexplained(t, terms, at, j));
  return gain > DEPENDENCE_GAIN_LEAST ? gain : 0;
}

static void promise_all(const regression *g, const table *t, size_t h, double *promise) {
  for (size_t k = 0; k < t->dim; k++) {
    promise[k] = -1;
    if (k == h || regression_is_parent(g, k)) continue;
    promise[k] = 0;
    for (size_t j = 0; j < t->dim; j++)
      if (j != h && j != k && !regression_is_parent(g, j)) promise[k] += gain_with(g, t, j, k);
  }
}

int parents_promise(regression *g, size_t h, double *promise) {
  table t;
  const int failed = table_create(g, &t);
  if (!failed) promise_all(g, &t, h, promise);
  table_clear(&t);
  return failed;
}

/* Of those that promise most, the one with which all gain most, if more than `most`; else dim. */
static size_t next_parent(regression *g, size_t h, double *promise, size_t *parent, double *most) {
  const size_t dim = g->p->dim;
  size_t best = dim;
  g->parents++;
  for (int trial = 0; trial < TRIALS; trial++) {
    size_t k = 0;
    for (size_t j = 1; j < dim; j++) k = promise[j] > promise[k] ? j : k;
    if (promise[k] < 0) break;
    promise[k] = -1;
    parent[g->parents - 1] = k;
    const double total = regression_gain(g, h, NULL);
    if (total <= *most) continue;
    *most = total;
    best = k;
  }
  g->parents--;
  return best;
}

static void find(regression *g, const table *t, size_t h, double gain, double worth, double *promise, size_t *parent) {
  while (g->parents < PARENTS_MAX) {
    double most = gain;
    promise_all(g, t, h, promise);
    const size_t best = next_parent(g, h, promise, parent, &most);
    if (best == g->p->dim || most < gain + worth) return;
    parent[g->parents++] = best;
    gain = most;
  }
}

int parents_find(regression *g, size_t h, double gain, double worth, size_t *parent) {
  table t;
  double *promise = NEW(double, g->p->dim);
  const int failed = table_create(g, &t) || !promise;
  g->parent = parent;
  if (!failed) find(g, &t, h, gain, worth, promise, parent);
  table_clear(&t);
  memory_free(promise);
  return failed;
}
