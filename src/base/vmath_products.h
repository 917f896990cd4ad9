/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products of matrices and squared distances, on vectors, with sums in registers.  Each sum runs in order and nothing is fused, so that it
 * is the same number as a plain loop's, whatever the instruction set. */
#ifndef DILATE_BASE_VMATH_PRODUCTS_H
#define DILATE_BASE_VMATH_PRODUCTS_H

#define STRIP 8 /* rows, or vectors of points, at a time */

/* In registers the sums are where the compiler knows how many. */
#define STRIP_FUNCTION static inline __attribute__((always_inline)) void

/* `count` <= STRIP rows of c = a b, `left` columns. */
STRIP_FUNCTION product_strip(size_t count, size_t inner, size_t left, const double *a, size_t row, size_t column, const double *b,
                             size_t ldb, double *c, size_t ldc) {
  VECTOR y[STRIP];
  UNROLL for (size_t r = 0; r < count; r++) y[r] = FILL(0.0);
  for (size_t k = 0; k < inner; k++) {
    const VECTOR bk = lanes_get(b + k * ldb, left);
    UNROLL for (size_t r = 0; r < count; r++) y[r] += FILL(a[r * row + k * column]) * bk;
  }
  UNROLL for (size_t r = 0; r < count; r++) lanes_put(c + r * ldc, left, y[r]);
}

static void product_array(size_t rows, size_t inner, size_t n, const double *a, size_t row, size_t column, const double *b, size_t ldb,
                          double *c, size_t ldc) {
  for (size_t i = 0; i < n; i += WIDTH) {
    const double *const bi = b + i;
    double *const ci = c + i;
    const size_t left = n - i;
    size_t r = 0;
    for (; r + STRIP <= rows; r += STRIP) product_strip(STRIP, inner, left, a + r * row, row, column, bi, ldb, ci + r * ldc, ldc);
    for (; r + 4 <= rows; r += 4) product_strip(4, inner, left, a + r * row, row, column, bi, ldb, ci + r * ldc, ldc);
    for (; r + 2 <= rows; r += 2) product_strip(2, inner, left, a + r * row, row, column, bi, ldb, ci + r * ldc, ldc);
    if (r < rows) product_strip(1, inner, left, a + r * row, row, column, bi, ldb, ci + r * ldc, ldc);
  }
}

/* Distances of `count` <= STRIP whole vectors of points. */
STRIP_FUNCTION distance_strip(size_t count, size_t dim, size_t ld, const double *x, size_t stride, const double *at, double *distance) {
  VECTOR sum[STRIP];
  UNROLL for (size_t v = 0; v < count; v++) sum[v] = FILL(0.0);
  for (size_t j = 0; j < dim; j++) {
    const VECTOR own = FILL(at[j * stride]);
    UNROLL for (size_t v = 0; v < count; v++) {
      const VECTOR difference = LOAD(x + j * ld + v * WIDTH) - own;
      sum[v] += difference * difference;
    }
  }
  UNROLL for (size_t v = 0; v < count; v++) STORE(distance + v * WIDTH, sum[v]);
}

static void distances_array(size_t dim, size_t n, size_t ld, const double *x, size_t stride, const double *at, double *distance) {
  size_t k = 0;
  for (; k + STRIP * WIDTH <= n; k += STRIP * WIDTH) distance_strip(STRIP, dim, ld, x + k, stride, at, distance + k);
  for (; k + WIDTH <= n; k += WIDTH) distance_strip(1, dim, ld, x + k, stride, at, distance + k);
  if (k == n) return;
  VECTOR sum = FILL(0.0);
  for (size_t j = 0; j < dim; j++) {
    const VECTOR difference = lanes_get(x + j * ld + k, n - k) - FILL(at[j * stride]);
    sum += difference * difference;
  }
  lanes_put(distance + k, n - k, sum);
}

#endif
