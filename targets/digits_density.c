/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The density of digits.h: one pass over the components, a few at a time, with a running maximum to which the sum and the drift (the
 * gradient times v) are relative.
 *
 * A component whose term is below the maximum by log K + 38 is left out: all of them together are less than e^-38 of the largest, and
 * that is less than the rounding of the sum, 2^-54.  What they would add to the drift is as small against the points' distances.  So
 * few components remain for it. */
#include "digits.h"
#include "support.h"

#include <string.h>

#define DIM        DIGITS_DIM
#define BLOCK      DIGITS_BLOCK
#define LANES      8 /* points whose sums are kept in registers */
#define GROUPS     (DIGITS_CHUNK / LANES)
#define NEGLIGIBLE 38.0

/* LANES points on their way through the components. */
typedef struct group {
  double x[DIM][LANES], drift[DIM][LANES]; /* drift: sum over k of exp(term - top) (m_k - x) */
  double top[LANES], sum[LANES];           /* the largest term so far, and the sum of exp(term - top) */
} group;

/* What the density consists of becomes part of it, once for every instruction set. */
#define PART static inline __attribute__((always_inline))

/* Sum of four squares: the sums of a block are then touched once for four coordinates. */
PART double squares(const double x[][LANES], const double *m, size_t i) {
  const double a = x[0][i] - m[0], b = x[1][i] - m[1], c = x[2][i] - m[2], d = x[3][i] - m[3];
  return (a * a + b * b) + (c * c + d * d);
}

/* The terms -|x - m|^2 / 2v of a block, two at once. */
PART void measure(const double *mean, double scale, const group *g, double term[BLOCK][LANES]) {
  for (size_t k = 0; k < BLOCK; k += 2) {
    const double *const first = mean + k * DIM, *const second = first + DIM;
    double a[LANES] = {0}, b[LANES] = {0};
    for (size_t j = 0; j < DIM; j += 4) {
#pragma omp simd
      for (size_t i = 0; i < LANES; i++) {
        a[i] += squares(g->x + j, first + j, i);
        b[i] += squares(g->x + j, second + j, i);
      }
    }
#pragma omp simd
    for (size_t i = 0; i < LANES; i++) term[k][i] = scale * a[i], term[k + 1][i] = scale * b[i];
  }
}

/* Makes the sums relative to a maximum that counts the block. */
PART void raise_top(const double term[BLOCK][LANES], group *g) {
  double high[LANES], factor[LANES];
  int risen = 0;
  memcpy(high, g->top, sizeof high);
  for (size_t k = 0; k < BLOCK; k++)
#pragma omp simd
    for (size_t i = 0; i < LANES; i++) high[i] = term[k][i] > high[i] ? term[k][i] : high[i];
  for (size_t i = 0; i < LANES; i++) risen |= high[i] > g->top[i];
  if (!risen) return;
  for (size_t i = 0; i < LANES; i++) factor[i] = high[i] > g->top[i] ? exp(g->top[i] - high[i]) : 1;
  memcpy(g->top, high, sizeof high);
  for (size_t i = 0; i < LANES; i++) g->sum[i] *= factor[i];
  for (size_t j = 0; j < DIM; j++)
#pragma omp simd
    for (size_t i = 0; i < LANES; i++) g->drift[j][i] *= factor[i];
}

/* Adds one component; a term of -inf, or below a top of +-inf, adds nothing. */
PART void add_component(const double *mean, const double *term, double reach, int with_drift, group *g) {
  double share[LANES];
  int matters = 0;
#pragma omp simd reduction(| : matters)
  for (size_t i = 0; i < LANES; i++) matters |= term[i] > g->top[i] - reach;
  if (!matters) return;
  for (size_t i = 0; i < LANES; i++) {
    share[i] = term[i] > g->top[i] - reach ? exp(term[i] - g->top[i]) : 0;
    g->sum[i] += share[i];
  }
  if (!with_drift) return;
  for (size_t j = 0; j < DIM; j++)
#pragma omp simd
    for (size_t i = 0; i < LANES; i++) g->drift[j][i] += share[i] * (mean[j] - g->x[j][i]);
}

/* Points first .. of n; lanes without one stay at 0. */
PART void load(size_t first, size_t n, size_t ld, const double *x, group *g) {
  memset(g, 0, sizeof *g);
  for (size_t i = 0; i < LANES; i++) g->top[i] = -INFINITY;
  for (size_t j = 0; j < DIM; j++)
    for (size_t i = 0; i < LANES && first + i < n; i++) g->x[j][i] = x[j * ld + first + i];
}

PART void store(const group *g, double norm, double variance, size_t first, size_t n, size_t ld, double *logp, double *grad) {
  for (size_t i = 0; i < LANES && first + i < n; i++) {
    const double scale = g->sum[i] > 0 ? 1 / (g->sum[i] * variance) : 0;
    logp[first + i] = g->sum[i] > 0 ? norm + g->top[i] + log(g->sum[i]) : -INFINITY;
    for (size_t j = 0; grad != NULL && j < DIM; j++) grad[j * ld + first + i] = g->drift[j][i] * scale;
  }
}

PART void density(const digits *t, double variance, size_t n, size_t ld, const double *x, double *logp, double *grad) {
  group g[GROUPS];
  double term[BLOCK][LANES];
  const size_t groups = (n + LANES - 1) / LANES;
  const double reach = NEGLIGIBLE + log((double)t->components);
  for (size_t c = 0; c < groups; c++) load(c * LANES, n, ld, x, &g[c]);
  for (size_t b = 0; b < t->blocks; b++) {
    const double *const mean = t->mean + b * BLOCK * DIM;
    for (size_t c = 0; c < groups; c++) {
      measure(mean, -0.5 / variance, &g[c], term);
      raise_top(term, &g[c]);
      for (size_t k = 0; k < BLOCK; k++) add_component(mean + k * DIM, term[k], reach, grad != NULL, &g[c]);
    }
  }
  const double norm = -log((double)t->components) - 0.5 * DIM * (BUILTIN_LOG_2PI + log(variance));
  for (size_t c = 0; c < groups; c++) store(&g[c], norm, variance, c * LANES, n, ld, logp, grad);
}

/* The same in wider registers, where the library found them; lanes do not mix and nothing is fused, so that the bits are the same. */
#define DENSITY(name, set)                                                                                                                 \
  set static void name(const digits *t, double variance, size_t n, size_t ld, const double *x, double *logp, double *grad) {               \
    density(t, variance, n, ld, x, logp, grad);                                                                                            \
  }
DENSITY(any_density, )
#ifdef __x86_64__
DENSITY(avx2_density, __attribute__((target("avx2"))))
DENSITY(avx512_density, __attribute__((target("avx512f"))))
#endif

digits_density_fn digits_density_for(const char *isa) {
#ifdef __x86_64__
  if (strcmp(isa, "avx512") == 0) return avx512_density;
  if (strcmp(isa, "avx2") == 0) return avx2_density;
#endif
  (void)isa;
  return any_density;
}
