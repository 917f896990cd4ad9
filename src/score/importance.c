/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self-normalised importance sampling of E[X given x] under p(X given x) ∝ pi~(X) N(x; X, sigma^2 I).
 *
 * Proposals x + sigma n, weights pi~.  Log-densities are kept: a particle has its last batches, each with the place x_b and the sigma_b
 * that it was drawn with (the draws themselves are made again from their stream), and all are used with the deterministic mixture's weights
 * (balance heuristic; Veach & Guibas 1995; Owen & Zhou 2000), right whatever x and sigma are now:
 *   w_i = pi~(X_i) N(x; X_i, sigma) / [(1/B) sum_b N(X_i; x_b, sigma_b)] = B v_i pi~(X_i),
 * v_i the fresh batch's share in the mixture at X_i, for which x_b = x and sigma_b = sigma.  The mean of w_i estimates the density of the
 * convolution, without bias where places do not depend on earlier draws. */
#include "score/importance.h"

#include <math.h>
#include <string.h>

#include "base/logsumexp.h"
#include "base/vmath.h"
#include "score/score.h"

#define CHUNK 64 /* samples at a time whose numbers are on the stack */

/* What is kept of a batch, in a row of batch_size() doubles: sigma, step, place, log-densities. */
static size_t batch_size(size_t dim, size_t size) {
  return 2 + dim + size;
}

/* One particle at work.  Batch 0 is the fresh one; `all` has all samples, batch after batch. */
typedef struct importance {
  const score_tile *t;
  size_t i, dim, size, held; /* size: samples of a batch; held: batches */
  const double *batch[IMPORTANCE_BATCHES];
  displacements all;
  double *place;       /* dim x size: the fresh samples */
  double *log_mixture; /* held x size: log of the sum of the batches' densities */
  double *share;       /* held rows of it */
} importance;

static size_t importance_work(size_t dim, size_t samples) {
  const size_t all = IMPORTANCE_BATCHES * samples;
  return dim * (all + samples) + all * (IMPORTANCE_BATCHES + 3);
}

/* The number of batches ever made, and the last of them. */
static size_t importance_memory(size_t dim, size_t samples) {
  return 1 + IMPORTANCE_BATCHES * batch_size(dim, samples);
}

static double *take(double **work, size_t count) {
  double *taken = *work;
  *work += count;
  return taken;
}

static importance open_particle(const score_tile *t, size_t i) {
  importance p = {.t = t, .i = i, .dim = t->at->dim, .size = t->s->samples};
  const size_t all = IMPORTANCE_BATCHES * p.size;
  double *work = score_work(t);
  p.all = (displacements){.dim = p.dim, .ld = all};
  p.all.d = take(&work, p.dim * all);
  p.place = take(&work, p.dim * p.size);
  p.all.weight = take(&work, all);
  p.all.control = take(&work, all);
  p.log_mixture = take(&work, all);
  p.share = take(&work, IMPORTANCE_BATCHES * all);
  return p;
}

/* Of a number that the memory keeps as a double.  A checkpoint that somebody wrote may hold any. */
static uint32_t whole(double x) {
  return x >= 0 && x <= UINT32_MAX ? (uint32_t)x : 0;
}

/* The oldest batch makes room for the fresh one. */
static double *begin_batch(importance *p) {
  double *memory = score_memory(p->t, p->i), *batch = memory + 1;
  const size_t row = batch_size(p->dim, p->size), made = whole(memory[0]);
  memory[0] = (double)made + 1;
  p->held = made < IMPORTANCE_BATCHES ? made + 1 : IMPORTANCE_BATCHES;
  p->all.n = p->held * p->size;
  for (size_t b = 0; b < p->held; b++) p->batch[b] = batch + (made - b) % IMPORTANCE_BATCHES * row;
  double *fresh = batch + made % IMPORTANCE_BATCHES * row;
  fresh[0] = p->t->sigma;
  fresh[1] = p->t->step;
  for (size_t j = 0; j < p->dim; j++) fresh[2 + j] = p->t->at->x[j * p->t->at->ld + p->i];
  return fresh;
}

/* d <- sigma_b n. */
static void batch_noise(const importance *p, const double *batch, double *d) {
  const stream s = stream_make(p->t->s->seed, STREAM_SCORE, 0, 0);
  for (size_t begin = 0; begin < p->size; begin += CHUNK) {
    uint32_t number[CHUNK];
    const size_t count = p->size - begin < CHUNK ? p->size - begin : CHUNK;
    for (size_t k = 0; k < count; k++) number[k] = (uint32_t)(p->i * p->size + begin + k);
    stream_normals(s, whole(batch[1]), p->dim, count, p->all.ld, number, d + begin);
  }
  for (size_t j = 0; j < p->dim; j++)
    for (size_t k = 0; k < p->size; k++) d[j * p->all.ld + k] *= batch[0];
}

/* All displacements from x. */
static void displace(const importance *p) {
  for (size_t b = 0; b < p->held; b++) {
    double *d = p->all.d + b * p->size;
    batch_noise(p, p->batch[b], d);
    for (size_t j = 0; b > 0 && j < p->dim; j++) {
      const double shift = p->batch[b][2 + j] - p->batch[0][2 + j];
      for (size_t k = 0; k < p->size; k++) d[j * p->all.ld + k] += shift;
    }
  }
}

/* Log-densities of the fresh batch.  A place that overflows is not shown to the target. */
static void pay(const importance *p, double *fresh) {
  double *logp = fresh + 2 + p->dim, *lost = p->log_mixture;
  for (size_t k = 0; k < p->size; k++) lost[k] = 0;
  for (size_t j = 0; j < p->dim; j++)
    for (size_t k = 0; k < p->size; k++) {
      p->place[j * p->size + k] = fresh[2 + j] + p->all.d[j * p->all.ld + k];
      lost[k] += 0 * p->place[j * p->size + k];
    }
  for (size_t j = 0; j < p->dim; j++)
    for (size_t k = 0; k < p->size; k++)
      if (lost[k] != 0) p->place[j * p->size + k] = fresh[2 + j];
  target_evaluate(p->t->s->target, p->i, p->size, p->size, p->place, logp, NULL);
  for (size_t k = 0; k < p->size; k++)
    if (lost[k] != 0) logp[k] = -INFINITY;
}

/* weight <- log pi~ of all samples; those whose displacement overflows are lost. */
static void gather(const importance *p) {
  for (size_t b = 0; b < p->held; b++) memcpy(p->all.weight + b * p->size, p->batch[b] + 2 + p->dim, p->size * sizeof(double));
  for (size_t j = 0; j < p->dim; j++) {
    double *d = p->all.d + j * p->all.ld;
    for (size_t k = 0; k < p->all.n; k++)
      if (!isfinite(d[k])) {
        p->all.weight[k] = -INFINITY;
        d[k] = 0;
      }
  }
}

/* density <- log N(X; x_b, sigma_b) of all samples, up to one constant. */
static void batch_density(const importance *p, size_t b, double *density) {
  const double sigma = p->batch[b][0], constant = -(double)p->dim * log(sigma);
  for (size_t k = 0; k < p->all.n; k++) density[k] = 0;
  for (size_t j = 0; j < p->dim; j++) {
    const double shift = p->batch[b][2 + j] - p->batch[0][2 + j], *d = p->all.d + j * p->all.ld;
    for (size_t k = 0; k < p->all.n; k++) {
      const double u = (d[k] - shift) / sigma;
      density[k] += u * u;
    }
  }
  for (size_t k = 0; k < p->all.n; k++) density[k] = constant - 0.5 * density[k];
}

/* control <- log of the fresh batch's share in the mixture. */
static void fresh_share(const importance *p) {
  for (size_t b = 0; b < p->held; b++) batch_density(p, b, p->share + b * p->all.ld);
  memcpy(p->all.control, p->share, p->all.n * sizeof(double));
  log_sum_exp_columns(p->held, p->all.n, p->all.ld, p->share, p->log_mixture);
  for (size_t k = 0; k < p->all.n; k++)
    p->all.control[k] = isfinite(p->log_mixture[k]) ? p->all.control[k] - p->log_mixture[k] : (double)-INFINITY;
}

/* Logarithms -> shares, or zeros where there is nothing to share; returns the logarithm of the sum. */
static double normalise(size_t n, double *log_share) {
  const double total = log_sum_exp(n, log_share);
  for (size_t k = 0; k < n; k++) log_share[k] = total > -INFINITY ? log_share[k] - total : (double)-INFINITY;
  vmath_exp(n, log_share, log_share);
  return total;
}

/* Of fewer than two effective samples residuals tell nothing: the one that has all the weight has none. */
static void finish(const importance *p, double log_total) {
  const score_tile *t = p->t;
  double square = 0;
  for (size_t k = 0; k < p->all.n; k++) square += p->all.weight[k] * p->all.weight[k];
  score_errors(t, p->i, INFINITY, 1 / square);
  for (size_t j = 0; j < p->dim; j++) {
    double se;
    t->at->grad[j * t->at->ld + p->i] = displacement_mean(&p->all, j, &se) / t->sigma / t->sigma;
    if (t->se && square <= 0.5) t->se[j * t->at->ld + p->i] = se / t->sigma / t->sigma;
  }
  t->at->logp[p->i] = log_total - log((double)p->size);
}

static void importance_particle(const score_tile *t, size_t i) {
  if (score_without_sampling(t, i)) return;
  importance p = open_particle(t, i);
  double *fresh = begin_batch(&p);
  displace(&p);
  pay(&p, fresh);
  gather(&p);
  fresh_share(&p);
  for (size_t k = 0; k < p.all.n; k++) p.all.weight[k] += p.all.control[k];
  const double log_total = normalise(p.all.n, p.all.weight);
  normalise(p.all.n, p.all.control);
  if (log_total == -INFINITY)
    score_nothing(t, i);
  else
    finish(&p, log_total);
}

static void importance_evaluate(const score_tile *t) {
  for (size_t i = t->begin; i < t->begin + t->n; i++) importance_particle(t, i);
}

const score_type score_importance = {"importance", 1, importance_work, importance_memory, importance_evaluate};
