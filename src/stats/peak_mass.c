/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mass about a peak: see peak_mass.h. */
#include "stats/peak_mass.h"

#include <gsl/gsl_math.h>
#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"

#define ATTEMPTS  24  /* to find a width */
#define DROP      0.5 /* of log-density at one standard deviation: a width is found between a fifth and four times that */
#define STEP      0.3 /* widths, for differences of gradients */
#define BEYOND    4.0 /* standard deviations above the mean of a chi-square law: hardly a draw about a peak is */
#define INFLATION 1.1 /* of the Gaussian, whose tails must not be the thinner ones */

typedef struct prober {
  target *target;
  const double *peak;
  particles pair; /* 2 dim: a step to either side along every coordinate */
  double *width;  /* dim */
  double *h, *li; /* dim x dim: minus the curvature and then its Cholesky factor L; L^-1 */
  double logp;    /* at the peak */
} prober;

static void prober_clear(prober *b) {
  particles_clear(&b->pair);
  memory_free(b->width);
  memory_free(b->h);
  memory_free(b->li);
}

static int prober_create(target *t, const double *peak, const double *scale, prober *b) {
  const size_t d = target_dim(t);
  *b = (prober){.target = t, .peak = peak, .width = NEW(double, d), .h = NEW2(double, d, d), .li = NEW2(double, d, d)};
  if (particles_create(d, 2 * d, &b->pair) || !b->width || !b->h || !b->li) return 1;
  memcpy(b->width, scale, d * sizeof *scale);
  return 0;
}

/* The pairs at `step` widths. */
static void place_pairs(prober *b, double step) {
  particles *const p = &b->pair;
  for (size_t j = 0; j < p->dim; j++)
    for (size_t i = 0; i < p->n; i++) p->x[j * p->ld + i] = b->peak[j] + (i / 2 == j ? (i % 2 ? -step : step) * b->width[j] : 0);
}

/* By how much to change a width where the log-density drops by so much. */
static double correction(double drop) {
  if (!isfinite(drop)) return 1.0 / 16;
  if (!(drop > 0)) return 4;
  return fmin(4, fmax(1.0 / 16, sqrt(DROP / drop)));
}

/* Widths at which the log-density drops by about DROP.  Non-zero where there are none. */
static int find_widths(prober *b) {
  particles *const p = &b->pair;
  for (int k = 0; k < ATTEMPTS; k++) {
    size_t found = 0;
    place_pairs(b, 1);
    particles_evaluate_density(p, p->n, b->target);
    for (size_t j = 0; j < p->dim; j++) {
      const double drop = b->logp - 0.5 * (p->logp[2 * j] + p->logp[2 * j + 1]);
      if (drop > DROP / 5 && drop < 4 * DROP)
        found++;
      else
        b->width[j] *= correction(drop);
    }
    if (found == p->dim) return 0;
  }
  return 1;
}

/* L and its inverse.  Non-zero where the curvature is not that of a maximum. */
static int find_curvature(prober *b) {
  particles *const p = &b->pair;
  const size_t d = p->dim;
  place_pairs(b, STEP);
  particles_evaluate(p, b->target);
  for (size_t j = 0; j < d; j++)
    for (size_t k = 0; k < d; k++)
      b->h[j * d + k] = (p->grad[k * p->ld + 2 * j + 1] - p->grad[k * p->ld + 2 * j]) / (2 * STEP * b->width[j]);
  symmetrise(d, b->h);
  if (cholesky(d, b->h)) return 1;
  lower_inverse(d, b->h, b->li);
  return !all_finite(d * d, b->li);
}

static int draw_sample(const prober *b, stream s, peak_sample *out) {
  const size_t d = b->pair.dim;
  uint32_t id[PEAK_DRAWS];
  out->log_weight = NEW(double, PEAK_DRAWS);
  out->root = NEW2(double, d, d);
  if (particles_create(d, PEAK_DRAWS, &out->draws) || !out->log_weight || !out->root) return 1;
  particles *const p = &out->draws;
  for (uint32_t i = 0; i < PEAK_DRAWS; i++) id[i] = i;
  stream_normals(s, 0, d, p->n, p->ld, id, p->x);
  memcpy(out->root, b->h, d * d * sizeof *b->h);
  const double constant = lower_log_det(d, b->h) - (double)d * (0.5 * (M_LN2 + M_LNPI) + log(INFLATION));
  for (size_t i = 0; i < p->n; i++) {
    out->log_weight[i] = -constant;
    for (size_t j = 0; j < d; j++) out->log_weight[i] += 0.5 * p->x[j * p->ld + i] * p->x[j * p->ld + i];
  }
  lower_transpose_times(d, b->li, p->n, p->ld, p->x);
  for (size_t j = 0; j < d; j++)
    for (size_t i = 0; i < p->n; i++) p->x[j * p->ld + i] = b->peak[j] + INFLATION * p->x[j * p->ld + i];
  particles_evaluate_density(p, p->n, b->target);
  for (size_t i = 0; i < p->n; i++) out->log_weight[i] += p->logp[i];
  return 0;
}

int peak_sample_create(target *t, stream s, const double *peak, const double *scale, peak_sample *out, int *proper, dilate_error *err) {
  prober b;
  *out = (peak_sample){0};
  *proper = 0;
  int failed = prober_create(t, peak, scale, &b);
  if (!failed) {
    target_evaluate(t, 0, 1, 1, peak, &b.logp, NULL);
    *proper = isfinite(b.logp) && !find_widths(&b) && !find_curvature(&b);
    failed = *proper && draw_sample(&b, s, out);
  }
  prober_clear(&b);
  if (failed) peak_sample_clear(out);
  return failed ? error_memory(err, "the mass about a peak") : target_status(t, err);
}

uint64_t peak_sample_cost(const target *t) {
  const uint64_t pairs = 2 * target_dim(t);
  return 1 + ATTEMPTS * pairs + pairs * target_gradient_cost(t) + PEAK_DRAWS;
}

void peak_sample_clear(peak_sample *p) {
  particles_clear(&p->draws);
  memory_free(p->log_weight);
  memory_free(p->root);
  p->log_weight = p->root = NULL;
}

double peak_log_mass(const peak_sample *p, double *error) {
  double most = -INFINITY, sum = 0, square = 0;
  for (size_t i = 0; i < PEAK_DRAWS; i++) most = fmax(most, p->log_weight[i]);
  for (size_t i = 0; i < PEAK_DRAWS && isfinite(most); i++) {
    const double w = exp(p->log_weight[i] - most);
    sum += w / PEAK_DRAWS;
    square += w * w / PEAK_DRAWS;
  }
  *error = sum > 0 ? sqrt(fmax(0, square / (sum * sum) - 1) / PEAK_DRAWS) : INFINITY;
  return most + log(sum);
}

size_t peak_count(const peak_sample *p, const double *peak, size_t n, const double *x) {
  const size_t d = p->draws.dim;
  const double farthest = INFLATION * INFLATION * ((double)d + BEYOND * sqrt(2 * (double)d));
  size_t inside = 0;
  for (size_t i = 0; i < n; i++) {
    double square = 0;
    for (size_t j = 0; j < d && square < farthest; j++) {
      double u = 0;
      for (size_t k = j; k < d; k++) u += p->root[k * d + j] * (x[i * d + k] - peak[k]);
      square += u * u;
    }
    inside += square < farthest;
  }
  return inside;
}
