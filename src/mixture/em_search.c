/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many components: EM from the cuts of Ward's tree, chosen by the Bayesian information criterion 2 log L - parameters log n
 * (Schwarz 1978) on a coarse grid of K, then by bisection between the neighbours of the best; or upwards from a number that is known to be
 * about right.  One whose BIC is not going to come to the best is given up on the way (em_iterate), and the winner is iterated once more.
 * (Fewer iterations, or an earlier end of the grid, are cheaper and find worse references: the galaxies' weights and many evaluations
 * suffer.) */
#include "mixture/em.h"

#include "base/memory.h"
#include "mixture/em_state.h"

#include <math.h>

static const size_t grid[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96};
enum {
  GRID = sizeof grid / sizeof grid[0],
  FEW = 8,            /* components, below which the grid goes on whatever BIC says, */
  WORSE_IN_A_ROW = 3, /* and from there on ends after so many that are no better */
  BISECTIONS = 3,     /* rounds, each of one K below the best and one above */
  TRIALS = GRID + 2 * BISECTIONS,
  ITERATIONS = 25 /* of EM, at most: of a trial, and of the winner once more */
};

#define DEAR_DIM 20 /* coordinates beyond which full covariances are dear */

typedef struct trial {
  size_t K; /* asked for */
  double bic;
} trial;

typedef struct search {
  em_state state;
  const ward_tree *tree;
  size_t *label;
  trial tried[TRIALS];
  size_t count;
  size_t best_K;
  double best_bic;
  mixture *best;
} search;

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

static size_t larger(size_t a, size_t b) {
  return a > b ? a : b;
}

/* More components than this are not tried: three points a component, four for full covariances, and those of bounded memory. */
static size_t largest_K(size_t n, size_t dim, mixture_family family) {
  const size_t limit = family == MIXTURE_FULL ? smaller(n / 4, 40000 / (dim * dim)) : n / 3;
  return limit > 0 ? limit : 1;
}

static double parameters(mixture_family family, size_t K, size_t dim) {
  const double d = (double)dim, k = (double)K, triangle = d * (d + 1) / 2;
  const double covariances = family == MIXTURE_SHARED ? triangle : family == MIXTURE_FULL ? k * triangle : k * d;
  return k * (1 + d) - 1 + covariances;
}

static double penalty(const em_state *state, size_t K) {
  return parameters(state->family, K, state->dim) * log((double)state->n);
}

/* EM from the tree's K clusters, as long as BIC may still come to `wanted`.  *bic is -inf where the fit fails. */
static int fit(search *s, size_t K, double wanted, double *bic) {
  em_state *const state = &s->state;
  int status = DILATE_OK;
  double loglik = 0;
  const size_t clusters = ward_labels(s->tree, K, s->label, &status);
  if (status != DILATE_OK) return status;
  em_state_set_labels(state, clusters, s->label);
  *bic = -INFINITY;
  if (em_iterate(state, ITERATIONS, 0.5 * (wanted + penalty(state, clusters)), &loglik) == DILATE_OK && isfinite(loglik))
    *bic = 2 * loglik - penalty(state, state->q->components);
  return DILATE_OK;
}

static int keep(search *s, size_t K, double bic) {
  mixture_free(s->best);
  s->best = em_state_mixture(&s->state);
  s->best_bic = bic;
  s->best_K = K;
  return s->best ? DILATE_OK : DILATE_ENOMEM;
}

/* Fits K components unless that was done, and keeps the fit when it is the best so far. */
static int try(search *s, size_t K, double *bic) {
  for (size_t i = 0; i < s->count; i++) {
    if (s->tried[i].K != K) continue;
    *bic = s->tried[i].bic;
    return DILATE_OK;
  }
  const int status = fit(s, K, s->best_bic, bic);
  if (status != DILATE_OK) return status;
  s->tried[s->count++] = (trial){K, *bic};
  return *bic > s->best_bic ? keep(s, K, *bic) : DILATE_OK;
}

/* Full covariances in many dimensions: so dear, and so many parameters a component, that the numbers near the best are not looked at. */
static int is_dear(const search *s) {
  return s->state.family == MIXTURE_FULL && s->state.dim > DEAR_DIM;
}

/* Two or three components may do no better than one where many do, as on a ring: the grid does not end before FEW. */
static int search_grid(search *s, size_t limit) {
  int worse = 0;
  for (size_t i = 0; i < GRID && grid[i] <= limit && worse < WORSE_IN_A_ROW; i++) {
    const double before = s->best_bic;
    double bic;
    const int status = try(s, grid[i], &bic);
    if (status != DILATE_OK) return status;
    if (grid[i] < FEW && !is_dear(s)) continue;
    worse = bic > before ? 0 : worse + 1;
  }
  return DILATE_OK;
}

/* K components, and more by quarters while BIC rises. */
static int climb(search *s, size_t K, size_t limit) {
  double bic = 0, before = -INFINITY;
  for (K = smaller(K, limit); K <= limit && s->count < TRIALS; K += larger(K / 4, 1)) {
    const int status = try(s, K, &bic);
    if (status != DILATE_OK || !(bic > before)) return status;
    before = bic;
  }
  return DILATE_OK;
}

/* Between the best K and its neighbours among those tried, below and above. */
static int bisect(search *s) {
  for (int round = 0; round < BISECTIONS; round++) {
    size_t below = 0, above = 0; /* 0: none */
    for (size_t i = 0; i < s->count; i++) {
      const size_t K = s->tried[i].K;
      if (K < s->best_K && K > below) below = K;
      if (K > s->best_K && (above == 0 || K < above)) above = K;
    }
    const size_t middle[2] = {below > 0 ? (below + s->best_K) / 2 : s->best_K, above > 0 ? (above + s->best_K) / 2 : s->best_K};
    const size_t centre = s->best_K;
    int any = 0;
    for (int side = 0; side < 2; side++) {
      if (middle[side] == centre || middle[side] == below) continue;
      double bic;
      const int status = try(s, middle[side], &bic);
      if (status != DILATE_OK) return status;
      any = 1;
    }
    if (!any) break;
  }
  return DILATE_OK;
}

/* The best number of components with other degrees of freedom than those of the search. */
static int try_freedoms(search *s) {
  static const unsigned freedoms[] = {1, 4, 8};
  for (size_t i = 0; i < sizeof freedoms / sizeof freedoms[0]; i++) {
    double bic;
    s->state.freedom = freedoms[i];
    int status = fit(s, s->best_K, s->best_bic, &bic);
    if (status == DILATE_OK && bic > s->best_bic) status = keep(s, s->best_K, bic);
    if (status != DILATE_OK) return status;
  }
  return DILATE_OK;
}

/* Twice that many are not tried: five points a component in few dimensions, two a parameter of a mean in many. */
static size_t largest_doubled_K(size_t n, size_t dim) {
  return n / (dim <= 3 ? 5 : 2 * dim);
}

/* About twice the best K, for full covariances, of which BIC chooses too few; 0 where that makes no sense. */
static size_t doubled_K(const search *s) {
  const em_state *const state = &s->state;
  if (state->family != MIXTURE_FULL || s->best_K < 4) return 0;
  const size_t K = smaller(2 * s->best_K, largest_doubled_K(state->n, state->dim));
  return (double)K > 1.3 * (double)s->best_K ? K : 0;
}

static int fit_doubled(search *s, size_t K, mixture **doubled) {
  double bic;
  const int status = fit(s, K, -INFINITY, &bic);
  if (status != DILATE_OK || !isfinite(bic)) return status;
  *doubled = em_state_mixture(&s->state);
  return *doubled ? DILATE_OK : DILATE_ENOMEM;
}

/* The best fit is iterated once more. */
static int finish_best(search *s) {
  double loglik = 0;
  const int status = em_state_resume(&s->state, s->best);
  if (status == DILATE_ENOMEM) return status;
  if (status != DILATE_OK || em_iterate(&s->state, ITERATIONS, -INFINITY, &loglik) != DILATE_OK || !isfinite(loglik)) return DILATE_OK;
  return keep(s, s->best_K, s->best_bic);
}

/* about: where the number of components is looked for, 0: everywhere. */
static int run(search *s, size_t about, size_t limit, mixture **doubled) {
  const mixture_family family = s->state.family;
  int status = about ? climb(s, about, limit) : search_grid(s, limit);
  if (status != DILATE_OK) return status;
  if (!s->best) return DILATE_ENUMERIC;
  if (!about && !is_dear(s)) status = bisect(s);
  if (family == MIXTURE_PRODUCT && status == DILATE_OK) status = try_freedoms(s);
  if (status == DILATE_OK) status = finish_best(s);
  const size_t K = doubled && status == DILATE_OK ? doubled_K(s) : 0;
  return K > 0 ? fit_doubled(s, K, doubled) : status;
}

int em_bic_search(const fit_points *points, const ward_tree *tree, mixture_family family, size_t about, mixture **best, mixture **doubled,
                  dilate_error *err) {
  *best = NULL;
  if (doubled) *doubled = NULL;
  const size_t limit = smaller(largest_K(points->n, points->dim, family), grid[GRID - 1]);
  const size_t twice = doubled && family == MIXTURE_FULL ? smaller(largest_doubled_K(points->n, points->dim), 2 * limit) : 0;
  search s = {.tree = tree, .best_bic = -INFINITY};
  int status = em_state_create(&s.state, points, family, 0, larger(twice, limit), err);
  if (status != DILATE_OK) return status;
  s.label = NEW(size_t, points->n);
  status = s.label ? run(&s, about, limit, doubled) : DILATE_ENOMEM;
  em_state_destroy(&s.state);
  memory_free(s.label);
  if (status == DILATE_OK) {
    *best = s.best;
    return DILATE_OK;
  }
  mixture_free(s.best);
  if (status == DILATE_ENOMEM) return error_memory(err, "mixture fit");
  return error_set(err, status, "mixture fit: no number of components gives a finite likelihood");
}
