/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the built-in targets share: errors, callbacks made from one chunk function, mixtures in log space, parameter names.
 *
 * A family writes its density once, as a function of at most BUILTIN_CHUNK points, so that its work arrays are small and on the
 * stack; BUILTIN_CALLBACKS makes both callbacks of it, which therefore agree to the last bit. */
#ifndef DILATE_TARGETS_SUPPORT_H
#define DILATE_TARGETS_SUPPORT_H

#include "targets.h"

#include <math.h>

#define BUILTIN_CHUNK     32  /* points that a chunk function is given at most */
#define BUILTIN_DIM_MAX   512 /* largest dim option */
#define BUILTIN_NAME_SIZE 32  /* bytes of a parameter's name */
#define BUILTIN_LOG_2PI   1.8378770664093454836

/* Fills err (which may be NULL) unless it already holds an error; returns status. */
int builtin_fail(dilate_error *err, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Out of memory while the named target was made. */
int builtin_no_memory(dilate_error *err, const char *target);

/* Shapes as for dilate_batch_fn, n <= BUILTIN_CHUNK; logp[i] = -INFINITY outside the support. */
typedef void (*builtin_chunk_fn)(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, const void *params);

int builtin_in_chunks(builtin_chunk_fn chunk, size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad,
                      const void *params);
int builtin_at_point(builtin_chunk_fn chunk, size_t dim, const double *x, double *logp, double *grad, const void *params);

#define BUILTIN_CALLBACKS(chunk)                                                                                                           \
  static int chunk##_batch(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {                   \
    return builtin_in_chunks((chunk), dim, n, ld, x, logp, grad, params);                                                                  \
  }                                                                                                                                        \
  static int chunk##_point(size_t dim, const double *x, double *logp, double *grad, void *params) {                                        \
    return builtin_at_point((chunk), dim, x, logp, grad, params);                                                                          \
  }

/* Sets dim, both callbacks and params of out->target; params is out->data. */
void builtin_set_target(builtin *out, size_t dim, dilate_logp_fn point, dilate_batch_fn batch);
/* The common destroy: frees data, which is one block. */
void builtin_free_data(builtin *self);

/* c holds the log-terms of a mixture, c[k*BUILTIN_CHUNK + i]: logp[i] becomes their log-sum-exp and c the shares, all 0 where every
 * term is -inf. */
void builtin_shares(size_t components, size_t n, double *c, double *logp);
/* A component drawn with the given weights, which sum to 1. */
size_t builtin_draw_index(gsl_rng *rng, size_t n, const double *weight);

/* n empty names of BUILTIN_NAME_SIZE bytes in one block, to be freed by free(); NULL when out of memory. */
char **builtin_names_new(size_t n);

/* log(exp(a) + exp(b)), also at -inf. */
static inline double builtin_log_add(double a, double b) {
  const double high = a > b ? a : b, low = a > b ? b : a;
  return high == -INFINITY ? high : high + log1p(exp(low - high));
}

/* log(1 + exp(a)) without overflow. */
static inline double builtin_softplus(double a) {
  return (a > 0 ? a : 0) + log1p(exp(-fabs(a)));
}

/* 1/(1 + exp(-a)) without overflow. */
static inline double builtin_logistic(double a) {
  const double e = exp(-fabs(a));
  return (a > 0 ? 1 : e) / (1 + e);
}

#endif
