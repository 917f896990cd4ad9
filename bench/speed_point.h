/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gmm40 as a user would write it, one point at a time. */
#ifndef BENCH_SPEED_POINT_H
#define BENCH_SPEED_POINT_H

#include <stddef.h>

#define POINT_COMPONENTS 40

typedef struct point_mixture {
  double sd, mean[POINT_COMPONENTS][2];
} point_mixture;

/* A point callback of forty equally heavy Gaussians in the plane: log-density and gradient. */
int point_density(size_t dim, const double *x, double *logp, double *grad, void *params);

#endif
