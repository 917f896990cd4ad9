/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sliced distances (Bonneel, Rabin, Peyre & Pfister 2015): draws are projected on random directions u, and on each the two samples are
 * compared in closed form from their sorted values.
 *
 *   W2^2 = int_0^1 (F^-1(p) - G^-1(p))^2 dp   (the quantile coupling, for any two sizes),   KS = max_t |F(t) - G(t)|
 *
 * The sliced W2 is the root of the mean of W2^2 over the directions, the sliced KS the mean of KS. */
#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/team.h"
#include "diag/draw_set.h"

/* A uniform direction: a vector of normals, divided by its length. */
static void direction(uint64_t seed, size_t number, size_t dim, double *u) {
  const uint32_t particle = (uint32_t)number;
  stream_normals(stream_make(seed, STREAM_DISTANCE, 0, 0), 0, dim, 1, 1, &particle, u);
  double square = 0;
  for (size_t j = 0; j < dim; j++) square += u[j] * u[j];
  const double scale = 1 / sqrt(square);
  for (size_t j = 0; j < dim; j++) u[j] *= scale;
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void project_sorted(const draw_set *s, const double *u, double *out) {
  for (size_t i = 0; i < s->n; i++) out[i] = 0;
  for (size_t j = 0; j < s->dim; j++) {
    const double *x = s->x + j * s->n;
#pragma omp simd
    for (size_t i = 0; i < s->n; i++) out[i] += u[j] * x[i];
  }
  qsort(out, s->n, sizeof *out, ascending);
}

/* Steps of the quantile functions end at i/n and at k/m; both are counted in units of 1/(n m). */
static double line_w2(size_t n, const double *x, size_t m, const double *y) {
  const double whole = (double)n * (double)m;
  uint64_t done = 0;
  double sum = 0;
  for (size_t i = 0, k = 0; i < n && k < m;) {
    const uint64_t end_x = (uint64_t)(i + 1) * m, end_y = (uint64_t)(k + 1) * n, end = end_x < end_y ? end_x : end_y;
    sum += (double)(end - done) / whole * (x[i] - y[k]) * (x[i] - y[k]);
    done = end;
    i += end_x == end;
    k += end_y == end;
  }
  return sum;
}

/* The largest gap, looked at behind each value, with all that are equal to it. */
static double line_ks(size_t n, const double *x, size_t m, const double *y) {
  double largest = 0;
  for (size_t i = 0, k = 0; i < n && k < m;) {
    const double at = x[i] < y[k] ? x[i] : y[k];
    while (i < n && x[i] == at) i++;
    while (k < m && y[k] == at) k++;
    largest = fmax(largest, fabs((double)i / (double)n - (double)k / (double)m));
  }
  return largest;
}

typedef double (*line_distance)(size_t n, const double *x, size_t m, const double *y);

/* work: a thread has dim + n + m numbers. */
static void all_directions(const comparison *c, line_distance distance, double *work, double *value) {
  const size_t n = c->x.n, m = c->y.n, dim = c->x.dim;
#pragma omp parallel for schedule(dynamic) num_threads(team_size(c->set.threads))
  for (size_t k = 0; k < c->set.directions; k++) {
    double *u = work + (size_t)omp_get_thread_num() * (dim + n + m), *x = u + dim, *y = x + n;
    direction(c->set.seed, k, dim, u);
    project_sorted(&c->x, u, x);
    project_sorted(&c->y, u, y);
    value[k] = distance(n, x, m, y);
  }
}

static int mean_over_directions(const comparison *c, line_distance distance, double *mean, dilate_error *err) {
  double *value = NEW(double, c->set.directions), *work = NEW2(double, c->set.threads, c->x.dim + c->x.n + c->y.n);
  const int status = value && work ? 0 : error_memory(err, "a sliced distance");
  if (!status) {
    all_directions(c, distance, work, value);
    double sum = 0;
    for (size_t k = 0; k < c->set.directions; k++) sum += value[k];
    *mean = sum / (double)c->set.directions;
  }
  memory_free(value);
  memory_free(work);
  return status;
}

int dilate_distance_sliced_w2(size_t dim, size_t n, const double *x, size_t m, const double *y, const dilate_distance_options *options,
                              double *out, dilate_error *err) {
  comparison c;
  double mean;
  int status = comparison_make(dim, n, x, m, y, options, out, &c, err);
  if (!status) status = mean_over_directions(&c, line_w2, &mean, err);
  if (!status) status = distance_finish("sliced W2", mean, out, err);
  comparison_clear(&c);
  return status;
}

int dilate_distance_sliced_ks(size_t dim, size_t n, const double *x, size_t m, const double *y, const dilate_distance_options *options,
                              double *out, dilate_error *err) {
  comparison c;
  double mean;
  int status = comparison_make(dim, n, x, m, y, options, out, &c, err);
  if (!status) status = mean_over_directions(&c, line_ks, &mean, err);
  if (!status) *out = mean;
  comparison_clear(&c);
  return status;
}
