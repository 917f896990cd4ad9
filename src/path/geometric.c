/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The geometric path, tempering: log mu_lambda = (1 - lambda) log q + lambda log pi~, from a normalised law q, by default N(c, s^2 I).
 * lambda = 1 is the target and lambda = 0 is q, both bit for bit and without a call of the other. */
#include <math.h>

#include "path/path.h"

/* log q and its score, in tiles of leading dimension PARTICLE_TILE. */
static void reference_evaluate(const path *p, uint64_t first, size_t n, const double *y, double *logq, double *slope) {
  if (p->reference)
    target_evaluate(p->reference, first, n, PARTICLE_TILE, y, logq, slope);
  else
    path_gaussian(p, n, PARTICLE_TILE, y, logq, slope);
}

static void geometric_evaluate(const path *p, double lambda, uint64_t first, size_t n, size_t ld, const double *x, double *logp,
                               double *score) {
  if (lambda == 1) {
    target_evaluate(p->target, first, n, ld, x, logp, score);
    return;
  }
  const size_t dim = target_dim(p->target);
  double *y = path_scratch(p), *slope = y + dim * PARTICLE_TILE, logq[PARTICLE_TILE];
  for (size_t j = 0; j < dim; j++)
    for (size_t i = 0; i < n; i++) y[j * PARTICLE_TILE + i] = x[j * ld + i];
  reference_evaluate(p, first, n, y, logq, score ? slope : NULL);
  if (lambda > 0) target_evaluate(p->target, first, n, ld, x, logp, score);
  for (size_t i = 0; i < n; i++) logp[i] = lambda > 0 ? (1 - lambda) * logq[i] + lambda * logp[i] : logq[i];
  for (size_t j = 0; score && j < dim; j++)
    for (size_t i = 0; i < n; i++) {
      const double of_q = slope[j * PARTICLE_TILE + i], of_pi = lambda > 0 ? score[j * ld + i] : 0;
      score[j * ld + i] = logp[i] == -INFINITY ? 0 : (1 - lambda) * of_q + lambda * of_pi;
    }
}

static int geometric_check(const path *p, dilate_error *err) {
  if (p->reference && target_dim(p->reference) != target_dim(p->target))
    return error_set(err, DILATE_EINVAL, "the path \"geometric\": the reference has %zu coordinates, the target %zu",
                     target_dim(p->reference), target_dim(p->target));
  if (p->reference || (p->scale > 0 && isfinite(p->scale))) return DILATE_OK;
  return error_set(err, DILATE_EINVAL, "the path \"geometric\" begins at a Gaussian: its scale is %g, and must be positive and finite",
                   p->scale);
}

const path_type path_geometric = {"geometric", 1, 2, geometric_evaluate, NULL, geometric_check};
