/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The linear layer: x = A z.  Its log |det A| is a constant, but the reference is a density in z, so it counts. */
#include "target/warp.h"

#define CHUNK 16 /* points at a time, so that what is multiplied fits on the stack */

/* x <- M x, M[j*row + k*column] being the entry of row j and column k. */
static void multiply(size_t dim, const double *m, size_t row, size_t column, size_t n, size_t ld, double *x) {
  double from[WARP_LINEAR_DIM_MAX * CHUNK];
  for (size_t first = 0; first < n; first += CHUNK) {
    const size_t count = n - first < CHUNK ? n - first : CHUNK;
    for (size_t k = 0; k < dim; k++)
      for (size_t i = 0; i < count; i++) from[k * CHUNK + i] = x[k * ld + first + i];
    for (size_t j = 0; j < dim; j++) {
      double to[CHUNK] = {0};
      for (size_t k = 0; k < dim; k++) {
        const double entry = m[j * row + k * column];
        for (size_t i = 0; i < count; i++) to[i] += entry * from[k * CHUNK + i];
      }
      for (size_t i = 0; i < count; i++) x[j * ld + first + i] = to[i];
    }
  }
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
