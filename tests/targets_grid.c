/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Integrals of a planar target by the trapezoid rule; see targets_grid.h. */
#include "targets_grid.h"

#include <check.h>
#include <math.h>

#define LINE 16384

/* Sums of f, f x, f y, f x^2, f y^2, f x y. */
typedef struct sums {
  double one, x, y, xx, yy, xy;
} sums;

/* One line of constant x; offset keeps exp in range. */
static void add_line(const builtin *b, double x, grid_range y, double offset, sums *s, double *share) {
  static double point[2 * LINE], logp[LINE];
  const size_t n = (size_t)llround((y.high - y.low) / y.step) + 1;
  ck_assert_uint_le(n, LINE);
  for (size_t i = 0; i < n; i++) {
    point[i] = x;
    point[LINE + i] = y.low + y.step * (double)i;
  }
  ck_assert_int_eq(b->target.batch(2, n, LINE, point, logp, NULL, b->target.params), 0);
  for (size_t i = 0; i < n; i++) {
    if (logp[i] - offset < -60) continue;
    const double f = exp(logp[i] - offset), v = point[LINE + i], at[2] = {x, v};
    s->one += f;
    s->x += f * x;
    s->y += f * v;
    s->xx += f * x * x;
    s->yy += f * v * v;
    s->xy += f * x * v;
    if (b->components > 0) share[b->component(b, at)] += f;
  }
}

grid_moments targets_grid(const builtin *b, grid_range x, grid_range y) {
  grid_moments m = {0};
  sums s = {0};
  const size_t n = (size_t)llround((x.high - x.low) / x.step) + 1;
  for (size_t i = 0; i < n; i++) add_line(b, x.low + x.step * (double)i, y, b->log_z, &s, m.share);
  m.log_z = b->log_z + log(s.one * x.step * y.step);
  m.mean[0] = s.x / s.one;
  m.mean[1] = s.y / s.one;
  m.variance[0] = s.xx / s.one - m.mean[0] * m.mean[0];
  m.variance[1] = s.yy / s.one - m.mean[1] * m.mean[1];
  m.covariance = s.xy / s.one - m.mean[0] * m.mean[1];
  for (size_t k = 0; k < b->components; k++) m.share[k] /= s.one;
  return m;
}
