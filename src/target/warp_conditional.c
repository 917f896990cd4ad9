/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conditional layer: x_h = z_h, and x_j = m_j(t) + sum_k w_jk x_k + exp(s_j(t)) z_j with t = x_h - centre, held inside [low, high];
 * parents x_k depend on nothing, so log |dx/dz| is sum_j s_j(t). */
#include "target/warp.h"

#include <math.h>

#include "base/clones.h"
#include "base/vmath.h"

/* Log scales and terms' exponents are held within it: a wrong layer must not make numbers that no density has met. */
#define EXPONENT_MAX 40.0
#define CHUNK        64 /* points at a time */

/* What the coordinates of a chunk's points depend on. */
typedef struct given {
  double t[CHUNK], inside[CHUNK];     /* of the layer's own hyper-coordinate; 0 beyond its range, where t does not move with it */
  double f[WARP_TERMS][CHUNK];        /* the terms, */
  double by_hyper[WARP_TERMS][CHUNK]; /* and their derivatives by their hyper-coordinates */
} given;

/* m_j, exp(s_j) and s_j, and the derivatives of m_j and s_j by t or, in natural parameters, by term k. */
typedef struct placed {
  double location[CHUNK], scale[CHUNK], log_scale[CHUNK];
  double location_slope[CHUNK], log_scale_slope[CHUNK];
} placed;

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

/* log(1 + e) to full accuracy for small e, too: e log(w)/(w - 1) with w = 1 + e as it is rounded. */
WIDE_LOOPS static void log_one_plus(size_t n, const double *e, double *out) {
  double whole[CHUNK] = {0};
#pragma omp simd
  for (size_t i = 0; i < n; i++) whole[i] = 1 + e[i];
  vmath_log(n, whole, out);
#pragma omp simd
  for (size_t i = 0; i < n; i++) out[i] = whole[i] == 1 ? e[i] : out[i] * e[i] / (whole[i] == 1 ? 1 : whole[i] - 1);
}

/* log_softplus() of a chunk. */
WIDE_LOOPS static void log_softplus_chunk(size_t n, const double *x, double *u, double *slope) {
  double e[CHUNK] = {0}, value[CHUNK];
#pragma omp simd
  for (size_t i = 0; i < n; i++) e[i] = x[i] < 0 ? x[i] : -x[i];
  vmath_exp(n, e, e);
  log_one_plus(n, e, value);
#pragma omp simd
  for (size_t i = 0; i < n; i++) value[i] += x[i] > 0 ? x[i] : 0;
  vmath_log(n, value, u);
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    slope[i] = x[i] < -30 ? 1 : (x[i] < 0 ? e[i] : 1) / (1 + e[i]) / value[i];
    u[i] = x[i] < -30 ? x[i] : u[i];
  }
}

WIDE_LOOPS static void term_at(const warp_term *t, size_t n, const double *x, double *f, double *by_hyper) {
  double u[CHUNK], slope[CHUNK], inside[CHUNK];
  for (size_t i = 0; i < n; i++) slope[i] = 1;
  if (t->link == WARP_SOFTPLUS) log_softplus_chunk(n, x, u, slope);
  warp_hold(n, t->link == WARP_SOFTPLUS ? u : x, t->centre, t->low, t->high, u, inside);
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const double exponent = t->rate * u[i], above = exponent < -EXPONENT_MAX ? -EXPONENT_MAX : exponent;
    u[i] = above > EXPONENT_MAX ? EXPONENT_MAX : above;
    by_hyper[i] = u[i] == exponent ? inside[i] * slope[i] * t->rate : 0;
  }
  vmath_exp(n, u, f);
#pragma omp simd
  for (size_t i = 0; i < n; i++) by_hyper[i] *= f[i];
}

static void given_at(const warp_conditional *c, size_t n, size_t ld, const double *x, given *g) {
  warp_hold(n, x + c->hyper * ld, c->centre, c->low, c->high, g->t, g->inside);
  for (size_t k = 0; k < c->terms; k++) term_at(&c->term[k], n, x + c->term[k].hyper * ld, g->f[k], g->by_hyper[k]);
}

/* What slopes gain at a bend. */
WIDE_LOOPS static void add_bend(size_t n, const double *t, double bend, double of_location, double of_scale, placed *p) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const double beyond = t[i] > bend ? t[i] - bend : 0, past = t[i] > bend;
    p->location[i] += of_location * beyond;
    p->location_slope[i] += of_location * past;
    p->log_scale[i] += of_scale * beyond;
    p->log_scale_slope[i] += of_scale * past;
  }
}

WIDE_LOOPS static void place_shape(const warp_conditional *c, size_t j, size_t n, const given *g, placed *p) {
  const double constant = c->constant[j], linear = c->linear[j], quadratic = c->quadratic[j], log_scale = c->log_scale[j];
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const double t = g->t[i];
    p->location[i] = constant + linear * t + quadratic * t * t;
    p->location_slope[i] = linear + 2 * quadratic * t;
    p->log_scale[i] = log_scale * t;
    p->log_scale_slope[i] = log_scale;
  }
  for (size_t b = 0; b < WARP_BENDS; b++)
    add_bend(n, g->t, c->bend[b], c->bend_linear[j * WARP_BENDS + b], c->bend_log_scale[j * WARP_BENDS + b], p);
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const double free = p->log_scale[i], above = free < -EXPONENT_MAX ? -EXPONENT_MAX : free;
    p->log_scale[i] = above > EXPONENT_MAX ? EXPONENT_MAX : above;
    p->log_scale_slope[i] = p->log_scale[i] == free ? p->log_scale_slope[i] : 0;
  }
  vmath_exp(n, p->log_scale, p->scale);
}

/* The same of natural parameters; logs only where they are asked for. */
WIDE_LOOPS static void place_naturally(const warp_conditional *c, size_t j, size_t n, const given *g, int logs, placed *p) {
  const double *of_precision = c->natural + WARP_NATURAL * j, *of_product = of_precision + 1 + WARP_TERMS;
  double precision[CHUNK], product[CHUNK];
#pragma omp simd
  for (size_t i = 0; i < CHUNK; i++) {
    precision[i] = of_precision[0];
    product[i] = of_product[0];
  }
  for (size_t k = 0; k < c->terms; k++) {
    const double *f = g->f[k], p_k = of_precision[1 + k], q_k = of_product[1 + k];
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
      precision[i] += p_k * f[i];
      product[i] += q_k * f[i];
    }
  }
  vmath_root(n, precision, p->scale);
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    p->scale[i] = 1 / p->scale[i];
    p->location[i] = product[i] * p->scale[i] * p->scale[i];
  }
  if (!logs) return;
  vmath_log(n, precision, p->log_scale);
#pragma omp simd
  for (size_t i = 0; i < n; i++) p->log_scale[i] *= -0.5;
}

static void place(const warp_conditional *c, size_t j, size_t n, const given *g, int logs, placed *p) {
  if (c->naturally[j])
    place_naturally(c, j, n, g, logs, p);
  else
    place_shape(c, j, n, g, p);
}

/* x_j += sign sum_k w_jk x_k: the parents' part of the location. */
static void add_parents(const warp_conditional *c, size_t dim, double sign, size_t n, size_t ld, double *x) {
  for (size_t j = 0; j < dim; j++)
    for (size_t k = 0; c->depends[j] && k < c->parents; k++)
      warp_add_multiple(n, sign * c->weight[j * dim + k], x + c->parent[k] * ld, x + j * ld);
}

WIDE_LOOPS static void stretch(size_t n, const placed *p, double *x, double *log_det) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) x[i] = p->location[i] + p->scale[i] * x[i];
  if (log_det) warp_add_multiple(n, 1, p->log_scale, log_det);
}

WIDE_LOOPS static void shrink(size_t n, const placed *p, double *x, double *log_det) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) x[i] = (x[i] - p->location[i]) / p->scale[i];
  if (log_det) warp_add_multiple(n, 1, p->log_scale, log_det);
}

static void forward_chunk(const warp_conditional *c, size_t dim, size_t n, size_t ld, double *x, double *log_det) {
  given g;
  placed p;
  given_at(c, n, ld, x, &g);
  for (size_t j = 0; j < dim; j++) {
    if (!c->depends[j]) continue;
    place(c, j, n, &g, log_det != NULL, &p);
    stretch(n, &p, x + j * ld, log_det);
  }
  add_parents(c, dim, 1, n, ld, x);
}

void warp_conditional_forward(const warp_conditional *c, size_t dim, size_t n, size_t ld, double *x, double *log_det) {
  for (size_t i = 0; i < n; i += CHUNK) forward_chunk(c, dim, n - i < CHUNK ? n - i : CHUNK, ld, x + i, log_det ? log_det + i : NULL);
}

/* What coordinate j adds to the derivatives by a term's hyper-coordinate, `grad` being that by x_j still, and z_j known. */
WIDE_LOOPS static void pull_back_term(size_t n, double of_precision, double of_product, const double *by_hyper, const placed *p,
                                      const double *z, const double *grad, double *hyper) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const double variance = p->scale[i] * p->scale[i];
    const double of_location = (of_product - of_precision * p->location[i]) * variance, of_log_scale = -0.5 * of_precision * variance;
    hyper[i] += by_hyper[i] * (grad[i] * (of_location + of_log_scale * p->scale[i] * z[i]) + of_log_scale);
  }
}

WIDE_LOOPS static void pull_back_shape(size_t n, const double *inside, const placed *p, const double *z, const double *grad,
                                       double *hyper) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const double slope = p->location_slope[i] + p->log_scale_slope[i] * p->scale[i] * z[i];
    hyper[i] += inside[i] * (grad[i] * slope + p->log_scale_slope[i]);
  }
}

/* The chain rule for coordinate j. */
static void pull_back(const warp_conditional *c, size_t j, size_t n, size_t ld, const given *g, const placed *p, const double *z,
                      double *grad) {
  const double *of_precision = c->natural + WARP_NATURAL * j, *of_product = of_precision + 1 + WARP_TERMS;
  if (!c->naturally[j]) pull_back_shape(n, g->inside, p, z + j * ld, grad + j * ld, grad + c->hyper * ld);
  for (size_t k = 0; c->naturally[j] && k < c->terms; k++)
    pull_back_term(n, of_precision[1 + k], of_product[1 + k], g->by_hyper[k], p, z + j * ld, grad + j * ld, grad + c->term[k].hyper * ld);
  warp_multiply(n, p->scale, grad + j * ld);
}

/* The parents' part of the chain rule, as long as gradients are those by x_j. */
static void pull_back_parents(const warp_conditional *c, size_t dim, size_t n, size_t ld, double *grad) {
  for (size_t j = 0; j < dim; j++)
    for (size_t k = 0; c->depends[j] && k < c->parents; k++)
      warp_add_multiple(n, c->weight[j * dim + k], grad + j * ld, grad + c->parent[k] * ld);
}

static void backward_chunk(const warp_conditional *c, size_t dim, size_t n, size_t ld, double *x, double *grad, double *log_det) {
  given g;
  placed p;
  add_parents(c, dim, -1, n, ld, x);
  if (grad) pull_back_parents(c, dim, n, ld, grad);
  given_at(c, n, ld, x, &g);
  for (size_t j = 0; j < dim; j++) {
    if (!c->depends[j]) continue;
    place(c, j, n, &g, log_det != NULL, &p);
    shrink(n, &p, x + j * ld, log_det);
    if (grad) pull_back(c, j, n, ld, &g, &p, x, grad);
  }
}

void warp_conditional_backward(const warp_conditional *c, size_t dim, size_t n, size_t ld, double *x, double *grad, double *log_det) {
  for (size_t i = 0; i < n; i += CHUNK)
    backward_chunk(c, dim, n - i < CHUNK ? n - i : CHUNK, ld, x + i, grad ? grad + i : NULL, log_det ? log_det + i : NULL);
}
