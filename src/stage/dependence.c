/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regressions of a coordinate and of its log scale on another coordinate: see dependence.h. */
#include "stage/dependence.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "stats/summary.h"

#define ITERATIONS  4
#define SLOPE_MAX   3.0 /* of a log scale, a standard deviation of t */
#define BENT_BETTER 0.9 /* of what a parabola leaves unexplained, at most, for bent lines to be taken */

/* Terms of the location: these, the square of t or its bends, the parents. */
enum { TERM_ONE, TERM_T, TERM_SCORE, TERMS };

int regression_solve(size_t m, double *normal, double *right) {
  if (cholesky_ridge(m, normal)) return 1;
  cholesky_solve(m, normal, right);
  return 0;
}

static double beyond(double t, double bend) {
  return t > bend ? t - bend : 0;
}

typedef enum shape { SHAPE_LINE, SHAPE_PARABOLA, SHAPE_BENT } shape;

/* Terms of a location of this shape, parents not counted. */
static size_t shape_terms(shape s) {
  return TERMS + (s == SHAPE_BENT ? WARP_BENDS : s == SHAPE_PARABOLA ? 1 : 0);
}

static void fill_row(const regression *g, size_t j, size_t i, shape s) {
  const particles *p = g->p;
  double *row = g->row + TERMS;
  g->row[TERM_ONE] = 1;
  g->row[TERM_T] = g->t[i];
  g->row[TERM_SCORE] = g->scale[i] * g->scale[i] * p->grad[j * p->ld + i];
  if (s == SHAPE_PARABOLA) *row++ = g->t[i] * g->t[i];
  for (size_t b = 0; s == SHAPE_BENT && b < WARP_BENDS; b++) *row++ = beyond(g->t[i], g->bend[b]);
  for (size_t k = 0; k < g->parents; k++) *row++ = p->x[g->parent[k] * p->ld + i];
}

/* Adds w row row' to the lower triangle of the normal equations, and w row y to their right side. */
static void add_row(regression *g, size_t terms, double w, double y) {
  for (size_t r = 0; r < terms; r++) {
    for (size_t c = 0; c <= r; c++) g->normal[r * terms + c] += w * g->row[r] * g->row[c];
    g->right[r] += w * g->row[r] * y;
  }
}

static void clear_equations(regression *g, size_t terms) {
  memset(g->normal, 0, terms * terms * sizeof *g->normal);
  memset(g->right, 0, terms * sizeof *g->right);
}

static void solve_equations(regression *g, size_t terms) {
  for (size_t r = 0; r < terms; r++)
    for (size_t c = 0; c < r; c++) g->normal[c * terms + r] = g->normal[r * terms + c];
  if (regression_solve(terms, g->normal, g->right)) memset(g->right, 0, terms * sizeof *g->right);
}

/* Weighted least squares of x_j on its location's terms with standard deviations g->scale: coefficients in g->right, and what is left of
 * x_j when all but the score's term are taken away in g->rest. */
static void regress(regression *g, size_t j, shape s) {
  const particles *p = g->p;
  const size_t terms = shape_terms(s) + g->parents;
  clear_equations(g, terms);
  for (size_t i = 0; i < p->n; i++) {
    fill_row(g, j, i, s);
    add_row(g, terms, 1 / (g->scale[i] * g->scale[i]), p->x[j * p->ld + i]);
  }
  solve_equations(g, terms);
  for (size_t i = 0; i < p->n; i++) {
    fill_row(g, j, i, s);
    g->rest[i] = p->x[j * p->ld + i];
    for (size_t r = 0; r < terms; r++) g->rest[i] -= r == TERM_SCORE ? 0 : g->right[r] * g->row[r];
  }
}

/* Least squares of (log |rest| - log |score|)/2 on t, or on t and its bends: the log scale, into *d and g->scale. */
static void regress_scale(regression *g, size_t j, shape s, dependence *d) {
  const double *score = g->p->grad + j * g->p->ld;
  const size_t terms = s == SHAPE_BENT ? 2 + WARP_BENDS : 2;
  clear_equations(g, terms);
  for (size_t i = 0; i < g->p->n; i++) {
    const double r = fabs(g->rest[i]), slope = fabs(score[i]);
    if (!(r > 0 && slope > 0)) continue;
    g->row[0] = 1;
    g->row[1] = g->t[i];
    for (size_t b = 0; b + 2 < terms; b++) g->row[2 + b] = beyond(g->t[i], g->bend[b]);
    add_row(g, terms, 1, 0.5 * (log(r) - log(slope)));
  }
  solve_equations(g, terms);
  d->log_scale = fmin(fmax(g->right[1], -SLOPE_MAX), SLOPE_MAX);
  for (size_t b = 0; b + 2 < terms; b++) d->bend_log_scale[b] = fmin(fmax(g->right[2 + b], -SLOPE_MAX), SLOPE_MAX);
  for (size_t i = 0; i < g->p->n; i++) {
    double log_scale = d->log_scale * g->t[i];
    for (size_t b = 0; b < WARP_BENDS; b++) log_scale += d->bend_log_scale[b] * beyond(g->t[i], g->bend[b]);
    g->scale[i] = exp(log_scale);
  }
}

double regression_unexplained(const regression *g, size_t j) {
  const double *score = g->p->grad + j * g->p->ld;
  double rr = 0, gg = 0, rg = 0;
  for (size_t i = 0; i < g->p->n; i++) {
    const double r = g->rest[i] / g->scale[i], slope = score[i] * g->scale[i];
    rr += r * r;
    gg += slope * slope;
    rg -= r * slope;
  }
  if (!(rr > 0 && gg > 0 && rg > 0)) return 1;
  return fmax(1 - rg * rg / (rr * gg), 0);
}

static void unit_scale(regression *g) {
  for (size_t i = 0; i < g->p->n; i++) g->scale[i] = 1;
}

static dependence depend_as(regression *g, size_t j, shape s) {
  dependence d = {0};
  unit_scale(g);
  for (int k = 0; k < ITERATIONS; k++) {
    regress(g, j, s);
    regress_scale(g, j, s, &d);
  }
  regress(g, j, s);
  d.constant = g->right[TERM_ONE];
  d.linear = g->right[TERM_T];
  if (s == SHAPE_PARABOLA) d.quadratic = g->right[TERMS];
  if (s == SHAPE_BENT) memcpy(d.bend_linear, g->right + TERMS, sizeof d.bend_linear);
  d.weights = g->right + shape_terms(s);
  d.unexplained = fmax(regression_unexplained(g, j), UNEXPLAINED_LEAST);
  return d;
}

/* The parents' weights of the last regression are those of what is returned. */
dependence depend(regression *g, size_t j) {
  const size_t parents = g->parents;
  unit_scale(g);
  g->parents = 0;
  regress(g, j, SHAPE_LINE);
  const double before = fmax(regression_unexplained(g, j), UNEXPLAINED_LEAST);
  g->parents = parents;
  const dependence bent = depend_as(g, j, SHAPE_BENT);
  dependence d = depend_as(g, j, SHAPE_PARABOLA);
  if (bent.unexplained < BENT_BETTER * d.unexplained) d = depend_as(g, j, SHAPE_BENT);
  if (g->terms && parents == 0) {
    dependence natural = depend_naturally(g, j);
    natural.unexplained = fmax(natural.unexplained, UNEXPLAINED_LEAST);
    if (BENT_BETTER * natural.unexplained < d.unexplained) d = natural;
  }
  d.gain = 0.5 * log(before / d.unexplained);
  return d;
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
  g->terms = 0;
  g->least_unexplained = UNEXPLAINED_LEAST;
  regression_standardise(p->n, x, &g->mean, &g->sd);
  for (size_t i = 0; i < p->n; i++) g->sorted[i] = g->t[i] = (x[i] - g->mean) / g->sd;
  gsl_sort(g->sorted, 1, p->n);
  for (size_t b = 0; b < WARP_BENDS; b++) g->bend[b] = summary_quantile(p->n, g->sorted, bend_at[b]);
}

int regression_is_parent(const regression *g, size_t j) {
  for (size_t k = 0; k < g->parents; k++)
    if (g->parent[k] == j) return 1;
  return 0;
}

double regression_gain(regression *g, size_t h, double *explained) {
  double total = 0;
  if (explained) *explained = 0;
  for (size_t j = 0; j < g->p->dim; j++) {
    if (j == h || regression_is_parent(g, j) || natural_is_hyper(g, j)) continue;
    const dependence d = depend(g, j);
    if (d.gain > DEPENDENCE_GAIN_LEAST) total += d.gain;
    if (explained) *explained -= 0.5 * log(d.unexplained);
  }
  return total;
}

int regression_create(const particles *p, regression *g) {
  const size_t terms = TERMS + WARP_BENDS + p->dim;
  *g = (regression){.p = p,
                    .t = NEW(double, p->n),
                    .rest = NEW(double, p->n),
                    .scale = NEW(double, p->n),
                    .sorted = NEW(double, p->n),
                    .normal = NEW2(double, terms, terms),
                    .right = NEW(double, terms),
                    .row = NEW(double, terms)};
  g->values = NEW2(double, 2 * WARP_TERMS, p->n);
  for (size_t k = 0; k < WARP_TERMS && g->values; k++) {
    g->term[k].f = g->values + 2 * k * p->n;
    g->term[k].t = g->term[k].f + p->n;
  }
  return !g->values || !g->t || !g->rest || !g->scale || !g->sorted || !g->normal || !g->right || !g->row;
}

void regression_clear(regression *g) {
  memory_free(g->t);
  memory_free(g->rest);
  memory_free(g->scale);
  memory_free(g->sorted);
  memory_free(g->normal);
  memory_free(g->right);
  memory_free(g->row);
  memory_free(g->values);
}
