/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regressions of a coordinate's score in natural parameters: see depend_naturally() in dependence.h.  Least squares with weights one over
 * the precision, which is found on the way; precisions are not negative. */
#include <math.h>
#include <string.h>

#include "stage/dependence.h"

#define ITERATIONS  4
#define RATE_LEAST  0.35 /* of t standardised */
#define RATE_STEP   1.42
#define RATES       8
#define REFINEMENTS 10
#define EXPONENT    30.0 /* f is held between the exponentials of minus this and this */
#define GOLDEN      0.6180339887498949

enum { TERM_X, TERM_FX, TERM_ONE, TERM_F, TERMS };

static double f_of(const regression *g, size_t i) {
  return exp(fmin(fmax(g->rate * g->t[i], -EXPONENT), EXPONENT));
}

/* One regression with the precisions 1/scale^2 as they are; `use` has 0 for a term that is left out. */
static int regress(regression *g, size_t j, const int *use, double *coefficient) {
  const double *x = g->p->x + j * g->p->ld, *score = g->p->grad + j * g->p->ld;
  double normal[TERMS * TERMS] = {0}, right[TERMS] = {0};
  size_t column[TERMS], terms = 0;
  for (size_t r = 0; r < TERMS; r++)
    if (use[r]) column[terms++] = r;
  for (size_t i = 0; i < g->p->n; i++) {
    const double f = f_of(g, i), row[TERMS] = {-x[i], -f * x[i], 1, f}, w = g->scale[i] * g->scale[i];
    for (size_t r = 0; r < terms; r++) {
      for (size_t c = 0; c < terms; c++) normal[r * terms + c] += w * row[column[r]] * row[column[c]];
      right[r] += w * row[column[r]] * score[i];
    }
  }
  if (regression_solve(terms, normal, right)) return 1;
  memset(coefficient, 0, TERMS * sizeof *coefficient);
  for (size_t r = 0; r < terms; r++) coefficient[column[r]] = right[r];
  return 0;
}

/* The same with precisions that are nowhere negative. */
static int regress_positive(regression *g, size_t j, double *coefficient) {
  int use[TERMS] = {1, 1, 1, 1};
  if (regress(g, j, use, coefficient)) return 1;
  if (coefficient[TERM_X] >= 0 && coefficient[TERM_FX] >= 0) return 0;
  use[coefficient[TERM_X] < coefficient[TERM_FX] ? TERM_X : TERM_FX] = 0;
  return regress(g, j, use, coefficient) || !(coefficient[TERM_X] + coefficient[TERM_FX] > 0);
}

/* Scale and what is left of x_j under the coefficients. */
static void apply(regression *g, size_t j, const double *coefficient) {
  const double *x = g->p->x + j * g->p->ld;
  for (size_t i = 0; i < g->p->n; i++) {
    const double f = f_of(g, i), precision = coefficient[TERM_X] + coefficient[TERM_FX] * f;
    g->scale[i] = 1 / sqrt(precision);
    g->rest[i] = x[i] - (coefficient[TERM_ONE] + coefficient[TERM_F] * f) / precision;
  }
}

dependence depend_naturally(regression *g, size_t j) {
  double coefficient[TERMS];
  for (size_t i = 0; i < g->p->n; i++) g->scale[i] = 1 / sqrt(1 + f_of(g, i));
  for (int k = 0; k < ITERATIONS; k++) {
    if (regress_positive(g, j, coefficient)) return (dependence){.unexplained = 1};
    apply(g, j, coefficient);
  }
  dependence d = {.unexplained = regression_unexplained(g, j)};
  memcpy(d.natural, coefficient, sizeof d.natural);
  return d;
}

/* Sum of the logs of what stays unexplained at this rate. */
static double unexplained_at(regression *g, size_t h, double rate) {
  double sum = 0;
  g->rate = rate;
  for (size_t j = 0; j < g->p->dim; j++)
    if (j != h) sum += log(depend_naturally(g, j).unexplained);
  return sum;
}

/* Golden sections of the log of the rate. */
static double refine(regression *g, size_t h, double sign, double low, double high) {
  double a = log(low), b = log(high), c = b - GOLDEN * (b - a), d = a + GOLDEN * (b - a);
  double at_c = unexplained_at(g, h, sign * exp(c)), at_d = unexplained_at(g, h, sign * exp(d));
  for (int k = 0; k < REFINEMENTS; k++) {
    if (at_c < at_d) {
      b = d;
      d = c;
      at_d = at_c;
      c = b - GOLDEN * (b - a);
      at_c = unexplained_at(g, h, sign * exp(c));
    } else {
      a = c;
      c = d;
      at_c = at_d;
      d = a + GOLDEN * (b - a);
      at_d = unexplained_at(g, h, sign * exp(d));
    }
  }
  return sign * exp(0.5 * (a + b));
}

double natural_rate(regression *g, size_t h) {
  double best = 0, least = 0;
  for (int sign = -1; sign <= 1; sign += 2) {
    double rate = RATE_LEAST;
    for (int k = 0; k < RATES; k++, rate *= RATE_STEP) {
      const double sum = unexplained_at(g, h, sign * rate);
      if (!(sum < least)) continue;
      least = sum;
      best = sign * rate;
    }
  }
  g->rate = 0;
  if (best == 0) return 0;
  const double rate = refine(g, h, best < 0 ? -1 : 1, fabs(best) / RATE_STEP, fabs(best) * RATE_STEP);
  g->rate = 0;
  return rate;
}
