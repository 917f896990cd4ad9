/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every draw to the representative that is most like it.
 *
 * Likeness of draw i and representative r, in the whitened coordinates of the draw's metric S:
 * |x_i - x_r|^2 + sqrt(dim) |guess_i - end_r|^2, where end_r is what r reached and guess_i = x_i + S g_i a one-step guess of what i would
 * reach, its gradient paid for already.  In a Gaussian mode guess_i is the peak, so that the likeness tells modes apart in any dimension;
 * sqrt(dim) balances the noise of the first term. */
#include "stats/assign.h"

#include "base/distance.h"
#include "base/memory.h"
#include "base/team.h"

#include <math.h>

#define BLOCK 256 /* draws at a time */
#define FEW   4   /* metrics a thread */

/* Coordinates in which likeness is a squared distance: 2 dim rows, places over guesses or ends. */
typedef struct scratch {
  double *draw, *representative; /* 2 dim x BLOCK, 2 dim x end.ld */
  double *inverse;               /* a factor */
  double *distance;              /* threads x end.ld: of one draw from all representatives */
  size_t threads;                /* that share the draws of a metric */
} scratch;

static void scratch_clear(scratch *s) {
  memory_free(s->draw);
  memory_free(s->representative);
  memory_free(s->inverse);
  memory_free(s->distance);
}

/* To be cleared in any case. */
static int scratch_create(const grouped *g, const representatives *r, size_t threads, scratch *s) {
  const size_t dim = g->draws->here->dim;
  *s = (scratch){.threads = threads};
  s->draw = NEW2(double, 2 * dim, BLOCK);
  s->representative = NEW2(double, 2 * dim, r->end.ld);
  s->inverse = NEW(double, factor_size(dim, g->form));
  s->distance = NEW2(double, threads, r->end.ld);
  return s->draw && s->representative && s->inverse && s->distance ? 0 : DILATE_ENOMEM;
}

/* u = C^-1 (x - origin) of n particles, those named by `place` (NULL: in order); the origin is that of metric m. */
static void whiten(const grouped *g, size_t m, const double *inverse, const particles *p, const size_t *place, size_t n, size_t ld,
                   double *u) {
  for (size_t j = 0; j < p->dim; j++) {
    const double at = g->origin.x[j * g->origin.ld + m];
    for (size_t i = 0; i < n; i++) u[j * ld + i] = p->x[j * p->ld + (place ? place[i] : i)] - at;
  }
  factor_times(p->dim, g->form, inverse, n, ld, u);
}

/* n draws of metric m, which are here. */
static void place_draws(const grouped *g, size_t m, const uint32_t *member, size_t n, scratch *s) {
  const size_t dim = g->draws->here->dim;
  double *place = s->draw, *guess = s->draw + dim * BLOCK;
  size_t at[BLOCK];
  for (size_t i = 0; i < n; i++) at[i] = parted_place(g->draws, member[i]);
  whiten(g, m, s->inverse, g->draws->here, at, n, BLOCK, place);
  grouped_whitened_gradients(g, member, n, g->c[m], BLOCK, guess);
  const double balance = pow((double)dim, 0.25);
  for (size_t j = 0; j < dim; j++)
    for (size_t i = 0; i < n; i++) guess[j * BLOCK + i] = balance * (place[j * BLOCK + i] + guess[j * BLOCK + i]);
}

/* All representatives, as the draws of metric m see them. */
static void place_representatives(const grouped *g, size_t m, const representatives *r, scratch *s) {
  const size_t dim = g->draws->here->dim, ld = r->end.ld;
  double *place = s->representative, *end = s->representative + dim * ld;
  const double balance = pow((double)dim, 0.25);
  whiten(g, m, s->inverse, &r->start, NULL, r->count, ld, place);
  whiten(g, m, s->inverse, &r->end, NULL, r->count, ld, end);
  for (size_t j = 0; j < dim; j++)
    for (size_t k = 0; k < r->count; k++) end[j * ld + k] *= balance;
}

static size_t most_alike(size_t dim, const representatives *r, const scratch *s, size_t i) {
  double *const distance = s->distance + r->end.ld * (size_t)omp_get_thread_num();
  square_distances(2 * dim, r->count, r->end.ld, s->representative, BLOCK, s->draw + i, distance);
  return least_of(r->count, distance);
}

/* The next draws of metric m that are here, a block at most, from its *begin-th on; returns how many. */
static size_t next_block(const grouped *g, size_t m, size_t *begin, uint32_t *member) {
  size_t n = 0;
  for (; *begin < grouped_count(g, m) && n < BLOCK; ++*begin) {
    const uint32_t draw = g->member[g->first[m] + *begin];
    if (parted_has(g->draws, draw)) member[n++] = draw;
  }
  return n;
}

/* The draws of metric m, block by block. */
static void assign_metric(const grouped *g, size_t m, const representatives *r, scratch *s, int *nearest) {
  const size_t dim = g->draws->here->dim;
  uint32_t member[BLOCK];
  factor_inverse(dim, g->form, g->c[m], s->inverse);
  place_representatives(g, m, r, s);
  for (size_t begin = 0, n; (n = next_block(g, m, &begin, member)) > 0;) {
    place_draws(g, m, member, n, s);
#pragma omp parallel for schedule(dynamic, 32) num_threads(team_size(s->threads))
    for (size_t i = 0; i < n; i++) nearest[member[i]] = (int)most_alike(dim, r, s, i);
  }
}

int assign_draws(const grouped *g, const representatives *r, size_t threads, int *nearest) {
  const size_t all = (size_t)team_size(threads), team = g->metrics < FEW * all ? 1 : all; /* of few metrics each takes all threads */
  const shared_loop own = g->draws->apart ? share_apart(g->draws->held.target, g->draws->n) : g->draws->held;
  scratch *const s = NEW(scratch, team);
  int failed = !s;
  for (size_t t = 0; t < team && !failed; t++) failed = scratch_create(g, r, team > 1 ? 1 : all, &s[t]);
  for (size_t i = 0; i < g->draws->n; i++) nearest[i] = ASSIGN_NONE;
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)team)
  for (size_t m = 0; m < (failed ? 0 : g->metrics); m++)
    if (grouped_count(g, m)) assign_metric(g, m, r, &s[omp_get_thread_num()], nearest);
  if (!failed) SHARE_END(&own, SHARE_ROW(nearest));
  for (size_t k = 0; k < r->count; k++) nearest[r->draw[k]] = (int)k;
  for (size_t t = 0; s && t < team; t++) scratch_clear(&s[t]);
  memory_free(s);
  return failed ? DILATE_ENOMEM : DILATE_OK;
}
