/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A particle has not arrived when its log-density is far below that of the better ones: a draw of a Gaussian is d/2 below the mode, give or
 * take sqrt(d/2). */
#include "method/settled.h"

#include <gsl/gsl_sort.h>
#include <string.h>

#include "stats/summary.h"

double settled_quartile(const particles *points, double *sorted) {
  memcpy(sorted, points->logp, points->n * sizeof(double));
  gsl_sort(sorted, 1, points->n);
  return summary_quantile(points->n, sorted, 0.75);
}

size_t settled_weights(const particles *points, double floor, double *weight) {
  size_t count = 0;
  for (size_t i = 0; i < points->n; i++) {
    weight[i] = points->logp[i] >= floor;
    count += points->logp[i] >= floor;
  }
  return count;
}
