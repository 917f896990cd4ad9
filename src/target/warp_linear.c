/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The linear layer: x = A z.  Its log |det A| is a constant, but the reference is a density in z, so it counts.
 *
 * Most layers leave some coordinates as they are, and their rows of A, those of the identity, are passed over. */
#include "target/warp.h"

#include <string.h>

#include "base/vmath_isa.h"

#define CHUNK 32 /* points at a time, so that products fit on the stack */

/* Row j of M, with M[j*row + k*column] the entry of row j and column k. */
static int is_of_identity(size_t dim, const double *m, size_t row, size_t column, size_t j) {
  for (size_t k = 0; k < dim; k++)
    if (m[j * row + k * column] != (k == j)) return 0;
  return 1;
}

/* Moves of eight, whose size is known when this is compiled: a string instruction takes longer to start. */
static void put_row(size_t count, const double *from, double *to) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) memcpy(to + i, from + i, 8 * sizeof *to);
  for (; i < count; i++) to[i] = from[i];
}

/* x <- M x of `count` <= CHUNK points. */
static void multiply_chunk(size_t dim, const double *m, size_t row, size_t column, const unsigned char *same, size_t count, size_t ld,
                           double *x) {
  double to[WARP_LINEAR_DIM_MAX * CHUNK];
  for (size_t j = 0, end; j < dim; j = end) {
    for (end = j + 1; end < dim && same[end] == same[j]; end++) {}
    if (!same[j]) vmath_chosen()->product(end - j, dim, count, m + j * row, row, column, x, ld, to + j * CHUNK, CHUNK);
  }
  for (size_t j = 0; j < dim; j++)
    if (!same[j]) put_row(count, to + j * CHUNK, x + j * ld);
}

static void multiply(size_t dim, const double *m, size_t row, size_t column, size_t n, size_t ld, double *x) {
  unsigned char same[WARP_LINEAR_DIM_MAX];
  for (size_t j = 0; j < dim; j++) same[j] = (unsigned char)is_of_identity(dim, m, row, column, j);
  for (size_t first = 0; first < n; first += CHUNK)
    multiply_chunk(dim, m, row, column, same, n - first < CHUNK ? n - first : CHUNK, ld, x + first);
}

static void add_log_det(const warp_linear *l, size_t n, double *log_det) {
  for (size_t i = 0; log_det && i < n; i++) log_det[i] += l->log_det;
}

void warp_linear_forward(const warp_linear *l, size_t dim, size_t n, size_t ld, double *x, double *log_det) {
  multiply(dim, l->matrix, dim, 1, n, ld, x);
  add_log_det(l, n, log_det);
}

void warp_linear_backward(const warp_linear *l, size_t dim, size_t n, size_t ld, double *x, double *grad, double *log_det) {
  multiply(dim, l->inverse, dim, 1, n, ld, x);
  if (grad) multiply(dim, l->matrix, 1, dim, n, ld, grad);
  add_log_det(l, n, log_det);
}
