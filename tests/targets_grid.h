/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Integrals of a planar target by the trapezoid rule, through its batch callback. */
#ifndef DILATE_TESTS_TARGETS_GRID_H
#define DILATE_TESTS_TARGETS_GRID_H

#include "targets/targets.h"

typedef struct grid_range {
  double low, high, step;
} grid_range;

typedef struct grid_moments {
  double log_z, mean[2], variance[2], covariance;
  double share[40]; /* of the components, as builtin.component tells them apart */
} grid_moments;

grid_moments targets_grid(const builtin *b, grid_range x, grid_range y);

#endif
