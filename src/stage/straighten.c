/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Straightening: which coordinate the others depend on, and the layers that take the dependence away: see straighten.h. */
#include "stage/straighten.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "stage/dependence.h"
#include "stage/marginals.h"

#define GAIN_LEAST      0.05 /* nats a coordinate, below which its dependence is left alone */
#define GAIN_LAYER      0.3  /* nats in all that are worth a layer */
#define EXTRAPOLATION   1.0  /* ranges of t beyond the sample within which the dependence is believed */
#define POINTS_MAX      800  /* more tell little more: scores are exact */
#define PARENTS_MAX     3
#define PARENTS_DIM_MAX 40 /* the search takes time like dim^3 */

static int is_parent(const regression *g, size_t j) {
  for (size_t k = 0; k < g->parents; k++)
    if (g->parent[k] == j) return 1;
  return 0;
}

/* What all coordinates but h and the parents gain in all. */
static double total_gain(regression *g, size_t h) {
  double total = 0;
  for (size_t j = 0; j < g->p->dim; j++) {
    const double of_j = j == h || is_parent(g, j) ? 0 : depend(g, j).gain;
    if (of_j > GAIN_LEAST) total += of_j;
  }
  return total;
}

/* The coordinate on which the others depend most, and their gain in all. */
static size_t best_hyper(regression *g, double *gain) {
  size_t best = 0;
  *gain = 0;
  g->parents = 0;
  for (size_t h = 0; h < g->p->dim; h++) {
    regression_set_hyper(g, h);
    const double total = total_gain(g, h);
    if (total <= *gain) continue;
    *gain = total;
    best = h;
  }
  return best;
}

static void set_range(const regression *g, size_t h, warp_conditional *c) {
  double low = 0, high = 0;
  for (size_t i = 0; i < g->p->n; i++) {
    low = fmin(low, g->t[i]);
    high = fmax(high, g->t[i]);
  }
  c->hyper = h;
  c->centre = g->mean;
  for (size_t b = 0; b < WARP_BENDS; b++) c->bend[b] = g->sd * g->bend[b];
  c->low = g->sd * (low - EXTRAPOLATION * (high - low));
  c->high = g->sd * (high + EXTRAPOLATION * (high - low));
}

/* Coordinates on which the location of the others depends, as on the common mean of a hierarchical model: one after the other, that which
 * adds most, while it adds much. */
static void find_parents(regression *g, size_t h, double gain, size_t *parent) {
  const size_t dim = g->p->dim;
  g->parent = parent;
  while (dim <= PARENTS_DIM_MAX && g->parents < PARENTS_MAX) {
    double most = gain;
    size_t best = dim;
    g->parents++;
    for (size_t k = 0; k < dim; k++) {
      parent[g->parents - 1] = dim;
      if (k == h || is_parent(g, k)) continue;
      parent[g->parents - 1] = k;
      const double total = total_gain(g, h);
      if (total <= most) continue;
      most = total;
      best = k;
    }
    if (most < gain + GAIN_LAYER) {
      g->parents--;
      return;
    }
    parent[g->parents - 1] = best;
    gain = most;
  }
}

/* The layer with coordinate h as the one that the others depend on. */
static void fill_layer(regression *g, size_t h, double gain, warp_conditional *c) {
  const size_t dim = g->p->dim;
  regression_set_hyper(g, h);
  set_range(g, h, c);
  find_parents(g, h, gain, c->parent);
  c->parents = g->parents;
  for (size_t j = 0; j < dim; j++) {
    if (j == h || is_parent(g, j)) continue;
    const dependence d = depend(g, j);
    if (!(d.gain > GAIN_LEAST)) continue;
    c->depends[j] = 1;
    c->constant[j] = d.constant;
    c->linear[j] = d.linear / g->sd;
    c->quadratic[j] = d.quadratic / (g->sd * g->sd);
    c->log_scale[j] = d.log_scale / g->sd;
    for (size_t b = 0; b < WARP_BENDS; b++) {
      c->bend_linear[j * WARP_BENDS + b] = d.bend_linear[b] / g->sd;
      c->bend_log_scale[j * WARP_BENDS + b] = d.bend_log_scale[b] / g->sd;
    }
    memcpy(c->weight + j * dim, d.weights, c->parents * sizeof *c->weight);
  }
  g->parents = 0;
}

/* One layer a time; another may follow when there is a better sample. */
static int add_conditional(regression *g, warp *w) {
  if (w->layers == WARP_LAYERS_MAX) return 0;
  double gain;
  const size_t h = best_hyper(g, &gain);
  if (gain < GAIN_LAYER) return 0;
  warp_conditional *c = warp_add_conditional(w);
  if (c) fill_layer(g, h, gain, c);
  return c == NULL;
}

static int add_marginals(target *t, const particles *p, warp *w, dilate_error *err) {
  const warp *now = target_warp(t);
  double gain = 0;
  if (w->layers == WARP_LAYERS_MAX) return DILATE_OK;
  warp *before = warp_copy(w, w->layers);
  warp_marginal *m = warp_add_marginal(w);
  int failed = !before || !m || target_set_warp(t, before), status = DILATE_OK;
  if (!failed) status = marginals_fit(t, p, m, &gain, err);
  if (m && (failed || status || gain < GAIN_LAYER)) warp_drop_last(w);
  failed |= target_set_warp(t, now);
  warp_free(before);
  return failed ? error_memory(err, "straightening") : status;
}

/* The points as they were before the marginal layer that `now` ends in: positions only. */
static void undo_marginal(const warp *now, particles *p) {
  warp_marginal_forward(warp_last_marginal(now), p->dim, p->n, p->ld, p->x, NULL);
}

int straighten(target *t, const particles *points, warp **out, dilate_error *err) {
  const warp *now = target_warp(t);
  const size_t dim = points->dim, again = warp_last_marginal(now) != NULL, kept = now ? now->layers - again : 0;
  particles p;
  regression g;
  warp *w = now ? warp_copy(now, kept) : warp_create(dim);
  const size_t n = points->n < POINTS_MAX ? points->n : POINTS_MAX;
  int failed = particles_create(dim, n, &p), status = DILATE_OK;
  failed |= regression_create(&p, &g); /* of p, so after it */
  *out = NULL;
  failed = failed || !w;
  if (!failed) {
    for (size_t i = 0; i < n; i++) particles_copy(&p, i, points, i * points->n / n);
    if (again)
      undo_marginal(now, &p);
    else
      failed = add_conditional(&g, w);
  }
  if (failed) status = error_memory(err, "straightening");
  if (!status && w->layers == kept) status = add_marginals(t, &p, w, err);
  if (!status && w->layers > kept)
    *out = w;
  else
    warp_free(w);
  particles_clear(&p);
  regression_clear(&g);
  return status;
}
