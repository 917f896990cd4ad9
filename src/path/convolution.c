/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Gaussian convolution path, the law of x = c + sqrt(lambda) (X - c) + sqrt(1 - lambda) s E, in closed form, for targets that can
 * convolve themselves.  y = c + (x - c) / sqrt(lambda) is X + sigma E with sigma = s sqrt((1 - lambda) / lambda), so that log mu_lambda(x)
 * = log (pi~ * N(0, sigma^2 I))(y) - (d/2) log lambda,   score(x) = score of that at y / sqrt(lambda). lambda = 1 is the target bit for
 * bit; lambda = 0 is N(c, s^2 I), normalised. */
#include <math.h>

#include "path/path.h"

static void convolution_evaluate(const path *p, double lambda, uint64_t first, size_t n, size_t ld, const double *x, double *logp,
                                 double *score) {
  if (lambda == 1) {
    target_evaluate(p->target, first, n, ld, x, logp, score);
    return;
  }
  if (lambda == 0) {
    path_gaussian(p, n, ld, x, logp, score);
    return;
  }
  const double sigma = p->scale * sqrt((1 - lambda) / lambda);
  double *y = path_scratch(p), *slope = y + target_dim(p->target) * PARTICLE_TILE;
  path_scale_tile(p, 1 / sqrt(lambda), n, ld, x, PARTICLE_TILE, y);
  target_convolve(p->target, sigma, first, n, PARTICLE_TILE, y, logp, score ? slope : NULL);
  path_scale_back(p, lambda, n, ld, slope, logp, score);
}

static int convolution_check(const path *p, dilate_error *err) {
  if (!(p->scale > 0 && isfinite(p->scale)))
    return error_set(err, DILATE_EINVAL, "the path \"convolution\" begins at a Gaussian: its scale is %g, and must be positive and finite",
                     p->scale);
  if (target_can_convolve(p->target)) return DILATE_OK;
  return error_set(
      err, DILATE_EDOMAIN,
      "the path \"convolution\" has a density only for targets with a convolve callback, such as mixtures of Gaussians; this one "
      "has none, so its scores can only be estimated (score \"importance\" or \"langevin\")");
}

const path_type path_convolution = {"convolution", 1, 2, convolution_evaluate, NULL, convolution_check};
