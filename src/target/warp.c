/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A warp's life, and its layers one after the other: see warp.h. */
#include "target/warp.h"

#include <string.h>

#include "base/clones.h"
#include "base/memory.h"

static void layer_clear(warp_layer *l) {
  memory_free(l->linear.matrix);
  memory_free(l->linear.inverse);
  memory_free(l->conditional.depends);
  memory_free(l->conditional.parent);
  memory_free(l->conditional.weight);
  memory_free(l->conditional.natural);
  memory_free(l->conditional.naturally);
  memory_free(l->conditional.constant);
  memory_free(l->conditional.linear);
  memory_free(l->conditional.bend_linear);
  memory_free(l->conditional.bend_log_scale);
  memory_free(l->conditional.quadratic);
  memory_free(l->conditional.log_scale);
  memory_free(l->marginal.used);
  memory_free(l->marginal.z);
  memory_free(l->marginal.x);
  memory_free(l->marginal.slope);
  memory_free(l->surface.location);
  memory_free(l->surface.log_scale);
  memory_free(l->surface.weight);
  *l = (warp_layer){0};
}

warp *warp_create(size_t dim) {
  warp *w = NEW(warp, 1);
  if (w) w->dim = dim;
  return w;
}

void warp_free(warp *w) {
  if (!w) return;
  while (w->layers) warp_drop_last(w);
  memory_free(w);
}

void warp_drop_last(warp *w) {
  layer_clear(&w->layer[--w->layers]);
}

const warp_marginal *warp_last_marginal(const warp *w) {
  return w && w->layers && w->layer[w->layers - 1].kind == WARP_MARGINAL ? &w->layer[w->layers - 1].marginal : NULL;
}

int warp_has_surfaces(const warp *w) {
  for (size_t k = 0; w && k < w->layers; k++)
    if (w->layer[k].kind == WARP_SURFACES) return 1;
  return 0;
}

void warp_mark_hypers(const warp *w, unsigned char *hyper) {
  for (size_t k = 0; k < w->layers; k++) {
    const warp_conditional *c = &w->layer[k].conditional;
    for (size_t e = 0; e < 2 && w->layer[k].kind == WARP_SURFACES; e++) hyper[w->layer[k].surface.hyper[e]] = 1;
    if (w->layer[k].kind != WARP_CONDITIONAL) continue;
    hyper[c->hyper] = 1;
    for (size_t i = 0; i < c->terms; i++) hyper[c->term[i].hyper] = 1;
  }
}

warp_conditional *warp_add_conditional(warp *w) {
  if (w->layers == WARP_LAYERS_MAX) return NULL;
  warp_layer *l = &w->layer[w->layers++];
  l->kind = WARP_CONDITIONAL;
  warp_conditional *c = &l->conditional;
  c->constant = NEW(double, w->dim);
  c->linear = NEW(double, w->dim);
  c->quadratic = NEW(double, w->dim);
  c->log_scale = NEW(double, w->dim);
  c->bend_linear = NEW2(double, w->dim, WARP_BENDS);
  c->bend_log_scale = NEW2(double, w->dim, WARP_BENDS);
  c->depends = NEW(unsigned char, w->dim);
  c->parent = NEW(size_t, w->dim);
  c->weight = NEW2(double, w->dim, w->dim);
  c->natural = NEW2(double, w->dim, WARP_NATURAL);
  c->naturally = NEW(unsigned char, w->dim);
  if (c->constant && c->linear && c->quadratic && c->log_scale && c->depends && c->parent && c->weight && c->bend_linear &&
      c->bend_log_scale && c->natural && c->naturally)
    return c;
  warp_drop_last(w);
  return NULL;
}

warp_marginal *warp_add_marginal(warp *w) {
  if (w->layers == WARP_LAYERS_MAX) return NULL;
  warp_layer *l = &w->layer[w->layers++];
  l->kind = WARP_MARGINAL;
  warp_marginal *m = &l->marginal;
  m->used = NEW(unsigned char, w->dim);
  m->z = NEW2(double, w->dim, WARP_KNOTS);
  m->x = NEW2(double, w->dim, WARP_KNOTS);
  m->slope = NEW2(double, w->dim, WARP_KNOTS);
  if (m->used && m->z && m->x && m->slope) return m;
  warp_drop_last(w);
  return NULL;
}

warp_linear *warp_add_linear(warp *w) {
  if (w->layers == WARP_LAYERS_MAX || w->dim > WARP_LINEAR_DIM_MAX) return NULL;
  warp_layer *l = &w->layer[w->layers++];
  l->kind = WARP_LINEAR;
  l->linear.matrix = NEW2(double, w->dim, w->dim);
  l->linear.inverse = NEW2(double, w->dim, w->dim);
  if (l->linear.matrix && l->linear.inverse) return &l->linear;
  warp_drop_last(w);
  return NULL;
}

warp_surface *warp_add_surface(warp *w) {
  if (w->layers == WARP_LAYERS_MAX || w->dim > WARP_LINEAR_DIM_MAX) return NULL;
  warp_layer *l = &w->layer[w->layers++];
  l->kind = WARP_SURFACES;
  l->surface.location = NEW2(double, w->dim, WARP_SURFACE);
  l->surface.log_scale = NEW2(double, w->dim, WARP_SURFACE);
  l->surface.weight = NEW2(double, w->dim * w->dim, WARP_SURFACE);
  if (l->surface.location && l->surface.log_scale && l->surface.weight) return &l->surface;
  warp_drop_last(w);
  return NULL;
}

static int copy_linear(size_t dim, const warp_linear *from, warp_linear *to) {
  if (!to) return 1;
  to->log_det = from->log_det;
  memcpy(to->matrix, from->matrix, dim * dim * sizeof *to->matrix);
  memcpy(to->inverse, from->inverse, dim * dim * sizeof *to->inverse);
  return 0;
}

static int copy_conditional(size_t dim, const warp_conditional *from, warp_conditional *to) {
  if (!to) return 1;
  to->hyper = from->hyper;
  to->parents = from->parents;
  to->centre = from->centre;
  to->low = from->low;
  to->high = from->high;
  to->terms = from->terms;
  memcpy(to->term, from->term, sizeof to->term);
  memcpy(to->depends, from->depends, dim);
  memcpy(to->bend, from->bend, sizeof to->bend);
  memcpy(to->bend_linear, from->bend_linear, dim * WARP_BENDS * sizeof *to->bend_linear);
  memcpy(to->bend_log_scale, from->bend_log_scale, dim * WARP_BENDS * sizeof *to->bend_log_scale);
  memcpy(to->constant, from->constant, dim * sizeof *to->constant);
  memcpy(to->linear, from->linear, dim * sizeof *to->linear);
  memcpy(to->quadratic, from->quadratic, dim * sizeof *to->quadratic);
  memcpy(to->log_scale, from->log_scale, dim * sizeof *to->log_scale);
  memcpy(to->parent, from->parent, dim * sizeof *to->parent);
  memcpy(to->weight, from->weight, dim * dim * sizeof *to->weight);
  memcpy(to->natural, from->natural, dim * WARP_NATURAL * sizeof *to->natural);
  memcpy(to->naturally, from->naturally, dim);
  return 0;
}

static int copy_marginal(size_t dim, const warp_marginal *from, warp_marginal *to) {
  if (!to) return 1;
  memcpy(to->used, from->used, dim);
  memcpy(to->z, from->z, dim * WARP_KNOTS * sizeof *to->z);
  memcpy(to->x, from->x, dim * WARP_KNOTS * sizeof *to->x);
  memcpy(to->slope, from->slope, dim * WARP_KNOTS * sizeof *to->slope);
  return 0;
}

static int copy_surface(size_t dim, const warp_surface *from, warp_surface *to) {
  if (!to) return 1;
  const warp_surface own = *to;
  *to = *from;
  to->location = own.location;
  to->log_scale = own.log_scale;
  to->weight = own.weight;
  memcpy(to->location, from->location, dim * WARP_SURFACE * sizeof *to->location);
  memcpy(to->log_scale, from->log_scale, dim * WARP_SURFACE * sizeof *to->log_scale);
  memcpy(to->weight, from->weight, dim * dim * WARP_SURFACE * sizeof *to->weight);
  return 0;
}

static int copy_layer(const warp_layer *from, warp *to) {
  switch (from->kind) {
  case WARP_LINEAR:
    return copy_linear(to->dim, &from->linear, warp_add_linear(to));
  case WARP_CONDITIONAL:
    return copy_conditional(to->dim, &from->conditional, warp_add_conditional(to));
  case WARP_SURFACES:
    return copy_surface(to->dim, &from->surface, warp_add_surface(to));
  default:
    return copy_marginal(to->dim, &from->marginal, warp_add_marginal(to));
  }
}

warp *warp_copy(const warp *w, size_t layers) {
  warp *copy = warp_create(w->dim);
  int failed = !copy;
  for (size_t k = 0; k < layers && !failed; k++) failed = copy_layer(&w->layer[k], copy);
  if (!failed) return copy;
  warp_free(copy);
  return NULL;
}

WIDE_LOOPS void warp_hold(size_t n, const double *x, double centre, double low, double high, double *t, double *inside) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const double free = x[i] - centre, above = free < low ? low : free, held = above > high ? high : above;
    inside[i] = free == held;
    t[i] = held;
  }
}

WIDE_LOOPS void warp_add_multiple(size_t n, double by, const double *x, double *y) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) y[i] += by * x[i];
}

WIDE_LOOPS void warp_multiply(size_t n, const double *by, double *x) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) x[i] *= by[i];
}

static void layer_forward(const warp_layer *l, size_t dim, size_t n, size_t ld, double *x, double *log_det) {
  switch (l->kind) {
  case WARP_LINEAR:
    warp_linear_forward(&l->linear, dim, n, ld, x, log_det);
    break;
  case WARP_CONDITIONAL:
    warp_conditional_forward(&l->conditional, dim, n, ld, x, log_det);
    break;
  case WARP_SURFACES:
    warp_surface_forward(&l->surface, dim, n, ld, x, log_det);
    break;
  default:
    warp_marginal_forward(&l->marginal, dim, n, ld, x, log_det);
    break;
  }
}

void warp_layer_backward(const warp_layer *l, size_t dim, size_t n, size_t ld, double *x, double *grad, double *log_det) {
  switch (l->kind) {
  case WARP_LINEAR:
    warp_linear_backward(&l->linear, dim, n, ld, x, grad, log_det);
    break;
  case WARP_CONDITIONAL:
    warp_conditional_backward(&l->conditional, dim, n, ld, x, grad, log_det);
    break;
  case WARP_SURFACES:
    warp_surface_backward(&l->surface, dim, n, ld, x, grad, log_det);
    break;
  default:
    warp_marginal_backward(&l->marginal, dim, n, ld, x, grad, log_det);
    break;
  }
}

void warp_forward(const warp *w, size_t n, size_t ld, double *x, double *log_det) {
  for (size_t k = w->layers; k-- > 0;) layer_forward(&w->layer[k], w->dim, n, ld, x, log_det);
}

void warp_backward(const warp *w, size_t n, size_t ld, double *x, double *grad, double *log_det) {
  for (size_t k = 0; k < w->layers; k++) warp_layer_backward(&w->layer[k], w->dim, n, ld, x, grad, log_det);
}
