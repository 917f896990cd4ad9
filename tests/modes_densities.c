/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The densities of modes_densities.h. */
#include "modes_densities.h"

#include <math.h>

int blobs_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const blobs *f = params;
  double term[COMPONENTS_MAX], largest = -INFINITY, sum = 0;
  for (size_t k = 0; k < f->components; k++) {
    double square = 0;
    for (size_t j = 0; j < dim; j++) square += (x[j] - f->mean[k][j]) * (x[j] - f->mean[k][j]);
    term[k] = log(f->weight[k]) - 0.5 * square / (f->sd * f->sd);
    largest = fmax(largest, term[k]);
  }
  for (size_t k = 0; k < f->components; k++) sum += term[k] = exp(term[k] - largest);
  *logp = largest + log(sum);
  if (!grad) return 0;
  for (size_t j = 0; j < dim; j++) {
    grad[j] = 0;
    for (size_t k = 0; k < f->components; k++) grad[j] += term[k] / sum * (f->mean[k][j] - x[j]) / (f->sd * f->sd);
  }
  return 0;
}

/* A ring of radius 5 and thickness 0.3 in the plane. */
int ring_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)params;
  const double r = hypot(x[0], x[1]), a = (r - 5) / 0.3;
  *logp = -0.5 * a * a;
  for (size_t j = 0; grad && j < 2; j++) grad[j] = -a / 0.3 * x[j] / r;
  return 0;
}

/* Every coordinate a well at -2 and one at 2, 8 high. */
int wells_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    const double a = x[j] * x[j] - 4;
    *logp -= 0.5 * a * a;
    if (grad) grad[j] = -2 * a * x[j];
  }
  return 0;
}

/* exp(slope x[0]) on the unit square and on [gap, gap + 1] x [0, 1]; params: slope and gap. */
int boxes_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const double *p = params;
  for (size_t j = 1; j < dim; j++)
    if (x[j] < 0 || x[j] > 1) return 1;
  if ((x[0] < 0 || x[0] > 1) && (x[0] < p[1] || x[0] > p[1] + 1)) return 1;
  *logp = p[0] * x[0];
  for (size_t j = 0; grad && j < dim; j++) grad[j] = j ? 0 : p[0];
  return 0;
}

/* A curved ridge, Rosenbrock's: x[0] ~ N(1, 10), x[1] given x[0] ~ N(x[0]^2, 1/10). */
int ridge_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)params;
  const double a = 1 - x[0], b = x[1] - x[0] * x[0];
  *logp = -(a * a + 100 * b * b) / 20;
  if (!grad) return 0;
  grad[0] = (2 * a + 400 * b * x[0]) / 20;
  grad[1] = -10 * b;
  return 0;
}

/* Neal's funnel: x[0] ~ N(0, 9), the others N(0, exp(x[0])). */
int funnel_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  double square = 0;
  for (size_t j = 1; j < dim; j++) square += x[j] * x[j];
  const double precision = exp(-x[0]);
  *logp = -x[0] * x[0] / 18 - 0.5 * square * precision - 0.5 * (double)(dim - 1) * x[0];
  if (!grad) return 0;
  grad[0] = -x[0] / 9 + 0.5 * square * precision - 0.5 * (double)(dim - 1);
  for (size_t j = 1; j < dim; j++) grad[j] = -x[j] * precision;
  return 0;
}

/* Components with the blobs' means and weights, each a product of Student t densities with 2 degrees of freedom. */
int heavy_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const blobs *f = params;
  double term[COMPONENTS_MAX], largest = -INFINITY, sum = 0;
  for (size_t k = 0; k < f->components; k++) {
    term[k] = log(f->weight[k]);
    for (size_t j = 0; j < dim; j++) term[k] -= 1.5 * log1p(0.5 * pow(x[j] - f->mean[k][j], 2));
    largest = fmax(largest, term[k]);
  }
  for (size_t k = 0; k < f->components; k++) sum += term[k] = exp(term[k] - largest);
  *logp = largest + log(sum);
  if (!grad) return 0;
  for (size_t j = 0; j < dim; j++) {
    grad[j] = 0;
    for (size_t k = 0; k < f->components; k++) {
      const double a = x[j] - f->mean[k][j];
      grad[j] -= term[k] / sum * 1.5 * a / (1 + 0.5 * a * a);
    }
  }
  return 0;
}
