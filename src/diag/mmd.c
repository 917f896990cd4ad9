/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maximum mean discrepancy (Gretton, Borgwardt, Rasch, Schoelkopf & Smola 2012, JMLR 13:723) of the kernels
 *   inverse multiquadric (1 + r^2/h^2)^(-1/2),   Gaussian exp(-r^2 / (2 h^2)),
 *   MMD^2 = E k(X,X') + E k(Y,Y') - 2 E k(X,Y).
 * The distance takes all pairs (V-statistic): it is that of the two empirical laws, never negative, and 0 for equal samples.  Beside it
 * stands the unbiased estimate of MMD^2 of the laws behind them, which leaves out a draw with itself. */
#include <math.h>

#include "base/memory.h"
#include "base/vmath.h"
#include "diag/pairs.h"

static void imq(size_t count, double *square, double scale) {
#pragma omp simd
  for (size_t k = 0; k < count; k++) square[k] = 1 / sqrt(1 + scale * square[k]);
}

static void gaussian(size_t count, double *square, double scale) {
  for (size_t k = 0; k < count; k++) square[k] *= -scale;
  vmath_exp(count, square, square);
}

/* Both estimates of MMD^2; k(x, x) = 1. */
static void combine(double n, double m, double xx, double yy, double xy, double *biased, double *unbiased) {
  *biased = xx / (n * n) + yy / (m * m) - 2 * (xy / (n * m));
  if (unbiased) *unbiased = n > 1 && m > 1 ? (xx - n) / (n * (n - 1)) + (yy - m) / (m * (m - 1)) - 2 * (xy / (n * m)) : NAN;
}

static int evaluate(const comparison *c, double *square, double *unbiased, dilate_error *err) {
  double h, *row;
  const int status = pair_bandwidth(&c->x, &c->y, &c->set, &h, err);
  if (status) return status;
  row = NEW(double, c->x.n > c->y.n ? c->x.n : c->y.n);
  if (!row) return error_memory(err, "dilate_distance_mmd");
  const int is_imq = c->set.kernel == DILATE_KERNEL_IMQ;
  const pair_function kernel = is_imq ? imq : gaussian;
  const double scale = (is_imq ? 1 : 0.5) / (h * h);
  const double xx = pair_total(&c->x, &c->x, kernel, scale, c->set.threads, row);
  const double yy = pair_total(&c->y, &c->y, kernel, scale, c->set.threads, row);
  const double xy = pair_total(&c->x, &c->y, kernel, scale, c->set.threads, row);
  memory_free(row);
  combine((double)c->x.n, (double)c->y.n, xx, yy, xy, square, unbiased);
  return 0;
}

int dilate_distance_mmd(size_t dim, size_t n, const double *x, size_t m, const double *y, const dilate_distance_options *options,
                        double *out, double *unbiased, dilate_error *err) {
  comparison c;
  double square = NAN;
  if (unbiased) *unbiased = NAN;
  int status = comparison_make(dim, n, x, m, y, options, out, &c, err);
  if (!status) status = evaluate(&c, &square, unbiased, err);
  if (!status) status = distance_finish("MMD", square, out, err);
  comparison_clear(&c);
  return status;
}
