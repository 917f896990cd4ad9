/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sample with scores that is Gaussian given two of its coordinates, with mean, scales and correlations that change with both, as a
 * process is whose length scale and amplitude are unknown: the two are found, and the surface layer (warp.h) that takes this away. */
#ifndef DILATE_STAGE_SURFACE_H
#define DILATE_STAGE_SURFACE_H

#include "target/particles.h"
#include "target/warp.h"

#define SURFACE_POINTS_MIN 12 /* an unknown */

/* Whether so many points can tell. */
static inline int surface_enough(size_t dim, size_t n) {
  return dim > 2 && dim <= WARP_LINEAR_DIM_MAX && n >= SURFACE_POINTS_MIN * WARP_SURFACE * dim;
}

/* *found: whether there are two such coordinates, and `out` is their layer: the scores' unexplained shares get smaller by e^2 or more, on
 * average, than with one Gaussian.  Non-zero when out of memory. */
int surface_find(const particles *p, size_t threads, warp_surface *out, int *found);

#endif
