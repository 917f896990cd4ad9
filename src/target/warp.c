/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A warp's life, and its layers one after the other: see warp.h. */
#include "target/warp.h"

#include <string.h>

#include "base/memory.h"

static void layer_clear(warp_layer *l) {
  memory_free(l->conditional.depends);
  memory_free(l->conditional.parent);
  memory_free(l->conditional.weight);
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
  if (c->constant && c->linear && c->quadratic && c->log_scale && c->depends && c->parent && c->weight && c->bend_linear &&
      c->bend_log_scale)
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

static int copy_conditional(size_t dim, const warp_conditional *from, warp_conditional *to) {
  if (!to) return 1;
  to->hyper = from->hyper;
  to->parents = from->parents;
  to->centre = from->centre;
  to->low = from->low;
  to->high = from->high;
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

warp *warp_copy(const warp *w, size_t layers) {
  warp *copy = warp_create(w->dim);
  int failed = !copy;
  for (size_t k = 0; k < layers && !failed; k++) {
    const warp_layer *l = &w->layer[k];
    failed = l->kind == WARP_CONDITIONAL ? copy_conditional(w->dim, &l->conditional, warp_add_conditional(copy))
                                         : copy_marginal(w->dim, &l->marginal, warp_add_marginal(copy));
  }
  if (!failed) return copy;
  warp_free(copy);
  return NULL;
}

void warp_forward(const warp *w, size_t n, size_t ld, double *x, double *log_det) {
  for (size_t k = w->layers; k-- > 0;) {
    const warp_layer *l = &w->layer[k];
    if (l->kind == WARP_CONDITIONAL)
      warp_conditional_forward(&l->conditional, w->dim, n, ld, x, log_det);
    else
      warp_marginal_forward(&l->marginal, w->dim, n, ld, x, log_det);
  }
}

void warp_backward(const warp *w, size_t n, size_t ld, double *x, double *grad, double *log_det) {
  for (size_t k = 0; k < w->layers; k++) {
    const warp_layer *l = &w->layer[k];
    if (l->kind == WARP_CONDITIONAL)
      warp_conditional_backward(&l->conditional, w->dim, n, ld, x, grad, log_det);
    else
      warp_marginal_backward(&l->marginal, w->dim, n, ld, x, grad, log_det);
  }
}
