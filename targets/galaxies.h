/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The posterior of a normal mixture with an unknown scale of its variances; the model stands in galaxies.c.
 * Unconstrained coordinates: mu (k), log sigma (k), the weights' simplex (k - 1), log b. */
#ifndef DILATE_TARGETS_GALAXIES_H
#define DILATE_TARGETS_GALAXIES_H

#include "support.h"

#define GALAXIES_COMPONENTS_MAX 10

typedef struct galaxies {
  size_t components, observations;
  double centre, range; /* midrange m and range R of the data */
  double rate;          /* of b's Gamma(0.2, rate) prior: 10/R^2 */
  double constant;      /* every constant of likelihood and priors */
  char **names;
  builtin_array array; /* y */
  double ordering_weight[24];
  double y[];
} galaxies;

/* Sets centre, range, rate and constant from y. */
void galaxies_prepare(galaxies *g);

void galaxies_set_target(builtin *out, size_t dim);

#endif
