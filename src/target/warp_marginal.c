/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The marginal layer: x_j = R_j(z_j), R_j a monotone rational-quadratic spline with straight ends.
 *
 * Between knots (z0, x0) and (z1, x1) with derivatives d0 and d1, width w = z1 - z0, mean slope m = (x1 - x0)/w and u = (z - z0)/w,
 *   R = x0 + (x1 - x0) (m u^2 + d0 u (1 - u)) / D,   D = m + (d0 + d1 - 2 m) u (1 - u),
 *   R' = m^2 (d1 u^2 + 2 m u (1 - u) + d0 (1 - u)^2) / D^2                                    (Gregory & Delbourgo 1982). */
#include "target/warp.h"

#include <math.h>

/* The piece that a point is in, and where: u in [0, 1], outside the knots below 0 or above 1. */
typedef struct piece {
  double width, height, mean, first, last; /* of z, of x; mean slope; slopes at both ends */
  double z, x;                             /* its first knot */
} piece;

static piece piece_at(const double *z, const double *x, const double *slope, const double *sorted, double value) {
  size_t low = 0, high = WARP_KNOTS - 1;
  while (high - low > 1) {
    const size_t middle = (low + high) / 2;
    if (value < sorted[middle])
      high = middle;
    else
      low = middle;
  }
  const double width = z[low + 1] - z[low], height = x[low + 1] - x[low];
  return (piece){
      .width = width, .height = height, .mean = height / width, .first = slope[low], .last = slope[low + 1], .z = z[low], .x = x[low]};
}

/* log R' and its derivative at u. */
static void log_slope(const piece *p, double u, double *log_slope_at, double *derivative) {
  if (u <= 0 || u >= 1) {
    *log_slope_at = log(u <= 0 ? p->first : p->last);
    *derivative = 0;
    return;
  }
  const double v = u * (1 - u), bend = p->first + p->last - 2 * p->mean, d = p->mean + bend * v;
  const double top = p->last * u * u + 2 * p->mean * v + p->first * (1 - u) * (1 - u);
  *log_slope_at = 2 * log(p->mean / d) + log(top);
  *derivative = ((2 * p->last * u + 2 * p->mean * (1 - 2 * u) - 2 * p->first * (1 - u)) / top - 2 * bend * (1 - 2 * u) / d) / p->width;
}

static double value_at(const piece *p, double u) {
  if (u <= 0) return p->x + p->first * u * p->width;
  if (u >= 1) return p->x + p->height + p->last * (u - 1) * p->width;
  const double v = u * (1 - u), d = p->mean + (p->first + p->last - 2 * p->mean) * v;
  return p->x + p->height * (p->mean * u * u + p->first * v) / d;
}

/* The u at which the piece has the given height above its first knot: the root of a quadratic that lies in [0, 1]. */
static double place_of(const piece *p, double rise) {
  if (rise <= 0) return rise / (p->first * p->width);
  if (rise >= p->height) return 1 + (rise - p->height) / (p->last * p->width);
  const double bend = p->first + p->last - 2 * p->mean;
  const double a = p->height * (p->mean - p->first) + rise * bend, b = p->height * p->first - rise * bend, c = -p->mean * rise;
  return 2 * c / (-b - sqrt(fmax(b * b - 4 * a * c, 0)));
}

void warp_marginal_forward(const warp_marginal *m, size_t dim, size_t n, size_t ld, double *x, double *log_det) {
  for (size_t j = 0; j < dim; j++) {
    if (!m->used[j]) continue;
    const double *kz = m->z + j * WARP_KNOTS, *kx = m->x + j * WARP_KNOTS, *ks = m->slope + j * WARP_KNOTS;
    for (size_t i = 0; i < n; i++) {
      double slope, derivative;
      const piece p = piece_at(kz, kx, ks, kz, x[j * ld + i]);
      const double u = (x[j * ld + i] - p.z) / p.width;
      x[j * ld + i] = value_at(&p, u);
      if (!log_det) continue;
      log_slope(&p, u, &slope, &derivative);
      log_det[i] += slope;
    }
  }
}

void warp_marginal_backward(const warp_marginal *m, size_t dim, size_t n, size_t ld, double *x, double *grad, double *log_det) {
  for (size_t j = 0; j < dim; j++) {
    if (!m->used[j]) continue;
    const double *kz = m->z + j * WARP_KNOTS, *kx = m->x + j * WARP_KNOTS, *ks = m->slope + j * WARP_KNOTS;
    for (size_t i = 0; i < n; i++) {
      double slope, derivative;
      const piece p = piece_at(kz, kx, ks, kx, x[j * ld + i]);
      const double u = place_of(&p, x[j * ld + i] - p.x);
      x[j * ld + i] = p.z + u * p.width;
      log_slope(&p, u, &slope, &derivative);
      if (grad) grad[j * ld + i] = grad[j * ld + i] * exp(slope) + derivative;
      if (log_det) log_det[i] += slope;
    }
  }
}
