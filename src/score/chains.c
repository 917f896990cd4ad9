/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moves of chains on p(X given x): independent proposals from N(x, sigma^2 I), whose importance weight is pi~ alone, and MALA with
 * log-density log pi~(X) - |X - x|^2 / (2 sigma^2) and gradient grad log pi~(X) - (X - x) / sigma^2. */
#include "score/chains.h"

#include "kernel/langevin.h"

#include <math.h>

#include "base/logsumexp.h"

void chains_begin(chains *c) {
  for (size_t j = 0; j < c->dim; j++)
    for (size_t k = 0; k < c->n; k++) {
      c->x[j * c->n + k] = c->centre[j];
      c->grad[j * c->n + k] = 0;
    }
  for (size_t k = 0; k < c->n; k++) c->logp[k] = -INFINITY;
}

/* What overflows is lost, and stands for the chain's own place, which the target knows. */
static void evaluate(chains *c) {
  for (size_t k = 0; k < c->n; k++) {
    double zero = 0;
    for (size_t j = 0; j < c->dim; j++) zero += 0 * c->proposal[j * c->n + k];
    c->lost[k] = zero != 0;
    for (size_t j = 0; c->lost[k] && j < c->dim; j++) c->proposal[j * c->n + k] = c->x[j * c->n + k];
  }
  target_evaluate(c->target, c->id[0], c->n, c->n, c->proposal, c->proposal_logp, c->proposal_grad);
  for (size_t k = 0; k < c->n; k++)
    if (c->lost[k]) c->proposal_logp[k] = -INFINITY;
}

static void accept(chains *c, size_t k) {
  for (size_t j = 0; j < c->dim; j++) {
    c->x[j * c->n + k] = c->proposal[j * c->n + k];
    c->grad[j * c->n + k] = c->proposal_grad[j * c->n + k];
  }
  c->logp[k] = c->proposal_logp[k];
}

static void propose_anywhere(chains *c) {
  stream_normals(c->stream, c->step, c->dim, c->n, c->n, c->id, c->move);
  for (size_t j = 0; j < c->dim; j++)
    for (size_t k = 0; k < c->n; k++) {
      const size_t at = j * c->n + k;
      c->proposal[at] = c->centre[j] + c->sigma * c->move[at];
      c->shadow_move[at] = c->sigma * c->move[at] - c->shadow[at];
    }
  evaluate(c);
}

static double uniform(const chains *c, size_t k) {
  return stream_uniform(c->stream, c->id[k], c->step, 0);
}

void chains_resample(chains *c, double *total) {
  propose_anywhere(c);
  for (size_t k = 0; k < c->n; k++) {
    total[k] = log_add_exp(total[k], c->proposal_logp[k]);
    if (log(uniform(c, k)) < c->proposal_logp[k] - total[k]) accept(c, k);
  }
}

void chains_jump(chains *c) {
  propose_anywhere(c);
  for (size_t k = 0; k < c->n; k++) {
    c->chance[k] = c->proposal_logp[k] > -INFINITY ? exp(fmin(c->proposal_logp[k] - c->logp[k], 0)) : 0;
    c->shadow_chance[k] = 1;
  }
}

/* Langevin moves of the chains and of their shadows, with the same noise. */
static void propose_near(chains *c) {
  stream_normals(c->stream, c->step, c->dim, c->n, c->n, c->id, c->move);
  for (size_t j = 0; j < c->dim; j++)
    for (size_t k = 0; k < c->n; k++) {
      const size_t at = j * c->n + k;
      const double noise = sqrt(2 * c->h[k]) * c->move[at];
      c->shadow_move[at] = noise - c->h[k] * (c->shadow[at] / c->sigma / c->sigma);
      c->move[at] = noise + c->h[k] * (c->grad[at] - (c->x[at] - c->centre[j]) / c->sigma / c->sigma);
      c->proposal[at] = c->x[at] + c->move[at];
    }
  evaluate(c);
}

/* One coordinate's part in the log acceptance ratio, without that of pi~: a move from displacement d, where grad log pi~ is g, by m to
 * where it is back_g. */
static double ratio_part(const chains *c, double h, double d, double m, double g, double back_g) {
  const double to = d + m, forth = m - h * (g - d / c->sigma / c->sigma), back = -m - h * (back_g - to / c->sigma / c->sigma);
  return (forth * forth - back * back) / (4 * h) + 0.5 * (d - to) / c->sigma * ((d + to) / c->sigma);
}

/* From outside the support any proposal inside is accepted. */
static double acceptance(const chains *c, size_t k) {
  if (c->proposal_logp[k] == -INFINITY) return 0;
  if (c->logp[k] == -INFINITY) return 1;
  double ratio = c->proposal_logp[k] - c->logp[k];
  for (size_t j = 0; j < c->dim; j++) {
    const size_t at = j * c->n + k;
    ratio += ratio_part(c, c->h[k], c->x[at] - c->centre[j], c->move[at], c->grad[at], c->proposal_grad[at]);
  }
  return isnan(ratio) ? 0 : exp(fmin(ratio, 0));
}

static double shadow_acceptance(const chains *c, size_t k) {
  double ratio = 0;
  for (size_t j = 0; j < c->dim; j++) ratio += ratio_part(c, c->h[k], c->shadow[j * c->n + k], c->shadow_move[j * c->n + k], 0, 0);
  return isnan(ratio) ? 0 : exp(fmin(ratio, 0));
}

static double longest_step(const chains *c) {
  return 2 * c->sigma * c->sigma;
}

void chains_move(chains *c) {
  propose_near(c);
  for (size_t k = 0; k < c->n; k++) {
    c->chance[k] = acceptance(c, k);
    c->shadow_chance[k] = shadow_acceptance(c, k);
  }
}

void chains_settle(chains *c) {
  for (size_t k = 0; k < c->n; k++) {
    const double u = uniform(c, k);
    if (u < c->chance[k]) accept(c, k);
    for (size_t j = 0; u < c->shadow_chance[k] && j < c->dim; j++) c->shadow[j * c->n + k] += c->shadow_move[j * c->n + k];
  }
}

void chains_adapt(chains *c, double rate) {
  for (size_t k = 0; k < c->n; k++)
    if (c->logp[k] > -INFINITY) c->h[k] = fmin(c->h[k] * exp(rate * (c->chance[k] - MALA_ACCEPTANCE)), longest_step(c));
}

void chains_step_sizes(chains *c) {
  for (size_t k = 0; k < c->n; k++) {
    double square = 0;
    for (size_t j = 0; j < c->dim; j++) square += c->grad[j * c->n + k] * c->grad[j * c->n + k];
    const double precision = 1 / c->sigma / c->sigma + square / (double)c->dim;
    if (c->h[k] == 0) c->h[k] = 0.5 / cbrt((double)c->dim) / precision;
    c->h[k] = fmin(fmax(c->h[k], 1e-300), longest_step(c));
  }
}
