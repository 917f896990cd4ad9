/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Straightening: coordinates in which a sample with gradients looks more like a Gaussian.
 *
 * Given t = x_h, let x_j be Gaussian about m(t) = c + a t + b t^2 with standard deviation sigma exp(s t).  Then its score is
 * g_j = -(x_j - m(t)) exp(-2 s t)/sigma^2, so that log sigma(t) = (log |x_j - m(t)| - log |g_j|)/2 at every single point, whether the
 * sample is in equilibrium or not: a regression of it on t gives s, one of x_j on (1, t, t^2, exp(2 s t) g_j) gives a and b (dependence.h).
 * Where that explains more, the coordinates are turned first (turned.h), and given t each has natural parameters that are linear in terms
 * exp(rate t).  Marginals come last (marginals.h). */
#ifndef DILATE_STAGE_STRAIGHTEN_H
#define DILATE_STAGE_STRAIGHTEN_H

#include "stage/dependence.h"
#include "target/particles.h"
#include "target/warp.h"

#define STRAIGHTEN_DEPENDENCES 4

/* Dependences that are taken away one after the other. */
typedef struct straightening {
  warp *all;        /* the layers found, from the user's coordinates on */
  size_t count;     /* of dependences that they take away */
  size_t threads;
  particles points; /* in the coordinates of `all`, with gradients */
  regression g;     /* of them */
} straightening;

/* [in] points in the coordinates of t's warp (NULL: the user's).  s: to be ended in any case, and not to be moved until then. */
int straighten_begin(target *t, const particles *points, straightening *s, dilate_error *err);
/* *found: whether another dependence promised enough; its layers are then the last of s->all. */
int straighten_next(straightening *s, int *found, dilate_error *err);
void straighten_end(straightening *s);
/* The first `layers` layers of `all` and what marginals promise behind them: those of the coordinates that others depend on, or of all
 * where there are no such layers.  *out: NULL where that is nothing. */
int straighten_part(target *t, const particles *points, const warp *all, size_t layers, warp **out, dilate_error *err);
/* The surface layer that fits the points, and what marginals promise behind it.  *out: NULL where it promises nothing. */
int straighten_surface(target *t, const particles *points, warp **out, dilate_error *err);

#endif
