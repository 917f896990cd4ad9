/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Marginals: the density of each coordinate by itself, and the spline that makes it a standard Gaussian.  Where the coordinates are
 * independent, many modes become one.
 *
 * The density is the mean over a few points x of the conditional p(x_j | the other coordinates of x), whose profile the target itself gives
 * (Gelfand & Smith 1990, section 2.6): exact for independent coordinates, and no histogram.  Where the profiles differ more than their mean
 * differs from a Gaussian, a coordinate stays as it is. */
#ifndef DILATE_STAGE_MARGINALS_H
#define DILATE_STAGE_MARGINALS_H

#include "target/particles.h"
#include "target/warp.h"

/* points: in the coordinates that the target is evaluated in now.  Fills *m, zeroed; *gain: nats by which the densities differ from
 * Gaussians, summed over the coordinates that are used.  only (dim, NULL: all whose sample does not look Gaussian): the coordinates to be
 * looked at, and far beyond the sample.  Costs 384 log-densities a coordinate. */
int marginals_fit(target *t, const particles *points, const unsigned char *only, warp_marginal *m, double *gain, dilate_error *err);

#endif
