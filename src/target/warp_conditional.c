/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conditional layer: x_h = z_h, and x_j = c_j + a_j t + b_j t^2 + sum_k w_jk x_k + exp(s_j t) z_j with t = x_h - centre, held inside
 * [low, high]; parents x_k depend on nothing, so log |dx/dz| is t sum_j s_j. */
#include "target/warp.h"

#include <math.h>

/* t and, where wanted, whether it is inside its range: beyond it t does not move with x_h. */
static double clamp(const warp_conditional *c, double x, double *inside) {
  const double t = x - c->centre, held = fmin(fmax(t, c->low), c->high);
  if (inside) *inside = t == held;
  return held;
}

/* x_j += sign sum_k w_jk x_k: the parents' part of the location. */
static void add_parents(const warp_conditional *c, size_t dim, size_t j, double sign, size_t n, size_t ld, double *x) {
  for (size_t k = 0; k < c->parents; k++) {
    const double w = sign * c->weight[j * dim + k], *parent = x + c->parent[k] * ld;
    for (size_t i = 0; i < n; i++) x[j * ld + i] += w * parent[i];
  }
}

static void add_log_det(const warp_conditional *c, size_t dim, size_t n, const double *hyper, double *log_det) {
  double scales = 0;
  for (size_t j = 0; j < dim; j++) scales += c->log_scale[j];
  for (size_t i = 0; i < n; i++) log_det[i] += scales * clamp(c, hyper[i], NULL);
}

void warp_conditional_forward(const warp_conditional *c, size_t dim, size_t n, size_t ld, double *x, double *log_det) {
  const double *hyper = x + c->hyper * ld;
  for (size_t j = 0; j < dim; j++) {
    if (!c->depends[j]) continue;
    for (size_t i = 0; i < n; i++) {
      const double t = clamp(c, hyper[i], NULL);
      x[j * ld + i] = c->constant[j] + c->linear[j] * t + c->quadratic[j] * t * t + exp(c->log_scale[j] * t) * x[j * ld + i];
    }
    add_parents(c, dim, j, 1, n, ld, x);
  }
  if (log_det) add_log_det(c, dim, n, hyper, log_det);
}

/* The chain rule for coordinate j, whose gradient is still that of x_j: what it adds to those of t and of the parents. */
static void pull_back(const warp_conditional *c, size_t dim, size_t j, size_t n, size_t ld, const double *x, double *grad) {
  const double *hyper = x + c->hyper * ld, a = c->linear[j], b = c->quadratic[j], s = c->log_scale[j];
  for (size_t k = 0; k < c->parents; k++) {
    const double w = c->weight[j * dim + k];
    for (size_t i = 0; i < n; i++) grad[c->parent[k] * ld + i] += w * grad[j * ld + i];
  }
  for (size_t i = 0; i < n; i++) {
    double inside;
    const double t = clamp(c, hyper[i], &inside), scale = exp(s * t);
    grad[c->hyper * ld + i] += inside * (grad[j * ld + i] * (a + 2 * b * t + s * scale * x[j * ld + i]) + s);
    grad[j * ld + i] *= scale;
  }
}

void warp_conditional_backward(const warp_conditional *c, size_t dim, size_t n, size_t ld, double *x, double *grad, double *log_det) {
  const double *hyper = x + c->hyper * ld;
  for (size_t j = 0; j < dim; j++) {
    if (!c->depends[j]) continue;
    add_parents(c, dim, j, -1, n, ld, x);
    for (size_t i = 0; i < n; i++) {
      const double t = clamp(c, hyper[i], NULL);
      x[j * ld + i] = (x[j * ld + i] - c->constant[j] - c->linear[j] * t - c->quadratic[j] * t * t) * exp(-c->log_scale[j] * t);
    }
    if (grad) pull_back(c, dim, j, n, ld, x, grad);
  }
  if (log_det) add_log_det(c, dim, n, hyper, log_det);
}
