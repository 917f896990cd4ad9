/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regressions of a coordinate and of its log scale on another coordinate: see dependence.h. */
#include "stage/dependence.h"

#include <math.h>
#include <string.h>

#include "base/clones.h"
#include "base/memory.h"
#include "base/sort.h"
#include "base/vmath.h"
#include "stats/summary.h"

#define ITERATIONS  4
#define SLOPE_MAX   3.0   /* of a log scale, a standard deviation of t */
#define GAIN_FIRST  0.015 /* nats of the first regressions, below which further ones have nothing to find */
#define BENT_BETTER 0.9   /* of what a parabola leaves unexplained, at most, for bent lines to be taken */

/* ---- Plain loops over points ---- */

WIDE_LOOPS static void fill(size_t n, double value, double *out) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) out[i] = value;
}

/* value <- (value - other)/2 and known <- 1 where both are finite or +inf, else both 0. */
WIDE_LOOPS static void half_differences(size_t n, const double *other, double *value, double *known) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const int both = (value[i] > -INFINITY) & (other[i] > -INFINITY);
    const double half = 0.5 * (value[i] - other[i]);
    known[i] = both ? 1 : 0;
    value[i] = both ? half : 0;
  }
}

/* What t is beyond a bend, and 0 before it. */
WIDE_LOOPS static void excess(size_t n, const double *t, double bend, double *out) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) out[i] = t[i] > bend ? t[i] - bend : 0;
}

/* ---- Regressions ---- */

/* Terms of the location: these, the square of t or its bends, the parents. */
enum { TERM_ONE, TERM_T, TERM_SCORE, TERMS };

/* The widest regression's: of a location with bends, and the response. */
#define COLUMNS_MAX (TERMS + WARP_BENDS + PARENTS_MAX + 1)
_Static_assert(COLUMNS_MAX > WARP_NATURAL, "natural parameters' regressions fit in, too");

typedef enum shape { SHAPE_LINE, SHAPE_PARABOLA, SHAPE_BENT } shape;

/* Terms of a location of this shape, parents not counted. */
static size_t shape_terms(shape s) {
  return TERMS + (s == SHAPE_BENT ? WARP_BENDS : s == SHAPE_PARABOLA ? 1 : 0);
}

/* The last of m columns on all before it: coefficients 0 where there are none. */
static void fit_columns(regression *g, size_t m, const double *weight) {
  if (least_squares_fit(&g->fit, m, weight)) memset(g->fit.right, 0, (m - 1) * sizeof *g->fit.right);
}

static void set_columns(regression *g, size_t j, shape s, const double *score_term) {
  const particles *p = g->p;
  const double **column = g->fit.column + TERMS;
  g->fit.column[TERM_ONE] = g->one;
  g->fit.column[TERM_T] = g->t;
  g->fit.column[TERM_SCORE] = score_term;
  if (s == SHAPE_PARABOLA) *column++ = g->square;
  for (size_t b = 0; s == SHAPE_BENT && b < WARP_BENDS; b++) *column++ = g->beyond + b * p->ld;
  for (size_t k = 0; k < g->parents; k++) *column++ = p->x + g->parent[k] * p->ld;
  *column = p->x + j * p->ld;
}

/* Weighted least squares of x_j on its location's terms with variances g->variance: coefficients in g->fit.right, and what is left of x_j
 * when all but the score's term are taken away in g->rest. */
static void regress(regression *g, size_t j, shape s) {
  const particles *p = g->p;
  const size_t terms = shape_terms(s) + g->parents;
  const double *score = p->grad + j * p->ld;
  double *score_term = g->spare, *by = g->fit.normal;
  columns_multiply(p->n, g->variance, score, score_term);
  set_columns(g, j, s, score_term);
  fit_columns(g, terms + 1, g->weight);
  for (size_t r = 0; r < terms; r++) by[r] = r == TERM_SCORE ? 0 : -g->fit.right[r];
  by[terms] = 1;
  g->kernels->combine(p->ld, terms + 1, g->fit.column, by, g->rest);
}

void regression_log_scales(size_t n, const double *rest, const double *log_score, double *value, double *known) {
  columns_log_size(n, rest, value);
  half_differences(n, log_score, value, known);
}

static void set_variances(regression *g, const dependence *d, shape s) {
  const size_t n = g->p->n, bends = s == SHAPE_BENT ? WARP_BENDS : 0;
  double by[1 + WARP_BENDS] = {2 * d->log_scale};
  const double *column[1 + WARP_BENDS] = {g->t};
  for (size_t b = 0; b < bends; b++) {
    by[1 + b] = 2 * d->bend_log_scale[b];
    column[1 + b] = g->beyond + b * g->p->ld;
  }
  g->kernels->combine(g->p->ld, 1 + bends, column, by, g->variance);
  vmath_exp(n, g->variance, g->variance);
  columns_invert(n, g->variance, g->weight);
}

/* Least squares of (log |rest| - log |score|)/2 on t, or on t and its bends: the log scale, into *d and the variances. */
static void regress_scale(regression *g, const double *log_score, shape s, dependence *d) {
  const size_t ld = g->p->ld, terms = s == SHAPE_BENT ? 2 + WARP_BENDS : 2;
  double *value = g->spare, *known = value + ld;
  regression_log_scales(g->p->n, g->rest, log_score, value, known);
  g->fit.column[0] = g->one;
  g->fit.column[1] = g->t;
  for (size_t b = 0; b + 2 < terms; b++) g->fit.column[2 + b] = g->beyond + b * ld;
  g->fit.column[terms] = value;
  fit_columns(g, terms + 1, known);
  d->log_scale = fmin(fmax(g->fit.right[1], -SLOPE_MAX), SLOPE_MAX);
  for (size_t b = 0; b + 2 < terms; b++) d->bend_log_scale[b] = fmin(fmax(g->fit.right[2 + b], -SLOPE_MAX), SLOPE_MAX);
  set_variances(g, d, s);
}

double regression_share_left(size_t ld, const double *rest, const double *score, const double *variance, const double *weight) {
  double sum[3];
  columns_chosen()->squares(ld, rest, score, variance, weight, sum);
  const double rr = sum[0], gg = sum[1], rg = -sum[2];
  if (!(rr > 0 && gg > 0 && rg > 0)) return 1;
  return fmax(1 - rg * rg / (rr * gg), 0);
}

double regression_unexplained(const regression *g, size_t j) {
  return regression_share_left(g->p->ld, g->rest, g->p->grad + j * g->p->ld, g->variance, g->weight);
}

static void unit_variances(regression *g) {
  fill(g->p->n, 1, g->variance);
  fill(g->p->n, 1, g->weight);
}

/* log |score| of coordinate j, in the last of the spare columns. */
static const double *log_score_of(regression *g, size_t j) {
  const double *score = g->p->grad + j * g->p->ld;
  double *out = g->spare + (SPARE_COLUMNS - 1) * g->p->ld;
  columns_log_size(g->p->n, score, out);
  return out;
}

/* Where neither of the first two regressions gains more than next to nothing against what a line leaves unexplained, `before`, there are no
 * others and `unexplained` is INFINITY.  There are when `before` is. */
static dependence depend_as(regression *g, size_t j, const double *log_score, shape s, double before) {
  dependence d = {0};
  double least = INFINITY;
  unit_variances(g);
  for (int k = 0; k < ITERATIONS; k++) {
    regress(g, j, s);
    if (k < 2) least = fmin(least, regression_unexplained(g, j));
    if (k == 1 && before < least * exp(2 * GAIN_FIRST)) return (dependence){.unexplained = INFINITY};
    regress_scale(g, log_score, s, &d);
  }
  regress(g, j, s);
  d.constant = g->fit.right[TERM_ONE];
  d.linear = g->fit.right[TERM_T];
  if (s == SHAPE_PARABOLA) d.quadratic = g->fit.right[TERMS];
  if (s == SHAPE_BENT) memcpy(d.bend_linear, g->fit.right + TERMS, sizeof d.bend_linear);
  d.weights = g->fit.right + shape_terms(s);
  d.unexplained = fmax(regression_unexplained(g, j), UNEXPLAINED_LEAST);
  return d;
}

/* What a line and one scale leave unexplained, without parents. */
static double unexplained_by_line(regression *g, size_t j) {
  const size_t parents = g->parents;
  unit_variances(g);
  g->parents = 0;
  regress(g, j, SHAPE_LINE);
  g->parents = parents;
  return fmax(regression_unexplained(g, j), UNEXPLAINED_LEAST);
}

/* The parents' weights of the last regression are those of what is returned: with parents, bent lines are found once more. */
dependence depend(regression *g, size_t j) {
  const double before = unexplained_by_line(g, j);
  const double *log_score = log_score_of(g, j);
  const dependence bent = depend_as(g, j, log_score, SHAPE_BENT, INFINITY);
  dependence d = depend_as(g, j, log_score, SHAPE_PARABOLA, INFINITY);
  if (bent.unexplained < BENT_BETTER * d.unexplained) d = g->parents ? depend_as(g, j, log_score, SHAPE_BENT, INFINITY) : bent;
  if (g->terms && g->parents == 0) {
    dependence natural = depend_naturally(g, j);
    natural.unexplained = fmax(natural.unexplained, UNEXPLAINED_LEAST);
    if (BENT_BETTER * natural.unexplained < d.unexplained) d = natural;
  }
  d.gain = 0.5 * log(before / d.unexplained);
  return d;
}

/* The gain of depend() alone, 0 for a coordinate that shows no dependence at first sight, as most do. */
static double gain_of(regression *g, size_t j) {
  if (g->terms && g->parents == 0) return depend(g, j).gain;
  const double before = unexplained_by_line(g, j);
  if (!(0.5 * log(before / UNEXPLAINED_LEAST) > DEPENDENCE_GAIN_LEAST)) return 0;
  const double *log_score = log_score_of(g, j);
  double bent = depend_as(g, j, log_score, SHAPE_BENT, before).unexplained;
  double parabola = depend_as(g, j, log_score, SHAPE_PARABOLA, before).unexplained;
  if (!isfinite(bent) && !isfinite(parabola)) return 0;
  if (!isfinite(bent)) bent = depend_as(g, j, log_score, SHAPE_BENT, INFINITY).unexplained;
  if (!isfinite(parabola)) parabola = depend_as(g, j, log_score, SHAPE_PARABOLA, INFINITY).unexplained;
  return 0.5 * log(before / (bent < BENT_BETTER * parabola ? bent : parabola));
}

static const double bend_at[WARP_BENDS] = {0.1, 0.35, 0.7}; /* quantiles */

void regression_standardise(size_t n, const double *x, double *mean, double *sd) {
  double square = 0;
  *mean = 0;
  for (size_t i = 0; i < n; i++) *mean += x[i] / (double)n;
  for (size_t i = 0; i < n; i++) square += (x[i] - *mean) * (x[i] - *mean) / (double)n;
  *sd = square > 0 ? sqrt(square) : 1;
}

void regression_set_hyper(regression *g, size_t h) {
  const particles *p = g->p;
  const double *x = p->x + h * p->ld;
  double *sorted = g->rest, *work = g->variance; /* not in use yet */
  g->terms = 0;
  g->least_unexplained = UNEXPLAINED_LEAST;
  regression_standardise(p->n, x, &g->mean, &g->sd);
  for (size_t i = 0; i < p->n; i++) sorted[i] = g->t[i] = (x[i] - g->mean) / g->sd;
  sort_order(p->n, sorted, sorted, NULL, work, NULL);
  for (size_t b = 0; b < WARP_BENDS; b++) {
    const double bend = g->bend[b] = summary_quantile(p->n, sorted, bend_at[b]);
    excess(p->n, g->t, bend, g->beyond + b * p->ld);
  }
  columns_multiply(p->n, g->t, g->t, g->square);
}

int regression_is_parent(const regression *g, size_t j) {
  for (size_t k = 0; k < g->parents; k++)
    if (g->parent[k] == j) return 1;
  return 0;
}

/* ---- All coordinates ---- */

typedef struct coordinate_loop {
  regression *g;
  void (*value)(void *state, regression *g, size_t j, double *each);
  void *state;
} coordinate_loop;

static void value_of(void *state, size_t j, size_t thread) {
  const coordinate_loop *l = state;
  l->value(l->state, l->g->copy ? &l->g->copy[thread] : l->g, j, l->g->each);
}

/* The copies learn what g knows, and keep their scratch. */
static void tell_copies(const regression *g) {
  for (size_t t = 0; g->copy && t < g->team.threads; t++) {
    regression now = *g, *own = &g->copy[t];
    now.rest = own->rest;
    now.variance = own->variance;
    now.weight = own->weight;
    now.spare = own->spare;
    now.fit = own->fit;
    *own = now;
  }
}

void regression_each(regression *g, void (*value)(void *state, regression *g, size_t j, double *each), void *state) {
  coordinate_loop l = {g, value, state};
  memset(g->each, 0, 2 * g->p->dim * sizeof *g->each);
  tell_copies(g);
  team_loop(g->copy ? g->team : (thread_team){0}, g->p->dim, value_of, &l);
}

typedef struct gain_loop {
  size_t h;
  int explained;
} gain_loop;

static void gain_at(void *state, regression *g, size_t j, double *each) {
  const gain_loop *l = state;
  if (j == l->h || regression_is_parent(g, j) || natural_is_hyper(g, j)) return;
  if (!l->explained) {
    each[j] = gain_of(g, j);
    return;
  }
  const dependence d = depend(g, j);
  each[j] = d.gain;
  each[g->p->dim + j] = -0.5 * log(d.unexplained);
}

double regression_gain(regression *g, size_t h, double *explained) {
  const size_t dim = g->p->dim;
  gain_loop l = {h, explained != NULL};
  double total = 0;
  regression_each(g, gain_at, &l);
  for (size_t j = 0; j < dim; j++)
    if (g->each[j] > DEPENDENCE_GAIN_LEAST) total += g->each[j];
  if (!explained) return total;
  *explained = 0;
  for (size_t j = 0; j < dim; j++) *explained += g->each[dim + j];
  return total;
}

/* What a regression writes to. */
static int scratch_create(const particles *p, regression *g) {
  const size_t ld = p->ld;
  g->rest = NEW(double, ld);
  g->variance = NEW(double, ld);
  g->weight = NEW(double, ld);
  g->spare = NEW2(double, SPARE_COLUMNS, ld);
  return least_squares_create(ld, COLUMNS_MAX, &g->fit) || !g->rest || !g->variance || !g->weight || !g->spare;
}

int regression_create(const particles *p, regression *g) {
  const size_t ld = p->ld;
  *g = (regression){.p = p,
                    .kernels = columns_chosen(),
                    .t = NEW(double, ld),
                    .one = NEW(double, ld),
                    .square = NEW(double, ld),
                    .beyond = NEW2(double, WARP_BENDS, ld),
                    .values = NEW2(double, 2 * WARP_TERMS, ld),
                    .each = NEW2(double, 2, p->dim)};
  for (size_t k = 0; k < WARP_TERMS && g->values; k++) {
    g->term[k].f = g->values + 2 * k * ld;
    g->term[k].t = g->term[k].f + ld;
  }
  for (size_t i = 0; i < p->n && g->one; i++) g->one[i] = 1;
  return scratch_create(p, g) || !g->t || !g->one || !g->square || !g->beyond || !g->values || !g->each;
}

int regression_share(regression *g, thread_team team) {
  if (team.threads < 2) return 0;
  g->team = team;
  g->copy = NEW(regression, team.threads);
  for (size_t t = 0; g->copy && t < team.threads; t++)
    if (scratch_create(g->p, &g->copy[t])) return 1;
  return !g->copy;
}

static void scratch_clear(regression *g) {
  memory_free(g->rest);
  memory_free(g->variance);
  memory_free(g->weight);
  memory_free(g->spare);
  least_squares_clear(&g->fit);
}

void regression_clear(regression *g) {
  for (size_t t = 0; g->copy && t < g->team.threads; t++) scratch_clear(&g->copy[t]);
  scratch_clear(g);
  memory_free(g->t);
  memory_free(g->one);
  memory_free(g->square);
  memory_free(g->beyond);
  memory_free(g->values);
  memory_free(g->each);
  memory_free(g->copy);
}
