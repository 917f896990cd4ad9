/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Symmetric matrices of a few rows and their lower triangular factors, column-major. */
#ifndef DILATE_TARGET_TRIANGLE_H
#define DILATE_TARGET_TRIANGLE_H

#include <math.h>
#include <stddef.h>

#include "target/transform.h"

/* Lower triangular L in x becomes L L', from the last row up: what is still needed of L stands above and to the left. */
static inline void triangle_square(size_t rows, double *x) {
  for (size_t i = rows; i-- > 0;)
    for (size_t j = i + 1; j-- > 0;) {
      double sum = 0;
      for (size_t k = 0; k <= j; k++) sum += x[i + rows * k] * x[j + rows * k];
      x[i + rows * j] = sum;
    }
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < i; j++) x[j + rows * i] = x[i + rows * j];
}

/* As transform.inside of a factor: what stands above the diagonal is zero where it was made here, triangle_is_lower() for others. */
static inline int triangle_factor_inside(const dilate_block *block, const double *x) {
  const size_t rows = transform_rows(block->size);
  for (size_t i = 0; i < rows; i++)
    if (!(x[i + rows * i] > 0)) return 0;
  return transform_all_finite(block->size, x);
}

static inline int triangle_is_lower(size_t rows, const double *x) {
  for (size_t j = 1; j < rows; j++)
    for (size_t i = 0; i < j; i++)
      if (x[i + rows * j] != 0) return 0;
  return 1;
}

static inline int triangle_symmetric(size_t rows, const double *x) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < i; j++)
      if (!(fabs(x[i + rows * j] - x[j + rows * i]) < TRANSFORM_TOLERANCE)) return 0;
  return 1;
}

/* Element (i, k) of G + G'. */
static inline double triangle_both(size_t rows, const double *g, size_t i, size_t k) {
  return g[i + rows * k] + g[k + rows * i];
}

#endif
