/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums over all pairs of draws.  A row's sum is one thread's, in the order of the other sample; rows are added in order, so that bits do
 * not depend on the number of threads. */
#include "diag/pairs.h"
#include "base/team.h"

#define LANES 8

void pair_squares(const draw_set *a, size_t i, const draw_set *b, size_t from, size_t count, double *square) {
  const double *point = a->row + i * a->dim;
  for (size_t k = 0; k < count; k++) square[k] = 0;
  for (size_t j = 0; j < a->dim; j++) {
    const double centre = point[j], *other = b->x + j * b->n + from;
#pragma omp simd
    for (size_t k = 0; k < count; k++) square[k] += (centre - other[k]) * (centre - other[k]);
  }
}

double pair_sum(size_t count, const double *value) {
  double lane[LANES] = {0}, sum = 0;
  size_t k = 0;
  for (; k + LANES <= count; k += LANES)
    for (size_t l = 0; l < LANES; l++) lane[l] += value[k + l];
  for (; k < count; k++) sum += value[k];
  for (size_t l = 0; l < LANES; l++) sum += lane[l];
  return sum;
}

static double row_total(const draw_set *a, size_t i, const draw_set *b, pair_function f, double scale) {
  double value[PAIR_TILE], sum = 0;
  for (size_t from = 0; from < b->n; from += PAIR_TILE) {
    const size_t count = b->n - from < PAIR_TILE ? b->n - from : PAIR_TILE;
    pair_squares(a, i, b, from, count, value);
    f(count, value, scale);
    sum += pair_sum(count, value);
  }
  return sum;
}

double pair_total(const draw_set *a, const draw_set *b, pair_function f, double scale, size_t threads, double *row) {
#pragma omp parallel for schedule(static) num_threads(team_size(threads))
  for (size_t i = 0; i < a->n; i++) row[i] = row_total(a, i, b, f, scale);
  return pair_sum(a->n, row);
}
