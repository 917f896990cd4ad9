/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Densities with known laws for the tests of paths and kernels. */
#include "densities.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/logsumexp.h"

#define HALF_LOG_TWO_PI 0.918938533204672741780329736406

static density empty(size_t dim, size_t components) {
  density f;
  memset(&f, 0, sizeof f);
  f.dim = dim;
  f.components = components;
  f.weight[0] = 1;
  f.log_z = 0.75;
  return f;
}

density density_normal(size_t dim, double sd) {
  density f = empty(dim, 1);
  for (size_t j = 0; j < dim; j++) f.c[j * dim + j] = sd;
  lower_inverse(dim, f.c, f.ci);
  return f;
}

density density_correlated(void) {
  density f = empty(2, 1);
  const double c[] = {1, 0, 3 * 0.95, 3 * sqrt(1 - 0.95 * 0.95)};
  memcpy(f.c, c, sizeof c);
  f.mean[0][0] = 1;
  f.mean[0][1] = -2;
  lower_inverse(2, f.c, f.ci);
  return f;
}

density density_chained(size_t dim) {
  density f = empty(dim, 1);
  for (size_t i = 0; i < dim; i++) {
    f.c[i * dim + i] = pow(10, (double)i / (double)(dim - 1));
    if (i) f.c[i * dim + i - 1] = 0.5 * f.c[i * dim + i];
    f.mean[0][i] = (double)i;
  }
  lower_inverse(dim, f.c, f.ci);
  return f;
}

density density_modes(size_t dim) {
  density f = density_normal(dim, 1);
  f.components = 3;
  const double weight[] = {0.5, 0.3, 0.2}, place[] = {-3, 1, 4};
  for (size_t k = 0; k < 3; k++) {
    f.weight[k] = weight[k];
    f.mean[k][0] = place[k];
  }
  return f;
}

/* u = C^-1 (x - m_k) */
static void whiten(const density *f, size_t k, const double *x, double *u) {
  for (size_t i = 0; i < f->dim; i++) {
    u[i] = 0;
    for (size_t j = 0; j <= i; j++) u[i] += f->ci[i * f->dim + j] * (x[j] - f->mean[k][j]);
  }
}

int density_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const density *f = params;
  double u[DENSITY_COMPONENTS][DENSITY_DIM], term[DENSITY_COMPONENTS];
  for (size_t k = 0; k < f->components; k++) {
    whiten(f, k, x, u[k]);
    term[k] = log(f->weight[k]) - lower_log_det(dim, f->c) - (double)dim * HALF_LOG_TWO_PI;
    for (size_t j = 0; j < dim; j++) term[k] -= 0.5 * u[k][j] * u[k][j];
  }
  const double sum = log_sum_exp(f->components, term);
  *logp = f->log_z + sum;
  for (size_t j = 0; grad && j < dim; j++) {
    grad[j] = 0;
    for (size_t k = 0; k < f->components; k++)
      for (size_t i = j; i < dim; i++) grad[j] -= exp(term[k] - sum) * f->ci[i * dim + j] * u[k][i];
  }
  return 0;
}

dilate_target target_of(size_t dim, dilate_logp_fn logp, void *params) {
  dilate_target t;
  dilate_target_init(&t);
  t.dim = dim;
  t.logp = logp;
  t.params = params;
  return t;
}

dilate_target density_target(density *f) {
  return target_of(f->dim, density_logp, f);
}

void density_draw(const density *f, gsl_rng *rng, double *x) {
  double z[DENSITY_DIM], at = gsl_rng_uniform(rng);
  size_t k = 0;
  while (k + 1 < f->components && at > f->weight[k]) at -= f->weight[k++];
  for (size_t j = 0; j < f->dim; j++) z[j] = gsl_ran_ugaussian(rng);
  for (size_t i = 0; i < f->dim; i++) {
    x[i] = f->mean[k][i];
    for (size_t j = 0; j <= i; j++) x[i] += f->c[i * f->dim + j] * z[j];
  }
}

size_t density_uniforms(const density *f, const double *x, double *u) {
  u[0] = 0;
  for (size_t k = 0; k < f->components; k++) u[0] += f->weight[k] * gsl_cdf_ugaussian_P((x[0] - f->mean[k][0]) / f->c[0]);
  if (f->components > 1) return 1;
  double z[DENSITY_DIM], square = 0;
  whiten(f, 0, x, z);
  for (size_t j = 0; j < f->dim; j++) square += z[j] * z[j];
  u[1] = gsl_cdf_chisq_P(square, (double)f->dim);
  u[2] = gsl_cdf_ugaussian_P(z[f->dim - 1]);
  return 3;
}

static int inside_box(size_t dim, const double *x) {
  for (size_t j = 0; j < dim; j++)
    if (!(x[j] > 0 && x[j] < 1)) return 0;
  return 1;
}

int box_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    *logp -= 0.5 * x[j] * x[j];
    if (grad) grad[j] = -x[j];
  }
  if (inside_box(dim, x)) return 0;
  if (!params) return 1;
  *logp = NAN;
  return 0;
}

int flat_box_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  *logp = 0;
  for (size_t j = 0; grad && j < dim; j++) grad[j] = 0;
  return !inside_box(dim, x);
}

int banana_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)params;
  const double a = 1 - x[0], b = x[1] - x[0] * x[0];
  *logp = -(a * a + 100 * b * b) / 20;
  if (grad) {
    grad[0] = (2 * a + 400 * b * x[0]) / 20;
    grad[1] = -200 * b / 20;
  }
  return 0;
}

int cauchy_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    *logp -= log1p(x[j] * x[j]);
    if (grad) grad[j] = -2 * x[j] / (1 + x[j] * x[j]);
  }
  return 0;
}

double ks_statistic(size_t n, double *u) {
  gsl_sort(u, 1, n);
  double distance = 0;
  for (size_t i = 0; i < n; i++) distance = fmax(distance, fmax((double)(i + 1) / (double)n - u[i], u[i] - (double)i / (double)n));
  return sqrt((double)n) * distance;
}
