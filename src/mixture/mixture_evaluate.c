/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Density, gradient and responsibilities of a mixture on a coordinate-major tile: mixture_lanes.h does it, for this processor. */
#include "base/memory.h"
#include "mixture/mixture_isa.h"

#define TILE  64    /* points */
#define SMALL 16384 /* points times components times dimensions: too little to wake other threads for */

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

typedef struct evaluation {
  const mixture *q;
  size_t n, ld, work_thread;
  const double *x;
  double *logq, *share, *work;
} evaluation;

static void evaluate_tile(void *state, size_t tile, size_t thread) {
  const evaluation *const e = state;
  const size_t begin = tile * TILE, n = e->n - begin < TILE ? e->n - begin : TILE;
  double *const share = e->share ? e->share + begin : NULL;
  mixture_evaluate(e->q, n, e->ld, e->x + begin, e->logq + begin, NULL, share, e->work + thread * e->work_thread);
}

int mixture_evaluate_all(const mixture *q, thread_team team, size_t n, size_t ld, const double *x, double *logq, double *share) {
  const thread_team takes = n * q->components * q->dim < SMALL || team.threads == 0 ? (thread_team){1, 0} : team;
  evaluation e = {.q = q, .n = n, .ld = ld, .work_thread = memory_whole_lines(mixture_work(q, TILE)), .x = x, .logq = logq, .share = share};
  e.work = NEW2(double, takes.threads, e.work_thread);
  if (e.work) team_loop(takes, (n + TILE - 1) / TILE, evaluate_tile, &e);
  memory_free(e.work);
  return e.work == NULL;
}
