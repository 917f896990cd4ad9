/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The generalised eigenvectors of a sample's precision at a low and at a high t: see rotation.h. */
#include "stage/rotation.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "stats/summary.h"

#define END        0.35 /* share of the points that stand for one end of t */
#define POINTS_MIN 4    /* times the coordinates, at an end */

int rotation_create(size_t dim, size_t points, rotation *r) {
  *r = (rotation){.dim = dim,
                  .room = points,
                  .block = NEW(size_t, dim),
                  .x = NEW2(double, dim, points),
                  .g = NEW2(double, dim, points),
                  .mean = NEW(double, 3 * dim),
                  .low = NEW2(double, dim, dim),
                  .high = NEW2(double, dim, dim),
                  .cov = NEW2(double, 2 * dim, dim),
                  .work = NEW(double, geometric_mean_work(dim) + points)};
  return !r->block || !r->x || !r->g || !r->mean || !r->low || !r->high || !r->cov || !r->work;
}

void rotation_clear(rotation *r) {
  memory_free(r->block);
  memory_free(r->x);
  memory_free(r->g);
  memory_free(r->mean);
  memory_free(r->low);
  memory_free(r->high);
  memory_free(r->cov);
  memory_free(r->work);
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

/* V = L U with low = L L', U the eigenvectors of L^-1 high L^-1', into r->high; its inverse U' L^-1 into r->cov.  Both then make low the
 * identity and high diagonal.  Returns log |det V|, or NaN. */
static double common_axes(rotation *r) {
  const size_t d = r->count;
  double *inverse = r->cov, *product = r->cov + d * d, *values = r->mean;
  if (cholesky(d, r->low)) return (double)NAN;
  lower_inverse(d, r->low, inverse);
  matrix_times(d, inverse, d, d, r->high, product);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) {
      r->high[i * d + j] = 0;
      for (size_t k = 0; k <= j; k++) r->high[i * d + j] += product[i * d + k] * inverse[j * d + k];
    }
  symmetric_eigen(d, r->high, values, product, r->work);
  if (!isfinite(values[0]) || !isfinite(values[d - 1])) return (double)NAN;
  matrix_times(d, r->low, d, d, product, r->high);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < i; j++) {
      const double kept = product[i * d + j];
      product[i * d + j] = product[j * d + i];
      product[j * d + i] = kept;
    }
  double *transposed = r->work;
  matrix_times(d, product, d, d, inverse, transposed);
  memcpy(r->cov, transposed, d * d * sizeof *r->cov);
  return lower_log_det(d, r->low);
}

int rotation_find(rotation *r, const particles *p, const double *t, const unsigned char *rotated, warp_linear *out) {
  const size_t dim = r->dim;
  double *sorted = r->x; /* not in use yet */
  r->count = 0;
  for (size_t j = 0; j < dim; j++)
    if (rotated[j]) r->block[r->count++] = j;
  if (r->count < 2 || p->n > r->room) return 0;
  memcpy(sorted, t, p->n * sizeof *sorted);
  gsl_sort(sorted, 1, p->n);
  const double low = summary_quantile(p->n, sorted, END), high = summary_quantile(p->n, sorted, 1 - END);
  if (!end_covariance(r, p, t, -INFINITY, low, r->low) || !end_covariance(r, p, t, high, INFINITY, r->high)) return 0;
  const double log_det = common_axes(r);
  if (!isfinite(log_det)) return 0;
  memset(out->matrix, 0, dim * dim * sizeof *out->matrix);
  memset(out->inverse, 0, dim * dim * sizeof *out->inverse);
  for (size_t j = 0; j < dim; j++) out->matrix[j * dim + j] = out->inverse[j * dim + j] = !rotated[j];
  for (size_t a = 0; a < r->count; a++)
    for (size_t b = 0; b < r->count; b++) {
      out->matrix[r->block[a] * dim + r->block[b]] = r->high[a * r->count + b];
      out->inverse[r->block[a] * dim + r->block[b]] = r->cov[a * r->count + b];
    }
  out->log_det = log_det;
  return 1;
}
