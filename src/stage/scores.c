/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The regression of all scores: see scores.h. */
#include "stage/scores.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

#define ROUNDING   1e-10 /* share of a score's square below which rounding decides */
#define BY_FACTORS 1e-3  /* share above which the difference of two sums of squares tells it */
#define RIDGE      1e-10 /* of the diagonal */
#define POINTS_MIN 2     /* times the unknowns */

int scores_create(size_t dim, size_t points, scores *s) {
  const size_t ld = (points + COLUMN_STEP - 1) / COLUMN_STEP * COLUMN_STEP, most = (WARP_TERMS + 1) * (dim + 1);
  *s = (scores){.n = ld,
                .kernels = columns_chosen(),
                .x = NEW2(double, dim + 1, ld),
                .g = NEW2(double, dim, ld),
                .column = NEW(const double *, dim + 1),
                .weight = NEW(double, ld),
                .part = NEW(double, ld),
                .sum = NEW(double, ld),
                .scaled = NEW2(double, dim + 1, ld),
                .equations = NEW2(double, most + dim, most),
                .block = NEW2(double, dim + 1, dim + 1),
                .solution = NEW(double, most)};
  return !s->x || !s->g || !s->column || !s->weight || !s->part || !s->sum || !s->scaled || !s->equations || !s->block || !s->solution;
}

void scores_clear(scores *s) {
  memory_free(s->x);
  memory_free(s->g);
  memory_free(s->column);
  memory_free(s->weight);
  memory_free(s->part);
  memory_free(s->sum);
  memory_free(s->scaled);
  memory_free(s->equations);
  memory_free(s->block);
  memory_free(s->solution);
  *s = (scores){0};
}

/* A coordinate's values where the log-density is finite, 0 elsewhere. */
static void take_column(const scores *s, const particles *p, const double *from, double *to) {
  memset(to, 0, s->n * sizeof *to);
  for (size_t i = 0; i < p->n; i++) to[i] = p->logp[i] == -INFINITY ? 0 : from[i];
}

void scores_take(scores *s, const particles *p, size_t count, const size_t *coordinate) {
  double *one = s->x + count * s->n;
  s->count = count;
  s->alive = 0;
  for (size_t a = 0; a < count; a++) {
    take_column(s, p, p->x + coordinate[a] * p->ld, s->x + a * s->n);
    take_column(s, p, p->grad + coordinate[a] * p->ld, s->g + a * s->n);
  }
  memset(one, 0, s->n * sizeof *one);
  for (size_t i = 0; i < p->n; i++) s->alive += p->logp[i] != -INFINITY;
  for (size_t i = 0; i < p->n; i++) one[i] = p->logp[i] != -INFINITY;
  for (size_t a = 0; a <= count; a++) s->column[a] = s->x + a * s->n;
}

static void set_weights(scores *s, size_t terms, const double *const *f) {
  const double *one = s->column[s->count];
  for (size_t i = 0; i < s->n; i++) s->weight[i] = 1;
  for (size_t k = 0; k < terms; k++)
    for (size_t i = 0; i < s->n; i++) s->weight[i] += f[k][i];
  for (size_t i = 0; i < s->n; i++) s->weight[i] = one[i] > 0 ? 1 / (s->weight[i] * s->weight[i]) : 0;
}

/* weight f_k f_l, of which the 0-th is 1. */
static const double *weights_of(const scores *s, const double *const *f, size_t k, size_t l) {
  const double *one = s->column[s->count];
  if (k == 0 && l == 0) return s->weight;
  for (size_t i = 0; i < s->n; i++) s->part[i] = one[i] > 0 ? s->weight[i] * (k ? f[k - 1][i] : 1) * (l ? f[l - 1][i] : 1) : 0;
  return s->part;
}

/* The equations' lower triangle, and under it a row of right sides a score. */
static void set_equations(scores *s, size_t terms, const double *const *f) {
  const size_t d = s->count, e = d + 1, m = (terms + 1) * e;
  for (size_t k = 0; k <= terms; k++)
    for (size_t l = 0; l <= k; l++) {
      s->kernels->products(s->n, e, s->column, weights_of(s, f, k, l), s->scaled, s->block);
      for (size_t a = 0; a < e; a++) memcpy(s->equations + (k * e + a) * m + l * e, s->block + a * e, e * sizeof *s->block);
      if (l) continue; /* the scaled columns are those of f_k alone */
      s->kernels->rectangle(s->n, d, s->g, e, s->scaled, s->equations + m * m + k * e, m);
    }
}

int scores_regress(scores *s, size_t terms, const double *const *f) {
  const size_t d = s->count, m = (terms + 1) * (d + 1);
  if (terms == 0 || d < 2 || s->alive < POINTS_MIN * m) return 1;
  set_weights(s, terms, f);
  set_equations(s, terms, f);
  for (size_t a = 0; a < m; a++) s->equations[a * m + a] += RIDGE * s->equations[a * m + a] + 1e-300;
  return s->kernels->factorise(m, d, s->equations);
}

const double *scores_solve(scores *s, size_t terms, size_t coordinate) {
  const size_t d = s->count, m = (terms + 1) * (d + 1);
  double *a = s->solution;
  memcpy(a, s->equations + (m + coordinate) * m, m * sizeof *a);
  for (size_t i = m; i-- > 0;) {
    const double *row = s->equations + i * m, value = a[i] /= row[i];
#pragma omp simd
    for (size_t k = 0; k < i; k++) a[k] -= row[k] * value;
  }
  for (size_t k = 0; k <= terms; k++)
    for (size_t b = 0; b < d; b++) a[k * (d + 1) + b] = -a[k * (d + 1) + b];
  return a;
}

/* Sum of weight times the square of what is left of a score, point by point. */
static double left_of(scores *s, size_t terms, const double *const *f, size_t c) {
  const size_t e = s->count + 1;
  const double *a = scores_solve(s, terms, c);
  double sum[3], *rest = s->sum;
  memcpy(rest, s->g + c * s->n, s->n * sizeof *rest);
  for (size_t k = 0; k <= terms; k++) {
    s->solution[k * e + s->count] *= -1; /* rest = g + P x - Q */
    s->kernels->combine(s->n, e, s->column, a + k * e, s->part);
    for (size_t i = 0; i < s->n; i++) rest[i] += s->part[i] != 0 ? s->part[i] * (k ? f[k - 1][i] : 1) : 0;
  }
  s->kernels->squares(s->n, rest, rest, s->weight, s->weight, sum);
  return sum[0];
}

double scores_unexplained(scores *s, size_t terms, const double *const *f) {
  const size_t d = s->count, m = (terms + 1) * (d + 1);
  double logs = 0;
  if (scores_regress(s, terms, f)) return (double)NAN;
  for (size_t c = 0; c < d; c++) {
    const double *score = s->g + c * s->n, *row = s->equations + (m + c) * m;
    double whole[3], explained = 0;
    s->kernels->squares(s->n, score, score, s->weight, s->weight, whole);
    for (size_t a = 0; a < m; a++) explained += row[a] * row[a];
    double left = whole[0] - explained;
    if (!(left > BY_FACTORS * whole[0])) left = left_of(s, terms, f, c);
    logs += log(fmax(left / whole[0], ROUNDING));
  }
  return logs / (double)d;
}
