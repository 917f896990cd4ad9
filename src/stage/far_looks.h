/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks at a target far around what was found (manual, section 9): one evaluation each, without a gradient.
 *
 * Look i is at c + f A z, A A' the covariance of what was found, log f uniform on an interval, z standard normal: the basin of a mode of
 * width s, in these units, is a ball of radius s f about it, so that in logarithms of distance no scale is more likely to be hit than
 * another.  Logarithm and normals are those of a Kronecker sequence with a random shift, which fills the cube more evenly than chance. */
#ifndef DILATE_STAGE_FAR_LOOKS_H
#define DILATE_STAGE_FAR_LOOKS_H

#include "base/random.h"
#include "target/particles.h"

#define FAR_DIM_MAX 12 /* beyond, basins are too small a share of any neighbourhood */

/* [in] centre: dim; factor: A, lower Cholesky, dim x dim.  [out] p->x and p->logp of all p->n, -inf where the target is not finite, which
 * is neither counted nor reported.  In the coordinates of the target's warp. */
void far_looks(target *t, stream s, const double *centre, const double *factor, particles *p);

#endif
