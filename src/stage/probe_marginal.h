/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Has the marginal density of a coordinate a finite integral?  Lines through the target miss what bends: x y with a proper density, or the
 * mouth of a funnel whose scale has no prior.  So a coordinate is moved out in strides, the others follow to their conditional mode, and
 * Laplace's approximation (Tierney & Kadane 1986),
 *   log m(r) = L - log|H| / 2 at the mode, H the negative Hessian of the others,
 * is the marginal density but for a factor that hardly changes.  Where its slope d log m / d log r stays above -1 the integral is infinite.
 *
 * It costs a few gradients a dimension for each way out: only where the points' spread is that of no light tail, and the four ways that go
 * farthest, unless `all` of the 2 dim ways are asked for. */
#ifndef DILATE_STAGE_PROBE_MARGINAL_H
#define DILATE_STAGE_PROBE_MARGINAL_H

#include "target/particles.h"

typedef struct marginal_probe {
  int improper;
  size_t coordinate;
  double sign, reach;
} marginal_probe;

/* p: evaluated particles on the target. */
int probe_marginal(target *t, const particles *p, int all, marginal_probe *out, dilate_error *err);

#endif
