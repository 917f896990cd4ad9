/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Straightening: which coordinate the others depend on, and the layers that take the dependence away: see straighten.h. */
#include "stage/straighten.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/team.h"
#include "stage/hyper.h"
#include "stage/marginals.h"
#include "stage/parents.h"
#include "stage/surface.h"
#include "stage/turned.h"

#define GAIN_LAYER     0.3  /* nats in all that are worth a layer */
#define GAIN_HYPERS    0.01 /* the same of the marginals of those coordinates alone that others depend on: they have the tails */
#define EXTRAPOLATION  1.0  /* ranges of t beyond the sample within which the dependence is believed */
#define EXACT_REACH    7.0  /* an exact term is, until it is e^7 times what it is in the sample: then axes that are off by rounding show */
#define POINTS_MAX     800  /* more tell little more: scores are exact */
#define POINTS_SURFACE 1600 /* surfaces have many unknowns */
#define SEARCH_DIM_MAX 40   /* searches for parents and axes take time like dim^3 and dim^4 */

/* ---- The coordinate that others depend on ---- */

static void set_range(const regression *g, size_t h, double extrapolation, warp_conditional *c) {
  double low = 0, high = 0;
  for (size_t i = 0; i < g->p->n; i++) {
    low = fmin(low, g->t[i]);
    high = fmax(high, g->t[i]);
  }
  c->hyper = h;
  c->centre = g->mean;
  for (size_t b = 0; b < WARP_BENDS; b++) c->bend[b] = g->sd * g->bend[b];
  c->low = g->sd * (low - extrapolation * (high - low));
  c->high = g->sd * (high + extrapolation * (high - low));
}

/* The terms of natural parameters, with the ranges in which they are believed. */
static void set_terms(const regression *g, double extrapolation, warp_conditional *c) {
  c->terms = g->terms;
  for (size_t k = 0; k < g->terms; k++) {
    const natural_term *t = &g->term[k];
    double low = 0, high = 0;
    for (size_t i = 0; i < g->p->n; i++) {
      low = fmin(low, t->sd * t->t[i]);
      high = fmax(high, t->sd * t->t[i]);
    }
    c->term[k] = (warp_term){.hyper = t->hyper, .link = t->link, .centre = t->mean, .rate = t->rate / t->sd};
    const double beyond = g->exact ? EXACT_REACH * t->sd / fabs(t->rate) : extrapolation * (high - low);
    c->term[k].low = low - beyond;
    c->term[k].high = high + beyond;
  }
}

/* The layer with coordinate h, g's own, as the one that the others depend on. */
static void fill_layer(regression *g, size_t h, double extrapolation, warp_conditional *c) {
  const size_t dim = g->p->dim;
  set_range(g, h, extrapolation, c);
  c->parents = g->parents;
  set_terms(g, extrapolation, c);
  for (size_t j = 0; j < dim; j++) {
    if (j == h || regression_is_parent(g, j) || natural_is_hyper(g, j)) continue;
    const dependence d = depend(g, j);
    if (!(g->exact && d.naturally) && !(d.gain > DEPENDENCE_GAIN_LEAST)) continue;
    c->depends[j] = 1;
    c->constant[j] = d.constant;
    c->linear[j] = d.linear / g->sd;
    c->quadratic[j] = d.quadratic / (g->sd * g->sd);
    c->log_scale[j] = d.log_scale / g->sd;
    for (size_t b = 0; b < WARP_BENDS; b++) {
      c->bend_linear[j * WARP_BENDS + b] = d.bend_linear[b] / g->sd;
      c->bend_log_scale[j * WARP_BENDS + b] = d.bend_log_scale[b] / g->sd;
    }
    memcpy(c->natural + WARP_NATURAL * j, d.natural, sizeof d.natural);
    c->naturally[j] = (unsigned char)d.naturally;
    if (c->parents) memcpy(c->weight + j * dim, d.weights, c->parents * sizeof *c->weight);
  }
}

/* How well the others' dependence on h is explained with parents, which are left in g and in `parent`.  NaN when out of memory. */
static double explain_plain(regression *g, size_t h, const unsigned char *hypers, size_t *parent) {
  double explained;
  g->parent = parent;
  if (g->p->dim <= SEARCH_DIM_MAX && parents_find(g, h, regression_gain(g, h, NULL), GAIN_LAYER, parent)) return (double)NAN;
  if (g->parents == 0) natural_settle(g, h, hypers, INFINITY);
  natural_polish(g);
  regression_gain(g, h, &explained);
  return explained;
}

/* The same along axes of its own, where that is worth a layer. */
static double explain_turned(turned *t, const regression *g, size_t h, const double *gain, const unsigned char *hypers,
                             unsigned char *apart) {
  double explained;
  if (!turned_with_terms(t, g, h, gain, hypers, apart)) return -INFINITY;
  return regression_gain(&t->g, h, &explained) > GAIN_LAYER ? explained : -INFINITY;
}

/* Whether the others' dependence on h is explained better along axes of its own, by as much as is worth a layer, than with parents.  The
 * two are found side by side, loops over coordinates with whoever has nothing to do: of g both read the points and t, and the first alone
 * writes the rest.  -1 when out of memory.  hypers: on which others depend already; apart: scratch (dim each). */
static int is_turned(regression *g, turned *t, size_t h, const double *gain, const unsigned char *hypers, unsigned char *apart,
                     size_t *parent, size_t threads) {
  double explained[2] = {0, -INFINITY};
  const int ways = t ? 2 : 1;
  g->team = team_within((thread_team){threads, 0});
  if (t) t->g.team = g->team;
  regression_set_hyper(g, h);
#pragma omp parallel for schedule(dynamic, 1) num_threads(team_size(threads))
  for (int way = 0; way < ways; way++)
    explained[way] = way ? explain_turned(t, g, h, gain, hypers, apart) : explain_plain(g, h, hypers, parent);
  g->team.within = 0;
  if (t) t->g.team.within = 0;
  return isnan(explained[0]) ? -1 : explained[1] > explained[0] + GAIN_LAYER;
}

/* The first layer takes the dependence beyond the sample; what later ones mend is known within it only. */
static double extrapolation_of(const warp *w) {
  size_t conditionals = 0;
  for (size_t k = 0; k < w->layers; k++) conditionals += w->layer[k].kind == WARP_CONDITIONAL;
  return conditionals > 1 ? 0 : EXTRAPOLATION;
}

static int add_turned(turned *t, size_t h, warp *w) {
  if (w->layers + 2 > WARP_LAYERS_MAX) return 0;
  warp_linear *l = warp_add_linear(w);
  if (!l) return 1;
  turned_copy_layer(w->dim, t->layer, l);
  warp_conditional *c = warp_add_conditional(w);
  if (c) fill_layer(&t->g, h, extrapolation_of(w), c);
  return c == NULL;
}

static int add_plain(regression *g, size_t h, const size_t *parent, warp *w) {
  warp_conditional *c = warp_add_conditional(w);
  if (!c) return 1;
  memcpy(c->parent, parent, g->parents * sizeof *parent);
  fill_layer(g, h, extrapolation_of(w), c);
  return 0;
}

/* One dependence a time; another may follow when there is a better sample. */
static int add_conditional(regression *g, size_t threads, warp *w) {
  const size_t dim = g->p->dim;
  const int search = dim <= SEARCH_DIM_MAX;
  const thread_team alone = {threads, 0};
  turned t = {0};
  double *gain = NEW(double, dim);
  size_t *parent = NEW(size_t, dim), h = 0;
  unsigned char *hypers = NEW2(unsigned char, 2, dim), *apart = hypers ? hypers + dim : NULL;
  int failed = !gain || !parent || !hypers || (search && turned_create(g->p, &t));
  failed = failed || (search && regression_share(&t.g, alone));
  if (!failed && w->layers < WARP_LAYERS_MAX) {
    warp_mark_hypers(w, hypers);
    failed = hyper_find(g->p, search, hypers, threads, gain, &h);
    if (!failed && gain[h] >= GAIN_LAYER) {
      const int along = is_turned(g, search ? &t : NULL, h, gain, hypers, apart, parent, threads);
      failed = along < 0 || (along ? add_turned(&t, h, w) : add_plain(g, h, parent, w));
    }
  }
  g->parents = 0;
  g->parent = NULL;
  turned_clear(&t);
  memory_free(gain);
  memory_free(parent);
  memory_free(hypers);
  return failed;
}

/* A marginal layer behind those of w for points p in w's coordinates: of the coordinates that others depend on when `hypers`, else of all.
 */
static int add_marginals(target *t, const particles *p, int hypers, warp *w, dilate_error *err) {
  const warp *now = target_warp(t);
  double gain = 0;
  unsigned char *only = NEW(unsigned char, w->dim);
  if (w->layers == WARP_LAYERS_MAX) return memory_free(only), DILATE_OK;
  warp *before = warp_copy(w, w->layers);
  warp_marginal *m = warp_add_marginal(w);
  int failed = !only || !before || !m || target_set_warp(t, before), status = DILATE_OK;
  if (!failed) warp_mark_hypers(before, only);
  if (!failed) status = marginals_fit(t, p, hypers ? only : NULL, m, &gain, err);
  if (m && (failed || status || gain < (hypers ? GAIN_HYPERS : GAIN_LAYER))) warp_drop_last(w);
  failed |= target_set_warp(t, now);
  warp_free(before);
  memory_free(only);
  return failed ? error_memory(err, "straightening") : status;
}

/* Takes positions, or (grad) positions and gradients, through the layers of w from `first` on. */
static void through_layers(const warp *w, size_t first, particles *p) {
  for (size_t k = first; k < w->layers; k++) warp_layer_backward(&w->layer[k], p->dim, p->n, p->ld, p->x, p->grad, NULL);
}

/* Gradients in the user's coordinates, in which the positions are already. */
static int evaluate_plain(target *t, particles *p) {
  const warp *now = target_warp(t);
  if (!now) return 0;
  int failed = target_set_warp(t, NULL);
  particles_evaluate(p, t);
  return failed | target_set_warp(t, now);
}

/* Some of the points, their positions in the user's coordinates. */
static int take_points(const target *t, const particles *points, size_t most, particles *p) {
  if (particles_thin(points, most, p)) return 1;
  if (target_warp(t)) warp_forward(target_warp(t), p->n, p->ld, p->x, NULL);
  return 0;
}

/* The same, with gradients there. */
static int take_plain(target *t, const particles *points, size_t most, particles *p) {
  return take_points(t, points, most, p) || evaluate_plain(t, p);
}

int straighten_begin(target *t, const particles *points, straightening *s, dilate_error *err) {
  *s = (straightening){.all = warp_create(points->dim), .threads = target_threads(t)};
  if (!s->all || take_plain(t, points, POINTS_MAX, &s->points) || regression_create(&s->points, &s->g) ||
      regression_share(&s->g, (thread_team){s->threads, 0}))
    return error_memory(err, "straightening");
  return target_status(t, err);
}

int straighten_next(straightening *s, int *found, dilate_error *err) {
  const size_t layers = s->all->layers;
  *found = 0;
  if (s->count == STRAIGHTEN_DEPENDENCES) return DILATE_OK;
  if (add_conditional(&s->g, s->threads, s->all)) return error_memory(err, "straightening");
  if (s->all->layers == layers) return DILATE_OK;
  through_layers(s->all, layers, &s->points);
  s->count++;
  *found = 1;
  return DILATE_OK;
}

void straighten_end(straightening *s) {
  regression_clear(&s->g);
  particles_clear(&s->points);
  warp_free(s->all);
  *s = (straightening){0};
}

int straighten_part(target *t, const particles *points, const warp *all, size_t layers, warp **out, dilate_error *err) {
  particles p = {0};
  warp *w = warp_copy(all, layers);
  int failed = !w || take_points(t, points, POINTS_MAX, &p), status = DILATE_OK;
  *out = NULL;
  if (failed) status = error_memory(err, "straightening");
  if (!failed) through_layers(w, 0, &p);
  if (!failed) status = add_marginals(t, &p, layers > 0, w, err);
  particles_clear(&p);
  if (!status && w->layers > 0)
    *out = w;
  else
    warp_free(w);
  return status;
}

int straighten_surface(target *t, const particles *points, warp **out, dilate_error *err) {
  const size_t n = points->n < POINTS_SURFACE ? points->n : POINTS_SURFACE;
  particles p = {0};
  int found = 0;
  *out = NULL;
  if (!surface_enough(points->dim, n)) return DILATE_OK;
  warp *w = warp_create(points->dim);
  warp_surface *s = w ? warp_add_surface(w) : NULL;
  int failed = !s || take_plain(t, points, POINTS_SURFACE, &p) || surface_find(&p, target_threads(t), s, &found), status = DILATE_OK;
  if (failed) status = error_memory(err, "straightening");
  if (!failed && found) through_layers(w, 0, &p);
  if (!failed && found) status = add_marginals(t, &p, 1, w, err);
  particles_clear(&p);
  if (!status && found)
    *out = w;
  else
    warp_free(w);
  return status;
}
