/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixtures of isotropic Gaussians of one standard deviation, normalised: what gmm40 and gmm4 are made of. */
#ifndef DILATE_TARGETS_ISOTROPIC_H
#define DILATE_TARGETS_ISOTROPIC_H

#include "targets.h"

#define ISOTROPIC_COMPONENTS_MAX 40

typedef struct isotropic {
  size_t dim, components;
  double sd;
  double weight[ISOTROPIC_COMPONENTS_MAX];
  double mean[]; /* components x dim, row-major */
} isotropic;

/* Allocates out's mixture and sets every member of out; the caller then fills sd, weight and mean.  NULL: out of memory, reported. */
isotropic *isotropic_new(size_t dim, size_t components, const char *target, builtin *out, dilate_error *err);

#endif
