/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixtures of isotropic Gaussians, stretched: log p(x) = log sum_k w_k N(x | m_k, s_k^2 T^2), T diagonal; convolved with a Gaussian of
 * standard deviation sigma, the covariances are s_k^2 T^2 + sigma^2 I. */
#include "isotropic.h"

#include <gsl/gsl_randist.h>
#include <stdlib.h>

/* 1 / standard deviation of coordinate j in component k. */
static double inverse_width(const isotropic *t, size_t k, size_t j, double sigma) {
  const double own = t->sd[k] * t->stretch[j];
  return 1 / (sigma == 0 ? own : hypot(own, sigma));
}

/* Logarithm of component k's weight and of its density's constant. */
static double log_constant(const isotropic *t, size_t k, double sigma) {
  double constant = -0.5 * (double)t->dim * BUILTIN_LOG_2PI;
  for (size_t j = 0; j < t->dim; j++) constant -= sigma == 0 ? log(t->stretch[j]) : -log(inverse_width(t, k, j, sigma));
  return constant + log(t->weight[k]) - (sigma == 0 ? (double)t->dim * log(t->sd[k]) : 0);
}

static void isotropic_density(const isotropic *t, double sigma, size_t n, size_t ld, const double *x, double *logp, double *grad) {
  const size_t dim = t->dim;
  double share[ISOTROPIC_COMPONENTS_MAX * BUILTIN_CHUNK];
  for (size_t k = 0; k < t->components; k++) {
    double square[BUILTIN_CHUNK] = {0};
    for (size_t j = 0; j < dim; j++) {
      const double inverse = inverse_width(t, k, j, sigma);
#pragma omp simd
      for (size_t i = 0; i < n; i++) {
        const double z = (x[j * ld + i] - t->mean[k * dim + j]) * inverse;
        square[i] += z * z;
      }
    }
    const double constant = log_constant(t, k, sigma);
    for (size_t i = 0; i < n; i++) share[k * BUILTIN_CHUNK + i] = constant - 0.5 * square[i];
  }
  builtin_shares(t->components, n, share, logp);
  if (grad == NULL) return;
  for (size_t j = 0; j < dim; j++) {
    double drift[BUILTIN_CHUNK] = {0};
    for (size_t k = 0; k < t->components; k++) {
      const double inverse = inverse_width(t, k, j, sigma);
#pragma omp simd
      for (size_t i = 0; i < n; i++)
        drift[i] += share[k * BUILTIN_CHUNK + i] * ((t->mean[k * dim + j] - x[j * ld + i]) * inverse) * inverse;
    }
    for (size_t i = 0; i < n; i++) grad[j * ld + i] = drift[i];
  }
}

static void isotropic_chunk(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  (void)dim;
  isotropic_density(params, 0, n, ld, x, logp, grad);
}

static int isotropic_convolve(size_t dim, double sigma, size_t n, size_t ld, const double *x, double *logp, double *score, void *params) {
  (void)dim;
  for (size_t start = 0; start < n; start += BUILTIN_CHUNK) {
    const size_t points = n - start < BUILTIN_CHUNK ? n - start : BUILTIN_CHUNK;
    isotropic_density(params, sigma, points, ld, x + start, logp + start, score != NULL ? score + start : NULL);
  }
  return 0;
}

BUILTIN_CALLBACKS(isotropic_chunk)

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
  isotropic *const t = calloc(1, sizeof *t + components * dim * sizeof *t->mean);
  if (t == NULL) {
    builtin_no_memory(err, target);
    return NULL;
  }
  t->dim = dim;
  t->components = components;
  for (size_t j = 0; j < dim; j++) t->stretch[j] = 1;
  out->data = t;
  out->destroy = builtin_free_data;
  out->log_z = 0;
  out->components = components;
  out->component_weight = t->weight;
  out->component = isotropic_component;
  out->draw = isotropic_draw;
  builtin_set_target(out, dim, isotropic_chunk_point, isotropic_chunk_batch);
  out->target.convolve = isotropic_convolve;
  return t;
}
