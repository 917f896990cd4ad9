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

#include "target/particles.h"
#include "target/warp.h"

#define STRAIGHTEN_DEPENDENCES 4

/* [in] points with gradients, in the coordinates of t's warp (NULL: the user's).  [out] *out: layers from the user's coordinates on, to be
 * freed by the caller; ends[k]: how many of them take away the first k + 1 dependences; *count: dependences (0 where none promises much).
 */
int straighten(target *t, const particles *points, warp **out, size_t ends[STRAIGHTEN_DEPENDENCES], size_t *count, dilate_error *err);
/* The first `layers` layers of `all` and what marginals promise behind them: those of the coordinates that others depend on, or of all
 * where there are no such layers.  *out: NULL where that is nothing. */
int straighten_part(target *t, const particles *points, const warp *all, size_t layers, warp **out, dilate_error *err);

#endif
