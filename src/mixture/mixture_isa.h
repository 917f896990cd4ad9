/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mixture_evaluate() and the passes of EM for each instruction set, from mixture_lanes.h and em_lanes.h; which one runs is vmath.c's
 * choice.
 */
#ifndef DILATE_MIXTURE_MIXTURE_ISA_H
#define DILATE_MIXTURE_MIXTURE_ISA_H

#include "base/vmath_isa.h"
#include "mixture/mixture.h"

#define MIXTURE_LANES 8 /* of the widest vector */

/* Doubles that stand behind `work`, aligned or not. */
static inline size_t mixture_lanes_work(const mixture *q) {
  return MIXTURE_LANES * (3 * q->dim + q->locations + q->components + 1) + 2 * q->locations;
}

typedef void mixture_evaluator(const mixture *q, size_t n, size_t ld, const double *x, double *logq, double *grad, double *share,
                               double *work);
mixture_evaluator mixture_evaluate_generic, mixture_evaluate_sse2, mixture_evaluate_avx2, mixture_evaluate_avx512;
/* The one that goes with these vector kernels. */
mixture_evaluator *mixture_evaluator_of(const vmath_kernels *kernels);

/* Members of a component, and sums of products of t's in one coordinate: see em_lanes.h. */
typedef struct em_sums {
  size_t (*members)(size_t n, const double *share, uint32_t *member, double *kept);
  void (*moments)(size_t n, const double *share, const double *x, double nu, double mean, double scale, double sum[3]);
  void (*equations)(size_t n, const double *share, const double *x, const double *grad, double nu, double mean, double scale,
                    double sum[5]);
} em_sums;
extern const em_sums em_sums_generic, em_sums_sse2, em_sums_avx2, em_sums_avx512;
const em_sums *em_sums_of(const vmath_kernels *kernels);

#endif
