/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which instruction set's kernels run.
 *
 * The choice is a pure function of the processor and of DILATE_ISA as it was at the first call, and is kept in one pointer: the only
 * mutable object of static storage in the library.  Threads that race to set it store the same value, so no lock is needed; reading the
 * environment at every call would let a run change its bits half-way. */
#include "base/vmath.h"
#include "base/vmath_isa.h"
#include "dilate.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Narrowest first. */
static const vmath_kernels *const kernels[] = {
    &vmath_generic,
#if VMATH_X86
    &vmath_sse2,
    &vmath_avx2,
    &vmath_avx512,
#endif
};
enum { KERNELS = sizeof kernels / sizeof kernels[0] };

static int supported(const vmath_kernels *k) {
#if VMATH_X86
  if (k == &vmath_avx512) return __builtin_cpu_supports("avx512f") != 0;
  if (k == &vmath_avx2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  return k != NULL; /* generic everywhere, SSE2 on every x86-64 */
}

const vmath_kernels *vmath_find(const char *name) {
  size_t i = KERNELS - 1;
  for (size_t k = 0; name && k < KERNELS; k++)
    if (strcmp(name, kernels[k]->name) == 0) i = k;
  while (i > 0 && !supported(kernels[i])) i--;
  return kernels[i];
}

const vmath_kernels *vmath_chosen(void) {
  static _Atomic(const vmath_kernels *) choice = NULL;
  const vmath_kernels *k = atomic_load_explicit(&choice, memory_order_relaxed);
  if (k) return k;
  k = vmath_find(getenv("DILATE_ISA"));
  atomic_store_explicit(&choice, k, memory_order_relaxed);
  return k;
}

void vmath_exp(size_t n, const double *x, double *y) {
  vmath_chosen()->exp(n, x, y);
}

void vmath_log(size_t n, const double *x, double *y) {
  vmath_chosen()->log(n, x, y);
}

void vmath_root(size_t n, const double *x, double *y) {
  vmath_chosen()->root(n, x, y);
}

void vmath_normals(const vmath_counter *c, size_t n, const uint32_t *particle, double *a, double *b) {
  vmath_chosen()->normals(c, n, particle, a, b);
}

const char *vmath_isa(void) {
  return vmath_chosen()->name;
}

const char *dilate_isa(void) {
  return vmath_isa();
}
