/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The surface layer: x_j = m_j(t) + sum_(k > j) w_jk(t) x_k + exp(s_j(t)) z_j, where t are two of the coordinates, which stay as they are,
 * m_j, w_jk and s_j are parabolic surfaces over them, and k runs over the others.  So x given t is a Gaussian whose mean, scales and
 * correlations all change with t; log |dx/dz| is sum_j s_j(t). */
#include "target/warp.h"

#include <math.h>

#include "base/clones.h"
#include "base/vmath.h"

#define EXPONENT_MAX 40.0 /* of a scale: a wrong layer must not make numbers that no density has met */
#define CHUNK        64   /* points at a time */

/* Where a chunk's points are: t, whether it moves with its coordinate there, and the terms of surfaces. */
typedef struct ground {
  double t[2][CHUNK], inside[2][CHUNK], term[WARP_SURFACE][CHUNK];
} ground;

/* A surface over the ground, and its slopes. */
typedef struct height {
  double value[CHUNK], slope[2][CHUNK];
} height;

WIDE_LOOPS void warp_surface_terms(size_t n, const double *t, const double *u, double *const term[WARP_SURFACE]) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    term[0][i] = 1;
    term[1][i] = t[i];
    term[2][i] = t[i] * t[i];
    term[3][i] = u[i];
    term[4][i] = t[i] * u[i];
    term[5][i] = u[i] * u[i];
  }
}

void warp_surface_place(const warp_surface *s, size_t n, size_t ld, const double *x, double *t, double *u) {
  const double *first = x + s->hyper[0] * ld, *second = x + s->hyper[1] * ld;
  for (size_t i = 0; i < n; i++) t[i] = (first[i] - s->centre[0]) / s->unit[0];
  for (size_t i = 0; i < n; i++) u[i] = (second[i] - s->centre[1]) / s->unit[1] - s->slope * t[i];
}

static void ground_at(const warp_surface *s, size_t n, size_t ld, const double *x, ground *g) {
  double *const term[WARP_SURFACE] = {g->term[0], g->term[1], g->term[2], g->term[3], g->term[4], g->term[5]};
  warp_surface_place(s, n, ld, x, g->t[0], g->t[1]);
  for (size_t e = 0; e < 2; e++) warp_hold(n, g->t[e], 0, s->low[e], s->high[e], g->t[e], g->inside[e]);
  warp_surface_terms(n, g->t[0], g->t[1], term);
}

WIDE_LOOPS static void set(size_t n, double by, double *y) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) y[i] = by;
}

WIDE_LOOPS static void add_product(size_t n, const double *by, const double *x, double *y) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) y[i] += by[i] * x[i];
}

/* The surface whose coefficients are by[b] at each point. */
WIDE_LOOPS static void rise(size_t n, const ground *g, double by[WARP_SURFACE][CHUNK], height *h) {
  const double *t = g->t[0], *u = g->t[1];
  set(n, 0, h->value);
  for (size_t b = 0; b < WARP_SURFACE; b++) add_product(n, by[b], g->term[b], h->value);
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    h->slope[0][i] = by[1][i] + 2 * by[2][i] * t[i] + by[4][i] * u[i];
    h->slope[1][i] = by[3][i] + by[4][i] * t[i] + 2 * by[5][i] * u[i];
  }
}

/* m_j + sum_k w_jk x_k. */
static void locate(const warp_surface *s, size_t dim, size_t j, size_t n, size_t ld, const double *x, const ground *g, height *h) {
  double by[WARP_SURFACE][CHUNK];
  for (size_t b = 0; b < WARP_SURFACE; b++) set(n, s->location[j * WARP_SURFACE + b], by[b]);
  for (size_t k = j + 1; k < dim; k++)
    for (size_t b = 0; b < WARP_SURFACE && !warp_surface_hyper(s, k); b++)
      warp_add_multiple(n, s->weight[(j * dim + k) * WARP_SURFACE + b], x + k * ld, by[b]);
  rise(n, g, by, h);
}

/* s_j, held, and exp(s_j). */
WIDE_LOOPS static void scale_at(const warp_surface *s, size_t j, size_t n, const ground *g, height *h, double *scale) {
  double by[WARP_SURFACE][CHUNK];
  for (size_t b = 0; b < WARP_SURFACE; b++) set(n, s->log_scale[j * WARP_SURFACE + b], by[b]);
  rise(n, g, by, h);
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const double free = h->value[i], above = free < -EXPONENT_MAX ? -EXPONENT_MAX : free;
    h->value[i] = above > EXPONENT_MAX ? EXPONENT_MAX : above;
    h->slope[0][i] = h->value[i] == free ? h->slope[0][i] : 0;
    h->slope[1][i] = h->value[i] == free ? h->slope[1][i] : 0;
  }
  vmath_exp(n, h->value, scale);
}

WIDE_LOOPS static void stretch(size_t n, const double *location, const double *scale, double *x) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) x[i] = location[i] + scale[i] * x[i];
}

WIDE_LOOPS static void shrink(size_t n, const double *location, const double *scale, double *x) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) x[i] = (x[i] - location[i]) / scale[i];
}

static void forward_chunk(const warp_surface *s, size_t dim, size_t n, size_t ld, double *x, double *log_det) {
  ground g;
  height location, log_scale;
  double scale[CHUNK];
  ground_at(s, n, ld, x, &g);
  for (size_t j = dim; j-- > 0;) {
    if (warp_surface_hyper(s, j)) continue;
    locate(s, dim, j, n, ld, x, &g, &location);
    scale_at(s, j, n, &g, &log_scale, scale);
    stretch(n, location.value, scale, x + j * ld);
    if (log_det) warp_add_multiple(n, 1, log_scale.value, log_det);
  }
}

void warp_surface_forward(const warp_surface *s, size_t dim, size_t n, size_t ld, double *x, double *log_det) {
  for (size_t i = 0; i < n; i += CHUNK) forward_chunk(s, dim, n - i < CHUNK ? n - i : CHUNK, ld, x + i, log_det ? log_det + i : NULL);
}

/* Adds what coordinate j, of which `grad` is that by x_j still and z_j is known, brings to the derivatives by t. */
WIDE_LOOPS static void add_slopes(size_t n, const height *location, const height *log_scale, const double *scale, const double *z,
                                  const double *grad, double by_t[2][CHUNK]) {
  for (size_t e = 0; e < 2; e++) {
    const double *of_location = location->slope[e], *of_scale = log_scale->slope[e];
    double *sum = by_t[e];
#pragma omp simd
    for (size_t i = 0; i < n; i++) sum[i] += grad[i] * (of_location[i] + of_scale[i] * scale[i] * z[i]) + of_scale[i];
  }
}

/* grad by x_k += w_jk times that by x_j, for all k after j. */
static void pull_back_weights(const warp_surface *s, size_t dim, size_t j, size_t n, size_t ld, const ground *g, double *grad) {
  double weight[CHUNK];
  for (size_t k = j + 1; k < dim; k++) {
    if (warp_surface_hyper(s, k)) continue;
    set(n, 0, weight);
    for (size_t b = 0; b < WARP_SURFACE; b++) warp_add_multiple(n, s->weight[(j * dim + k) * WARP_SURFACE + b], g->term[b], weight);
    add_product(n, weight, grad + j * ld, grad + k * ld);
  }
}

/* From derivatives by t to those by its coordinates. */
static void pull_back_hypers(const warp_surface *s, size_t n, size_t ld, const ground *g, double by_t[2][CHUNK], double *grad) {
  for (size_t e = 0; e < 2; e++) warp_multiply(n, g->inside[e], by_t[e]);
  warp_add_multiple(n, 1 / s->unit[0], by_t[0], grad + s->hyper[0] * ld);
  warp_add_multiple(n, -s->slope / s->unit[0], by_t[1], grad + s->hyper[0] * ld);
  warp_add_multiple(n, 1 / s->unit[1], by_t[1], grad + s->hyper[1] * ld);
}

static void backward_chunk(const warp_surface *s, size_t dim, size_t n, size_t ld, double *x, double *grad, double *log_det) {
  ground g;
  height location, log_scale;
  double scale[CHUNK], by_t[2][CHUNK] = {{0}};
  ground_at(s, n, ld, x, &g);
  for (size_t j = 0; j < dim; j++) {
    if (warp_surface_hyper(s, j)) continue;
    locate(s, dim, j, n, ld, x, &g, &location);
    scale_at(s, j, n, &g, &log_scale, scale);
    shrink(n, location.value, scale, x + j * ld);
    if (log_det) warp_add_multiple(n, 1, log_scale.value, log_det);
    if (!grad) continue;
    add_slopes(n, &location, &log_scale, scale, x + j * ld, grad + j * ld, by_t);
    pull_back_weights(s, dim, j, n, ld, &g, grad);
    warp_multiply(n, scale, grad + j * ld);
  }
  if (grad) pull_back_hypers(s, n, ld, &g, by_t, grad);
}

void warp_surface_backward(const warp_surface *s, size_t dim, size_t n, size_t ld, double *x, double *grad, double *log_det) {
  for (size_t i = 0; i < n; i += CHUNK)
    backward_chunk(s, dim, n - i < CHUNK ? n - i : CHUNK, ld, x + i, grad ? grad + i : NULL, log_det ? log_det + i : NULL);
}
