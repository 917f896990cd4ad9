/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernels of columns.h for any processor, and those that go with an instruction set. */
#include "base/clones.h"
#include "base/vmath.h"
#include "stage/columns_isa.h"

#define KERNELS columns_generic
#include "stage/columns_body.h"

const column_kernels *columns_of(const vmath_kernels *kernels) {
#if VMATH_X86
  if (kernels == &vmath_avx512) return &columns_avx512;
  if (kernels == &vmath_avx2) return &columns_avx2;
  if (kernels == &vmath_sse2) return &columns_sse2;
#endif
  (void)kernels;
  return &columns_generic;
}

const column_kernels *columns_chosen(void) {
  return columns_of(vmath_chosen());
}

WIDE_LOOPS void columns_multiply(size_t n, const double *a, const double *b, double *out) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) out[i] = a[i] * b[i];
}

WIDE_LOOPS void columns_invert(size_t n, const double *x, double *out) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) out[i] = 1 / x[i];
}

WIDE_LOOPS void columns_log_size(size_t n, const double *x, double *out) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) out[i] = fabs(x[i]);
  vmath_log(n, out, out);
}
