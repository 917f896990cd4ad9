/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Screening: of several places where a particle might be dropped, the one whose log-density most exceeds what the modes found so far
 * explain.  A narrow mode far from a wide one has a small basin, which few particles fall into; a look costs one evaluation, a particle's
 * whole way twenty. */
#ifndef DILATE_STAGE_SCREEN_H
#define DILATE_STAGE_SCREEN_H

#include "stage/explore.h"

#define SCREEN_DIM_MAX 12   /* in more dimensions no number of looks finds a small basin */
#define SCREEN_LOOKS   1024 /* a batch */

/* Moves the particles of e->now with number % stride == stride - 1: place = centre + f_i e->factor z, f_i as it was, z anew.  What the
 * modes explain: the highest of the parabolas that the clusters' peaks and covariances make.  Non-zero when out of memory. */
int screen_drop(explore *e, stream s, size_t stride);

#endif
