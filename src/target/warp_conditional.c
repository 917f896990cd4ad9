/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conditional layer: x_h = z_h, and x_j = m_j(t) + sum_k w_jk x_k + exp(s_j(t)) z_j with t = x_h - centre, held inside [low, high];
 * parents x_k depend on nothing, so log |dx/dz| is sum_j s_j(t). */
#include "target/warp.h"

#include <math.h>

/* t and, where wanted, whether it is inside its range: beyond it t does not move with x_h. */
static double clamp(const warp_conditional *c, double x, double *inside) {
  const double t = x - c->centre, held = fmin(fmax(t, c->low), c->high);
  if (inside) *inside = t == held;
  return held;
}

/* m_j(t) and s_j(t), and their derivatives. */
typedef struct dependence {
  double location, log_scale, location_slope, log_scale_slope;
} dependence;

/* Precision a + b f and precision times mean c + d f, f = exp(rate t). */
static dependence depend_naturally(const warp_conditional *c, size_t j, double t) {
  const double *n = c->natural + 4 * j, f = exp(c->rate * t), slope = c->rate * f;
  const double precision = n[0] + n[1] * f, location = (n[2] + n[3] * f) / precision;
  return (dependence){.location = location,
                      .location_slope = slope * (n[3] - n[1] * location) / precision,
                      .log_scale = -0.5 * log(precision),
                      .log_scale_slope = -0.5 * slope * n[1] / precision};
}

static dependence depend(const warp_conditional *c, size_t j, double t) {
  if (c->natural[4 * j] + c->natural[4 * j + 1] > 0) return depend_naturally(c, j, t);
  dependence d = {.location = c->constant[j] + c->linear[j] * t + c->quadratic[j] * t * t,
                  .location_slope = c->linear[j] + 2 * c->quadratic[j] * t,
                  .log_scale = c->log_scale[j] * t,
                  .log_scale_slope = c->log_scale[j]};
  for (size_t b = 0; b < WARP_BENDS && t > c->bend[b]; b++) {
    const double beyond = t - c->bend[b], of_location = c->bend_linear[j * WARP_BENDS + b],
                 of_scale = c->bend_log_scale[j * WARP_BENDS + b];
    d.location += of_location * beyond;
    d.location_slope += of_location;
    d.log_scale += of_scale * beyond;
    d.log_scale_slope += of_scale;
  }
  return d;
}

/* x_j += sign sum_k w_jk x_k: the parents' part of the location. */
static void add_parents(const warp_conditional *c, size_t dim, size_t j, double sign, size_t n, size_t ld, double *x) {
  for (size_t k = 0; k < c->parents; k++) {
    const double w = sign * c->weight[j * dim + k], *parent = x + c->parent[k] * ld;
    for (size_t i = 0; i < n; i++) x[j * ld + i] += w * parent[i];
  }
}

static void add_log_det(const warp_conditional *c, size_t dim, size_t n, const double *hyper, double *log_det) {
  for (size_t j = 0; j < dim; j++)
    for (size_t i = 0; c->depends[j] && i < n; i++) log_det[i] += depend(c, j, clamp(c, hyper[i], NULL)).log_scale;
}

void warp_conditional_forward(const warp_conditional *c, size_t dim, size_t n, size_t ld, double *x, double *log_det) {
  const double *hyper = x + c->hyper * ld;
  for (size_t j = 0; j < dim; j++) {
    if (!c->depends[j]) continue;
    for (size_t i = 0; i < n; i++) {
      const dependence d = depend(c, j, clamp(c, hyper[i], NULL));
      x[j * ld + i] = d.location + exp(d.log_scale) * x[j * ld + i];
    }
    add_parents(c, dim, j, 1, n, ld, x);
  }
  if (log_det) add_log_det(c, dim, n, hyper, log_det);
}

/* The chain rule for coordinate j, whose gradient is still that of x_j: what it adds to those of t and of the parents. */
static void pull_back(const warp_conditional *c, size_t dim, size_t j, size_t n, size_t ld, const double *x, double *grad) {
  const double *hyper = x + c->hyper * ld;
  for (size_t k = 0; k < c->parents; k++) {
    const double w = c->weight[j * dim + k];
    for (size_t i = 0; i < n; i++) grad[c->parent[k] * ld + i] += w * grad[j * ld + i];
  }
  for (size_t i = 0; i < n; i++) {
    double inside;
    const dependence d = depend(c, j, clamp(c, hyper[i], &inside));
    const double scale = exp(d.log_scale), slope = d.location_slope + d.log_scale_slope * scale * x[j * ld + i];
    grad[c->hyper * ld + i] += inside * (grad[j * ld + i] * slope + d.log_scale_slope);
    grad[j * ld + i] *= scale;
  }
}

void warp_conditional_backward(const warp_conditional *c, size_t dim, size_t n, size_t ld, double *x, double *grad, double *log_det) {
  const double *hyper = x + c->hyper * ld;
  for (size_t j = 0; j < dim; j++) {
    if (!c->depends[j]) continue;
    add_parents(c, dim, j, -1, n, ld, x);
    for (size_t i = 0; i < n; i++) {
      const dependence d = depend(c, j, clamp(c, hyper[i], NULL));
      x[j * ld + i] = (x[j * ld + i] - d.location) * exp(-d.log_scale);
    }
    if (grad) pull_back(c, dim, j, n, ld, x, grad);
  }
  if (log_det) add_log_det(c, dim, n, hyper, log_det);
}
