/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of the kernels of columns.h those that keep what they sum up in registers, WIDTH points at a time; once for every instruction set
 * (base/lanes.h).  A sum has as many parts as there are lanes, as that of a loop that the compiler made vectors of. */
#include "stage/columns.h"

/* m, known where this is inlined, columns: every pair's sum in a register, in one pass over the points. */
static inline __attribute__((always_inline)) void all_pairs(size_t m, size_t n, const double *const *column, const double *weight,
                                                            double *product) {
  VECTOR sum[FEW_COLUMNS * (FEW_COLUMNS + 1) / 2], x[FEW_COLUMNS];
  UNROLL for (size_t k = 0; k < m * (m + 1) / 2; k++) sum[k] = FILL(0.0);
  for (size_t i = 0; i < n; i += WIDTH) {
    const VECTOR w = LOAD(weight + i);
    UNROLL for (size_t r = 0; r < m; r++) {
      x[r] = LOAD(column[r] + i);
      const VECTOR row = w * x[r];
      UNROLL for (size_t c = 0; c <= r; c++) sum[r * (r + 1) / 2 + c] += row * x[c];
    }
  }
  for (size_t r = 0; r < m; r++)
    for (size_t c = 0; c <= r; c++) product[r * m + c] = product[c * m + r] = lanes_sum(sum[r * (r + 1) / 2 + c]);
}

static void few_products(size_t n, size_t m, const double *const *column, const double *weight, double *product) {
  switch (m) {
  case 2:
    all_pairs(2, n, column, weight, product);
    return;
  case 3:
    all_pairs(3, n, column, weight, product);
    return;
  case 4:
    all_pairs(4, n, column, weight, product);
    return;
  case 5:
    all_pairs(5, n, column, weight, product);
    return;
  case 6:
    all_pairs(6, n, column, weight, product);
    return;
  case 7:
    all_pairs(7, n, column, weight, product);
    return;
  default:
    all_pairs(1, n, column, weight, product);
  }
}

static void combine(size_t n, size_t m, const double *const *column, const double *by, double *out) {
  for (size_t i = 0; i < n; i += WIDTH) {
    VECTOR sum = FILL(0.0);
    size_t k = 0;
    for (; k + 1 < m; k += 2) sum += FILL(by[k]) * LOAD(column[k] + i) + FILL(by[k + 1]) * LOAD(column[k + 1] + i);
    if (k < m) sum += FILL(by[k]) * LOAD(column[k] + i);
    STORE(out + i, sum);
  }
}
