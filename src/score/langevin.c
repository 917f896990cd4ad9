/* SPDX-License-Identifier: GPL-3.0-or-later */
/* E[X given x] by inner Langevin chains, as in reverse diffusion Monte Carlo (Huang, Dong, Hao, Ma & Zhang 2023, arXiv 2307.02037), here
 * Metropolis-adjusted, by turns with independence proposals from N(x, sigma^2 I), which cross between modes where Langevin steps cannot.
 * A particle keeps its chains, their ends and step sizes, from call to call.  Each chain has a shadow on N(x, sigma^2 I), whose mean is
 * known and which costs the target nothing: a control variate (coupled chains; Pinto & Neal 2001), so that the error of the score stays
 * bounded as sigma -> 0.  Errors come from the spread between chains, which have nothing in common but x. */
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
  return dim * (7 * chain_count(samples) + 4);
}

static size_t langevin_memory(size_t dim, size_t samples) {
  return chain_count(samples) * (2 * dim + 2);
}

/* What is averaged. */
typedef struct sums {
  double *sum, *shadow;                  /* dim x chains: displacements X - x, and those of the shadows, whose expectation is 0 */
  double *square, *both, *shadow_square; /* dim: squares and products of the two, all chains */
  double count[CHAINS_MAX];              /* states inside the support */
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
  c.shadow = work + 3 * dim * n;
  c.shadow_move = work + 4 * dim * n;
  for (size_t k = 0; k < n; k++) c.id[k] = (uint32_t)(i * n + k);
  for (size_t j = 0; j < dim; j++) centre[j] = t->at->x[j * t->at->ld + i];
  return c;
}

/* Random numbers of their own for each round; number 0 is importance sampling's. */
static void begin_round(const score_tile *t, chains *c, size_t round) {
  const size_t number = round + 1;
  c->stream = stream_make(t->s->seed, STREAM_SCORE, (unsigned)(number & ((1u << NUMBER_BITS) - 1)), (unsigned)(number >> NUMBER_BITS));
}

/* One coordinate: the expected displacement over acceptance, and that of the shadow. */
static void add_coordinate(const chains *c, sums *s, size_t k, size_t j) {
  const size_t at = j * c->n + k;
  const double a = c->chance[k], from = c->x[at] - c->centre[j], to = c->proposal[at] - c->centre[j];
  const double d = a < 1 ? from + a * (to - from) : to, y = c->shadow[at] + c->shadow_chance[k] * c->shadow_move[at];
  s->sum[at] += d;
  s->shadow[at] += y;
  s->square[j] += a * to * to + (1 - a) * from * from;
  s->both[j] += d * y;
  s->shadow_square[j] += y * y;
}

/* Both ends of the step, each with its chance (Frenkel 2004): where nearly all proposals are accepted, the little that tells the target
 * from a constant is not left to a few rejections. */
static void add_states(const chains *c, sums *s) {
  for (size_t k = 0; k < c->n; k++) {
    if (c->logp[k] == -INFINITY && c->chance[k] == 0) continue;
    s->count[k]++;
    for (size_t j = 0; j < c->dim; j++) add_coordinate(c, s, k, j);
  }
}

/* The only round is the start. */
static void add_start(chains *c, sums *s) {
  for (size_t k = 0; k < c->n; k++) c->chance[k] = c->shadow_chance[k] = 0;
  memset(c->shadow_move, 0, c->dim * c->n * sizeof *c->shadow_move);
  add_states(c, s);
}

/* A jump or a move, by turns; adapting ones are not counted. */
static void run_round(chains *c, sums *s, size_t turn, size_t adapting) {
  if (turn % 2 == 0)
    chains_jump(c);
  else
    chains_move(c);
  if (turn >= adapting) add_states(c, s);
  if (turn < adapting && turn % 2 == 1) chains_adapt(c, 2 / sqrt(0.5 * (double)(turn + 1)));
  chains_settle(c);
}

/* All rounds of one call.  Chains that never ran look for a start in the first quarter; then jumps and moves take turns, the first half of
 * them to adapt. */
static void run_chains(const score_tile *t, chains *c, sums *s) {
  const int cold = c->h[0] == 0;
  const size_t rounds = t->s->samples / c->n, tries = cold ? (rounds + 3) / 4 : 0, turns = rounds - tries;
  double total[CHAINS_MAX];
  memset(c->shadow, 0, c->dim * c->n * sizeof *c->shadow);
  if (cold) chains_begin(c);
  memcpy(total, c->logp, c->n * sizeof *total);
  for (size_t round = 0; round < tries; round++) {
    begin_round(t, c, round);
    chains_resample(c, total);
  }
  chains_step_sizes(c);
  for (size_t turn = 0; turn < turns; turn++) {
    begin_round(t, c, tries + turn);
    run_round(c, s, turn, turns / 2);
  }
  if (turns == 0) add_start(c, s);
}

/* Regression of the chains' displacements on the shadows', coordinate j. */
static double shadow_weight(const sums *s, size_t n, size_t j, double count) {
  double mean = 0;
  for (size_t k = 0; k < n; k++) mean += s->sum[j * n + k] / count;
  double shadow = 0;
  for (size_t k = 0; k < n; k++) shadow += s->shadow[j * n + k];
  const double b = (s->both[j] - mean * shadow) / (s->shadow_square[j] - shadow * (shadow / count));
  return isfinite(b) ? b : 0;
}

/* Mean over chains of their means in coordinate j, less b times the shadows', and its squared standard error. */
static double between(const sums *s, size_t n, size_t j, double b, double *variance) {
  double mean = 0, inside = 0, square = 0, of[CHAINS_MAX] = {0};
  for (size_t k = 0; k < n; k++)
    if (s->count[k] > 0) {
      of[k] = (s->sum[j * n + k] - b * s->shadow[j * n + k]) / s->count[k];
      mean += (of[k] - mean) / ++inside;
    }
  for (size_t k = 0; k < n; k++)
    if (s->count[k] > 0) square += (of[k] - mean) * (of[k] - mean);
  *variance = inside > 1 && isfinite(square) ? square / (inside * (inside - 1)) : (double)INFINITY;
  return mean;
}

/* One coordinate's score and standard error; its spread and squared error are added.  Whether it is a number: after a leap to where
 * distances overflow it is not. */
static int finish_coordinate(const score_tile *t, size_t i, const sums *s, size_t n, double count, size_t j, double *spread,
                             double *error) {
  double variance;
  const size_t at = j * t->at->ld + i;
  const double mean = between(s, n, j, shadow_weight(s, n, j, count), &variance);
  t->at->grad[at] = mean / t->sigma / t->sigma;
  if (t->se) t->se[at] = sqrt(variance) / t->sigma / t->sigma;
  *spread += fmax(s->square[j] / count - mean * mean, 0);
  *error += variance;
  return isfinite(t->at->grad[at]);
}

/* Effective samples: those of which the mean would have this standard error, over all coordinates, and no more than there are. */
static void finish(const score_tile *t, size_t i, const sums *s, size_t n) {
  double spread = 0, error = 0, count = 0;
  for (size_t k = 0; k < n; k++) count += s->count[k];
  int found = count > 0;
  for (size_t j = 0; found && j < t->at->dim; j++) found = finish_coordinate(t, i, s, n, count, j, &spread, &error);
  if (!found) {
    score_nothing(t, i);
    return;
  }
  t->at->logp[i] = (double)NAN;
  if (t->ess) t->ess[i] = !isfinite(error) ? 0 : spread < count * error ? spread / error : count;
}

static void langevin_particle(const score_tile *t, size_t i) {
  if (score_without_sampling(t, i)) return;
  const size_t dim = t->at->dim, n = chain_count(t->s->samples);
  double *work = score_work(t), *kept = work + 5 * dim * n;
  sums s = {.sum = kept, .shadow = kept + dim * n};
  s.square = kept + 2 * dim * n;
  s.both = s.square + dim;
  s.shadow_square = s.both + dim;
  memset(kept, 0, dim * (2 * n + 3) * sizeof *kept);
  chains c = open_chains(t, i, work, s.shadow_square + dim);
  run_chains(t, &c, &s);
  finish(t, i, &s, n);
}

static void langevin_evaluate(const score_tile *t) {
  for (size_t i = t->begin; i < t->begin + t->n; i++) langevin_particle(t, i);
}

const score_type score_langevin = {"langevin", 0, langevin_work, langevin_memory, langevin_evaluate};
