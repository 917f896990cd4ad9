/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixtures of Gaussians and their closed-form posteriors: see gaussians.h.
 *
 * Linear: component k gives y ~ N(A m_k, V_k), V_k = A S_k A' + diag(noise^2), x given y ~ N(m_k + G (y - A m_k), S_k - G A S_k) with
 * G = S_k A' V_k^-1, and its weight is multiplied by the density of y.  Fixed coordinates: A picks them, without noise, and the others are
 * what is left. */
#include "gaussians.h"

#include <check.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/logsumexp.h"
#include "base/random.h"

#define HALF_LOG_TWO_PI 0.918938533204672741780329736406
#define D               GAUSSIANS_DIM

static void prepare(gaussians *g) {
  for (size_t k = 0; k < g->components; k++) {
    memcpy(g->factor[k], g->covariance[k], sizeof g->factor[k]);
    ck_assert_int_eq(cholesky(g->dim, g->factor[k]), 0);
  }
}

/* S = diag(sd) (I/2 + u u'/2) diag(sd), u of entries within +-1: positive definite. */
static void random_component(stream s, gaussians *g, size_t k, double spread) {
  double u[D], sd[D];
  for (size_t j = 0; j < g->dim; j++) {
    g->mean[k][j] = spread * (2 * stream_uniform(s, (uint32_t)k, 0, (uint32_t)j) - 1);
    u[j] = 2 * stream_uniform(s, (uint32_t)k, 1, (uint32_t)j) - 1;
    sd[j] = 0.5 + 0.5 * stream_uniform(s, (uint32_t)k, 2, (uint32_t)j);
  }
  for (size_t i = 0; i < g->dim; i++)
    for (size_t j = 0; j < g->dim; j++) g->covariance[k][i * g->dim + j] = 0.5 * sd[i] * sd[j] * ((double)(i == j) + u[i] * u[j]);
}

gaussians gaussians_random(uint64_t seed, size_t dim, size_t components, double spread) {
  gaussians g = {.dim = dim, .components = components, .log_z = 0.75};
  const stream s = stream_make(seed, STREAM_USER, 0, 0);
  const double total = 0.5 * (double)(components * (components + 3));
  for (size_t k = 0; k < components; k++) {
    g.weight[k] = (double)(k + 2) / total;
    random_component(s, &g, k, spread);
  }
  prepare(&g);
  return g;
}

/* log N(r; 0, C C') for residual r, which becomes (C C')^-1 r. */
static double log_normal(size_t dim, const double *factor, double *r) {
  double at[D], square = 0;
  memcpy(at, r, dim * sizeof *at);
  cholesky_solve(dim, factor, r);
  for (size_t j = 0; j < dim; j++) square += at[j] * r[j];
  return -0.5 * square - lower_log_det(dim, factor) - (double)dim * HALF_LOG_TWO_PI;
}

static double log_component(const gaussians *g, size_t k, const double *x, double *pull) {
  for (size_t j = 0; j < g->dim; j++) pull[j] = x[j] - g->mean[k][j];
  return log(g->weight[k]) + log_normal(g->dim, g->factor[k], pull);
}

size_t gaussians_terms(const gaussians *g, const double *x, double *term) {
  double pull[D];
  size_t largest = 0;
  for (size_t k = 0; k < g->components; k++) {
    term[k] = log_component(g, k, x, pull);
    if (term[k] > term[largest]) largest = k;
  }
  return largest;
}

double gaussians_log_density(const gaussians *g, const double *x, double *grad) {
  double term[GAUSSIANS_MAX], pull[GAUSSIANS_MAX][D];
  for (size_t k = 0; k < g->components; k++) term[k] = log_component(g, k, x, pull[k]);
  const double sum = log_sum_exp(g->components, term);
  for (size_t j = 0; grad && j < g->dim; j++) {
    grad[j] = 0;
    for (size_t k = 0; k < g->components; k++) grad[j] -= exp(term[k] - sum) * pull[k][j];
  }
  return g->log_z + sum;
}

int gaussians_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim;
  *logp = gaussians_log_density(params, x, grad);
  return 0;
}

int gaussians_batch(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {
  double point[D], slope[D];
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < dim; j++) point[j] = x[j * ld + i];
    logp[i] = gaussians_log_density(params, point, grad ? slope : NULL);
    for (size_t j = 0; grad && j < dim; j++) grad[j * ld + i] = slope[j];
  }
  return 0;
}

dilate_target gaussians_target(gaussians *g) {
  dilate_target t;
  dilate_target_init(&t);
  t.dim = g->dim;
  t.logp = gaussians_logp;
  t.params = g;
  return t;
}

gaussians gaussians_convolved(const gaussians *g, double sigma) {
  gaussians wide = *g;
  for (size_t k = 0; k < g->components; k++)
    for (size_t j = 0; j < g->dim; j++) wide.covariance[k][j * g->dim + j] += sigma * sigma;
  prepare(&wide);
  return wide;
}

int gaussians_convolve(size_t dim, double sigma, size_t n, size_t ld, const double *x, double *logp, double *score, void *params) {
  gaussians wide = gaussians_convolved(params, sigma);
  return gaussians_batch(dim, n, ld, x, logp, score, &wide);
}

gaussians gaussians_dilated(const gaussians *g, const double *centre, double root) {
  gaussians moved = *g;
  for (size_t k = 0; k < g->components; k++) {
    for (size_t j = 0; j < g->dim; j++) moved.mean[k][j] = centre[j] + root * (g->mean[k][j] - centre[j]);
    for (size_t j = 0; j < g->dim * g->dim; j++) moved.covariance[k][j] *= root * root;
  }
  prepare(&moved);
  return moved;
}

void gaussians_draw(const gaussians *g, gsl_rng *rng, double *x) {
  double at = gsl_rng_uniform(rng), z[D];
  size_t k = 0;
  while (k + 1 < g->components && at > g->weight[k]) at -= g->weight[k++];
  for (size_t j = 0; j < g->dim; j++) z[j] = gsl_ran_ugaussian(rng);
  for (size_t i = 0; i < g->dim; i++) {
    x[i] = g->mean[k][i];
    for (size_t j = 0; j <= i; j++) x[i] += g->factor[k][i * g->dim + j] * z[j];
  }
}

/* One component given y: its mean and covariance are replaced; returns the log-density of y. */
static double observe(gaussians *g, size_t k, size_t rows, const double *a, const double *y, const double *noise) {
  const size_t dim = g->dim;
  double cross[D][D], v[D * D], residual[D], solved[D]; /* cross: row i is (A S)_i */
  for (size_t i = 0; i < rows; i++) {
    residual[i] = y[i];
    for (size_t j = 0; j < dim; j++) {
      residual[i] -= a[i * dim + j] * g->mean[k][j];
      cross[i][j] = 0;
      for (size_t m = 0; m < dim; m++) cross[i][j] += a[i * dim + m] * g->covariance[k][m * dim + j];
    }
  }
  for (size_t i = 0; i < rows; i++)
    for (size_t m = 0; m < rows; m++) {
      v[i * rows + m] = i == m ? noise[i] * noise[i] : 0;
      for (size_t j = 0; j < dim; j++) v[i * rows + m] += cross[i][j] * a[m * dim + j];
    }
  ck_assert_int_eq(cholesky(rows, v), 0);
  const double log_density = log_normal(rows, v, residual);
  for (size_t j = 0; j < dim; j++) {
    for (size_t i = 0; i < rows; i++) g->mean[k][j] += cross[i][j] * residual[i];
    for (size_t i = 0; i < rows; i++) solved[i] = cross[i][j];
    cholesky_solve(rows, v, solved);
    for (size_t m = 0; m < dim; m++)
      for (size_t i = 0; i < rows; i++) g->covariance[k][j * dim + m] -= solved[i] * cross[i][m];
  }
  return log_density;
}

/* Weights become exp(term) divided by their sum, whose logarithm is the evidence. */
static void weigh(gaussians *g, const double *term) {
  const double sum = log_sum_exp(g->components, term);
  for (size_t k = 0; k < g->components; k++) g->weight[k] = exp(term[k] - sum);
  g->log_z += sum;
}

gaussians gaussians_given_linear(const gaussians *prior, size_t rows, const double *a, const double *y, const double *noise) {
  gaussians g = *prior;
  double term[GAUSSIANS_MAX];
  for (size_t k = 0; k < g.components; k++) term[k] = log(g.weight[k]) + observe(&g, k, rows, a, y, noise);
  weigh(&g, term);
  prepare(&g);
  return g;
}

/* Keeps the coordinates in `free`. */
static void shrink(gaussians *g, size_t count, const size_t *free) {
  for (size_t k = 0; k < g->components; k++)
    for (size_t i = 0; i < count; i++) {
      g->mean[k][i] = g->mean[k][free[i]];
      for (size_t j = 0; j < count; j++) g->covariance[k][i * count + j] = g->covariance[k][free[i] * g->dim + free[j]];
    }
  g->dim = count;
}

gaussians gaussians_given_fixed(const gaussians *prior, size_t count, const size_t *index, const double *value) {
  gaussians g = *prior;
  double term[GAUSSIANS_MAX], a[D * D] = {0}, noise[D] = {0};
  size_t free[D], left = 0;
  for (size_t j = 0; j < g.dim; j++) {
    int known = 0;
    for (size_t i = 0; i < count; i++) known |= index[i] == j;
    if (!known) free[left++] = j;
  }
  for (size_t i = 0; i < count; i++) a[i * g.dim + index[i]] = 1;
  for (size_t k = 0; k < g.components; k++) term[k] = log(g.weight[k]) + observe(&g, k, count, a, value, noise);
  weigh(&g, term);
  shrink(&g, left, free);
  prepare(&g);
  return g;
}
