/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Far looks: see far_looks.h.  The sequence is x_i = frac(shift + i a), a_j = g^-j, g the root of g^(m+1) = g + 1 in m dimensions (the
 * generalised golden ratio). */
#include "stage/far_looks.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#include "base/linalg.h"

#define NEAREST  0.5 /* f, in standard deviations of what was found */
#define FARTHEST 300.0

/* g by fixed-point iteration. */
static double golden_root(size_t m) {
  double g = 2;
  for (int k = 0; k < 64; k++) g = pow(1 + g, 1 / ((double)m + 1));
  return g;
}

/* Coordinate j of point i, inside (0, 1). */
static double sequence(double shift, double step, size_t i) {
  const double u = shift + (double)i * step, part = u - floor(u);
  return fmin(fmax(part, 1e-12), 1 - 1e-12);
}

void far_looks(target *t, stream s, const double *centre, const double *factor, particles *p) {
  const size_t d = p->dim;
  const double g = golden_root(d + 1);
  for (size_t j = 0; j < d; j++) {
    const double shift = stream_uniform(s, 0, 0, (uint32_t)j + 1), step = pow(g, -(double)(j + 2));
    for (size_t i = 0; i < p->n; i++) p->x[j * p->ld + i] = gsl_cdf_ugaussian_Pinv(sequence(shift, step, i));
  }
  lower_times(d, factor, p->n, p->ld, p->x);
  const double shift = stream_uniform(s, 0, 0, 0);
  for (size_t i = 0; i < p->n; i++) {
    const double f = NEAREST * pow(FARTHEST / NEAREST, sequence(shift, 1 / g, i));
    for (size_t j = 0; j < d; j++) p->x[j * p->ld + i] = centre[j] + f * p->x[j * p->ld + i];
  }
  target_probe(t, p->n, p->ld, p->x, p->logp, NULL);
}
