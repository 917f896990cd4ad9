/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Axes and terms in turn: see turned.h. */
#include "stage/turned.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "stage/golden.h"

#define SHARPENED       2       /* times that axes and terms are found again */
#define RIVALS          4       /* coordinates that may give a term beside h, */
#define RIVAL           0.1     /* whose own gain is this share of h's at least, */
#define GAIN_OWN        0.3     /* and this much */
#define EXACT           (-12.0) /* log of the share of the scores that an exact model leaves unexplained, at most */
#define LINK_GAIN       1.0     /* what the other link must explain more of it */
#define RATE_WIDTH      0.35    /* of the log of a rate, to either side */
#define RATE_WIDTH_LAST 0.03
#define RATE_SWEEPS     2
#define RATE_SECTIONS   9
#define GAIN_TERM       3.0 /* nats in all that are worth another term */

int turned_create(const particles *p, turned *t) {
  int failed = rotation_create(p->dim, p->n, &t->axes) | particles_create(p->dim, p->n, &t->p);
  failed |= regression_create(&t->p, &t->g);
  t->warp = warp_create(p->dim);
  t->layer = t->warp ? warp_add_linear(t->warp) : NULL;
  t->rotated = NEW(unsigned char, p->dim);
  t->kept.matrix = NEW2(double, p->dim, p->dim);
  t->kept.inverse = NEW2(double, p->dim, p->dim);
  return failed || !t->layer || !t->rotated || !t->kept.matrix || !t->kept.inverse;
}

void turned_clear(turned *t) {
  rotation_clear(&t->axes);
  particles_clear(&t->p);
  regression_clear(&t->g);
  warp_free(t->warp);
  memory_free(t->rotated);
  memory_free(t->kept.matrix);
  memory_free(t->kept.inverse);
}

/* The points of g along the axes as they are. */
static void take_turned(turned *t, const regression *g) {
  particles_copy_all(&t->p, g->p);
  warp_backward(t->warp, t->p.n, t->p.ld, t->p.x, t->p.grad, NULL);
}

int turned_turn(turned *t, const regression *g, size_t h, const unsigned char *apart) {
  const particles *p = g->p;
  for (size_t j = 0; j < p->dim; j++) t->rotated[j] = j != h && !apart[j];
  if (!rotation_find(&t->axes, p, g->t, t->rotated, t->layer)) return 0;
  take_turned(t, g);
  regression_set_hyper(&t->g, h);
  return 1;
}

void turned_copy_layer(size_t dim, const warp_linear *from, warp_linear *to) {
  memcpy(to->matrix, from->matrix, dim * dim * sizeof *to->matrix);
  memcpy(to->inverse, from->inverse, dim * dim * sizeof *to->inverse);
  to->log_det = from->log_det;
}

/* The coordinate not marked on which others depend most, if nearly as much as on h; else dim. */
static size_t next_rival(size_t dim, size_t h, const double *gain, const unsigned char *marked) {
  size_t next = dim;
  for (size_t j = 0; j < dim; j++)
    if (j != h && !marked[j] && gain[j] > fmax(GAIN_OWN, RIVAL * gain[h]) && (next == dim || gain[j] > gain[next])) next = j;
  return next;
}

/* Marks, beside what is marked, the few coordinates on which others depend nearly as much as on h: they may share a layer with it, and keep
 * their axes until it is known.  Returns their number. */
static size_t mark_rivals(size_t dim, size_t h, const double *gain, unsigned char *apart, size_t rival[RIVALS]) {
  size_t count = 0;
  for (; count < RIVALS; count++) {
    rival[count] = next_rival(dim, h, gain, apart);
    if (rival[count] == dim) break;
    apart[rival[count]] = 1;
  }
  return count;
}

/* ---- Where the model is exact ---- */

typedef struct rate_search {
  turned *t;
  size_t term;
  double sign;
} rate_search;

/* What one regression of all scores leaves unexplained, whatever the axes, a coordinate. */
static double unexplained_by_scores(turned *t) {
  const double *f[WARP_TERMS];
  for (size_t k = 0; k < t->g.terms; k++) f[k] = t->g.term[k].f;
  return rotation_unexplained(&t->axes, t->g.terms, f);
}

static double at_log_rate(void *state, double log_rate) {
  const rate_search *s = state;
  natural_set_rate(&s->t->g, s->term, s->sign * exp(log_rate));
  return unexplained_by_scores(s->t);
}

/* The terms' rates by all scores, one after the other, from nearby; returns what stays unexplained. */
static double refine_by_scores(turned *t) {
  double least = INFINITY;
  for (int again = 0; again < 2 * RATE_SWEEPS; again++) {
    const double width = again < RATE_SWEEPS ? RATE_WIDTH : RATE_WIDTH_LAST;
    for (size_t k = 0; k < t->g.terms; k++) {
      const double rate = t->g.term[k].rate, place = log(fabs(rate));
      rate_search s = {t, k, rate < 0 ? -1 : 1};
      golden_least(at_log_rate, &s, place - width, place + width, RATE_SECTIONS, &least);
    }
    if (again == RATE_SWEEPS - 1 && !(least < 0.5 * EXACT)) return least; /* far from exact: the last digits do not matter */
  }
  return least;
}

/* The same with the other link. */
static double refine_with_link(turned *t, warp_link link) {
  for (size_t k = 0; k < t->g.terms; k++) natural_set_link(&t->g, k, link);
  return refine_by_scores(t);
}

static int turn_by_scores(turned *t, const regression *g) {
  const double *f[WARP_TERMS];
  for (size_t k = 0; k < t->g.terms; k++) f[k] = t->g.term[k].f;
  if (!rotation_sharpen(&t->axes, &t->p, t->g.terms, f, t->rotated, t->layer)) return 0;
  take_turned(t, g);
  return 1;
}

/* Where scores are linear in the terms to within rounding, as in a hierarchical model whose scales are exp or softplus of coordinates,
 * rates, links and axes are what one regression of all scores says.  Returns 0, the terms as they were, where they are not. */
static int find_exactly(turned *t, const regression *g) {
  natural_term before[WARP_TERMS], by_exp[WARP_TERMS];
  const size_t terms = t->g.terms;
  if (!terms) return 0;
  memcpy(before, t->g.term, sizeof before);
  rotation_take(&t->axes, &t->p, t->rotated);
  const double left = refine_by_scores(t);
  memcpy(by_exp, t->g.term, sizeof by_exp);
  const double left_otherwise = refine_with_link(t, WARP_SOFTPLUS);
  const int otherwise = left_otherwise < left - LINK_GAIN;
  if ((otherwise ? left_otherwise : left) < EXACT) {
    for (size_t k = 0; k < terms && !otherwise; k++) {
      natural_set_link(&t->g, k, WARP_EXP);
      natural_set_rate(&t->g, k, by_exp[k].rate);
    }
    if (turn_by_scores(t, g)) return t->g.exact = 1;
  }
  for (size_t k = 0; k < terms; k++) {
    natural_set_link(&t->g, k, before[k].link);
    natural_set_rate(&t->g, k, before[k].rate);
  }
  return 0;
}

/* Terms of h and, if it is another, of its rival: the power of the positive parameter, and the link, that explain the scores best, if
 * exactly. */
static int set_power(turned *t, size_t h, size_t rival) {
  static const double powers[] = {-2, -1, 1, 2}; /* of a standard deviation, a variance, a precision and its root in a precision */
  double least = EXACT, power = 0;
  warp_link best = WARP_EXP;
  rotation_take(&t->axes, &t->p, t->rotated);
  t->g.terms = rival == h ? 1 : 2;
  for (warp_link link = WARP_EXP; link <= WARP_SOFTPLUS; link++)
    for (size_t k = 0; k < sizeof powers / sizeof *powers; k++) {
      for (size_t term = 0; term < t->g.terms; term++) natural_set_term(&t->g, term, term ? rival : h, link, powers[k]);
      const double left = unexplained_by_scores(t);
      if (!(left < (link == best ? least : least - LINK_GAIN))) continue;
      least = left;
      power = powers[k];
      best = link;
    }
  for (size_t term = 0; term < t->g.terms && power != 0; term++) natural_set_term(&t->g, term, term ? rival : h, best, power);
  return power != 0;
}

/* Most exact models have the scales that others have: one regression of all scores tells each of them, from the poorest sample, whatever
 * rates a search would find there.  h alone, or with one of its rivals. */
static int find_power(turned *t, const regression *g, size_t h, const double *gain, const unsigned char *hypers, unsigned char *apart) {
  const size_t dim = g->p->dim;
  size_t other[1 + RIVALS] = {h};
  memcpy(apart, hypers, dim);
  const size_t count = 1 + mark_rivals(dim, h, gain, apart, other + 1);
  for (size_t k = 0; k < count; k++) {
    memcpy(apart, hypers, dim);
    apart[other[k]] = 1;
    if (turned_turn(t, g, h, apart) && set_power(t, h, other[k]) && turn_by_scores(t, g)) return t->g.exact = 1;
  }
  t->g.terms = 0;
  return 0;
}

/* The axes again from all points, with the terms that were found, and the terms' rates again along them; while that explains more. */
static void sharpen(turned *t, const regression *g, size_t h) {
  const size_t dim = t->p.dim;
  double before, now;
  regression_gain(&t->g, h, &before);
  for (int again = 0; again < SHARPENED && t->g.terms; again++, before = now) {
    turned_copy_layer(dim, t->layer, &t->kept);
    if (!turn_by_scores(t, g)) return;
    natural_refine(&t->g);
    regression_gain(&t->g, h, &now);
    if (now > before) continue;
    turned_copy_layer(dim, &t->kept, t->layer);
    take_turned(t, g);
    natural_refine(&t->g);
    return;
  }
}

int turned_with_terms(turned *t, const regression *g, size_t h, const double *gain, const unsigned char *hypers, unsigned char *apart) {
  const size_t dim = g->p->dim;
  size_t rivals[RIVALS];
  if (find_power(t, g, h, gain, hypers, apart)) return 1;
  memcpy(apart, hypers, dim);
  (void)mark_rivals(dim, h, gain, apart, rivals);
  if (!turned_turn(t, g, h, apart)) return 0;
  natural_settle(&t->g, h, apart, GAIN_TERM);
  int dropped = 0;
  for (size_t j = 0; j < dim; j++) {
    const unsigned char stays = hypers[j] || natural_is_hyper(&t->g, j);
    dropped |= apart[j] && !stays;
    apart[j] = stays;
  }
  if (dropped && !turned_turn(t, g, h, apart)) return 0;
  if (dropped) natural_settle(&t->g, h, apart, GAIN_TERM);
  if (find_exactly(t, g)) return 1;
  sharpen(t, g, h);
  natural_polish(&t->g);
  return 1;
}
