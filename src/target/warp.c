/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A warp's life, and its layers one after the other: see warp.h. */
#include "target/warp.h"

#include "base/memory.h"

static void layer_clear(warp_layer *l) {
  memory_free(l->conditional.depends);
  memory_free(l->conditional.parent);
  memory_free(l->conditional.weight);
  memory_free(l->conditional.linear);
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

warp_conditional *warp_add_conditional(warp *w) {
  if (w->layers == WARP_LAYERS_MAX) return NULL;
  warp_layer *l = &w->layer[w->layers++];
  l->kind = WARP_CONDITIONAL;
  warp_conditional *c = &l->conditional;
  c->linear = NEW(double, w->dim);
  c->quadratic = NEW(double, w->dim);
  c->log_scale = NEW(double, w->dim);
  c->depends = NEW(unsigned char, w->dim);
  c->parent = NEW(size_t, w->dim);
  c->weight = NEW2(double, w->dim, w->dim);
  if (c->linear && c->quadratic && c->log_scale && c->depends && c->parent && c->weight) return c;
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
