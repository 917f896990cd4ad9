/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sliced distances (Bonneel, Rabin, Peyre & Pfister 2015).  In one dimension the optimal coupling of n draws with N exact ones gives draw
 * number i, sorted, the exact quantiles from i/n to (i+1)/n:
 *
 *   W2^2 = 1/n sum_i [ (x_(i) - m_i)^2 + v_i ],   m_i and v_i the mean and variance of the exact sample between those quantiles.
 * The sliced distance is the root of its mean over the directions.  Kolmogorov's is max |F_n - F_N|, and its mean over the directions. */
#include "bench/sliced.h"

#include "bench/support.h"
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DIRECTION_SEED 20260101

static void random_directions(sliced *s) {
  gsl_rng *const rng = gsl_rng_alloc(gsl_rng_mt19937);
  if (rng == NULL) give_up("out of memory");
  gsl_rng_set(rng, DIRECTION_SEED);
  double *const unit = ALLOCATE(double, s->dim);
  for (size_t d = 0; d < s->directions; d++) {
    gsl_ran_dir_nd(rng, s->dim, unit);
    for (size_t j = 0; j < s->dim; j++) s->matrix[j * s->directions + d] = unit[j];
  }
  free(unit);
  gsl_rng_free(rng);
}

static void set_directions(sliced *s, sliced_kind kind) {
  s->directions = kind == SLICED_RANDOM ? SLICED_DIRECTIONS : kind == SLICED_FIRST ? 1 : (s->dim + 1) / 2;
  s->matrix = ALLOCATE(double, s->dim * s->directions);
  s->offset = ALLOCATE(double, s->directions);
  if (kind == SLICED_RANDOM)
    random_directions(s);
  else
    for (size_t d = 0; d < s->directions; d++) s->matrix[2 * d * s->directions + d] = 1;
}

/* Mean and standard deviation of coordinate j; a coordinate that does not vary keeps its scale. */
static void moments(size_t dim, size_t n, const double *x, size_t j, double *mean, double *sd) {
  double sum = 0, square = 0;
  for (size_t i = 0; i < n; i++) sum += x[i * dim + j];
  *mean = sum / (double)n;
  for (size_t i = 0; i < n; i++) square += (x[i * dim + j] - *mean) * (x[i * dim + j] - *mean);
  *sd = square > 0 ? sqrt(square / (double)n) : 1;
}

void sliced_make(sliced *s, sliced_kind kind, size_t dim, size_t size, const double *x) {
  *s = (sliced){.dim = dim, .size = size};
  set_directions(s, kind);
  for (size_t j = 0; j < dim; j++) {
    double mean, sd;
    moments(dim, size, x, j, &mean, &sd);
    for (size_t d = 0; d < s->directions; d++) {
      s->matrix[j * s->directions + d] /= sd;
      s->offset[d] += s->matrix[j * s->directions + d] * mean;
    }
  }
  s->sorted = ALLOCATE(double, s->directions *size);
  uint64_t *const work = ALLOCATE(uint64_t, 2 * size);
  sliced_project(s, size, x, s->sorted);
  for (size_t d = 0; d < s->directions; d++) sort_ascending(size, s->sorted + d * size, work);
  free(work);
}

void sliced_free(sliced *s) {
  free(s->matrix);
  free(s->offset);
  free(s->sorted);
  *s = (sliced){0};
}

/* Mean of the quantile function of `sorted` between the ranks from < to, which may lie within an element; and its mean square. */
static void cell_moments(const double *sorted, size_t size, double from, double to, double *mean, double *square) {
  double sum = 0, squares = 0;
  for (size_t k = (size_t)from; k < size && (double)k < to; k++) {
    const double share = fmin(to, (double)(k + 1)) - fmax(from, (double)k);
    sum += share * sorted[k];
    squares += share * sorted[k] * sorted[k];
  }
  *mean = sum / (to - from);
  *square = squares / (to - from);
}

void sliced_cells_make(const sliced *s, size_t n, sliced_cells *out) {
  *out = (sliced_cells){.n = n, .mean = ALLOCATE(double, s->directions *n), .variance = ALLOCATE(double, s->directions)};
  const double width = (double)s->size / (double)n;
  for (size_t d = 0; d < s->directions; d++)
    for (size_t i = 0; i < n; i++) {
      double *const mean = &out->mean[d * n + i], square;
      cell_moments(s->sorted + d * s->size, s->size, (double)i * width, (double)(i + 1) * width, mean, &square);
      out->variance[d] += fmax(0, square - *mean * *mean) / (double)n;
    }
}

void sliced_cells_free(sliced_cells *c) {
  free(c->mean);
  free(c->variance);
  *c = (sliced_cells){0};
}

/* One point: sum[d] = sum_j x_j matrix[j][d] - offset[d]. */
static void project_point(const sliced *s, const double *x, double *sum) {
  const size_t directions = s->directions;
  for (size_t d = 0; d < directions; d++) sum[d] = -s->offset[d];
  for (size_t j = 0; j < s->dim; j++) {
    const double *const row = s->matrix + j * directions;
    const double value = x[j];
#pragma omp simd
    for (size_t d = 0; d < directions; d++) sum[d] += value * row[d];
  }
}

void sliced_project(const sliced *s, size_t n, const double *x, double *projection) {
  double *const sum = ALLOCATE(double, s->directions);
  for (size_t i = 0; i < n; i++) {
    project_point(s, x + i * s->dim, sum);
    for (size_t d = 0; d < s->directions; d++) projection[d * n + i] = sum[d];
  }
  free(sum);
}

/* The n numbers, sorted, at the beginning of work. */
static const double *sorted_copy(size_t n, const double *x, uint64_t *work) {
  double *const copy = (double *)(void *)(work + 2 * n);
  memcpy(copy, x, n * sizeof *copy);
  sort_ascending(n, copy, work);
  return copy;
}

double sliced_w2(const sliced *s, const sliced_cells *cells, size_t ld, const double *projection, uint64_t *work) {
  const size_t n = cells->n;
  double total = 0;
  for (size_t d = 0; d < s->directions; d++) {
    const double *const x = sorted_copy(n, projection + d * ld, work), *const mean = cells->mean + d * n;
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (x[i] - mean[i]) * (x[i] - mean[i]);
    total += sum / (double)n + cells->variance[d];
  }
  return sqrt(total / (double)s->directions);
}

/* How many of the ascending numbers are at most x, given that at least `from` are. */
static size_t count_up_to(size_t size, const double *sorted, size_t from, double x) {
  size_t low = from, high = size;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (sorted[middle] <= x)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

double sliced_kolmogorov(const sliced *s, size_t n, size_t ld, const double *projection, uint64_t *work) {
  double total = 0;
  for (size_t d = 0; d < s->directions; d++) {
    const double *const x = sorted_copy(n, projection + d * ld, work), *const exact = s->sorted + d * s->size;
    double largest = 0;
    for (size_t i = 0, rank = 0; i < n; i++) {
      rank = count_up_to(s->size, exact, rank, x[i]);
      const double F = (double)rank / (double)s->size;
      largest = fmax(largest, fmax(F - (double)i / (double)n, (double)(i + 1) / (double)n - F));
    }
    total += largest;
  }
  return total / (double)s->directions;
}
