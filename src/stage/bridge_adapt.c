/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an adaptive bridge settles from its own particles: see bridge.h.  A bridge that follows a plan calls none of this. */
#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

#include "base/team.h"
#include "base/vmath.h"
#include "stage/bridge.h"
#include "stats/summary.h"

#define BISECTIONS       50
#define SCALE_TRIM       0.95
#define SCALE_PRIOR      10.0 /* chains */
#define ACCEPTANCE       0.8
#define STEP_RATE        0.6
#define STEP_MAX         1.7
#define STEP_MIN         1e-8
#define ACCEPTANCE_PRIOR 5.0 /* chains at the mean acceptance, for components with few */

/* (sum w)^2 / (n sum w^2) with w = exp(increment ratio) over the population's particles of one cell (or of all: cell >= cells);
 * b->weight, which is not yet made, is scratch. */
static double effective_share(const bridge *b, double increment, size_t cell, double *w) {
  double most = -INFINITY, sum = 0, square = 0;
  size_t n = 0;
  for (size_t i = 0; i < b->n; i++)
    if (cell >= b->cells || b->cell[i] == cell) {
      w[n++] = b->ratio[i];
      most = fmax(most, b->ratio[i]);
    }
  if (most == -INFINITY) return 0;
  for (size_t i = 0; i < n; i++) w[i] = fmax(increment * (w[i] - most), -800);
  vmath_exp(n, w, w);
  for (size_t i = 0; i < n; i++) {
    sum += w[i];
    square += w[i] * w[i];
  }
  return sum * sum / (square * (double)n);
}

/* Number of particles in the cells before this one: where its weights have their place. */
static size_t before_cell(const bridge *b, size_t cell) {
  size_t n = 0;
  for (size_t i = 0; i < b->n; i++) n += b->cell[i] < cell;
  return n;
}

double bridge_effective_share(const bridge *b, double increment) {
  if (!b->set.by_component) return effective_share(b, increment, b->cells, b->weight);
  double share = 0, *of_cell = b->work;
#pragma omp parallel for schedule(dynamic, 1) num_threads(team_size(target_threads(b->set.target)))
  for (size_t c = 0; c < b->cells; c++) of_cell[c] = effective_share(b, increment, c, b->weight + before_cell(b, c));
  for (size_t c = 0; c < b->cells; c++) share += b->cell_share[c] * of_cell[c];
  return share;
}

double bridge_next_temperature(const bridge *b) {
  double low = 0, high = 1 - b->beta;
  if (bridge_effective_share(b, high) > b->set.ess) return 1;
  for (int k = 0; k < BISECTIONS && high - low > 1e-6 * high; k++) {
    double middle = 0.5 * (low + high);
    if (bridge_effective_share(b, middle) > b->set.ess)
      low = middle;
    else
      high = middle;
  }
  double beta = b->beta + fmax(low, 1e-12);
  return 1 - beta < 1e-10 ? 1 : beta;
}

/* Whitened gradients C_k' grad log mu_beta of the chains into b->work (dim x ld), k drawn from the responsibilities. */
static void whitened_gradients(bridge *b) {
  const tempered *c = &b->chains;
  size_t n = c->pi.n, ld = c->pi.ld, K = c->components;
  stream s = stream_make(b->set.seed, STREAM_RESAMPLE, 8192 + b->set.number, b->set.group);
  for (size_t i = 0; i < n; i++) {
    double u = stream_uniform(s, (uint32_t)i, (uint32_t)b->stage, b->set.purpose), sum = 0;
    size_t k = 0;
    for (; k + 1 < K; k++)
      if (u < (sum += c->share[k * ld + i])) break;
    b->component[i] = k;
  }
  for (size_t j = 0; j < b->dim; j++)
    for (size_t i = 0; i < n; i++) b->work[j * ld + i] = b->beta * c->pi.grad[j * ld + i] + (1 - b->beta) * c->gradq[j * ld + i];
  for (size_t first = 0; first < n; first += PARTICLE_TILE)
    mixture_transpose_times(b->set.q, tile_size(n, first / PARTICLE_TILE), ld, b->component + first, b->work + first, b->kernel.scratch);
}

void bridge_adapt_scale(bridge *b) {
  size_t n = b->chains.pi.n, ld = b->chains.pi.ld, d = b->dim;
  double *norm = b->weight, *sorted = b->weight + n, mean = 0;
  for (size_t j = 0; j < d; j++) b->scale[j] = 1;
  if (d == 1) return;
  whitened_gradients(b);
  memset(norm, 0, n * sizeof *norm);
  for (size_t j = 0; j < d; j++)
    for (size_t i = 0; i < n; i++) norm[i] += b->work[j * ld + i] * b->work[j * ld + i];
  memcpy(sorted, norm, n * sizeof *norm);
  gsl_sort(sorted, 1, n);
  double cap = summary_quantile(n, sorted, SCALE_TRIM), shrink = SCALE_PRIOR / (SCALE_PRIOR + (double)n);
  for (size_t i = 0; i < n; i++) norm[i] = fmin(norm[i], cap) / (norm[i] + 1e-300);
  for (size_t j = 0; j < d; j++) {
    double square = 0;
    for (size_t i = 0; i < n; i++) square += norm[i] * b->work[j * ld + i] * b->work[j * ld + i];
    b->scale[j] = square / (double)n;
    mean += b->scale[j] / (double)d;
  }
  for (size_t j = 0; j < d; j++) {
    double v = exp((1 - shrink) * log(b->scale[j] + 1e-12) + shrink * log(fmax(mean, 1e-12)));
    b->scale[j] = 1 / sqrt(fmin(fmax(v, 1e-2), 1e8));
  }
}

void bridge_adapt_independence(bridge *b) {
  const tempered *c = &b->chains;
  size_t n = c->pi.n, initial = b->set.parents * b->set.states;
  double sum = 0;
  stream s = stream_make(b->set.seed, STREAM_RESAMPLE, 8192 + b->set.number, b->set.group);
  for (size_t i = 0; i < n; i++) {
    double u = stream_uniform(s, (uint32_t)i, (uint32_t)b->stage, 64 + b->set.purpose);
    double proposed = b->first_ratio[(size_t)(u * (double)initial)], now = c->pi.logp[i] - c->logq[i];
    sum += exp(fmin(0, proposed == -INFINITY ? -INFINITY : b->beta * (proposed - now)));
  }
  double predicted = sum / (double)n;
  b->independence = predicted > 0.7 ? 0.9 : predicted > 0.15 ? 0.5 : 0;
}

/* Rejections beyond a hard edge are as many with shorter steps: they do not count, while they are not most of a component's. */
void bridge_adapt_steps(bridge *b) {
  size_t n = b->chains.pi.n, K = b->chains.components, inside = 0;
  double mean = 0, *sum = b->weight, *count = b->weight + K, *outside = b->weight + 2 * K;
  memset(sum, 0, 3 * K * sizeof *sum);
  for (size_t i = 0; i < n; i++) {
    const double a = b->acceptance[i];
    if (a < 0) {
      outside[b->component[i]] += 1;
      continue;
    }
    mean += a;
    inside++;
    sum[b->component[i]] += a;
    count[b->component[i]] += 1;
  }
  mean = inside ? mean / (double)inside : 0;
  for (size_t k = 0; k < K; k++) {
    const double counted = outside[k] > count[k] ? count[k] + outside[k] : count[k];
    const double a = (sum[k] + ACCEPTANCE_PRIOR * mean) / (counted + ACCEPTANCE_PRIOR);
    b->step[k] = fmin(fmax(b->step[k] * exp(STEP_RATE * (a - ACCEPTANCE)), STEP_MIN), STEP_MAX);
  }
}
