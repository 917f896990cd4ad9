/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixtures: sum over components k of w_k times the density of m_l(k) + s_k C_f z, l(k) the component's location, f = f(l) its factor; z is
 * standard Gaussian, or of independent Student-t coordinates, as its location says.
 *
 * Locations share covariance factors (one for the whole mixture in the shared family, one each in the diagonal and the full one), and
 * components share locations (a component and its widened twin).  So whitening is done once a factor, quadratic forms once a location,
 * and a merged or defended mixture is only a longer list. */
#ifndef DILATE_MIXTURE_MIXTURE_H
#define DILATE_MIXTURE_MIXTURE_H

#include "base/archive.h"
#include "base/random.h"
#include "base/status.h"
#include "base/team.h"

/* Covariances of what is fitted: one full one for all components, diagonal ones, full ones; and products of t's, with diagonal scales. */
typedef enum mixture_family { MIXTURE_SHARED, MIXTURE_DIAGONAL, MIXTURE_FULL, MIXTURE_PRODUCT } mixture_family;

typedef struct mixture_factor {
  int diagonal;   /* c and ci hold the dim diagonal entries only */
  double *c, *ci; /* lower Cholesky factor and its inverse, dim x dim row-major */
  double log_det; /* of c */
} mixture_factor;

typedef struct mixture {
  size_t dim, components, locations, factors;
  double *log_weight; /* components; exp sums to one */
  double *scale;      /* components: s_k > 0 */
  size_t *location;   /* components */
  double *mean;       /* locations x dim, row-major */
  size_t *factor_of;  /* locations */
  unsigned *freedom;  /* locations: degrees of freedom of the t's, whose components have s_k = 1; 0: Gaussian */
  mixture_factor *factor;
  /* Filled by mixture_prepare: */
  double *origin;                      /* dim: mean of the means; quadratic forms are taken about it */
  double *whitened;                    /* locations x dim: ci (mean - origin) */
  double *log_norm;                    /* components: log_weight and the logarithm of the density's constant */
  double *precision;                   /* components: 1/s_k^2 */
  double *most_norm, *least_precision; /* locations: the largest log_norm and the least precision of their components */
  size_t *member, *member_begin; /* location l's components are member[member_begin[l]] to member[member_begin[l + 1] - 1], ascending */
  int heavy;                     /* some location is not Gaussian */
  double *storage;               /* what the factors' c and ci point into */
} mixture;

/* Zeroed (so Gaussian) mixture with memory for the given sizes; diagonal: every factor is.  NULL when out of memory. */
mixture *mixture_create(size_t dim, size_t locations, size_t components, size_t factors, int diagonal);
void mixture_free(mixture *q);
mixture *mixture_copy(const mixture *q);
/* A prepared mixture of `dim` dimensions, or none; what is read is the caller's to free. */
void mixture_archive(archive *a, size_t dim, mixture **q);
/* After mean, log_weight, scale, location, factor_of and every factor's c are set: fills ci, log_det, origin, whitened; normalises the
 * weights.  Non-zero when a factor is singular or something is not finite. */
int mixture_prepare(mixture *q);
/* w_a a + (1 - w_a) b, prepared.  NULL when out of memory. */
mixture *mixture_merge(const mixture *a, const mixture *b, double weight_a);

/* Doubles of scratch that the functions below need for tiles of at most n points. */
size_t mixture_work(const mixture *q, size_t n);
/* log q at n points (coordinate-major); grad (NULL: not needed): its gradient, same ld as x; share (NULL: not needed): responsibilities,
 * components x n with leading dimension ld. */
void mixture_evaluate(const mixture *q, size_t n, size_t ld, const double *x, double *logq, double *grad, double *share, double *work);
/* The same, log q and shares alone, tiles of points side by side, with scratch of its own: non-zero when out of memory. */
int mixture_evaluate_all(const mixture *q, thread_team team, size_t n, size_t ld, const double *x, double *logq, double *share);
/* x <- s_k C_k x and x <- s_k C_k' x, particle i with component[i]. */
void mixture_times(const mixture *q, size_t n, size_t ld, const size_t *component, double *x, double *work);
void mixture_transpose_times(const mixture *q, size_t n, size_t ld, const size_t *component, double *x, double *work);
/* Draws: particle i of component[i], normals from the stream at (particle[i], step), and for t's uniforms from slot MIXTURE_SLOT on. */
#define MIXTURE_SLOT 1048576
void mixture_draw(const mixture *q, stream s, uint32_t step, size_t n, size_t ld, const uint32_t *particle, const size_t *component,
                  double *x, double *work);
/* The component at cumulative weight u in (0, 1). */
size_t mixture_component_at(const mixture *q, double u);
/* Those at the n cumulative weights (i + u)/n. */
void mixture_stratify(const mixture *q, double u, size_t n, size_t *component);

#endif
