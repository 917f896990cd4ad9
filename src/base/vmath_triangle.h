/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products of a lower triangle and a tile, eight rows at a time in registers: a row of the tile is loaded once for the eight, and each sum
 * runs in the order of the tile's rows, whatever its place in a block. */
#ifndef DILATE_BASE_VMATH_TRIANGLE_H
#define DILATE_BASE_VMATH_TRIANGLE_H

#define ROWS 8

/* y = rows row .. row + 7 of C x, `left` columns. */
static inline void triangle_rows(size_t d, const double *c, size_t row, size_t ld, size_t left, const double *x, VECTOR y[ROWS]) {
  const double *const corner = c + row * d;
  UNROLL for (size_t r = 0; r < ROWS; r++) y[r] = FILL(0.0);
  for (size_t k = 0; k < row; k++) {
    const VECTOR xk = lanes_get(x + k * ld, left);
    UNROLL for (size_t r = 0; r < ROWS; r++) y[r] = MULTIPLY_ADD(FILL(corner[r * d + k]), xk, y[r]);
  }
  UNROLL for (size_t k = 0; k < ROWS; k++) {
    const VECTOR xk = lanes_get(x + (row + k) * ld, left);
    UNROLL for (size_t r = k; r < ROWS; r++) y[r] = MULTIPLY_ADD(FILL(corner[r * d + row + k]), xk, y[r]);
  }
}

/* Row `row` alone. */
static inline VECTOR triangle_row(size_t d, const double *c, size_t row, size_t ld, size_t left, const double *x) {
  VECTOR y = FILL(0.0);
  for (size_t k = 0; k <= row; k++) y = MULTIPLY_ADD(FILL(c[row * d + k]), lanes_get(x + k * ld, left), y);
  return y;
}

/* y = rows row .. row + 7 of C' x. */
static inline void triangle_columns(size_t d, const double *c, size_t row, size_t ld, size_t left, const double *x, VECTOR y[ROWS]) {
  UNROLL for (size_t r = 0; r < ROWS; r++) y[r] = FILL(0.0);
  UNROLL for (size_t k = 0; k < ROWS; k++) {
    const VECTOR xk = lanes_get(x + (row + k) * ld, left);
    UNROLL for (size_t r = 0; r <= k; r++) y[r] = MULTIPLY_ADD(FILL(c[(row + k) * d + row + r]), xk, y[r]);
  }
  for (size_t k = row + ROWS; k < d; k++) {
    const VECTOR xk = lanes_get(x + k * ld, left);
    UNROLL for (size_t r = 0; r < ROWS; r++) y[r] = MULTIPLY_ADD(FILL(c[k * d + row + r]), xk, y[r]);
  }
}

static inline VECTOR triangle_column(size_t d, const double *c, size_t row, size_t ld, size_t left, const double *x) {
  VECTOR y = FILL(0.0);
  for (size_t k = row; k < d; k++) y = MULTIPLY_ADD(FILL(c[k * d + row]), lanes_get(x + k * ld, left), y);
  return y;
}

/* x <- C x of `left` columns: from the last row, which no other needs. */
static inline void triangle_times(size_t d, const double *c, size_t ld, size_t left, double *x) {
  const size_t whole = d / ROWS * ROWS;
  for (size_t row = d; row-- > whole;) lanes_put(x + row * ld, left, triangle_row(d, c, row, ld, left, x));
  for (size_t row = whole; row > 0; row -= ROWS) {
    VECTOR y[ROWS];
    triangle_rows(d, c, row - ROWS, ld, left, x, y);
    UNROLL for (size_t r = 0; r < ROWS; r++) lanes_put(x + (row - ROWS + r) * ld, left, y[r]);
  }
}

/* x <- C' x: from the first row. */
static inline void triangle_transpose_times(size_t d, const double *c, size_t ld, size_t left, double *x) {
  const size_t whole = d / ROWS * ROWS;
  for (size_t row = 0; row < whole; row += ROWS) {
    VECTOR y[ROWS];
    triangle_columns(d, c, row, ld, left, x, y);
    UNROLL for (size_t r = 0; r < ROWS; r++) lanes_put(x + (row + r) * ld, left, y[r]);
  }
  for (size_t row = whole; row < d; row++) lanes_put(x + row * ld, left, triangle_column(d, c, row, ld, left, x));
}

#endif
