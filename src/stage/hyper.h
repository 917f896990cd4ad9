/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which coordinate of a sample with scores the others depend on most, as they do on the scale of a hierarchical model: a first look at all
 * of them, by the regressions of dependence.h. */
#ifndef DILATE_STAGE_HYPER_H
#define DILATE_STAGE_HYPER_H

#include <stddef.h>

#include "target/particles.h"

/* gain[h] (dim): what the other coordinates gain in all when they depend on h, along the axes they have or (search) along others but those
 * marked in `apart`.  *best: the coordinate of the largest.  Non-zero when out of memory. */
int hyper_find(const particles *p, int search, const unsigned char *apart, size_t threads, double *gain, size_t *best);

#endif
