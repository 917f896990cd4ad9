/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A few chains on the law of X given x, p(X given x) ∝ pi~(X) N(x; X, sigma^2 I), and their moves. */
#ifndef DILATE_SCORE_CHAINS_H
#define DILATE_SCORE_CHAINS_H

#include "score/score.h"

#define CHAINS_MAX 8

typedef struct chains {
  target *target;
  size_t dim, n; /* coordinate-major, leading dimension n */
  double sigma;
  const double *centre; /* x: dim */
  stream stream;        /* of one round */
  uint32_t step, id[CHAINS_MAX];
  double *x, *grad, *logp, *h; /* kept from call to call: states with log pi~ and its gradient, step sizes; h = 0: never started */
  double *proposal, *proposal_grad, *move; /* dim x n each */
  double proposal_logp[CHAINS_MAX];
  int lost[CHAINS_MAX];                                 /* the proposal overflowed */
  double chance[CHAINS_MAX], shadow_chance[CHAINS_MAX]; /* probabilities with which the proposals are to be accepted */
  double *shadow, *shadow_move; /* dim x n: Y - x of chains on N(x, sigma^2 I) that take the same moves with the same random numbers */
} chains;

/* All start in x, as if outside the support. */
void chains_begin(chains *c);
/* One more independent proposal x + sigma n for each chain, taken with its share of the weights pi~ so far, the logarithm of whose sum is
 * total[k], -inf at first: sampling importance resampling. */
void chains_resample(chains *c, double *total);
/* An independence Metropolis proposal of that kind, and its chance.  The shadows will go there. */
void chains_jump(chains *c);
/* A Metropolis-adjusted Langevin proposal, and its chance. */
void chains_move(chains *c);
/* Accepts by chance: the end of a jump or a move. */
void chains_settle(chains *c);
/* Adapts step sizes to the chances of a move. */
void chains_adapt(chains *c, double rate);
/* Step sizes that are sensible for the curvature that the gradients let one expect, where a chain has none yet; none beyond the Gaussian's.
 */
void chains_step_sizes(chains *c);

#endif
