/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scores of Gaussian convolutions without training: s_sigma(x) = grad log of the density of X + sigma E at x, X ~ pi, E ~ N(0, I), by
 * Tweedie's formula (Robbins 1956; Efron 2011)  s_sigma(x) = (E[X given x] - x) / sigma^2.  One file a kind, its vtable the last object of
 * the file.  All in the variance-exploding form and in the target's own coordinates. */
#ifndef DILATE_SCORE_SCORE_H
#define DILATE_SCORE_SCORE_H

#include "base/random.h"
#include "target/particles.h"

typedef struct score score;

/* A tile of particles at work: begin .. begin + n - 1 of `at`. */
typedef struct score_tile {
  score *s;
  double sigma; /* > 0 */
  uint32_t step;
  size_t begin, n;
  particles *at;
  double *se, *ess; /* may be NULL; se has at's leading dimension */
} score_tile;

typedef struct score_type {
  const char *name;
  int has_density;
  size_t (*work)(size_t dim, size_t samples);   /* doubles of scratch that a thread needs */
  size_t (*memory)(size_t dim, size_t samples); /* doubles that are kept of a particle from one call to the next, zero at first */
  void (*evaluate)(const score_tile *t);
} score_type;

struct score {
  const score_type *type;
  target *target; /* not owned */
  size_t particles, samples;
  uint64_t seed;
  size_t work_size, memory_size; /* doubles: a thread's, a particle's */
  double *work, *memory;
};

extern const score_type score_closed;     /* the target's own convolution: exact */
extern const score_type score_importance; /* importance sampling of E[X given x], with what earlier calls paid for */
extern const score_type score_langevin;   /* chains on the law of X given x */

#define SCORE_SAMPLES_MAX 1000000

/* kind: NULL (closed where the target has it, else importance), "closed", "importance" or "langevin".  Of the target's evaluations a
 * Monte Carlo score of one particle takes `samples` at most.  All memory is made here.  DILATE_EDOMAIN, with the reason, where the kind
 * asks for what the target has not. */
int score_create(const char *kind, target *t, size_t particles, size_t samples, uint64_t seed, score **out, dilate_error *err);
void score_free(score *s);
/* What is kept of the particles.  Before such a score is made to be read into: whether the archive can have so much. */
void score_archive(archive *a, score *s);
void score_expect(archive *a, const char *kind, const target *t, size_t particles, size_t samples);
const char *score_kind(const score *s);
int score_has_density(const score *s);

/* For each of at->n <= particles: score at at->x into at->grad; log-density of the convolution, with pi~'s constant, into at->logp: exact,
 * an estimate (of the density, unbiased), or NaN where the kind has none.  se: standard error of each coordinate (dim x ld), ess: effective
 * samples (n); either may be NULL.  What is exact has se 0 and ess infinite.  Where nothing inside the support was found the score is 0, se
 * infinite and ess 0; of fewer than two effective samples se is infinite; no number but logp is ever NaN.  sigma = 0: the target itself.
 * `step` numbers the random draws: a new one each call.  In parallel over tiles; bits do not depend on threads. */
void score_evaluate(score *s, double sigma, uint32_t step, particles *at, double *se, double *ess);

/* For the files of this layer: a particle's memory, the calling thread's scratch, */
double *score_memory(const score_tile *t, size_t i);
double *score_work(const score_tile *t);
/* the same errors in all coordinates of particle i, */
void score_errors(const score_tile *t, size_t i, double se, double ess);
/* the answer where nothing inside the support was found, */
void score_nothing(const score_tile *t, size_t i);
/* the answer where Monte Carlo has none to give, and 1: a place that is not finite, or sigma beyond what doubles tell apart from 0 at x. */
int score_without_sampling(const score_tile *t, size_t i);

#endif
