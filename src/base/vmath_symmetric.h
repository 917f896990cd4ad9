/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products of a matrix and itself transposed, the lower half in blocks whose sums stay in registers.  Every sum runs in one order, whatever
 * its place in a block. */
#ifndef DILATE_BASE_VMATH_SYMMETRIC_H
#define DILATE_BASE_VMATH_SYMMETRIC_H

#define PAIRS_DOWN   4 /* a block: so many rows, */
#define PAIRS_ACROSS 2 /* and columns */

/* sum: products of four rows and two, given the beginning of each and what is taken off; w: weights, or NULL. */
static inline void row_products(size_t n, const double *w, const double *const down[PAIRS_DOWN], const double low[PAIRS_DOWN],
                                const double *const across[PAIRS_ACROSS], const double left[PAIRS_ACROSS],
                                double sum[PAIRS_DOWN * PAIRS_ACROSS]) {
  VECTOR part[PAIRS_DOWN * PAIRS_ACROSS];
  UNROLL for (size_t p = 0; p < PAIRS_DOWN * PAIRS_ACROSS; p++) part[p] = FILL(0.0);
  for (size_t i = 0; i < n; i += WIDTH) {
    VECTOR one = lanes_get(across[0] + i, n - i), other = lanes_get(across[1] + i, n - i);
    if (w) {
      const VECTOR weight = lanes_get(w + i, n - i);
      one = (one - FILL(left[0])) * weight;
      other = (other - FILL(left[1])) * weight;
    }
    UNROLL for (size_t r = 0; r < PAIRS_DOWN; r++) {
      VECTOR own = lanes_get(down[r] + i, n - i);
      if (w) own -= FILL(low[r]);
      part[2 * r] = MULTIPLY_ADD(own, one, part[2 * r]);
      part[2 * r + 1] = MULTIPLY_ADD(own, other, part[2 * r + 1]);
    }
  }
  UNROLL for (size_t p = 0; p < PAIRS_DOWN * PAIRS_ACROSS; p++) sum[p] = lanes_sum(part[p]);
}

/* The block at (row, column): what lies beyond the last row is taken from that once more, and not kept. */
static inline void symmetric_block(size_t d, size_t n, size_t ld, const double *x, const double *w, const double *m, double keep,
                                   size_t row, size_t column, double *c) {
  const double *down[PAIRS_DOWN], *across[PAIRS_ACROSS];
  double low[PAIRS_DOWN] = {0}, left[PAIRS_ACROSS] = {0}, sum[PAIRS_DOWN * PAIRS_ACROSS];
  for (size_t r = 0; r < PAIRS_DOWN; r++) {
    const size_t j = row + r < d ? row + r : d - 1;
    down[r] = x + j * ld;
    if (m) low[r] = m[j];
  }
  for (size_t s = 0; s < PAIRS_ACROSS; s++) {
    const size_t j = column + s < d ? column + s : d - 1;
    across[s] = x + j * ld;
    if (m) left[s] = m[j];
  }
  row_products(n, w, down, low, across, left, sum);
  for (size_t r = 0; r < PAIRS_DOWN && row + r < d; r++)
    for (size_t s = 0; s < PAIRS_ACROSS && column + s <= row + r; s++) {
      double *const entry = c + (row + r) * d + column + s;
      *entry = sum[r * PAIRS_ACROSS + s] + (keep == 0 ? 0 : keep * *entry);
    }
}

static inline void symmetric(size_t d, size_t n, size_t ld, const double *x, const double *w, const double *m, double keep, double *c) {
  for (size_t row = 0; row < d; row += PAIRS_DOWN)
    for (size_t column = 0; column < row + PAIRS_DOWN && column < d; column += PAIRS_ACROSS)
      symmetric_block(d, n, ld, x, w, m, keep, row, column, c);
}

static void symmetric_product_array(size_t d, size_t n, size_t ld, const double *x, double keep, double *c) {
  symmetric(d, n, ld, x, NULL, NULL, keep, c);
}

static void weighted_product_array(size_t d, size_t n, size_t ld, const double *x, const double *w, const double *m, double *c) {
  symmetric(d, n, ld, x, w, m, 1, c);
}

#endif
