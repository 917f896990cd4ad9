/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dilation path of Chehab & Korba (2024, arXiv 2406.14040): mu_lambda is the law of c + sqrt(lambda) (X - c), X ~ pi, so that with
 * y = c + (x - c) / sqrt(lambda)
 *   log mu_lambda(x) = log pi~(y) - (d/2) log lambda,   score(x) = (grad log pi~)(y) / sqrt(lambda),
 * one gradient of the target a point.  The log-determinant makes its integral Z at every lambda.  lambda = 1 is the target bit for bit;
 * lambda = 0 is a point mass at c. */
#include <math.h>
#include <omp.h>

#include "path/path.h"

/* y = c + scale (x - c), the tile's leading dimension changing from ld to to_ld. */
static void dilate_tile(const path *p, double scale, size_t n, size_t ld, const double *x, size_t to_ld, double *y) {
  const size_t dim = target_dim(p->target);
  for (size_t j = 0; j < dim; j++) {
    const double c = p->centre ? p->centre[j] : 0;
    const double *from = x + j * ld;
    double *to = y + j * to_ld;
#pragma omp simd
    for (size_t i = 0; i < n; i++) to[i] = c + scale * (from[i] - c);
  }
}

static void dilation_evaluate(const path *p, double lambda, uint64_t first, size_t n, size_t ld, const double *x, double *logp,
                              double *score) {
  if (lambda == 1) {
    target_evaluate(p->target, first, n, ld, x, logp, score);
    return;
  }
  const size_t dim = target_dim(p->target), block = dim * PARTICLE_TILE;
  const double root = 1 / sqrt(lambda), log_det = 0.5 * (double)dim * log(lambda);
  double *y = p->work + 2 * block * (size_t)omp_get_thread_num(), *grad = y + block;
  dilate_tile(p, root, n, ld, x, PARTICLE_TILE, y);
  target_evaluate(p->target, first, n, PARTICLE_TILE, y, logp, score ? grad : NULL);
  for (size_t i = 0; i < n; i++) logp[i] -= log_det;
  if (!score) return;
  for (size_t j = 0; j < dim; j++)
    for (size_t i = 0; i < n; i++) score[j * ld + i] = root * grad[j * PARTICLE_TILE + i];
}

static void dilation_carry(const path *p, double from, double to, size_t n, size_t ld, double *x) {
  if (from == to || from == 0) return;
  dilate_tile(p, sqrt(to / from), n, ld, x, ld, x);
}

const path_type path_dilation = {"dilation", 0, 2, dilation_evaluate, dilation_carry};
