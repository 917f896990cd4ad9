/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conditional layer: x_h = z_h, and x_j = m_j(t) + sum_k w_jk x_k + exp(s_j(t)) z_j with t = x_h - centre, held inside [low, high];
 * parents x_k depend on nothing, so log |dx/dz| is sum_j s_j(t). */
#include "target/warp.h"

#include <math.h>

/* Log scales and terms' exponents are held within it: a wrong layer must not make numbers that no density has met. */
#define EXPONENT_MAX 40.0

/* What a point's coordinates depend on. */
typedef struct given {
  double t, inside;                           /* of the layer's own hyper-coordinate; 0 beyond its range, where t does not move with it */
  double f[WARP_TERMS], by_hyper[WARP_TERMS]; /* the terms, and their derivatives by their hyper-coordinates */
} given;

static double clamp(double x, double centre, double low, double high, double *inside) {
  const double t = x - centre, held = fmin(fmax(t, low), high);
  *inside = t == held;
  return held;
}

/* log(log(1 + exp(x))): x far below 0, log x far above. */
static double log_softplus(double x, double *slope) {
  const double e = exp(fmin(x, 0) - fmax(x, 0)), value = fmax(x, 0) + log1p(e);
  *slope = x < -30 ? 1 : (x < 0 ? e : 1) / (1 + e) / value;
  return x < -30 ? x : log(value);
}

double warp_log_link(warp_link link, double x, double *slope) {
  *slope = 1;
  return link == WARP_SOFTPLUS ? log_softplus(x, slope) : x;
}

static given given_at(const warp_conditional *c, size_t ld, size_t i, const double *x) {
  given g;
  g.t = clamp(x[c->hyper * ld + i], c->centre, c->low, c->high, &g.inside);
  for (size_t k = 0; k < c->terms; k++) {
    const warp_term *t = &c->term[k];
    double inside, slope;
    const double u = warp_log_link(t->link, x[t->hyper * ld + i], &slope);
    const double exponent = t->rate * clamp(u, t->centre, t->low, t->high, &inside);
    g.f[k] = exp(fmin(fmax(exponent, -EXPONENT_MAX), EXPONENT_MAX));
    g.by_hyper[k] = fabs(exponent) < EXPONENT_MAX ? inside * slope * t->rate * g.f[k] : 0;
  }
  return g;
}

/* m_j and s_j, and their derivatives by t. */
typedef struct dependence {
  double location, log_scale, location_slope, log_scale_slope;
} dependence;

static dependence depend(const warp_conditional *c, size_t j, double t) {
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
  if (fabs(d.log_scale) > EXPONENT_MAX) {
    d.log_scale = copysign(EXPONENT_MAX, d.log_scale);
    d.log_scale_slope = 0;
  }
  return d;
}

/* m_j and exp(-2 s_j) from natural parameters. */
typedef struct natural {
  double location, precision;
} natural;

static natural depend_naturally(const warp_conditional *c, size_t j, const given *g) {
  const double *p = c->natural + WARP_NATURAL * j, *q = p + 1 + WARP_TERMS;
  double precision = p[0], product = q[0];
  for (size_t k = 0; k < c->terms; k++) {
    precision += p[1 + k] * g->f[k];
    product += q[1 + k] * g->f[k];
  }
  return (natural){product / precision, precision};
}

static void place(const warp_conditional *c, size_t j, const given *g, double *location, double *log_scale) {
  if (c->naturally[j]) {
    const natural n = depend_naturally(c, j, g);
    *location = n.location;
    *log_scale = -0.5 * log(n.precision);
  } else {
    const dependence d = depend(c, j, g->t);
    *location = d.location;
    *log_scale = d.log_scale;
  }
}

/* x_j += sign sum_k w_jk x_k: the parents' part of the location. */
static void add_parents(const warp_conditional *c, size_t dim, double sign, size_t n, size_t ld, double *x) {
  for (size_t j = 0; j < dim; j++)
    for (size_t k = 0; c->depends[j] && k < c->parents; k++) {
      const double w = sign * c->weight[j * dim + k], *parent = x + c->parent[k] * ld;
      for (size_t i = 0; i < n; i++) x[j * ld + i] += w * parent[i];
    }
}

void warp_conditional_forward(const warp_conditional *c, size_t dim, size_t n, size_t ld, double *x, double *log_det) {
  for (size_t i = 0; i < n; i++) {
    const given g = given_at(c, ld, i, x);
    for (size_t j = 0; j < dim; j++) {
      if (!c->depends[j]) continue;
      double location, log_scale;
      place(c, j, &g, &location, &log_scale);
      x[j * ld + i] = location + exp(log_scale) * x[j * ld + i];
      if (log_det) log_det[i] += log_scale;
    }
  }
  add_parents(c, dim, 1, n, ld, x);
}

/* What coordinate j adds to the derivatives by the hyper-coordinates; its own is still that by x_j, and x_j is z_j already. */
static void pull_back_naturally(const warp_conditional *c, size_t j, const given *g, size_t ld, size_t i, const double *x, double *grad) {
  const double *p = c->natural + WARP_NATURAL * j, *q = p + 1 + WARP_TERMS;
  const natural n = depend_naturally(c, j, g);
  const double scale = 1 / sqrt(n.precision), slope = grad[j * ld + i];
  for (size_t k = 0; k < c->terms; k++) {
    const double of_location = (q[1 + k] - p[1 + k] * n.location) / n.precision, of_log_scale = -0.5 * p[1 + k] / n.precision;
    grad[c->term[k].hyper * ld + i] += g->by_hyper[k] * (slope * (of_location + of_log_scale * scale * x[j * ld + i]) + of_log_scale);
  }
  grad[j * ld + i] = scale * slope;
}

static void pull_back_shape(const warp_conditional *c, size_t j, const given *g, size_t ld, size_t i, const double *x, double *grad) {
  const dependence d = depend(c, j, g->t);
  const double scale = exp(d.log_scale), slope = d.location_slope + d.log_scale_slope * scale * x[j * ld + i];
  grad[c->hyper * ld + i] += g->inside * (grad[j * ld + i] * slope + d.log_scale_slope);
  grad[j * ld + i] *= scale;
}

/* The chain rule: first the parents', as long as gradients are those by x_j. */
static void pull_back(const warp_conditional *c, size_t dim, size_t n, size_t ld, const double *x, double *grad) {
  for (size_t j = 0; j < dim; j++)
    for (size_t k = 0; c->depends[j] && k < c->parents; k++) {
      const double w = c->weight[j * dim + k];
      for (size_t i = 0; i < n; i++) grad[c->parent[k] * ld + i] += w * grad[j * ld + i];
    }
  for (size_t i = 0; i < n; i++) {
    const given g = given_at(c, ld, i, x);
    for (size_t j = 0; j < dim; j++) {
      if (!c->depends[j]) continue;
      if (c->naturally[j])
        pull_back_naturally(c, j, &g, ld, i, x, grad);
      else
        pull_back_shape(c, j, &g, ld, i, x, grad);
    }
  }
}

void warp_conditional_backward(const warp_conditional *c, size_t dim, size_t n, size_t ld, double *x, double *grad, double *log_det) {
  add_parents(c, dim, -1, n, ld, x);
  for (size_t i = 0; i < n; i++) {
    const given g = given_at(c, ld, i, x);
    for (size_t j = 0; j < dim; j++) {
      if (!c->depends[j]) continue;
      double location, log_scale;
      place(c, j, &g, &location, &log_scale);
      x[j * ld + i] = (x[j * ld + i] - location) * exp(-log_scale);
      if (log_det) log_det[i] += log_scale;
    }
  }
  if (grad) pull_back(c, dim, n, ld, x, grad);
}
