/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nearest chains by brute force, a row of coordinates at a time: see evidence_near.h. */
#include "stage/evidence_near.h"

#include <math.h>
#include <omp.h>

#include "base/clones.h"
#include "base/distance.h"
#include "base/memory.h"
#include "base/team.h"

#define BLOCK        16   /* distances that are looked at together */
#define WEIGHT_LEAST 1e-6 /* of the mean: what becomes of lighter states does not matter */

/* The starts of an island's chains. */
typedef struct starts {
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

static void gather(const particles *p, const double *ratio, size_t chains, const size_t *parent, const size_t *of, size_t island,
                   starts *s) {
  size_t n = 0;
  for (size_t m = 0; m < chains; m++)
    if (of[m] == island) s->chain[n++] = (uint32_t)m;
  s->count = n;
  for (size_t j = 0; j <= s->dim; j++) {
    const double *x = j < s->dim ? p->x + j * p->ld : ratio;
    double *row = s->place + j * n;
    for (size_t k = 0; k < n; k++) row[k] = x[parent[s->chain[k]]];
    s->scale[j] = one_over_spread(n, row) * (j < s->dim ? 1 : sqrt((double)s->dim));
    for (size_t k = 0; k < n; k++) row[k] *= s->scale[j];
  }
}

/* Squared distances of state i from all starts; at: dim + 1 doubles. */
static void distances(const starts *s, const particles *p, const double *ratio, size_t i, double *at, double *distance) {
  for (size_t j = 0; j <= s->dim; j++) at[j] = s->scale[j] * (j < s->dim ? p->x[j * p->ld + i] : ratio[i]);
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

static void link_island(evidence_record *r, const starts *s, const particles *p, const double *ratio, size_t island, size_t threads,
                        double *distance) {
  const size_t n = r->chains * r->states;
#pragma omp parallel for schedule(static) num_threads(team_size(threads))
  for (size_t i = 0; i < n; i++) {
    const size_t m = i % r->chains;
    if (r->island[m] != island) continue;
    if (!(r->weight[i] > WEIGHT_LEAST)) {
      for (size_t k = 0; k < r->nears; k++) r->near[i * r->nears + k] = s->chain[0]; /* of its island, whichever: it hardly counts */
      continue;
    }
    double *mine = distance + (size_t)omp_get_thread_num() * (s->count + s->dim + 1);
    distances(s, p, ratio, i / r->chains * r->all + m * r->stride, mine + s->count, mine);
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

int evidence_link(evidence_record *r, const particles *p, const double *ratio, size_t chains, const size_t *parent, const size_t *of,
                  size_t threads) {
  size_t least;
  const size_t islands = count_islands(chains, of, &least);
  if (least == 0) return 0;
  starts s = {.dim = p->dim, .place = NEW2(double, p->dim + 1, chains), .scale = NEW(double, p->dim + 1), .chain = NEW(uint32_t, chains)};
  double *distance = NEW2(double, threads, chains + p->dim + 1);
  r->nears = least < EVIDENCE_NEAR ? least : EVIDENCE_NEAR;
  r->near = NEW2(uint32_t, r->chains * r->states, r->nears);
  const int failed = !s.place || !s.scale || !s.chain || !distance || !r->near;
  for (size_t c = 0; c < islands && !failed; c++) {
    gather(p, ratio, chains, parent, of, c, &s);
    link_island(r, &s, p, ratio, c, threads, distance);
  }
  memory_free(s.place);
  memory_free(s.scale);
  memory_free(s.chain);
  memory_free(distance);
  return failed;
}
