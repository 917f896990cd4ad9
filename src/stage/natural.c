/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regressions of a coordinate's score in natural parameters: see depend_naturally() in dependence.h.  Least squares with weights one over
 * the precision, which is found on the way; no term of a precision is negative. */
#include <math.h>
#include <string.h>

#include "base/clones.h"
#include "base/vmath.h"
#include "stage/dependence.h"
#include "stage/golden.h"

#define ITERATIONS       4
#define ITERATIONS_ROUGH 2    /* while a rate is looked for among a few far apart */
#define RATE_LEAST       0.35 /* of t standardised */
#define RATE_STEP        1.42
#define RATES            8
#define REFINEMENTS      8
#define EXPONENT         30.0 /* f is held between the exponentials of minus this and this */
#define POLISH_STEP      1.06
#define ROUNDING         1e-8         /* share of the score's variance below which rounding decides */
#define ROUNDING_SHARE   3.0          /* times the root of what stays unexplained of a score: shares below it are rounding */
#define COEFFICIENTS     WARP_NATURAL /* those of 1, f_1, f_2, .. in the precision, then in the precision times the mean */
#define HALF             (WARP_TERMS + 1)

/* ---- Plain loops over points ---- */

WIDE_LOOPS static void add(size_t n, const double *x, double *out) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) out[i] += x[i];
}

/* rate t, between -EXPONENT and EXPONENT. */
WIDE_LOOPS static void exponents(size_t n, double rate, const double *t, double *out) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const double free = rate * t[i], above = free > -EXPONENT ? free : -EXPONENT;
    out[i] = above < EXPONENT ? above : EXPONENT;
  }
}

int natural_is_hyper(const regression *g, size_t j) {
  for (size_t k = 0; k < g->terms; k++)
    if (g->term[k].hyper == j) return 1;
  return 0;
}

/* ---- One coordinate ---- */

/* The columns of coordinate j's regression: x, f_1 x, .., 1, f_1, .., and the score last. */
static void set_columns(regression *g, size_t j) {
  const size_t ld = g->p->ld, half = g->terms + 1;
  const double *x = g->p->x + j * ld;
  g->fit.column[0] = x;
  g->fit.column[half] = g->one;
  for (size_t k = 0; k < g->terms; k++) {
    const double *f = g->term[k].f;
    double *product = g->spare + k * ld;
    columns_multiply(g->p->n, f, x, product);
    g->fit.column[1 + k] = product;
    g->fit.column[half + 1 + k] = f;
  }
  g->fit.column[2 * half] = g->p->grad + j * ld;
}

/* One regression from the products of all columns; `use` has 0 for a coefficient that is left out. */
static int regress(const regression *g, const double *product, const int *use, double *coefficient) {
  double normal[COEFFICIENTS * COEFFICIENTS], right[COEFFICIENTS];
  size_t place[COEFFICIENTS], column[COEFFICIENTS], count = 0;
  const size_t half = g->terms + 1, m = 2 * half + 1;
  for (size_t r = 0; r < COEFFICIENTS; r++) {
    if (!use[r]) continue;
    place[count] = r;
    column[count++] = r < HALF ? r : half + r - HALF;
  }
  for (size_t r = 0; r < count; r++) {
    for (size_t c = 0; c < count; c++) normal[r * count + c] = product[column[r] * m + column[c]];
    right[r] = product[(m - 1) * m + column[r]];
  }
  if (least_squares_solve(count, normal, right)) return 1;
  memset(coefficient, 0, COEFFICIENTS * sizeof *coefficient);
  for (size_t r = 0; r < count; r++) coefficient[place[r]] = place[r] < HALF ? -right[r] : right[r];
  return 0;
}

/* The same with the variances as they are and precisions that are nowhere negative: their coefficients below 0 leave one by one, the lowest
 * first.  `use`: what may be used at all. */
static int regress_positive(regression *g, int *use, double *coefficient) {
  double product[(COEFFICIENTS + 1) * (COEFFICIENTS + 1)];
  least_squares_products(&g->fit, 2 * g->terms + 3, g->variance, product);
  for (size_t left = g->terms + 1; left > 0; left--) {
    if (regress(g, product, use, coefficient)) return 1;
    size_t lowest = 0;
    double sum = 0;
    for (size_t k = 0; k <= g->terms; k++) {
      lowest = coefficient[k] < coefficient[lowest] ? k : lowest;
      sum += coefficient[k];
    }
    if (!(coefficient[lowest] < 0)) return !(sum > 0);
    use[lowest] = 0;
  }
  return 1;
}

static void use_all(const regression *g, int *use) {
  memset(use, 0, COEFFICIENTS * sizeof *use);
  for (size_t k = 0; k <= g->terms; k++) use[k] = use[HALF + k] = 1;
}

/* The largest share of the precision, under g->variance, that coefficient k has at any point. */
static double largest_share(const regression *g, const double *coefficient, size_t k) {
  double largest = 0;
  for (size_t i = 0; i < g->p->n; i++) largest = fmax(largest, coefficient[k] * (k ? g->term[k - 1].f[i] : 1) * g->variance[i]);
  return largest;
}

/* Variance, and what is left of x_j, under the coefficients. */
static void apply(regression *g, const double *coefficient) {
  const size_t ld = g->p->ld, half = g->terms + 1;
  double *mean_part = g->spare + WARP_TERMS * ld;
  g->kernels->combine(ld, half, g->fit.column + half, coefficient, g->weight);
  g->kernels->combine(ld, half, g->fit.column + half, coefficient + HALF, mean_part);
  g->kernels->natural(ld, g->p->n, g->fit.column[0], g->weight, mean_part, g->variance, g->rest);
}

/* In an exact model what has no more of the precision anywhere than rounding leaves unexplained is 0: far away, where its term is large, it
 * would be all there is.  Its part of the precision times the mean goes with it. */
static int leave_out_rounding(regression *g, size_t j, int *use, double *coefficient) {
  const double noise = ROUNDING_SHARE * sqrt(regression_unexplained(g, j));
  int left_out = 0;
  for (size_t k = 0; k <= g->terms; k++) {
    if (largest_share(g, coefficient, k) > noise) continue;
    left_out |= use[k] || use[HALF + k];
    use[k] = use[HALF + k] = 0;
  }
  if (!left_out) return 0;
  if (regress_positive(g, use, coefficient)) return 1;
  apply(g, coefficient);
  return 0;
}

dependence depend_naturally(regression *g, size_t j) {
  const size_t n = g->p->n;
  double coefficient[COEFFICIENTS];
  int use[COEFFICIENTS], failed = 0;
  memcpy(g->variance, g->one, n * sizeof *g->variance);
  for (size_t k = 0; k < g->terms; k++) add(n, g->term[k].f, g->variance);
  columns_invert(n, g->variance, g->variance);
  set_columns(g, j);
  for (int k = 0; k < (g->rough ? ITERATIONS_ROUGH : ITERATIONS) && !failed; k++) {
    use_all(g, use);
    failed = regress_positive(g, use, coefficient);
    if (!failed) apply(g, coefficient);
  }
  if (!failed && g->exact) failed = leave_out_rounding(g, j, use, coefficient);
  if (failed) return (dependence){.unexplained = 1};
  dependence d = {.naturally = 1, .unexplained = regression_unexplained(g, j)};
  memcpy(d.natural, coefficient, sizeof d.natural);
  return d;
}

/* ---- The terms ---- */

void natural_set_rate(regression *g, size_t term, double rate) {
  natural_term *t = &g->term[term];
  t->rate = rate;
  exponents(g->p->n, rate, t->t, t->f);
  vmath_exp(g->p->n, t->f, t->f);
}

static void place_term(const regression *g, size_t hyper, warp_link link, natural_term *t) {
  const double *x = g->p->x + hyper * g->p->ld;
  double slope;
  t->hyper = hyper;
  t->link = link;
  for (size_t i = 0; i < g->p->n; i++) t->t[i] = warp_log_link(link, x[i], &slope);
  regression_standardise(g->p->n, t->t, &t->mean, &t->sd);
  for (size_t i = 0; i < g->p->n; i++) t->t[i] = (t->t[i] - t->mean) / t->sd;
}

static void log_unexplained(void *but, regression *g, size_t j, double *each) {
  if (j != *(const size_t *)but && !natural_is_hyper(g, j)) each[j] = log(fmax(depend_naturally(g, j).unexplained, g->least_unexplained));
}

/* Sum over all coordinates but the terms' and `but` of the logs of what stays unexplained. */
static double unexplained(regression *g, size_t but) {
  double sum = 0;
  regression_each(g, log_unexplained, &but);
  for (size_t j = 0; j < g->p->dim; j++) sum += g->each[j];
  return sum;
}

static double unexplained_at(regression *g, size_t term, double rate) {
  natural_set_rate(g, term, rate);
  return unexplained(g, g->p->dim);
}

void natural_set_term(regression *g, size_t term, size_t hyper, warp_link link, double power) {
  place_term(g, hyper, link, &g->term[term]);
  natural_set_rate(g, term, power * g->term[term].sd);
}

void natural_set_link(regression *g, size_t term, warp_link link) {
  natural_set_term(g, term, g->term[term].hyper, link, g->term[term].rate / g->term[term].sd);
}

typedef struct rate_search {
  regression *g;
  size_t term;
  double sign;
} rate_search;

static double at_log_rate(void *state, double log_rate) {
  const rate_search *s = state;
  return unexplained_at(s->g, s->term, s->sign * exp(log_rate));
}

/* The best of a term's rates between two of one sign, to which it is set.  Returns the sum there. */
static double refine(regression *g, size_t term, double low, double high) {
  rate_search s = {g, term, low < 0 ? -1 : 1};
  double least;
  golden_least(at_log_rate, &s, log(fabs(low)), log(fabs(high)), REFINEMENTS, &least);
  return least;
}

/* Sets the last term's rate to the best, of either sign. */
static double settle_rate(regression *g, size_t term) {
  double best = RATE_LEAST, least = INFINITY;
  g->rough = 1;
  for (int sign = -1; sign <= 1; sign += 2) {
    double rate = sign * RATE_LEAST;
    for (int k = 0; k < RATES; k++, rate *= RATE_STEP) {
      const double sum = unexplained_at(g, term, rate);
      if (!(sum < least)) continue;
      least = sum;
      best = rate;
    }
  }
  g->rough = 0;
  return refine(g, term, best / RATE_STEP, best * RATE_STEP);
}

/* The coordinate whose term explains most beside those that there are, if by `worth` nats.  Returns 0 when there is none. */
static int add_term(regression *g, const unsigned char *others, double worth) {
  const size_t dim = g->p->dim, last = g->terms;
  natural_term *t = &g->term[last];
  double most = worth, best_rate = 0;
  size_t best = dim;
  for (size_t h = 0; h < dim; h++) {
    if (!others[h] || natural_is_hyper(g, h)) continue;
    const double before = unexplained(g, h);
    place_term(g, h, WARP_EXP, t);
    g->terms = last + 1;
    const double gain = 0.5 * (before - settle_rate(g, last));
    g->terms = last;
    if (!(gain > most && fabs(t->rate) >= RATE_LEAST)) continue; /* what is nearly a line tells no terms apart */
    most = gain;
    best = h;
    best_rate = t->rate;
  }
  if (best == dim) return 0;
  place_term(g, best, WARP_EXP, t);
  natural_set_rate(g, last, best_rate);
  g->terms = last + 1;
  return 1;
}

void natural_refine(regression *g) {
  for (size_t k = 0; k < g->terms; k++) refine(g, k, g->term[k].rate / RATE_STEP, g->term[k].rate * RATE_STEP);
}

void natural_polish(regression *g) {
  g->least_unexplained = ROUNDING;
  for (int again = 0; again < 2; again++)
    for (size_t k = 0; k < g->terms; k++) refine(g, k, g->term[k].rate / POLISH_STEP, g->term[k].rate * POLISH_STEP);
  g->least_unexplained = UNEXPLAINED_LEAST;
}

void natural_settle(regression *g, size_t h, const unsigned char *others, double worth) {
  g->terms = 1;
  g->exact = 0;
  place_term(g, h, WARP_EXP, &g->term[0]);
  if (!(settle_rate(g, 0) < 0)) {
    g->terms = 0;
    return;
  }
  while (isfinite(worth) && g->terms < WARP_TERMS && add_term(g, others, worth)) {}
  if (g->terms > 1) natural_refine(g);
}
