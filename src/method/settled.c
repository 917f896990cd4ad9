/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A particle 5 d + 50 below the upper quartile of the log-densities has not arrived: a draw of a Gaussian is d/2 below its mode, give or
 * take sqrt(d/2). */
#include "method/settled.h"

#include <gsl/gsl_sort.h>
#include <string.h>

#include "stats/summary.h"

void settled_weights(const particles *points, double *sorted, double *weight) {
  memcpy(sorted, points->logp, points->n * sizeof(double));
  gsl_sort(sorted, 1, points->n);
  const double floor = summary_quantile(points->n, sorted, 0.75) - 5 * (double)points->dim - 50;
  for (size_t i = 0; i < points->n; i++) weight[i] = points->logp[i] >= floor;
}
