/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dense linear algebra on small matrices and tiles.
 *
 * Factorisations are our own, since GSL's abort on failure.  Products of a triangle and a tile are vector kernels (vmath_triangle.h): at
 * these sizes (a tile has 32 columns) they beat a general product.  Others go through CBLAS. */
#include "base/linalg.h"
#include "base/vmath_isa.h"

#include <gsl/gsl_eigen.h>
#include <math.h>
#include <string.h>

#define COLUMNS 64 /* columns of a tile held on the stack at a time */

static double dot(size_t n, const double *a, const double *b) {
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

static int all_finite(size_t n, const double *x) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(x[i])) return 0;
  return 1;
}

int cholesky(size_t d, double *a) {
  for (size_t i = 0; i < d; i++) {
    double *row = a + i * d;
    for (size_t j = 0; j < i; j++) row[j] = (row[j] - dot(j, row, a + j * d)) / a[j * d + j];
    const double pivot = row[i] - dot(i, row, row);
    if (!(pivot > 0) || !isfinite(pivot)) return 1;
    row[i] = sqrt(pivot);
    for (size_t j = i + 1; j < d; j++) row[j] = 0;
  }
  return 0;
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
  for (size_t j = 0; j < d; j++) memset(y + j * ld, 0, n * sizeof *y);
  vmath_chosen()->product(d, d, n, a, d, x, ld, y, ld);
}

void add_product_transposed(size_t d, size_t n, size_t ld, const double *a, const double *b, double *c, size_t size, double *work) {
  const size_t most = size / d;
  for (size_t begin = 0; begin < n; begin += most) {
    const size_t count = n - begin < most ? n - begin : most;
    for (size_t k = 0; k < count; k++)
      for (size_t j = 0; j < d; j++) work[k * d + j] = b[j * ld + begin + k];
    vmath_chosen()->product(d, count, d, a + begin, ld, work, d, c, d);
  }
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

/* Adds the products of n <= COLUMNS points to the lower triangle of c. */
static void add_products(size_t d, size_t n, size_t ld, const double *x, const double *w, const double *m, double *c) {
  double left[COLUMNS];
  for (size_t j = 0; j < d; j++) {
    for (size_t i = 0; i < n; i++) left[i] = (w ? w[i] : 1) * (x[j * ld + i] - (m ? m[j] : 0));
    for (size_t k = 0; k <= j; k++) {
      const double *right = x + k * ld, centre = m ? m[k] : 0;
      double sum = 0;
#pragma omp simd reduction(+ : sum)
      for (size_t i = 0; i < n; i++) sum += left[i] * (right[i] - centre);
      c[j * d + k] += sum;
    }
  }
}

void weighted_covariance(size_t d, size_t n, size_t ld, const double *x, const double *w, const double *m, double *c) {
  const double total = total_weight(n, w);
  memset(c, 0, d * d * sizeof *c);
  if (!(total > 0)) return;
  for (size_t begin = 0; begin < n; begin += COLUMNS)
    add_products(d, n - begin < COLUMNS ? n - begin : COLUMNS, ld, x + begin, w ? w + begin : NULL, m, c);
  for (size_t j = 0; j < d; j++)
    for (size_t k = 0; k <= j; k++) c[k * d + j] = c[j * d + k] /= total;
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

static void swap_columns(size_t d, double *v, size_t a, size_t b) {
  for (size_t i = 0; i < d; i++) {
    const double kept = v[i * d + a];
    v[i * d + a] = v[i * d + b];
    v[i * d + b] = kept;
  }
}

static void sort_ascending(size_t d, double *values, double *v) {
  for (size_t j = 0; j < d; j++) {
    size_t smallest = j;
    for (size_t k = j + 1; k < d; k++) smallest = values[k] < values[smallest] ? k : smallest;
    if (smallest == j) continue;
    const double kept = values[j];
    values[j] = values[smallest];
    values[smallest] = kept;
    swap_columns(d, v, j, smallest);
  }
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
  sort_ascending(d, values, v);
}

size_t geometric_mean_work(size_t d) {
  return 5 * d * d + 2 * d + symmetric_eigen_work(d);
}

/* r = V diag(w) V'; half, work: d x d scratch. */
static void from_spectrum(size_t d, const double *v, const double *w, double *half, double *work, double *r) {
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) half[i * d + j] = v[i * d + j] * w[j];
  memset(r, 0, d * d * sizeof *r);
  add_product_transposed(d, d, d, half, v, r, d * d, work);
}

/* out = r a r for symmetric r, made symmetric to the last bit. */
static void sandwich(size_t d, const double *r, const double *a, double *half, double *out) {
  matrix_times(d, r, d, d, a, half);
  matrix_times(d, half, d, d, r, out);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < i; j++) out[i * d + j] = out[j * d + i] = 0.5 * (out[i * d + j] + out[j * d + i]);
}

/* Ascending eigenvalues -> their square roots, floored at 1e-12 of the largest. */
static void spectrum_roots(size_t d, double *values) {
  const double lowest = 1e-12 * values[d - 1];
  for (size_t i = 0; i < d; i++) values[i] = sqrt(values[i] > lowest ? values[i] : lowest);
}

/* With the eigenvectors of Cg scaled to a unit diagonal: R = Cg^1/2 and S = R^-1 (R Cx R)^1/2 R^-1. */
int geometric_mean(size_t d, const double *cx, const double *cg, double *s, double *work) {
  if (d == 0 || !all_finite(d * d, cx) || !all_finite(d * d, cg)) return 1;
  const size_t dd = d * d;
  double *vectors = work, *root = work + dd, *inverse = work + 2 * dd, *middle = work + 3 * dd, *half = work + 4 * dd;
  double *scale = work + 5 * dd, *values = scale + d, *rest = values + d;
  for (size_t j = 0; j < d; j++) scale[j] = 1 / sqrt(fabs(cg[j * d + j]) + 1e-300);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) middle[i * d + j] = cg[i * d + j] * scale[i] * scale[j];
  symmetric_eigen(d, middle, values, vectors, rest);
  if (!(values[d - 1] > 0)) return 1;
  spectrum_roots(d, values);
  from_spectrum(d, vectors, values, half, rest, root);
  for (size_t j = 0; j < d; j++) values[j] = 1 / values[j];
  from_spectrum(d, vectors, values, half, rest, inverse);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) s[i * d + j] = cx[i * d + j] / (scale[i] * scale[j]);
  sandwich(d, root, s, half, middle);
  symmetric_eigen(d, middle, values, vectors, rest);
  if (!(values[d - 1] > 0)) return 1;
  spectrum_roots(d, values);
  from_spectrum(d, vectors, values, half, rest, root);
  sandwich(d, inverse, root, half, s);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) s[i * d + j] *= scale[i] * scale[j];
  return !all_finite(dd, s);
}
