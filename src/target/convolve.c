/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The user's closed form of the law of X + sigma E, X ~ pi, E ~ N(0, I): the same care as for the target's own callbacks. */
#include <math.h>

#include "target/state.h"

int target_can_convolve(const target *t) {
  return t->user.convolve != NULL;
}

static void call_convolve(target *t, double sigma, size_t n, size_t ld, const double *x, double *logp, double *score) {
  const int serial = (t->user.flags & DILATE_TARGET_SERIAL) != 0;
  if (target_is_over(t)) {
    for (size_t i = 0; i < n; i++) logp[i] = -INFINITY;
    return;
  }
  target_fill(t->user.dim, n, ld, logp, score);
  if (serial) omp_set_lock(&t->serial);
  const int code = t->user.convolve(t->user.dim, sigma, n, ld, x, logp, score, t->user.params);
  if (serial) omp_unset_lock(&t->serial);
  if (code < 0) target_remember_failure(t, code);
  for (size_t i = 0; code != 0 && i < n; i++) logp[i] = -INFINITY;
  atomic_fetch_add_explicit(&t->evaluations, n, memory_order_relaxed);
  if (score) atomic_fetch_add_explicit(&t->gradients, n, memory_order_relaxed);
}

void target_convolve(target *t, double sigma, uint64_t first, size_t n, size_t ld, const double *x, double *logp, double *score) {
  for (size_t begin = 0; begin < n; begin += TARGET_BLOCK) {
    const size_t size = n - begin < TARGET_BLOCK ? n - begin : TARGET_BLOCK;
    double *slope = score ? score + begin : NULL;
    call_convolve(t, sigma, size, ld, x + begin, logp + begin, slope);
    target_screen(t, first + begin, size, ld, x + begin, logp + begin, slope);
  }
}
