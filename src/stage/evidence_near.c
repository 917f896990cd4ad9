/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nearest chains by brute force, a row of coordinates at a time: see evidence_near.h. */
#include "stage/evidence_near.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/clones.h"
#include "base/distance.h"
#include "base/memory.h"
#include "base/team.h"

#define BLOCK        16   /* distances that are looked at together */
#define WEIGHT_LEAST 1e-6 /* of the mean: what becomes of lighter states does not matter */

/* The starts of an island's chains. */
typedef struct starts {
  const linked_states *of;
  const size_t *parent;
  size_t dim, count;
  double *place; /* (dim + 1) x count: scaled coordinates, log ratio last */
  double *scale; /* dim + 1: one over the spread; 0 where all are the same */
  uint32_t *chain;
} starts;

static double one_over_spread(size_t n, const double *x) {
  double mean = 0, square = 0;
  for (size_t k = 0; k < n; k++) mean += x[k] / (double)n;
  for (size_t k = 0; k < n; k++) square += (x[k] - mean) * (x[k] - mean) / (double)n;
  return square > 0 ? 1 / sqrt(square) : 0;
}

/* Coordinates of state i, which is here. */
static void coordinates(const linked_states *states, size_t i, double *x) {
  const particles *p = states->p;
  const size_t at = states->here ? share_place(states->here, i) : i;
  for (size_t j = 0; j < p->dim; j++) x[j] = p->x[j * p->ld + at];
}

static size_t owner_of_start(const void *of, size_t k) {
  const starts *s = of;
  return share_owner(s->of->here, s->parent[s->chain[k]]);
}

static void give_start(const void *of, size_t k, void *x) {
  const starts *s = of;
  coordinates(s->of, s->parent[s->chain[k]], x);
}

static void take_start(void *of, size_t k, const void *bytes) {
  const starts *s = of;
  const double *x = bytes;
  for (size_t j = 0; j < s->dim; j++) s->place[j * s->count + k] = x[j];
}

/* at: dim doubles. */
static void fill_starts(starts *s, double *at) {
  const share_items items = {
      .count = s->count, .bytes = s->dim * sizeof(double), .owner = owner_of_start, .give = give_start, .take = take_start, .of = s};
  if (s->of->here) share_each(s->of->here->target, &items);
  for (size_t k = 0; k < s->count && !s->of->here; k++) {
    give_start(s, k, at);
    take_start(s, k, at);
  }
  for (size_t k = 0; k < s->count; k++) s->place[s->dim * s->count + k] = s->of->ratio[s->parent[s->chain[k]]];
}

static void gather(size_t chains, const size_t *of, size_t island, double *at, starts *s) {
  size_t n = 0;
  for (size_t m = 0; m < chains; m++)
    if (of[m] == island) s->chain[n++] = (uint32_t)m;
  s->count = n;
  fill_starts(s, at);
  for (size_t j = 0; j <= s->dim; j++) {
    double *row = s->place + j * n;
    s->scale[j] = one_over_spread(n, row) * (j < s->dim ? 1 : sqrt((double)s->dim));
    for (size_t k = 0; k < n; k++) row[k] *= s->scale[j];
  }
}

/* Squared distances of state i from all starts; at: dim + 1 doubles. */
static void distances(const starts *s, size_t i, double *at, double *distance) {
  coordinates(s->of, i, at);
  at[s->dim] = s->of->ratio[i];
  for (size_t j = 0; j <= s->dim; j++) at[j] *= s->scale[j];
  square_distances(s->dim + 1, s->count, s->count, s->place, 1, at, distance);
}

/* The first block, from k on, with a distance below the limit; the last may be short. */
WIDE_LOOPS static size_t next_block(size_t count, const double *distance, double limit, size_t k) {
  for (; k + BLOCK <= count; k += BLOCK) {
    int64_t below = 0;
#pragma omp simd reduction(| : below)
    for (size_t i = 0; i < BLOCK; i++) below |= distance[k + i] < limit;
    if (below) return k;
  }
  return k;
}

/* The `nears` nearest, by insertion; ties go to the first. */
static void choose_nearest(const starts *s, const double *distance, size_t nears, uint32_t *near) {
  double best[EVIDENCE_NEAR];
  size_t n = 0;
  for (size_t k = 0; k < s->count; k++) {
    if (n == nears && k % BLOCK == 0) k = next_block(s->count, distance, best[n - 1], k);
    if (k == s->count) return;
    if (n == nears && !(distance[k] < best[n - 1])) continue;
    size_t place = n < nears ? n++ : n - 1;
    for (; place > 0 && best[place - 1] > distance[k]; place--) {
      best[place] = best[place - 1];
      near[place] = near[place - 1];
    }
    best[place] = distance[k];
    near[place] = s->chain[k];
  }
}

static void link_island(evidence_record *r, const starts *s, size_t island, size_t threads, double *distance) {
  const size_t n = r->chains * r->states;
  const shared_loop *here = s->of->here;
#pragma omp parallel for schedule(dynamic, 32) num_threads(team_size(threads)) /* an island's states stand together */
  for (size_t i = 0; i < n; i++) {
    const size_t m = i % r->chains, state = i / r->chains * r->all + m * r->stride;
    if (r->island[m] != island || (here && !share_has(here, state))) continue;
    if (!(r->weight[i] > WEIGHT_LEAST)) {
      for (size_t k = 0; k < r->nears; k++) r->near[i * r->nears + k] = s->chain[0]; /* of its island, whichever: it hardly counts */
      continue;
    }
    double *mine = distance + (size_t)omp_get_thread_num() * (s->count + s->dim + 1);
    distances(s, state, mine + s->count, mine);
    choose_nearest(s, mine, r->nears, r->near + i * r->nears);
  }
}

/* Number of islands, and the chains that the smallest of them has. */
static size_t count_islands(size_t chains, const size_t *of, size_t *least) {
  size_t islands = 0;
  *least = chains;
  for (size_t m = 0; m < chains; m++) islands = of[m] >= islands ? of[m] + 1 : islands;
  for (size_t c = 0; c < islands; c++) {
    size_t n = 0;
    for (size_t m = 0; m < chains; m++) n += of[m] == c;
    *least = n < *least ? n : *least;
  }
  return islands;
}

/* What the ranks found of their own states. */
typedef struct found_near {
  evidence_record *r;
  const shared_loop *here;
} found_near;

static size_t owner_of_chain(const void *of, size_t m) {
  const found_near *f = of;
  return share_owner(f->here, m * f->r->stride);
}

static void give_near(const void *of, size_t m, void *bytes) {
  const evidence_record *r = ((const found_near *)of)->r;
  uint32_t *near = bytes;
  for (size_t i = m; i < r->chains * r->states; i += r->chains, near += r->nears)
    memcpy(near, r->near + i * r->nears, r->nears * sizeof *near);
}

static void take_near(void *of, size_t m, const void *bytes) {
  const evidence_record *r = ((const found_near *)of)->r;
  const uint32_t *near = bytes;
  for (size_t i = m; i < r->chains * r->states; i += r->chains, near += r->nears)
    memcpy(r->near + i * r->nears, near, r->nears * sizeof *near);
}

static void share_near(evidence_record *r, const shared_loop *here) {
  found_near found = {r, here};
  const size_t bytes = (r->states * r->nears * sizeof *r->near + 7) / 8 * 8;
  const share_items items = {
      .count = r->chains, .bytes = bytes, .owner = owner_of_chain, .give = give_near, .take = take_near, .of = &found};
  share_each(here->target, &items);
}

int evidence_link(evidence_record *r, const linked_states *states, size_t chains, const size_t *parent, const size_t *of, size_t threads) {
  const size_t dim = states->p->dim;
  size_t least;
  const size_t islands = count_islands(chains, of, &least);
  if (least == 0) return 0;
  starts s = {.of = states,
              .parent = parent,
              .dim = dim,
              .place = NEW2(double, dim + 1, chains),
              .scale = NEW(double, dim + 1),
              .chain = NEW(uint32_t, chains)};
  double *distance = NEW2(double, threads, chains + dim + 1);
  r->nears = least < EVIDENCE_NEAR ? least : EVIDENCE_NEAR;
  r->near = NEW2(uint32_t, r->chains * r->states, r->nears);
  const int failed = !s.place || !s.scale || !s.chain || !distance || !r->near;
  for (size_t c = 0; c < islands && !failed; c++) {
    gather(chains, of, c, distance, &s);
    link_island(r, &s, c, threads, distance);
  }
  if (states->here && !failed) share_near(r, states->here);
  memory_free(s.place);
  memory_free(s.scale);
  memory_free(s.chain);
  memory_free(distance);
  return failed;
}
