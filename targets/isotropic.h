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
  double mean[];                   /* components x dim, row-major */
} isotropic;

/* Allocates out's mixture, without a stretch, and sets every member of out; the caller then fills weight, sd and mean.  NULL: out of
 * memory, reported. */
isotropic *isotropic_new(size_t dim, size_t components, const char *target, builtin *out, dilate_error *err);

#endif
