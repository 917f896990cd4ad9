/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moves of chains on p(X given x): independent proposals from N(x, sigma^2 I), whose importance weight is pi~ alone, and MALA with
 * log-density log pi~(X) - |X - x|^2 / (2 sigma^2) and gradient grad log pi~(X) - (X - x) / sigma^2. */
#include "score/chains.h"

#include <math.h>
#include <string.h>

#include "base/logsumexp.h"

#define ACCEPT 0.574 /* MALA's best acceptance in many dimensions (Roberts & Rosenthal 1998) */

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

void chains_resample(chains *c, double *total) {
  stream_normals(c->stream, c->step, c->dim, c->n, c->n, c->id, c->move);
  for (size_t j = 0; j < c->dim; j++)
    for (size_t k = 0; k < c->n; k++) c->proposal[j * c->n + k] = c->centre[j] + c->sigma * c->move[j * c->n + k];
  evaluate(c);
  for (size_t k = 0; k < c->n; k++) {
    total[k] = log_add_exp(total[k], c->proposal_logp[k]);
    if (log(stream_uniform(c->stream, c->id[k], c->step, 0)) < c->proposal_logp[k] - total[k]) accept(c, k);
  }
}

/* Gradient of the chains' log-density at X, one coordinate. */
static double slope_at(const chains *c, const double *x, const double *grad, size_t j, size_t k) {
  return grad[j * c->n + k] - (x[j * c->n + k] - c->centre[j]) / c->sigma / c->sigma;
}

static void propose(chains *c) {
  stream_normals(c->stream, c->step, c->dim, c->n, c->n, c->id, c->move);
  for (size_t j = 0; j < c->dim; j++)
    for (size_t k = 0; k < c->n; k++) {
      const size_t at = j * c->n + k;
      c->move[at] = c->h[k] * slope_at(c, c->x, c->grad, j, k) + sqrt(2 * c->h[k]) * c->move[at];
      c->proposal[at] = c->x[at] + c->move[at];
    }
}

/* Log of the ratio of proposal densities and of the Gaussians, without that of pi~. */
static double log_ratio(const chains *c, size_t k) {
  double ratio = 0;
  for (size_t j = 0; j < c->dim; j++) {
    const size_t at = j * c->n + k;
    const double forth = c->move[at] - c->h[k] * slope_at(c, c->x, c->grad, j, k);
    const double back = -c->move[at] - c->h[k] * slope_at(c, c->proposal, c->proposal_grad, j, k);
    const double from = (c->x[at] - c->centre[j]) / c->sigma, to = (c->proposal[at] - c->centre[j]) / c->sigma;
    ratio += (forth * forth - back * back) / (4 * c->h[k]) + 0.5 * (from * from - to * to);
  }
  return ratio;
}

/* From outside the support any proposal inside is accepted. */
static double acceptance(const chains *c, size_t k) {
  if (c->proposal_logp[k] == -INFINITY) return 0;
  if (c->logp[k] == -INFINITY) return 1;
  const double a = exp(fmin(c->proposal_logp[k] - c->logp[k] + log_ratio(c, k), 0));
  return isnan(a) ? 0 : a;
}

static double longest_step(const chains *c) {
  return 2 * c->sigma * c->sigma;
}

void chains_move(chains *c, double rate) {
  propose(c);
  evaluate(c);
  for (size_t k = 0; k < c->n; k++) {
    const int outside = c->logp[k] == -INFINITY;
    const double a = acceptance(c, k);
    if (stream_uniform(c->stream, c->id[k], c->step, 0) < a) accept(c, k);
    if (!outside) c->h[k] = fmin(c->h[k] * exp(rate * (a - ACCEPT)), longest_step(c));
  }
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
