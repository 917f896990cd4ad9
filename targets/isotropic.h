/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixtures of isotropic Gaussians, normalised, seen through a stretch of the coordinates: what gmm40, gmm4 and narrow3 are made of. */
#ifndef DILATE_TARGETS_ISOTROPIC_H
#define DILATE_TARGETS_ISOTROPIC_H

#include "support.h"

#define ISOTROPIC_COMPONENTS_MAX 40

typedef struct isotropic {
  size_t dim, components;
  double weight[ISOTROPIC_COMPONENTS_MAX], sd[ISOTROPIC_COMPONENTS_MAX];
  double stretch[BUILTIN_DIM_MAX]; /* coordinate j of component k has the standard deviation sd[k] stretch[j] */
  double *mean;                    /* components x dim, row-major, with rows up to a whole block */
  /* What isotropic_prepare() makes of these.  The variance of coordinate j in component k is 1 / (precision[k] scale[j]). */
  double constant[ISOTROPIC_COMPONENTS_MAX], precision[ISOTROPIC_COMPONENTS_MAX], scale[BUILTIN_DIM_MAX];
  int stretched; /* whether scale has to be looked at */
  dilate_batch_fn batch;
} isotropic;

/* Allocates out's mixture, without a stretch, and sets every member of out; the caller then fills weight, sd and mean and prepares it.
 * NULL: out of memory, reported. */
isotropic *isotropic_new(size_t dim, size_t components, const char *target, builtin *out, dilate_error *err);

/* To be called when weight, sd, stretch and mean are set: either the sd are equal, or nothing is stretched. */
void isotropic_prepare(isotropic *t);

#endif
