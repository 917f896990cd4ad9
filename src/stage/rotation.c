/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The generalised eigenvectors of a sample's precision at a low and at a high t: see rotation.h. */
#include "stage/rotation.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "stats/summary.h"

#define END        0.35  /* share of the points that stand for one end of t */
#define ROUNDING   1e-10 /* share of a score's square below which rounding decides */
#define POINTS_MIN 4     /* times the coordinates, at an end */

/* Unknowns of the regression that sharpens axes, at most, a coordinate. */
static size_t unknowns(size_t dim) {
  return (WARP_TERMS + 1) * (dim + 1);
}

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
                  .normal = NEW2(double, unknowns(dim), unknowns(dim)),
                  .right = NEW2(double, unknowns(dim), dim + 1),
                  .further = NEW2(double, 4 * dim, dim)};
  return !r->block || !r->x || !r->g || !r->values || !r->low || !r->high || !r->cov || !r->work || !r->normal || !r->right || !r->further;
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
  memory_free(r->normal);
  memory_free(r->right);
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
  double *sorted = r->x; /* not in use yet */
  mark_block(r, rotated);
  if (r->count < 2 || p->n > r->room) return 0;
  memcpy(sorted, t, p->n * sizeof *sorted);
  gsl_sort(sorted, 1, p->n);
  const double low = summary_quantile(p->n, sorted, END), high = summary_quantile(p->n, sorted, 1 - END);
  if (!end_covariance(r, p, t, -INFINITY, low, r->low) || !end_covariance(r, p, t, high, INFINITY, r->high)) return 0;
  const double log_det = axes_of_covariances(r);
  if (!isfinite(log_det)) return 0;
  set_axes(r, log_det, out);
  return 1;
}

/* ---- Sharpening ---- */

/* Row i of the regression: x, 1, f_1 x, f_1, f_2 x, ..; signs so that coefficients are entries of P and of Q. */
static void fill_row(const rotation *r, const particles *p, size_t terms, const double *const *f, size_t i, double *row) {
  const size_t d = r->count;
  for (size_t k = 0; k <= terms; k++) {
    const double value = k ? f[k - 1][i] : 1;
    for (size_t a = 0; a < d; a++) row[k * (d + 1) + a] = -value * p->x[r->block[a] * p->ld + i];
    row[k * (d + 1) + d] = value;
  }
}

/* Coefficients into right (m a coordinate); middle[k]: geometric mean of f_k.  Non-zero when the points do not tell. */
static int regress_scores(const rotation *r, const particles *p, size_t terms, const double *const *f, double *normal, double *right,
                          double *row, double *middle) {
  const size_t d = r->count, m = (terms + 1) * (d + 1);
  double total = 0;
  memset(normal, 0, m * m * sizeof *normal);
  memset(right, 0, m * d * sizeof *right);
  memset(middle, 0, terms * sizeof *middle);
  for (size_t i = 0; i < p->n; i++) {
    if (p->logp[i] == -INFINITY) continue;
    double sum = 1;
    for (size_t k = 0; k < terms; k++) sum += f[k][i];
    fill_row(r, p, terms, f, i, row);
    total += 1;
    for (size_t k = 0; k < terms; k++) middle[k] += log(f[k][i]);
    for (size_t a = 0; a < m; a++) {
      const double of_a = row[a] / (sum * sum);
      for (size_t b = 0; b <= a; b++) normal[a * m + b] += of_a * row[b];
      for (size_t c = 0; c < d; c++) right[c * m + a] += of_a * p->grad[r->block[c] * p->ld + i];
    }
  }
  for (size_t k = 0; k < terms; k++) middle[k] = exp(middle[k] / total);
  for (size_t a = 0; a < m; a++)
    for (size_t b = 0; b < a; b++) normal[b * m + a] = normal[a * m + b];
  if (!(total >= 2 * (double)m) || cholesky_ridge(m, normal)) return 1;
  for (size_t c = 0; c < d; c++) cholesky_solve(m, normal, right + c * m);
  return 0;
}

/* C_k, made symmetric, times `by`, added to c. */
static void add_matrix(size_t d, size_t m, const double *right, size_t k, double by, double *c) {
  for (size_t a = 0; a < d; a++)
    for (size_t b = 0; b < d; b++) c[a * d + b] += 0.5 * by * (right[a * m + k * (d + 1) + b] + right[b * m + k * (d + 1) + a]);
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
  mark_block(r, rotated);
  const size_t d = r->count, m = (terms + 1) * (d + 1);
  double middle[WARP_TERMS], *right = r->right, *row = r->right + m * d;
  if (terms == 0 || d < 2 || regress_scores(r, p, terms, f, r->normal, right, row, middle)) return 0;
  memset(r->low, 0, d * d * sizeof *r->low);
  memset(r->high, 0, d * d * sizeof *r->high);
  for (size_t k = 0; k <= terms; k++) add_matrix(d, m, right, k, k ? middle[k - 1] : 1, r->low);
  add_matrix(d, m, right, 1, middle[0], r->high);
  const double log_det = axes_of_precisions(r);
  if (!isfinite(log_det)) return 0;
  turn_further(r, log_det, out);
  return 1;
}

double rotation_unexplained(rotation *r, const particles *p, size_t terms, const double *const *f, const unsigned char *rotated) {
  mark_block(r, rotated);
  const size_t d = r->count, m = (terms + 1) * (d + 1);
  double middle[WARP_TERMS], *right = r->right, *row = r->right + m * d, *left = r->values, *whole = r->work, logs = 0;
  if (terms == 0 || d < 2 || regress_scores(r, p, terms, f, r->normal, right, row, middle)) return (double)NAN;
  memset(left, 0, d * sizeof *left);
  memset(whole, 0, d * sizeof *whole);
  for (size_t i = 0; i < p->n; i++) {
    if (p->logp[i] == -INFINITY) continue;
    double sum = 1;
    for (size_t k = 0; k < terms; k++) sum += f[k][i];
    fill_row(r, p, terms, f, i, row);
    for (size_t c = 0; c < d; c++) {
      const double score = p->grad[r->block[c] * p->ld + i];
      double rest = score;
      for (size_t a = 0; a < m; a++) rest -= right[c * m + a] * row[a];
      left[c] += rest * rest / (sum * sum);
      whole[c] += score * score / (sum * sum);
    }
  }
  for (size_t c = 0; c < d; c++) logs += log(fmax(left[c] / whole[c], ROUNDING));
  return logs;
}
