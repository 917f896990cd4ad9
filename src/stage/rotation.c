/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The generalised eigenvectors of a sample's precision at a low and at a high t: see rotation.h. */
#include "stage/rotation.h"

#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "base/sort.h"
#include "stats/summary.h"

#define END        0.35 /* share of the points that stand for one end of t */
#define POINTS_MIN 4    /* times the coordinates, at an end */

int rotation_create(size_t dim, size_t points, rotation *r) {
  *r = (rotation){.dim = dim,
                  .room = points,
                  .block = NEW(size_t, dim),
                  .x = NEW2(double, dim, points),
                  .g = NEW2(double, dim, points),
                  .values = NEW(double, dim),
                  .low = NEW2(double, dim, dim),
                  .high = NEW2(double, dim, dim),
                  .cov = NEW2(double, 2 * dim, dim),
                  .work = NEW(double, geometric_mean_work(dim) + points),
                  .further = NEW2(double, 4 * dim, dim)};
  return scores_create(dim, points, &r->scores) || !r->block || !r->x || !r->g || !r->values || !r->low || !r->high || !r->cov ||
         !r->work || !r->further;
}

void rotation_clear(rotation *r) {
  memory_free(r->block);
  memory_free(r->x);
  memory_free(r->g);
  memory_free(r->values);
  memory_free(r->low);
  memory_free(r->high);
  memory_free(r->cov);
  memory_free(r->work);
  scores_clear(&r->scores);
  memory_free(r->further);
  *r = (rotation){0};
}

/* Takes the line in t out of n values: what moves the location within an end is no part of its spread. */
static void take_out_line(size_t n, const double *t, double *x) {
  double mean = 0, centre = 0, square = 0, product = 0;
  for (size_t i = 0; i < n; i++) {
    mean += x[i] / (double)n;
    centre += t[i] / (double)n;
  }
  for (size_t i = 0; i < n; i++) {
    square += (t[i] - centre) * (t[i] - centre);
    product += (t[i] - centre) * (x[i] - mean);
  }
  const double slope = square > 0 ? product / square : 0;
  for (size_t i = 0; i < n; i++) x[i] -= mean + slope * (t[i] - centre);
}

/* S at the end of t between two bounds, into s.  Returns 0 when the points there do not tell. */
static int end_covariance(rotation *r, const particles *p, const double *t, double from, double to, double *s) {
  const size_t d = r->count, room = r->room;
  double *at = r->work + geometric_mean_work(r->dim);
  size_t n = 0;
  for (size_t i = 0; i < p->n; i++) {
    if (t[i] < from || t[i] > to || p->logp[i] == -INFINITY) continue;
    for (size_t k = 0; k < d; k++) {
      r->x[k * room + n] = p->x[r->block[k] * p->ld + i];
      r->g[k * room + n] = p->grad[r->block[k] * p->ld + i];
    }
    at[n++] = t[i];
  }
  if (n < POINTS_MIN * d) return 0;
  for (size_t k = 0; k < d; k++) {
    take_out_line(n, at, r->x + k * room);
    take_out_line(n, at, r->g + k * room);
  }
  weighted_covariance(d, n, room, r->x, NULL, NULL, r->cov);
  weighted_covariance(d, n, room, r->g, NULL, NULL, r->cov + d * d);
  return !geometric_mean(d, r->cov, r->cov + d * d, s, r->work);
}

/* With low = L L': L in r->low, its inverse at *inverse, and at *u the eigenvectors of L^-1 high L^-1' as columns.  Non-zero when there are
 * none. */
static int common_eigenvectors(rotation *r, double **inverse, double **u) {
  const size_t d = r->count;
  *inverse = r->cov;
  *u = r->cov + d * d;
  if (cholesky(d, r->low)) return 1;
  lower_inverse(d, r->low, *inverse);
  matrix_times(d, *inverse, d, d, r->high, *u);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) {
      r->high[i * d + j] = 0;
      for (size_t k = 0; k <= j; k++) r->high[i * d + j] += (*u)[i * d + k] * (*inverse)[j * d + k];
    }
  symmetric_eigen(d, r->high, r->values, *u, r->work);
  return !isfinite(r->values[0]) || !isfinite(r->values[d - 1]);
}

/* Of two covariances, low and high: V = L U into r->high, its inverse U' L^-1 into r->cov; low becomes the identity and high diagonal.
 * Returns log |det V|, or NaN. */
static double axes_of_covariances(rotation *r) {
  const size_t d = r->count;
  double *inverse, *u, *result = r->work;
  if (common_eigenvectors(r, &inverse, &u)) return (double)NAN;
  matrix_times(d, r->low, d, d, u, r->high);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) {
      result[i * d + j] = 0;
      for (size_t k = j; k < d; k++) result[i * d + j] += u[k * d + i] * inverse[k * d + j];
    }
  memcpy(r->cov, result, d * d * sizeof *result);
  return lower_log_det(d, r->low);
}

/* Of two precisions: V = L'^-1 U, its inverse U' L'. */
static double axes_of_precisions(rotation *r) {
  const size_t d = r->count;
  double *inverse, *u, *result = r->work;
  if (common_eigenvectors(r, &inverse, &u)) return (double)NAN;
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) {
      r->high[i * d + j] = result[i * d + j] = 0;
      for (size_t k = i; k < d; k++) r->high[i * d + j] += inverse[k * d + i] * u[k * d + j];
      for (size_t k = 0; k <= j; k++) result[i * d + j] += u[k * d + i] * r->low[j * d + k];
    }
  memcpy(r->cov, result, d * d * sizeof *result);
  return -lower_log_det(d, r->low);
}

/* The axes in r->high and their inverse in r->cov, of the coordinates in r->block, into out; all others stay. */
static void set_axes(const rotation *r, double log_det, warp_linear *out) {
  const size_t dim = r->dim, d = r->count;
  memset(out->matrix, 0, dim * dim * sizeof *out->matrix);
  memset(out->inverse, 0, dim * dim * sizeof *out->inverse);
  for (size_t j = 0; j < dim; j++) out->matrix[j * dim + j] = out->inverse[j * dim + j] = 1;
  for (size_t a = 0; a < d; a++)
    for (size_t b = 0; b < d; b++) {
      out->matrix[r->block[a] * dim + r->block[b]] = r->high[a * d + b];
      out->inverse[r->block[a] * dim + r->block[b]] = r->cov[a * d + b];
    }
  out->log_det = log_det;
}

static void mark_block(rotation *r, const unsigned char *rotated) {
  r->count = 0;
  for (size_t j = 0; j < r->dim; j++)
    if (rotated[j]) r->block[r->count++] = j;
}

int rotation_find(rotation *r, const particles *p, const double *t, const unsigned char *rotated, warp_linear *out) {
  double *sorted = r->x, *work = r->g; /* not in use yet */
  mark_block(r, rotated);
  if (r->count < 2 || p->n > r->room) return 0;
  sort_order(p->n, t, sorted, NULL, work, NULL);
  const double low = summary_quantile(p->n, sorted, END), high = summary_quantile(p->n, sorted, 1 - END);
  if (!end_covariance(r, p, t, -INFINITY, low, r->low) || !end_covariance(r, p, t, high, INFINITY, r->high)) return 0;
  const double log_det = axes_of_covariances(r);
  if (!isfinite(log_det)) return 0;
  set_axes(r, log_det, out);
  return 1;
}

/* ---- Sharpening ---- */

/* Geometric means of the terms over the points. */
static void middle_of(const particles *p, size_t terms, const double *const *f, double *middle) {
  double total = 0;
  memset(middle, 0, terms * sizeof *middle);
  for (size_t i = 0; i < p->n; i++) {
    if (p->logp[i] == -INFINITY) continue;
    total += 1;
    for (size_t k = 0; k < terms; k++) middle[k] += log(f[k][i]);
  }
  for (size_t k = 0; k < terms; k++) middle[k] = exp(middle[k] / total);
}

/* Adds `by`_k times row `at` of C_k, made symmetric, to c. */
static void add_row(size_t d, size_t terms, const double *coefficient, size_t at, const double *by, double *c) {
  for (size_t k = 0; k <= terms; k++)
    for (size_t b = 0; b < d; b++) {
      const double half = 0.5 * by[k] * coefficient[k * (d + 1) + b];
      c[at * d + b] += half;
      c[b * d + at] += half;
    }
}

/* out <- out times the axes in r: matrix M V, inverse V^-1 M^-1. */
static void turn_further(const rotation *r, double log_det, warp_linear *out) {
  const size_t dim = r->dim, squared = dim * dim;
  double *matrix = r->further;
  warp_linear more = {matrix, matrix + squared, 0};
  set_axes(r, log_det, &more);
  matrix_times(dim, out->matrix, dim, dim, more.matrix, matrix + 2 * squared);
  matrix_times(dim, more.inverse, dim, dim, out->inverse, matrix + 3 * squared);
  memcpy(out->matrix, matrix + 2 * squared, squared * sizeof *matrix);
  memcpy(out->inverse, matrix + 3 * squared, squared * sizeof *matrix);
  out->log_det += log_det;
}

int rotation_sharpen(rotation *r, const particles *p, size_t terms, const double *const *f, const unsigned char *rotated,
                     warp_linear *out) {
  rotation_take(r, p, rotated);
  const size_t d = r->count;
  double middle[WARP_TERMS + 1] = {1}, first[WARP_TERMS + 1] = {0};
  if (scores_regress(&r->scores, terms, f)) return 0;
  middle_of(p, terms, f, middle + 1);
  first[1] = middle[1];
  memset(r->low, 0, d * d * sizeof *r->low);
  memset(r->high, 0, d * d * sizeof *r->high);
  for (size_t c = 0; c < d; c++) {
    const double *coefficient = scores_solve(&r->scores, terms, c);
    add_row(d, terms, coefficient, c, middle, r->low);
    add_row(d, terms, coefficient, c, first, r->high);
  }
  const double log_det = axes_of_precisions(r);
  if (!isfinite(log_det)) return 0;
  turn_further(r, log_det, out);
  return 1;
}

void rotation_take(rotation *r, const particles *p, const unsigned char *rotated) {
  mark_block(r, rotated);
  scores_take(&r->scores, p, r->count, r->block);
}

double rotation_unexplained(rotation *r, size_t terms, const double *const *f) {
  return scores_unexplained(&r->scores, terms, f);
}
