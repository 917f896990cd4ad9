/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the EM iterations of one fit work on: the points about their centre, responsibilities, and a mixture whose counts shrink as
 * components are dropped.  Made once for the largest number of components, used again for each number that is tried. */
#ifndef DILATE_MIXTURE_EM_STATE_H
#define DILATE_MIXTURE_EM_STATE_H

#include "mixture/em.h"

#include <stdint.h>

/* What one thread works with: of the points that a component has a share in, which these are (n), their shares and the roots of these (n),
 * and what they are (n, or dim x n); in the M step of products of t's columns of them (4 x n). */
typedef struct em_scratch {
  uint32_t *member;
  double *kept, *root, *gathered, *column;
} em_scratch;

typedef struct em_state {
  const fit_points *points;
  size_t n, dim;
  mixture_family family;
  int gradient;                       /* M steps by gradients */
  unsigned freedom;                   /* degrees of freedom, in the family of products of t's */
  int warm;                           /* there: q's means and scales are where its M step starts from */
  double *centre, *variance;          /* dim: of the points; the variances never vanish */
  double *y;                          /* dim x n, coordinate-major: the points about their centre, for E steps */
  mixture *q;                         /* about the centre */
  double *share;                      /* components x n */
  double *total;                      /* components: sums of the shares */
  double *coverage;                   /* n: sums of the shares over components, 1 or (no component is left) 0 */
  double covered;                     /* sum of total */
  double *log_density;                /* n */
  double *mean_gradient;              /* components x dim */
  double *scatter, *scatter_gradient; /* dim x dim: of all covered points, in the shared family; of the pool in the others */
  int scatter_ready;                  /* scatter is that of all n points */
  double *metric;                     /* dim x dim: scratch */
  double *geometric;                  /* scratch of geometric_mean */
  double *tile;                       /* scratch of mixture_evaluate, for every thread, */
  size_t tile_thread;                 /* of so many doubles */
  thread_team team;                   /* of loops over components: one thread where scratch for all would be too much */
  em_scratch *scratch;                /* one for each of its threads */
} em_state;

/* body(s, k, thread) for all k < count, components or twice as many, side by side where there is enough to do. */
void em_each(em_state *s, size_t count, void (*body)(void *state, size_t k, size_t thread));

/* Responsibilities at or below it are left out of sums. */
#define EM_NEGLIGIBLE 1e-12

/* Zeroes *s first; on failure nothing is left to destroy. */
int em_state_create(em_state *s, const fit_points *points, mixture_family family, int gradient, size_t capacity, dilate_error *err);
void em_state_destroy(em_state *s);
void em_state_set_labels(em_state *s, size_t K, const size_t *label);
/* A copy of the fitted mixture where the points were; NULL when out of memory. */
mixture *em_state_mixture(const em_state *s);

/* Responsibilities of q (about the centre, at most the capacity's components); returns the sum of log q. */
double em_expect(em_state *s, const mixture *q);
/* Drops components with a total below `least` (the largest always stays), and shares out their points again. */
void em_prune(em_state *s, double least);
/* The family's M step; non-zero when a covariance is not positive definite. */
int em_maximise(em_state *s);
/* Which of n points have a share worth a sum, and their shares; returns their number.  member, kept: n of them. */
size_t em_find_members(size_t n, const double *share, uint32_t *member, double *kept);
/* Mean and (c, dim x dim or a diagonal; NULL: not wanted) scatter of x (dim x ld) under the shares in component k. */
void em_moments(const em_state *s, size_t k, size_t ld, const double *x, em_scratch *t, double *mean, double *c);
/* That of the products of t's: means and factors of q (em_product.c). */
void em_maximise_product(em_state *s);
/* Responsibilities of q, which lies where the points are: a fit to go on from. */
int em_state_resume(em_state *s, const mixture *q);
/* From the responsibilities that are there: prune, M step, E step, until the log-likelihood stops rising, or will not rise to `wanted`, or
 * `iterations`. */
int em_iterate(em_state *s, int iterations, double wanted, double *loglik);

#endif
