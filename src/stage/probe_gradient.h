/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does the gradient belong to the log-density?  Told at points where particles have settled, along random directions of the local scale,
 * against Richardson's extrapolation of central differences.
 *
 * A wrong gradient leaves the sampler's law as it is, since every move is accepted by densities, but it makes exploration and moves poor.
 * A point counts only where the differences agree among themselves, so that kinks, edges and noise contradict nobody. */
#ifndef DILATE_STAGE_PROBE_GRADIENT_H
#define DILATE_STAGE_PROBE_GRADIENT_H

#include "base/factor.h"
#include "base/random.h"
#include "target/particles.h"

typedef struct gradient_probe {
  size_t points, wrong;  /* at which differences could be trusted; of these, where the gradient contradicts them */
  size_t at;             /* the particle where it does so most clearly */
  double told, measured; /* derivatives there, along the direction */
} gradient_probe;

/* p: evaluated particles; c: factor of the local scale, of that form.  At most 96 evaluations, and as many again where
 * they contradict. */
int probe_gradient(target *t, const particles *p, factor_form form, const double *c, stream s, gradient_probe *out, dilate_error *err);
/* More points than chance, a kink here and there, or noise could explain. */
int probe_gradient_contradicts(const gradient_probe *probe);

#endif
