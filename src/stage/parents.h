/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coordinates on which the location of the others depends, as on the common mean of a hierarchical model. */
#ifndef DILATE_STAGE_PARENTS_H
#define DILATE_STAGE_PARENTS_H

#include "stage/dependence.h"

/* Finds parents of the regression on h, which gains `gain` nats without: one after the other, that which adds most, while it adds `worth`.
 * They are left in g, and in `parent` (dim).  Non-zero when out of memory. */
int parents_find(regression *g, size_t h, double gain, double worth, size_t *parent);
/* promise (dim): what all coordinates would gain against a line if k were one more parent, by one regression of each on a parabola with one
 * scale; -1 where k cannot be one. */
int parents_promise(regression *g, size_t h, double *promise);

#endif
