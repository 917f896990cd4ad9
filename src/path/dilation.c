/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dilation path of Chehab & Korba (2024, arXiv 2406.14040): mu_lambda is the law of c + sqrt(lambda) (X - c), X ~ pi, so that with
 * y = c + (x - c) / sqrt(lambda)
 *   log mu_lambda(x) = log pi~(y) - (d/2) log lambda,   score(x) = (grad log pi~)(y) / sqrt(lambda),
 * one gradient of the target a point.  The log-determinant makes its integral Z at every lambda.  lambda = 1 is the target bit for bit;
 * lambda = 0 is a point mass at c. */
#include <math.h>

#include "path/path.h"

static void dilation_evaluate(const path *p, double lambda, uint64_t first, size_t n, size_t ld, const double *x, double *logp,
                              double *score) {
  if (lambda == 1) {
    target_evaluate(p->target, first, n, ld, x, logp, score);
    return;
  }
  double *y = path_scratch(p), *grad = y + target_dim(p->target) * PARTICLE_TILE;
  path_scale_tile(p, 1 / sqrt(lambda), n, ld, x, PARTICLE_TILE, y);
  target_evaluate(p->target, first, n, PARTICLE_TILE, y, logp, score ? grad : NULL);
  path_scale_back(p, lambda, n, ld, grad, logp, score);
}

/* Scores change by the inverse of what points change by, densities by its determinant. */
static void dilation_carry(const path *p, double from, double to, size_t n, size_t ld, double *x, double *logp, double *score) {
  if (from == to || from == 0) return;
  const size_t dim = target_dim(p->target);
  const double shift = 0.5 * (double)dim * log(from / to), scale = sqrt(from / to);
  if (x) path_scale_tile(p, sqrt(to / from), n, ld, x, ld, x);
  for (size_t i = 0; logp && i < n; i++) logp[i] += shift;
  for (size_t j = 0; score && j < dim; j++)
    for (size_t i = 0; i < n; i++) score[j * ld + i] *= scale;
}

const path_type path_dilation = {"dilation", 0, 2, dilation_evaluate, dilation_carry, NULL};
