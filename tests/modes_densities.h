/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Densities whose modes are known, for the tests of modes; each is a point callback (dilate_logp_fn). */
#ifndef DILATE_TESTS_MODES_DENSITIES_H
#define DILATE_TESTS_MODES_DENSITIES_H

#include <stddef.h>

#define DIM_MAX        50
#define COMPONENTS_MAX 40

/* sum_k w_k N(mean_k, sd^2 I), all of it moved and scaled; sd_k are equal. */
typedef struct blobs {
  size_t dim, components;
  double sd, weight[COMPONENTS_MAX], mean[COMPONENTS_MAX][DIM_MAX];
} blobs;

/* What each is stands at its definition. */
int blobs_logp(size_t dim, const double *x, double *logp, double *grad, void *params);
int ring_logp(size_t dim, const double *x, double *logp, double *grad, void *params);
int wells_logp(size_t dim, const double *x, double *logp, double *grad, void *params);
int boxes_logp(size_t dim, const double *x, double *logp, double *grad, void *params);
int ridge_logp(size_t dim, const double *x, double *logp, double *grad, void *params);
int funnel_logp(size_t dim, const double *x, double *logp, double *grad, void *params);
int heavy_logp(size_t dim, const double *x, double *logp, double *grad, void *params);

#endif
