/* SPDX-License-Identifier: GPL-3.0-or-later */
/* low_dim_gauss_mix, with ordered means and without the ordering:
 *
 *   y_n ~ theta N(mu_1, sigma_1) + (1 - theta) N(mu_2, sigma_2), mu_k ~ N(0, 2), sigma_k ~ N(0, 2) cut at 0, not doubled,
 *   theta ~ Beta(5, 5).
 *
 * u = (mu_1, log(mu_2 - mu_1) or mu_2, log sigma_1, log sigma_2, logit theta). */
#include "bench/posteriordb_models.h"

#include "bench/support.h"
#include <math.h>
#include <stdlib.h>

enum { MU1, MU2, SIGMA1, SIGMA2, THETA, DIM };
#define CHUNK 128 /* observations whose exp and log are taken together */

typedef struct mixture {
  size_t n;
  double *y;
  int ordered;
} mixture;

static void *mixture_open(const json_t *data, const char *option) {
  mixture *const m = ALLOCATE(mixture, 1);
  m->y = data_numbers(data, "y", &m->n);
  m->ordered = option != NULL;
  return m;
}

static void mixture_close(void *params) {
  mixture *const m = params;
  free(m->y);
  free(m);
}

static int mixture_constrain(size_t dim, const double *u, double *p, void *params) {
  const mixture *const m = params;
  (void)dim;
  p[MU1] = u[MU1];
  p[MU2] = m->ordered ? u[MU1] + exp(u[MU2]) : u[MU2];
  p[SIGMA1] = exp(u[SIGMA1]);
  p[SIGMA2] = exp(u[SIGMA2]);
  p[THETA] = logistic(u[THETA]);
  return 0;
}

/* Adds the observations' derivatives with respect to the parameters of component k, which answers for the shares r of them. */
static void add_component(size_t n, const double *y, const double *r, const double *p, int k, double *grad) {
  const double mean = p[MU1 + k], scale = 1 / p[SIGMA1 + k];
  double first = 0, second = 0;
  for (size_t i = 0; i < n; i++) {
    const double z = (y[i] - mean) * scale;
    first += r[i] * z;
    second += r[i] * (z * z - 1);
  }
  grad[MU1 + k] += first * scale;
  grad[SIGMA1 + k] += second * scale;
}

/* Log-likelihood of n <= CHUNK observations; adds to grad, of theta the derivative with respect to its logit. */
static double add_chunk(size_t n, const double *y, const double *p, const double *constant, double *grad) {
  double top[CHUNK], decay[CHUNK], r[2][CHUNK], sum = 0;
  for (size_t i = 0; i < n; i++) {
    const double z1 = (y[i] - p[MU1]) / p[SIGMA1], z2 = (y[i] - p[MU2]) / p[SIGMA2];
    const double first = constant[0] - 0.5 * z1 * z1, second = constant[1] - 0.5 * z2 * z2;
    top[i] = fmax(first, second);
    decay[i] = -fabs(first - second);
    r[0][i] = first > second;
  }
  dilate_vector_exp(n, decay, decay);
  for (size_t i = 0; i < n; i++) {
    const double larger = 1 / (1 + decay[i]);
    r[0][i] = r[0][i] > 0 ? larger : 1 - larger;
    r[1][i] = 1 - r[0][i];
    decay[i] += 1;
    grad[THETA] += r[0][i] - p[THETA];
  }
  dilate_vector_log(n, decay, decay);
  for (size_t i = 0; i < n; i++) sum += top[i] + decay[i];
  add_component(n, y, r[0], p, 0, grad);
  add_component(n, y, r[1], p, 1, grad);
  return sum;
}

/* log prior of the natural parameters with the Jacobians, but for that of the ordering; adds to grad, of theta for its logit. */
static double log_prior(const double *u, const double *p, double *grad) {
  double logp = lgamma(10) - 2 * lgamma(5) + 5 * (log_logistic(u[THETA]) + log_logistic(-u[THETA])) + u[SIGMA1] + u[SIGMA2];
  for (size_t k = 0; k < 4; k++) logp += normal_log_density(p[k], 0, 2, &grad[k]);
  grad[THETA] += 5 * (1 - 2 * p[THETA]);
  return logp;
}

static int mixture_logp(size_t dim, const double *u, double *logp, double *grad, void *params) {
  const mixture *const m = params;
  double p[DIM], slope[DIM] = {0};
  mixture_constrain(dim, u, p, params);
  const double constant[2] = {log_logistic(u[THETA]) - LOG_ROOT_TWO_PI - u[SIGMA1], log_logistic(-u[THETA]) - LOG_ROOT_TWO_PI - u[SIGMA2]};
  *logp = log_prior(u, p, slope) + (m->ordered ? u[MU2] : 0);
  for (size_t i = 0; i < m->n; i += CHUNK) *logp += add_chunk(m->n - i < CHUNK ? m->n - i : CHUNK, m->y + i, p, constant, slope);
  if (grad == NULL) return density_status(dim, *logp, NULL);
  grad[MU1] = slope[MU1] + (m->ordered ? slope[MU2] : 0);
  grad[MU2] = m->ordered ? slope[MU2] * (p[MU2] - p[MU1]) + 1 : slope[MU2];
  grad[SIGMA1] = slope[SIGMA1] * p[SIGMA1] + 1;
  grad[SIGMA2] = slope[SIGMA2] * p[SIGMA2] + 1;
  grad[THETA] = slope[THETA];
  return density_status(dim, *logp, grad);
}

static const char *const names[] = {"mu[1]", "mu[2]", "sigma[1]", "sigma[2]", "theta"};
const model mixture_ordered = {"low_dim_gauss_mix", "low_dim_gauss_mix", DIM,           DIM,          names,
                               "ordered",           mixture_open,        mixture_close, mixture_logp, mixture_constrain};
const model mixture_unordered = {"low_dim_gauss_mix_unordered",
                                 "low_dim_gauss_mix",
                                 DIM,
                                 DIM,
                                 names,
                                 NULL,
                                 mixture_open,
                                 mixture_close,
                                 mixture_logp,
                                 mixture_constrain};
