/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vector kernels, once for every instruction set: the including file includes its lanes (base/lanes.h) first.
 *
 * Every value goes through a whole vector, the remainder through a padded one, so it cannot depend on its place in the array. */
#include "base/vmath_isa.h"

#include <string.h>

#include "base/vmath_columns.h"
#include "base/vmath_normals.h"
#include "base/vmath_products.h"
#include "base/vmath_symmetric.h"
#include "base/vmath_triangle.h"

/* y = f(x) for a whole array; f is one of the functions below, inlined. */
#define OVER_ARRAY(f)                                                                                                                      \
  size_t i = 0;                                                                                                                            \
  for (; i + WIDTH <= n; i += WIDTH) STORE(y + i, f(LOAD(x + i)));                                                                         \
  if (i == n) return;                                                                                                                      \
  double padded[WIDTH] = {0};                                                                                                              \
  memcpy(padded, x + i, (n - i) * sizeof *padded);                                                                                         \
  STORE(padded, f(LOAD(padded)));                                                                                                          \
  memcpy(y + i, padded, (n - i) * sizeof *padded)

static void exp_array(size_t n, const double *x, double *y) {
  OVER_ARRAY(EXP);
}

static void log_array(size_t n, const double *x, double *y) {
  OVER_ARRAY(LOG);
}

static void root_array(size_t n, const double *x, double *y) {
  OVER_ARRAY(ROOT);
}

static void normals_array(const vmath_counter *c, size_t n, const uint32_t *particle, double *a, double *b) {
  size_t i = 0;
  for (; i + WIDTH <= n; i += WIDTH) normal_vector(c, particle + i, a + i, b + i);
  if (i == n) return;
  uint32_t padded[WIDTH] = {0};
  double cosine[WIDTH], sine[WIDTH];
  memcpy(padded, particle + i, (n - i) * sizeof *padded);
  normal_vector(c, padded, cosine, sine);
  memcpy(a + i, cosine, (n - i) * sizeof *a);
  memcpy(b + i, sine, (n - i) * sizeof *b);
}

static void columns_array(size_t rows, size_t n, size_t ld, double *c, double *lse) {
  for (size_t i = 0; i < n; i += WIDTH) {
    VECTOR largest = FILL(-(double)INFINITY), unit;
    for (size_t row = 0; row < rows; row++) largest = lanes_larger(largest, lanes_get(c + row * ld + i, n - i));
    lanes_put(lse + i, n - i, columns_terms(rows, ld, n - i, largest, c + i, &unit));
    for (size_t row = 0; row < rows; row++) lanes_put(c + row * ld + i, n - i, lanes_get(c + row * ld + i, n - i) * unit);
  }
}

static void lower_times_array(size_t d, const double *c, size_t n, size_t ld, double *x) {
  for (size_t i = 0; i < n; i += WIDTH) triangle_times(d, c, ld, n - i, x + i);
}

static void lower_transpose_times_array(size_t d, const double *c, size_t n, size_t ld, double *x) {
  for (size_t i = 0; i < n; i += WIDTH) triangle_transpose_times(d, c, ld, n - i, x + i);
}

const vmath_kernels ISA(vmath) = {.name = NAME,
                                  .exp = exp_array,
                                  .log = log_array,
                                  .root = root_array,
                                  .normals = normals_array,
                                  .columns = columns_array,
                                  .lower_times = lower_times_array,
                                  .lower_transpose_times = lower_transpose_times_array,
                                  .product = product_array,
                                  .symmetric_product = symmetric_product_array,
                                  .weighted_product = weighted_product_array,
                                  .distances = distances_array};
