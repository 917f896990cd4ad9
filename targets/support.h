/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the built-in targets share: errors, callbacks made from one chunk function, vectors of logarithms, mixtures in log space,
 * parameter names.
 *
 * A family writes its density once, as a function of BUILTIN_CHUNK points, whose loops over the points are vectorised, and whose
 * exp and log are dilate_vector_exp() and _log(); BUILTIN_CALLBACKS makes both callbacks of it.  As points do not mix and nothing is
 * fused (-ffp-contract=off), they agree to the last bit, in registers of any width. */
#ifndef DILATE_TARGETS_SUPPORT_H
#define DILATE_TARGETS_SUPPORT_H

#include "targets.h"

#include <math.h>

#define BUILTIN_CHUNK     8   /* points that a chunk function is given: one coordinate of them fills the widest register */
#define BUILTIN_DIM_MAX   512 /* largest dim option */
#define BUILTIN_NAME_SIZE 32  /* bytes of a parameter's name */
#define BUILTIN_LOG_2PI   1.8378770664093454836

/* Fills err (which may be NULL) unless it already holds an error; returns status. */
int builtin_fail(dilate_error *err, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Out of memory while the named target was made. */
int builtin_no_memory(dilate_error *err, const char *target);

/* A family's callbacks for one instruction set. */
typedef struct builtin_callbacks {
  dilate_logp_fn point;
  dilate_batch_fn batch;
} builtin_callbacks;

/* Fewer points than a chunk by a batch callback: the first of them fills the chunk up.  < 0: out of memory, in more than
 * BUILTIN_DIM_MAX dimensions. */
int builtin_fill_up(dilate_batch_fn batch, size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params);

/* Both callbacks of  void chunk(size_t dim, size_t ld, const double *x, double *logp, double *grad, const void *params),  shapes as for
 * dilate_batch_fn, logp[i] = -INFINITY outside the support.  They are compiled for the instructions of `set`: all that the chunk function
 * calls becomes part of the batch callback (flatten). The last chunk of a tile overlaps the one before it: some points are computed twice
 * rather than one by one. */
#define BUILTIN_VERSION(name, set, chunk)                                                                                                  \
  set __attribute__((flatten)) static int name##_batch(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad,       \
                                                       void *params) {                                                                     \
    if (n < BUILTIN_CHUNK) return builtin_fill_up(name##_batch, dim, n, ld, x, logp, grad, params);                                        \
    for (size_t left = n; left > 0; left -= left < BUILTIN_CHUNK ? left : BUILTIN_CHUNK) {                                                 \
      const size_t start = left < BUILTIN_CHUNK ? n - BUILTIN_CHUNK : n - left;                                                            \
      chunk(dim, ld, x + start, logp + start, grad != NULL ? grad + start : NULL, params);                                                 \
    }                                                                                                                                      \
    return 0;                                                                                                                              \
  }                                                                                                                                        \
  static int name##_point(size_t dim, const double *x, double *logp, double *grad, void *params) {                                         \
    if (builtin_fill_up(name##_batch, dim, 1, 1, x, logp, grad, params) < 0) return -1;                                                    \
    return *logp == -INFINITY ? 1 : 0;                                                                                                     \
  }

/* Defines the array chunk##_callbacks, for builtin_set_target(): narrowest first. */
#ifdef __x86_64__
#define BUILTIN_CALLBACKS(chunk)                                                                                                           \
  BUILTIN_VERSION(chunk##_baseline, , chunk)                                                                                               \
  BUILTIN_VERSION(chunk##_avx2, __attribute__((target("avx2"))), chunk)                                                                    \
  BUILTIN_VERSION(chunk##_avx512, __attribute__((target("avx512f"))), chunk)                                                               \
  static const builtin_callbacks chunk##_callbacks[] = {{chunk##_baseline_point, chunk##_baseline_batch},                                  \
                                                        {chunk##_avx2_point, chunk##_avx2_batch},                                          \
                                                        {chunk##_avx512_point, chunk##_avx512_batch}};
#else
#define BUILTIN_CALLBACKS(chunk)                                                                                                           \
  BUILTIN_VERSION(chunk##_baseline, , chunk)                                                                                               \
  static const builtin_callbacks chunk##_callbacks[] = {{chunk##_baseline_point, chunk##_baseline_batch}};
#endif

/* Sets dim, both callbacks and params of out->target; params is out->data.  The callbacks are those of dilate_isa(). */
void builtin_set_target(builtin *out, size_t dim, const builtin_callbacks *callbacks);
/* The common destroy: frees data, which is one block. */
void builtin_free_data(builtin *self);

/* A component drawn with the given weights, which sum to 1. */
size_t builtin_draw_index(gsl_rng *rng, size_t n, const double *weight);

/* n empty names of BUILTIN_NAME_SIZE bytes in one block, to be freed by free(); NULL when out of memory. */
char **builtin_names_new(size_t n);

/* log(1 + exp(a)) without overflow. */
static inline double builtin_softplus(double a) {
  return (a > 0 ? a : 0) + log1p(exp(-fabs(a)));
}

/* c holds the log-terms of a mixture, c[k*BUILTIN_CHUNK + i]: logp[i] becomes their log-sum-exp; c, times scale[i], the shares, all 0 where
 * every term is -inf.  A term below the largest by log K + 38 counts as -inf: all of them together are less than e^-38 of the largest, and
 * that is less than the rounding of the sum, 2^-54. */
static inline void builtin_shares(size_t components, double *c, double *logp, double *scale) {
  double top[BUILTIN_CHUNK], sum[BUILTIN_CHUNK] = {0};
  const double reach = 38 + log((double)components);
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) top[i] = -INFINITY;
  for (size_t k = 0; k < components; k++)
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) top[i] = c[k * BUILTIN_CHUNK + i] > top[i] ? c[k * BUILTIN_CHUNK + i] : top[i];
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) top[i] = top[i] > -INFINITY ? top[i] : 0;
  for (size_t k = 0; k < components; k++)
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
      const double below = c[k * BUILTIN_CHUNK + i] - top[i];
      c[k * BUILTIN_CHUNK + i] = below > -reach ? below : -INFINITY;
    }
  dilate_vector_exp(components * BUILTIN_CHUNK, c, c);
  for (size_t k = 0; k < components; k++)
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) sum[i] += c[k * BUILTIN_CHUNK + i];
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) scale[i] = sum[i] > 0 ? 1 / sum[i] : 0;
  dilate_vector_log(BUILTIN_CHUNK, sum, sum);
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) logp[i] = top[i] + sum[i];
}

/* Rows of BUILTIN_CHUNK numbers a: decay = exp(-|a|). */
static inline void builtin_decay_rows(size_t rows, const double *a, double *decay) {
#pragma omp simd
  for (size_t i = 0; i < rows * BUILTIN_CHUNK; i++) decay[i] = -fabs(a[i]);
  dilate_vector_exp(rows * BUILTIN_CHUNK, decay, decay);
}

/* The same and softplus = log(1 + exp(a)), to the rounding of 1: where a is far below 0 it is small, and not exact in its own units. */
static inline void builtin_softplus_rows(size_t rows, const double *a, double *decay, double *softplus) {
  builtin_decay_rows(rows, a, decay);
#pragma omp simd
  for (size_t i = 0; i < rows * BUILTIN_CHUNK; i++) softplus[i] = 1 + decay[i];
  dilate_vector_log(rows * BUILTIN_CHUNK, softplus, softplus);
#pragma omp simd
  for (size_t i = 0; i < rows * BUILTIN_CHUNK; i++) softplus[i] += a[i] > 0 ? a[i] : 0;
}

/* 1/(1 + exp(-a)), of the decay exp(-|a|). */
static inline double builtin_logistic_of(double a, double decay) {
  return (a > 0 ? 1 : decay) / (1 + decay);
}

/* a, kept within -most and most. */
static inline double builtin_clamp(double a, double most) {
  return a > most ? most : a < -most ? -most : a;
}

#endif
