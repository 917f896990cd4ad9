/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A self-normalised mean with a control variate.  With shares W_i of the weights and V_i of the shares of the fresh proposal in the
 * mixture of proposals, sum_i V_i (X_i - x) has expectation 0, because the fresh proposal is centred in x.  So
 *   mean = sum_i W_i d_i - b sum_i V_i d_i,   d_i = X_i - x,
 * with b the regression of the one's residuals, W_i (d_i - mean), on the other's (Owen 2013, Monte Carlo theory, 8.9 and 9.10).  As
 * sigma -> 0 the weights even out, b -> 1 and the error of the score stays bounded, where that of the plain mean grows as 1/sigma.
 * (Mirrored proposals x +- sigma n do the same for the fresh batch; with earlier batches, and in many dimensions, this was better and they
 * brought nothing on top.) */
#include "score/importance.h"

#include <math.h>

static double shared_sum(size_t n, const double *share, const double *d) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += share[i] * d[i];
  return sum;
}

double displacement_mean(const displacements *s, size_t j, double *se) {
  const double *d = s->d + j * s->ld;
  const double mean = shared_sum(s->n, s->weight, d), known = shared_sum(s->n, s->control, d);
  double both = 0, square = 0, own = 0;
  for (size_t i = 0; i < s->n; i++) {
    const double r = s->weight[i] * (d[i] - mean), c = s->control[i] * (d[i] - known);
    both += r * c;
    square += c * c;
    own += r * r;
  }
  const double b = square > 0 && isfinite(both / square) ? both / square : 0;
  *se = sqrt(fmax(own - b * both, 0));
  return mean - b * known;
}
