/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixtures of isotropic Gaussians, stretched: log p(x) = log sum_k w_k N(x | m_k, s_k^2 T^2), T diagonal; convolved with a Gaussian of
 * standard deviation sigma, the covariances are s_k^2 T^2 + sigma^2 I. */
#include "isotropic.h"

#include <float.h>
#include <gsl/gsl_randist.h>
#include <stdlib.h>

#define BLOCK 4 /* components that are gone over together */

/* Sets constant, precision and scale of *w for the mixture t convolved with a Gaussian of standard deviation sigma. */
static void set_widths(const isotropic *t, double sigma, isotropic *w) {
  double log_stretch = 0;
  w->stretched = 0;
  for (size_t j = 0; j < t->dim; j++) w->stretched |= t->stretch[j] != 1;
  const double apart = w->stretched ? 0 : sigma; /* what is added to each sd: with a stretch it is added to each coordinate instead */
  for (size_t j = 0; j < t->dim; j++) {
    const double width = apart == sigma ? t->stretch[j] : hypot(t->stretch[j], sigma / t->sd[0]);
    w->scale[j] = fmax(1 / width / width, DBL_MIN);
    log_stretch += log(width);
  }
  for (size_t k = 0; k < t->components; k++) {
    const double width = hypot(t->sd[k], apart);
    w->precision[k] = fmax(1 / width / width, DBL_MIN);
    w->constant[k] = log(t->weight[k]) - (double)t->dim * (log(width) + 0.5 * BUILTIN_LOG_2PI) - log_stretch;
  }
}

void isotropic_prepare(isotropic *t) {
  set_widths(t, 0, t);
}

/* Squared distances to a block of means, in units of the stretch: square[b*BUILTIN_CHUNK + i]. */
static inline void measure(const isotropic *t, const double *mean, size_t ld, const double *x, double *square) {
  const size_t dim = t->dim;
  double a[BUILTIN_CHUNK] = {0}, b[BUILTIN_CHUNK] = {0}, c[BUILTIN_CHUNK] = {0}, d[BUILTIN_CHUNK] = {0};
  for (size_t j = 0; j < dim; j++) {
    const double scale = t->scale[j];
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
      const double at = x[j * ld + i];
      const double p = at - mean[j], q = at - mean[dim + j], r = at - mean[2 * dim + j], s = at - mean[3 * dim + j];
      a[i] += p * p * scale;
      b[i] += q * q * scale;
      c[i] += r * r * scale;
      d[i] += s * s * scale;
    }
  }
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    square[i] = a[i];
    square[BUILTIN_CHUNK + i] = b[i];
    square[2 * BUILTIN_CHUNK + i] = c[i];
    square[3 * BUILTIN_CHUNK + i] = d[i];
  }
}

/* Those of the shares that are not 0 at all points; returns their number. */
static inline size_t find_near(size_t components, const double *share, size_t *near) {
  size_t count = 0;
  for (size_t k = 0; k < components; k++) {
    double sum = 0;
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) sum += share[k * BUILTIN_CHUNK + i];
    near[count] = k;
    count += sum > 0;
  }
  return count;
}

/* The gradient, sum over k of share_k (m_k - x) / variance; scale: of the shares. */
static inline void drift(const isotropic *t, size_t ld, const double *x, double *share, double *scale, double *grad) {
  size_t near[ISOTROPIC_COMPONENTS_MAX];
  const size_t count = find_near(t->components, share, near);
  for (size_t c = 0; c < count; c++)
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) share[near[c] * BUILTIN_CHUNK + i] *= t->precision[near[c]] * scale[i];
  for (size_t j = 0; j < t->dim; j++) {
    double sum[BUILTIN_CHUNK] = {0};
    for (size_t c = 0; c < count; c++) {
      const double mean = t->mean[near[c] * t->dim + j];
#pragma omp simd
      for (size_t i = 0; i < BUILTIN_CHUNK; i++) sum[i] -= share[near[c] * BUILTIN_CHUNK + i] * (x[j * ld + i] - mean);
    }
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) grad[j * ld + i] = sum[i] * t->scale[j];
  }
}

static inline void isotropic_chunk(size_t dim, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  const isotropic *const t = params;
  double share[ISOTROPIC_COMPONENTS_MAX * BUILTIN_CHUNK], scale[BUILTIN_CHUNK];
  for (size_t k = 0; k < t->components; k += BLOCK) measure(t, t->mean + k * dim, ld, x, share + k * BUILTIN_CHUNK);
  for (size_t k = 0; k < t->components; k++) {
    const double constant = t->constant[k], half = 0.5 * t->precision[k];
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) share[k * BUILTIN_CHUNK + i] = constant - half * share[k * BUILTIN_CHUNK + i];
  }
  builtin_shares(t->components, share, logp, scale);
  if (grad != NULL) drift(t, ld, x, share, scale, grad);
}

BUILTIN_CALLBACKS(isotropic_chunk)

static int isotropic_convolve(size_t dim, double sigma, size_t n, size_t ld, const double *x, double *logp, double *score, void *params) {
  const isotropic *const t = params;
  isotropic wider = *t;
  set_widths(t, sigma, &wider);
  return t->batch(dim, n, ld, x, logp, score, &wider);
}

/* The component of the largest responsibility. */
static size_t isotropic_component(const builtin *self, const double *x) {
  const isotropic *const t = self->data;
  size_t best = 0;
  double best_term = -INFINITY;
  for (size_t k = 0; k < t->components; k++) {
    double square = 0;
    for (size_t j = 0; j < t->dim; j++) {
      const double z = (x[j] - t->mean[k * t->dim + j]) / (t->sd[k] * t->stretch[j]);
      square += z * z;
    }
    const double term = log(t->weight[k]) - (double)t->dim * log(t->sd[k]) - 0.5 * square;
    if (term > best_term) best_term = term, best = k;
  }
  return best;
}

static void isotropic_draw(const builtin *self, gsl_rng *rng, double *x) {
  const isotropic *const t = self->data;
  const size_t k = builtin_draw_index(rng, t->components, t->weight);
  for (size_t j = 0; j < t->dim; j++) x[j] = t->mean[k * t->dim + j] + gsl_ran_gaussian_ziggurat(rng, t->sd[k] * t->stretch[j]);
}

isotropic *isotropic_new(size_t dim, size_t components, const char *target, builtin *out, dilate_error *err) {
  const size_t rows = (components + BLOCK - 1) / BLOCK * BLOCK;
  isotropic *const t = calloc(1, sizeof *t + rows * dim * sizeof *t->mean);
  if (t == NULL) {
    builtin_no_memory(err, target);
    return NULL;
  }
  t->dim = dim;
  t->components = components;
  t->mean = (double *)(t + 1);
  for (size_t j = 0; j < dim; j++) t->stretch[j] = 1;
  out->data = t;
  out->destroy = builtin_free_data;
  out->log_z = 0;
  out->components = components;
  out->component_weight = t->weight;
  out->component = isotropic_component;
  out->draw = isotropic_draw;
  builtin_set_target(out, dim, isotropic_chunk_callbacks);
  t->batch = out->target.batch;
  out->target.convolve = isotropic_convolve;
  return t;
}
