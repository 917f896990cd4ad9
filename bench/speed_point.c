/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The naive density: a log-sum-exp over the components, nothing carried over, nothing vectorised by hand.  Compiled with -O2 alone. */
#include "bench/speed_point.h"

#include <math.h>

int point_density(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const point_mixture *m = params;
  double term[POINT_COMPONENTS], largest = -INFINITY, sum = 0;
  (void)dim;
  for (int k = 0; k < POINT_COMPONENTS; k++) {
    double a = (x[0] - m->mean[k][0]) / m->sd, b = (x[1] - m->mean[k][1]) / m->sd;
    term[k] = -0.5 * (a * a + b * b);
    if (term[k] > largest) largest = term[k];
  }
  for (int k = 0; k < POINT_COMPONENTS; k++) {
    term[k] = exp(term[k] - largest);
    sum += term[k];
  }
  *logp = largest + log(sum / POINT_COMPONENTS) - log(6.283185307179586 * m->sd * m->sd);
  if (!grad) return 0;
  grad[0] = grad[1] = 0;
  for (int k = 0; k < POINT_COMPONENTS; k++) {
    grad[0] += term[k] / sum * (m->mean[k][0] - x[0]) / (m->sd * m->sd);
    grad[1] += term[k] / sum * (m->mean[k][1] - x[1]) / (m->sd * m->sd);
  }
  return 0;
}
