/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dense linear algebra on small matrices and tiles.
 *
 * Factorisations are our own, since GSL's abort on failure.  Products are vector kernels (vmath_triangle.h, vmath_products.h,
 * vmath_symmetric.h): at these sizes (a tile has 32 columns) they beat a general library's, and their bits do not depend on which one is
 * linked.  Spectra, which are few, are GSL's. */
#include "base/linalg.h"
#include "base/team.h"
#include "base/vmath_isa.h"

#include <gsl/gsl_eigen.h>
#include <math.h>
#include <string.h>

#define COLUMNS 128     /* of a tile at a time, so that they stay in the nearest cache */
#define SMALL   1048576 /* products of numbers: too few to wake other threads for */

#define SHORT 8 /* numbers below which vectors cost more than they save */

/* In two parts, as vectors of two add up. */
static double dot_short(size_t n, const double *a, const double *b) {
  double even = 0, odd = 0;
  size_t i = 0;
  for (; i + 1 < n; i += 2) {
    even += a[i] * b[i];
    odd += a[i + 1] * b[i + 1];
  }
  if (i < n) even += a[i] * b[i];
  return even + odd;
}

static double dot(size_t n, const double *a, const double *b) {
  if (n < SHORT) return dot_short(n, a, b);
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

/* y += w x */
static void add_multiple(size_t n, double w, const double *x, double *y) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) y[i] += w * x[i];
}

static void multiply(size_t n, double w, double *x) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) x[i] *= w;
}

int all_finite(size_t n, const double *x) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(x[i])) return 0;
  return 1;
}

/* Pivots below the least are raised to it. */
static int factorise(size_t d, double least, double *a) {
  for (size_t i = 0; i < d; i++) {
    double *row = a + i * d;
    for (size_t j = 0; j < i; j++) row[j] = (row[j] - dot(j, row, a + j * d)) / a[j * d + j];
    double pivot = row[i] - dot(i, row, row);
    if (pivot < least) pivot = least;
    if (!(pivot > 0) || !isfinite(pivot)) return 1;
    row[i] = sqrt(pivot);
    for (size_t j = i + 1; j < d; j++) row[j] = 0;
  }
  return 0;
}

int cholesky(size_t d, double *a) {
  return factorise(d, -INFINITY, a);
}

void lower_inverse(size_t d, const double *c, double *ci) {
  memset(ci, 0, d * d * sizeof *ci);
  for (size_t i = 0; i < d; i++) {
    double *row = ci + i * d;
    for (size_t k = 0; k < i; k++) add_multiple(k + 1, -c[i * d + k], ci + k * d, row);
    row[i] = 1;
    multiply(i + 1, 1 / c[i * d + i], row);
  }
}

int cholesky_ridge(size_t d, double *a) {
  for (size_t k = 0; k < d; k++) a[k * d + k] += 1e-10 * a[k * d + k] + 1e-300;
  return cholesky(d, a);
}

void cholesky_solve(size_t d, const double *c, double *x) {
  for (size_t i = 0; i < d; i++) {
    for (size_t k = 0; k < i; k++) x[i] -= c[i * d + k] * x[k];
    x[i] /= c[i * d + i];
  }
  for (size_t i = d; i-- > 0;) {
    for (size_t k = i + 1; k < d; k++) x[i] -= c[k * d + i] * x[k];
    x[i] /= c[i * d + i];
  }
}

double lower_log_det(size_t d, const double *c) {
  double sum = 0;
  for (size_t i = 0; i < d; i++) sum += log(c[i * d + i]);
  return sum;
}

void lower_times(size_t d, const double *c, size_t n, size_t ld, double *x) {
  vmath_chosen()->lower_times(d, c, n, ld, x);
}

void lower_transpose_times(size_t d, const double *c, size_t n, size_t ld, double *x) {
  vmath_chosen()->lower_transpose_times(d, c, n, ld, x);
}

void matrix_times(size_t d, const double *a, size_t n, size_t ld, const double *x, double *y) {
  vmath_chosen()->product(d, d, n, a, d, 1, x, ld, y, ld);
}

void matrix_times_all(size_t threads, size_t d, const double *a, size_t n, size_t ld, const double *x, double *y) {
#pragma omp parallel for schedule(dynamic, 1) num_threads(team_size(n *d *d < SMALL ? 1 : threads))
  for (size_t begin = 0; begin < n; begin += COLUMNS)
    matrix_times(d, a, n - begin < COLUMNS ? n - begin : COLUMNS, ld, x + begin, y + begin);
}

void lower_times_all(size_t threads, size_t d, const double *c, size_t n, size_t ld, double *x) {
#pragma omp parallel for schedule(dynamic, 1) num_threads(team_size(n *d *d < SMALL ? 1 : threads))
  for (size_t begin = 0; begin < n; begin += COLUMNS) lower_times(d, c, n - begin < COLUMNS ? n - begin : COLUMNS, ld, x + begin);
}

static void mirror(size_t d, double *c) {
  for (size_t j = 0; j < d; j++)
    for (size_t k = 0; k < j; k++) c[k * d + j] = c[j * d + k];
}

void symmetrise(size_t d, double *a) {
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < i; j++) a[i * d + j] = a[j * d + i] = 0.5 * (a[i * d + j] + a[j * d + i]);
}

void symmetric_product(size_t d, size_t n, size_t ld, const double *x, double keep, double *c) {
  vmath_chosen()->symmetric_product(d, n, ld, x, keep, c);
  mirror(d, c);
}

static double total_weight(size_t n, const double *w) {
  if (!w) return (double)n;
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += w[i];
  return sum;
}

void weighted_mean(size_t d, size_t n, size_t ld, const double *x, const double *w, double *m) {
  const double total = total_weight(n, w);
  for (size_t j = 0; j < d; j++) {
    double sum = 0;
    if (w)
      sum = dot(n, w, x + j * ld);
    else
      for (size_t i = 0; i < n; i++) sum += x[j * ld + i];
    m[j] = total > 0 ? sum / total : 0;
  }
}

void weighted_covariance(size_t d, size_t n, size_t ld, const double *x, const double *w, const double *m, double *c) {
  const double total = total_weight(n, w);
  double one[COLUMNS];
  memset(c, 0, d * d * sizeof *c);
  if (!(total > 0)) return;
  for (size_t i = 0; i < COLUMNS; i++) one[i] = 1;
  for (size_t begin = 0; begin < n; begin += COLUMNS) {
    const size_t count = n - begin < COLUMNS ? n - begin : COLUMNS;
    vmath_chosen()->weighted_product(d, count, ld, x + begin, w ? w + begin : one, m, c);
  }
  for (size_t j = 0; j < d; j++)
    for (size_t k = 0; k <= j; k++) c[j * d + k] /= total;
  mirror(d, c);
}

void weighted_squares(size_t d, size_t n, size_t ld, const double *x, const double *w, double *squares) {
  const double total = total_weight(n, w);
  for (size_t j = 0; j < d; j++) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (w ? w[i] : 1) * x[j * ld + i] * x[j * ld + i];
    squares[j] = total > 0 ? sum / total : 0;
  }
}

size_t symmetric_eigen_work(size_t d) {
  return d * d + 4 * d;
}

void symmetric_eigen(size_t d, const double *a, double *values, double *v, double *work) {
  if (d == 0) return;
  double largest = 0; /* taken out, so that nothing over- or underflows on the way */
  for (size_t i = 0; i < d * d; i++) largest = fabs(a[i]) > largest ? fabs(a[i]) : largest;
  if (!all_finite(d * d, a) || largest == 0) {
    for (size_t i = 0; i < d * d; i++) v[i] = i % (d + 1) == 0;
    for (size_t i = 0; i < d; i++) values[i] = largest == 0 && all_finite(d * d, a) ? 0 : (double)NAN;
    return;
  }
  for (size_t i = 0; i < d * d; i++) work[i] = a[i] / largest;
  double *rest = work + d * d;
  gsl_eigen_symmv_workspace space = {.size = d, .d = rest, .sd = rest + d, .gc = rest + 2 * d, .gs = rest + 3 * d};
  gsl_matrix_view matrix = gsl_matrix_view_array(work, d, d), vectors = gsl_matrix_view_array(v, d, d);
  gsl_vector_view spectrum = gsl_vector_view_array(values, d);
  (void)gsl_eigen_symmv(&matrix.matrix, &spectrum.vector, &vectors.matrix, &space);
  multiply(d, largest, values);
  (void)gsl_eigen_symmv_sort(&spectrum.vector, &vectors.matrix, GSL_EIGEN_SORT_VAL_ASC);
}

size_t geometric_mean_work(size_t d) {
  return 3 * d * d + 2 * d + symmetric_eigen_work(d);
}

/* Ascending eigenvalues -> their fourth roots, after a floor of 1e-12 of the largest. */
static void fourth_roots(size_t d, double *values) {
  const double lowest = 1e-12 * values[d - 1];
  for (size_t i = 0; i < d; i++) values[i] = sqrt(sqrt(values[i] > lowest ? values[i] : lowest));
}

static void transpose(size_t d, double *a) {
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < i; j++) {
      const double kept = a[i * d + j];
      a[i * d + j] = a[j * d + i];
      a[j * d + i] = kept;
    }
}

/* a <- L' a L for symmetric a, made symmetric to the last bit. */
static void congruence(size_t d, const double *lower, double *a) {
  lower_transpose_times(d, lower, d, d, a);
  transpose(d, a);
  lower_transpose_times(d, lower, d, d, a);
  symmetrise(d, a);
}

/* s_ij = a_ij u_i u_j, or over them. */
static void rescale(size_t d, const double *a, const double *u, int over, double *s) {
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) s[i * d + j] = over ? a[i * d + j] / (u[i] * u[j]) : a[i * d + j] * u[i] * u[j];
}

/* With Cg = L L' and L' Cx L = V P V': S = W W' for W = L^-T V P^1/4.  Cg is scaled to a unit diagonal, and Cx the other way. */
int geometric_mean(size_t d, const double *cx, const double *cg, double *s, double *work) {
  if (d == 0 || !all_finite(d * d, cx) || !all_finite(d * d, cg)) return 1;
  double *vectors = work, *lower = work + d * d, *inverse = work + 2 * d * d, *scale = work + 3 * d * d, *values = scale + d;
  double trace = 0;
  for (size_t j = 0; j < d; j++) scale[j] = 1 / sqrt(fabs(cg[j * d + j]) + 1e-300);
  rescale(d, cg, scale, 0, lower);
  for (size_t j = 0; j < d; j++) trace += lower[j * d + j];
  if (!(trace > 0) || factorise(d, 1e-12, lower)) return 1;
  rescale(d, cx, scale, 1, s);
  congruence(d, lower, s);
  symmetric_eigen(d, s, values, vectors, values + d);
  if (!(values[d - 1] > 0)) return 1;
  fourth_roots(d, values);
  lower_inverse(d, lower, inverse);
  lower_transpose_times(d, inverse, d, d, vectors);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) vectors[i * d + j] *= values[j] * scale[i];
  symmetric_product(d, d, d, vectors, 0, s);
  return !all_finite(d * d, s);
}
