/* SPDX-License-Identifier: GPL-3.0-or-later */
/* E[X given x] by inner Langevin chains, as in reverse diffusion Monte Carlo (Huang, Dong, Hao, Ma & Zhang 2023, arXiv 2307.02037), here
 * Metropolis-adjusted.  A particle keeps its chains, ends and step sizes from call to call.  At each call first independent proposals from
 * N(x, sigma^2 I) compete with the chain's old end, then MALA steps follow, whose first part adapts the step sizes and is not counted.
 * Errors come from the spread between chains, which have nothing in common but x. */
#include <math.h>
#include <string.h>

#include "score/chains.h"

#define NUMBER_BITS 14 /* of a stream's tag; a round's other bits go where the island stands */

static size_t chain_count(size_t samples) {
  const size_t n = samples / 4;
  return n < 2 ? 2 : n < CHAINS_MAX ? n : CHAINS_MAX;
}

/* Proposals, moves, sums of displacements. */
static size_t langevin_work(size_t dim, size_t samples) {
  return dim * (4 * chain_count(samples) + 2);
}

static size_t langevin_memory(size_t dim, size_t samples) {
  return chain_count(samples) * (2 * dim + 2);
}

/* What is averaged. */
typedef struct sums {
  double *sum;              /* dim x chains: displacements X - x */
  double *square;           /* dim: their squares, all chains */
  double count[CHAINS_MAX]; /* states inside the support */
} sums;

static chains open_chains(const score_tile *t, size_t i, double *work, double *centre) {
  const size_t dim = t->at->dim, n = chain_count(t->s->samples);
  double *memory = score_memory(t, i);
  chains c = {.target = t->s->target, .dim = dim, .n = n, .sigma = t->sigma, .centre = centre, .step = t->step};
  c.x = memory;
  c.grad = memory + dim * n;
  c.logp = memory + 2 * dim * n;
  c.h = c.logp + n;
  c.proposal = work;
  c.proposal_grad = work + dim * n;
  c.move = work + 2 * dim * n;
  for (size_t k = 0; k < n; k++) c.id[k] = (uint32_t)(i * n + k);
  for (size_t j = 0; j < dim; j++) centre[j] = t->at->x[j * t->at->ld + i];
  return c;
}

/* Random numbers of their own for each round; number 0 is importance sampling's. */
static void begin_round(const score_tile *t, chains *c, size_t round) {
  const size_t number = round + 1;
  c->stream = stream_make(t->s->seed, STREAM_SCORE, (unsigned)(number & ((1u << NUMBER_BITS) - 1)), (unsigned)(number >> NUMBER_BITS));
}

static void add_states(const chains *c, sums *s) {
  for (size_t k = 0; k < c->n; k++) {
    if (c->logp[k] == -INFINITY) continue;
    s->count[k]++;
    for (size_t j = 0; j < c->dim; j++) {
      const double d = c->x[j * c->n + k] - c->centre[j];
      s->sum[j * c->n + k] += d;
      s->square[j] += d * d;
    }
  }
}

/* All rounds of one call: half of them (a quarter where the chains are warm) proposals, then half of the moves to adapt. */
static void run_chains(const score_tile *t, chains *c, sums *s) {
  const int cold = c->h[0] == 0;
  const size_t rounds = t->s->samples / c->n, tries = cold ? (rounds + 1) / 2 : rounds / 4, adapting = tries + (rounds - tries) / 2;
  double total[CHAINS_MAX];
  if (cold) chains_begin(c);
  memcpy(total, c->logp, c->n * sizeof *total);
  for (size_t round = 0; round < rounds; round++) {
    begin_round(t, c, round);
    if (round == tries) chains_step_sizes(c);
    if (round < tries)
      chains_resample(c, total);
    else
      chains_move(c, round < adapting ? 2 / sqrt(1 + (double)(round - tries)) : 0);
    if (round >= adapting) add_states(c, s);
  }
  if (rounds == adapting) add_states(c, s);
}

/* Mean over chains of their means in coordinate j, and its squared standard error. */
static double between(const sums *s, size_t n, size_t j, double *variance) {
  double mean = 0, inside = 0, square = 0;
  for (size_t k = 0; k < n; k++)
    if (s->count[k] > 0) {
      inside++;
      mean += (s->sum[j * n + k] / s->count[k] - mean) / inside;
    }
  for (size_t k = 0; k < n; k++)
    if (s->count[k] > 0) square += (s->sum[j * n + k] / s->count[k] - mean) * (s->sum[j * n + k] / s->count[k] - mean);
  *variance = inside > 1 ? square / (inside * (inside - 1)) : (double)INFINITY;
  return mean;
}

/* Effective samples: those of which the mean would have this standard error, over all coordinates. */
static void finish(const score_tile *t, size_t i, const sums *s, size_t n) {
  particles *at = t->at;
  double count = 0, spread = 0, error = 0;
  for (size_t k = 0; k < n; k++) count += s->count[k];
  for (size_t j = 0; j < at->dim; j++) {
    double variance;
    const double mean = between(s, n, j, &variance);
    at->grad[j * at->ld + i] = mean / t->sigma / t->sigma;
    if (t->se) t->se[j * at->ld + i] = sqrt(variance) / t->sigma / t->sigma;
    spread += fmax(s->square[j] / count - mean * mean, 0);
    error += variance;
  }
  at->logp[i] = (double)NAN;
  if (t->ess) t->ess[i] = spread < count * error ? spread / error : count;
}

static void langevin_particle(const score_tile *t, size_t i) {
  if (score_without_sampling(t, i)) return;
  const size_t dim = t->at->dim, n = chain_count(t->s->samples);
  double *work = score_work(t), inside = 0;
  sums s = {.sum = work + 3 * dim * n, .square = work + 4 * dim * n};
  memset(s.sum, 0, dim * (n + 1) * sizeof *s.sum);
  chains c = open_chains(t, i, work, s.square + dim);
  run_chains(t, &c, &s);
  for (size_t k = 0; k < n; k++) inside += s.count[k];
  if (inside > 0)
    finish(t, i, &s, n);
  else
    score_nothing(t, i);
}

static void langevin_evaluate(const score_tile *t) {
  for (size_t i = t->begin; i < t->begin + t->n; i++) langevin_particle(t, i);
}

const score_type score_langevin = {"langevin", 0, langevin_work, langevin_memory, langevin_evaluate};
