/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The marginal layer: x_j = R_j(z_j), R_j a monotone rational-quadratic spline with straight ends.
 *
 * Between knots (z0, x0) and (z1, x1) with derivatives d0 and d1, width w = z1 - z0, mean slope m = (x1 - x0)/w and u = (z - z0)/w,
 *   R = x0 + (x1 - x0) (m u^2 + d0 u (1 - u)) / D,   D = m + (d0 + d1 - 2 m) u (1 - u),
 *   R' = m^2 (d1 u^2 + 2 m u (1 - u) + d0 (1 - u)^2) / D^2                                    (Gregory & Delbourgo 1982). */
#include "target/warp.h"

#include <stdint.h>

#include "base/clones.h"
#include "base/vmath.h"

#define CHUNK      64 /* points at a time */
#define FIRST_STEP 32 /* of a search among the knots that begin a piece; each further one is half as long */
_Static_assert(2 * FIRST_STEP - 1 >= WARP_KNOTS - 2, "steps reach the last piece");

/* The pieces that a chunk's points are in, and where: u in [0, 1], outside the knots below 0 or above 1. */
typedef struct pieces {
  double width[CHUNK], height[CHUNK], mean[CHUNK], first[CHUNK], last[CHUNK]; /* of z, of x; mean slope; slopes at both ends */
  double z[CHUNK], x[CHUNK];                                                  /* its first knot */
  double u[CHUNK];
} pieces;

/* One coordinate's knots. */
typedef struct spline {
  const double *z, *x, *slope;
} spline;

static spline spline_of(const warp_marginal *m, size_t j) {
  return (spline){m->z + j * WARP_KNOTS, m->x + j * WARP_KNOTS, m->slope + j * WARP_KNOTS};
}

/* sorted: z or x, of which `value` are.  The last knot that is not above a value begins its piece; the first and the last piece go on. */
WIDE_LOOPS static void find_pieces(const spline *s, const double *sorted, size_t n, const double *value, pieces *p) {
  const double *z = s->z, *x = s->x, *slope = s->slope;
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    int64_t at = 0;
    for (int64_t step = FIRST_STEP; step > 0; step /= 2) {
      const int64_t next = at + step < WARP_KNOTS - 2 ? at + step : WARP_KNOTS - 2;
      at = value[i] < sorted[next] ? at : next;
    }
    p->z[i] = z[at];
    p->x[i] = x[at];
    p->first[i] = slope[at];
    p->last[i] = slope[at + 1];
    p->width[i] = z[at + 1] - z[at];
    p->height[i] = x[at + 1] - x[at];
    p->mean[i] = p->height[i] / p->width[i];
  }
}

/* R at u. */
WIDE_LOOPS static void values_at(const pieces *p, size_t n, double *value) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const double u = p->u[i], v = u * (1 - u), d = p->mean[i] + (p->first[i] + p->last[i] - 2 * p->mean[i]) * v;
    const double within = p->x[i] + p->height[i] * (p->mean[i] * u * u + p->first[i] * v) / d;
    const double below = p->x[i] + p->first[i] * u * p->width[i];
    const double above = p->x[i] + p->height[i] + p->last[i] * (u - 1) * p->width[i];
    value[i] = u <= 0 ? below : u >= 1 ? above : within;
  }
}

/* R' at u, and the derivative of its logarithm by z. */
WIDE_LOOPS static void slopes_at(const pieces *p, size_t n, double *slope, double *derivative) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const double u = p->u[i], v = u * (1 - u), mean = p->mean[i], first = p->first[i], last = p->last[i];
    const double bend = first + last - 2 * mean, d = mean + bend * v, ratio = mean / d;
    const double top = last * u * u + 2 * mean * v + first * (1 - u) * (1 - u);
    const double of_top = 2 * last * u + 2 * mean * (1 - 2 * u) - 2 * first * (1 - u), of_d = bend * (1 - 2 * u);
    slope[i] = u <= 0 ? first : u >= 1 ? last : ratio * ratio * top;
    derivative[i] = u <= 0 || u >= 1 ? 0 : (of_top / top - 2 * of_d / d) / p->width[i];
  }
}

/* The u at which a piece has the height of `value` above its first knot: the root of a quadratic that lies in [0, 1]. */
WIDE_LOOPS static void find_places(size_t n, const double *value, pieces *p) {
  double minus_b[CHUNK], twice_c[CHUNK], root[CHUNK] = {0};
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const double rise = value[i] - p->x[i], bend = p->first[i] + p->last[i] - 2 * p->mean[i];
    const double a = p->height[i] * (p->mean[i] - p->first[i]) + rise * bend, b = p->height[i] * p->first[i] - rise * bend;
    const double c = -p->mean[i] * rise, square = b * b - 4 * a * c;
    minus_b[i] = -b;
    twice_c[i] = 2 * c;
    root[i] = square > 0 ? square : 0;
  }
  vmath_root(n, root, root);
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const double rise = value[i] - p->x[i], below = rise / (p->first[i] * p->width[i]);
    const double above = 1 + (rise - p->height[i]) / (p->last[i] * p->width[i]), within = twice_c[i] / (minus_b[i] - root[i]);
    p->u[i] = rise <= 0 ? below : rise >= p->height[i] ? above : within;
  }
}

WIDE_LOOPS static void add_logs(size_t n, double *slope, double *log_det) {
  vmath_log(n, slope, slope);
#pragma omp simd
  for (size_t i = 0; i < n; i++) log_det[i] += slope[i];
}

WIDE_LOOPS static void forward_chunk(const spline *s, size_t n, double *x, double *log_det) {
  double slope[CHUNK] = {0}, unused[CHUNK];
  pieces p;
  find_pieces(s, s->z, n, x, &p);
#pragma omp simd
  for (size_t i = 0; i < n; i++) p.u[i] = (x[i] - p.z[i]) / p.width[i];
  values_at(&p, n, x);
  if (!log_det) return;
  slopes_at(&p, n, slope, unused);
  add_logs(n, slope, log_det);
}

void warp_marginal_forward(const warp_marginal *m, size_t dim, size_t n, size_t ld, double *x, double *log_det) {
  for (size_t j = 0; j < dim; j++) {
    const spline s = spline_of(m, j);
    for (size_t i = 0; i < n && m->used[j]; i += CHUNK)
      forward_chunk(&s, n - i < CHUNK ? n - i : CHUNK, x + j * ld + i, log_det ? log_det + i : NULL);
  }
}

WIDE_LOOPS static void backward_chunk(const spline *s, size_t n, double *x, double *grad, double *log_det) {
  double slope[CHUNK] = {0}, derivative[CHUNK];
  pieces p;
  find_pieces(s, s->x, n, x, &p);
  find_places(n, x, &p);
#pragma omp simd
  for (size_t i = 0; i < n; i++) x[i] = p.z[i] + p.u[i] * p.width[i];
  if (!grad && !log_det) return;
  slopes_at(&p, n, slope, derivative);
#pragma omp simd
  for (size_t i = 0; i < (grad ? n : 0); i++) grad[i] = grad[i] * slope[i] + derivative[i];
  if (log_det) add_logs(n, slope, log_det);
}

void warp_marginal_backward(const warp_marginal *m, size_t dim, size_t n, size_t ld, double *x, double *grad, double *log_det) {
  for (size_t j = 0; j < dim; j++) {
    const spline s = spline_of(m, j);
    for (size_t i = 0; i < n && m->used[j]; i += CHUNK)
      backward_chunk(&s, n - i < CHUNK ? n - i : CHUNK, x + j * ld + i, grad ? grad + j * ld + i : NULL, log_det ? log_det + i : NULL);
  }
}
