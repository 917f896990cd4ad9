/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernel Stein discrepancy (Gorham & Mackey 2017, arXiv 1703.01717; Liu, Lee & Jordan 2016; Chwialkowski, Strathmann & Gretton 2016) of
 * draws x_i from the law with score s, by the inverse multiquadric kernel k(x,y) = u^(-1/2), u = c^2 + r^2, r = |x - y|:
 *
 *   k_s(x,y) = s(x).s(y) u^(-1/2) + (s(x) - s(y)).(x - y) u^(-3/2) + d u^(-3/2) - 3 r^2 u^(-5/2),
 *
 * whose mean over a draw of that law is 0 for every y.  The discrepancy is the root of its mean over all pairs (V-statistic, never
 * negative); beside it stands the mean over pairs of two draws (U-statistic), whose expectation is 0 exactly where the draws are right. */
#include <math.h>

#include "base/memory.h"
#include "base/team.h"
#include "diag/pairs.h"

typedef struct stein {
  draw_set x, s; /* draws and their scores */
  double c2;
} stein;

/* product[k] = s_i.s_j,  drift[k] = (s_i - s_j).(x_i - x_j),  j = from + k. */
static void score_products(const stein *p, size_t i, size_t from, size_t count, double *product, double *drift) {
  const size_t dim = p->x.dim, n = p->x.n;
  for (size_t k = 0; k < count; k++) product[k] = drift[k] = 0;
  for (size_t j = 0; j < dim; j++) {
    const double xi = p->x.row[i * dim + j], si = p->s.row[i * dim + j];
    const double *x = p->x.x + j * n + from, *s = p->s.x + j * n + from;
#pragma omp simd
    for (size_t k = 0; k < count; k++) {
      product[k] += si * s[k];
      drift[k] += (si - s[k]) * (xi - x[k]);
    }
  }
}

/* The sum of k_s(x_i, x_j) over j. */
static double stein_row(const stein *p, size_t i) {
  double value[PAIR_TILE], product[PAIR_TILE], drift[PAIR_TILE], sum = 0;
  const double dim = (double)p->x.dim, c2 = p->c2;
  for (size_t from = 0; from < p->x.n; from += PAIR_TILE) {
    const size_t count = p->x.n - from < PAIR_TILE ? p->x.n - from : PAIR_TILE;
    pair_squares(&p->x, i, &p->x, from, count, value);
    score_products(p, i, from, count, product, drift);
#pragma omp simd
    for (size_t k = 0; k < count; k++) {
      const double v = 1 / (c2 + value[k]);
      value[k] = sqrt(v) * (product[k] + v * (drift[k] + dim - 3 * value[k] * v));
    }
    sum += pair_sum(count, value);
  }
  return sum;
}

/* The sum over i of k_s(x_i, x_i) = |s_i|^2 / c + d / c^3. */
static double stein_diagonal(const stein *p) {
  const size_t entries = p->s.n * p->s.dim;
  double sum = 0;
  for (size_t k = 0; k < entries; k++) sum += p->s.row[k] * p->s.row[k];
  return (sum + (double)entries / p->c2) / sqrt(p->c2);
}

static int evaluate(stein *p, const dilate_distance_options *set, double *square, double *unbiased, dilate_error *err) {
  const draw_set none = {.dim = p->x.dim};
  const size_t n = p->x.n;
  double c, *row;
  const int status = pair_bandwidth(&p->x, &none, set, &c, err);
  if (status) return status;
  row = NEW(double, n);
  if (!row) return error_memory(err, "dilate_distance_ksd");
  p->c2 = c * c;
#pragma omp parallel for schedule(static) num_threads(team_size(set->threads))
  for (size_t i = 0; i < n; i++) row[i] = stein_row(p, i);
  const double all = pair_sum(n, row);
  memory_free(row);
  *square = all / ((double)n * (double)n);
  if (unbiased && n > 1) *unbiased = (all - stein_diagonal(p)) / ((double)n * (double)(n - 1));
  return 0;
}

int dilate_distance_ksd(size_t dim, size_t n, const double *x, const double *scores, const dilate_distance_options *options, double *out,
                        double *unbiased, dilate_error *err) {
  dilate_distance_options set;
  stein p = {.c2 = 0};
  double square = NAN;
  if (unbiased) *unbiased = NAN;
  if (!out) return error_set(err, DILATE_EINVAL, "out is NULL: there is nowhere to put the discrepancy");
  *out = NAN;
  int status = settings_make(options, &set, err);
  if (!status) status = draw_set_make("x", dim, n, x, &p.x, err);
  if (!status) status = draw_set_make("scores", dim, n, scores, &p.s, err);
  if (!status) status = evaluate(&p, &set, &square, unbiased, err);
  if (!status) status = distance_finish("kernel Stein discrepancy", square, out, err);
  draw_set_clear(&p.x);
  draw_set_clear(&p.s);
  return status;
}
