/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weights of a fitted mixture from the log-densities that are known at the points: without an evaluation. */
#ifndef DILATE_STAGE_BALANCE_H
#define DILATE_STAGE_BALANCE_H

#include "mixture/em.h"

/* w_k <- w_k exp(mean of log pi~/q under the responsibilities of component k), in place.  Where that ratio varies much within components it
 * says nothing of their weights, and q stays as it is (*balanced = 0).  logp: points->n values. */
int balance_weights(mixture *q, const fit_points *points, const double *logp, int *balanced, dilate_error *err);

#endif
