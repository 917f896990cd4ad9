/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weighted displacements from a particle's place to the proposals for X given x, and the score that they make. */
#ifndef DILATE_SCORE_IMPORTANCE_H
#define DILATE_SCORE_IMPORTANCE_H

#include <stddef.h>

#define IMPORTANCE_BATCHES 4 /* the fresh one and three of before; from 4 to 8 errors fall by a tenth, weights cost four times as much */

typedef struct displacements {
  size_t dim, n, ld; /* ld: the rows' distance */
  double *d;         /* dim x ld: X_i - x */
  double *weight;    /* n: shares of the weights, sum 1 */
  double *control;   /* n: shares of weights under which the mean displacement is known to be 0, sum 1 */
} displacements;

/* Mean displacement of coordinate j under `weight`, and *se, its standard error by the delta method. */
double displacement_mean(const displacements *s, size_t j, double *se);

#endif
