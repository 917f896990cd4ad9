/* Straightening: coordinates in which a sample with gradients looks more like a Gaussian.
 *
 * Given t = x_h, let x_j be Gaussian about m(t) = c + a t + b t^2 with standard deviation sigma exp(s t).  Then its score is
 * g_j = -(x_j - m(t)) exp(-2 s t)/sigma^2, so that log sigma(t) = (log |x_j - m(t)| - log |g_j|)/2 at every single point, whether the
 * sample is in equilibrium or not: a regression of it on t gives s, one of x_j on (1, t, t^2, exp(2 s t) g_j) gives a and b. */
#ifndef DILATE_STAGE_STRAIGHTEN_H
#define DILATE_STAGE_STRAIGHTEN_H

#include "target/particles.h"
#include "target/warp.h"

/* [in] points with gradients, in the coordinates of t's warp (NULL: the user's), which is `now` below.  [out] *out: `now` with more layers
 * (or a marginal layer fitted afresh), or NULL where none promises much. */
int straighten(target *t, const particles *points, warp **out, dilate_error *err);

#endif
