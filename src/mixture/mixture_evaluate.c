/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Density, gradient and responsibilities of a mixture on a coordinate-major tile: mixture_lanes.h does it, for this processor. */
#include "mixture/mixture_isa.h"

size_t mixture_work(const mixture *q, size_t n) {
  const size_t lanes = mixture_lanes_work(q), packed = n * (q->dim + 1);
  return lanes > packed ? lanes : packed;
}

mixture_evaluator *mixture_evaluator_of(const vmath_kernels *kernels) {
#if VMATH_X86
  if (kernels == &vmath_avx512) return mixture_evaluate_avx512;
  if (kernels == &vmath_avx2) return mixture_evaluate_avx2;
  if (kernels == &vmath_sse2) return mixture_evaluate_sse2;
#endif
  (void)kernels;
  return mixture_evaluate_generic;
}

const em_sums *em_sums_of(const vmath_kernels *kernels) {
#if VMATH_X86
  if (kernels == &vmath_avx512) return &em_sums_avx512;
  if (kernels == &vmath_avx2) return &em_sums_avx2;
  if (kernels == &vmath_sse2) return &em_sums_sse2;
#endif
  (void)kernels;
  return &em_sums_generic;
}

void mixture_evaluate(const mixture *q, size_t n, size_t ld, const double *x, double *logq, double *grad, double *share, double *work) {
  mixture_evaluator_of(vmath_chosen())(q, n, ld, x, logq, grad, share, work);
}
