/* SPDX-License-Identifier: GPL-3.0-or-later */
/* garch11 (Bollerslev 1986, Journal of Econometrics 31):
 *
 *   y_t ~ N(mu, sqrt v_t), v_1 = sigma1^2, v_t = alpha0 + alpha1 (y_{t-1} - mu)^2 + beta1 v_{t-1}, flat priors.
 *
 * u = (mu, log alpha0, logit alpha1, logit(beta1 / (1 - alpha1))).  The derivatives of v_t run along with it. */
#include "bench/posteriordb_models.h"

#include "bench/support.h"
#include <math.h>
#include <stdlib.h>

typedef struct garch {
  size_t n;
  double *y, first; /* variance */
} garch;

enum { MU, ALPHA0, ALPHA1, BETA1, DIM };

static void *garch_open(const json_t *data, const char *option) {
  garch *const g = ALLOCATE(garch, 1);
  const double sigma = data_number(data, "sigma1");
  (void)option;
  g->y = data_numbers(data, "y", &g->n);
  g->first = sigma * sigma;
  return g;
}

static void garch_close(void *params) {
  garch *const g = params;
  free(g->y);
  free(g);
}

static int garch_constrain(size_t dim, const double *u, double *p, void *params) {
  (void)dim, (void)params;
  p[MU] = u[MU];
  p[ALPHA0] = exp(u[ALPHA0]);
  p[ALPHA1] = logistic(u[ALPHA1]);
  p[BETA1] = logistic(-u[ALPHA1]) * logistic(u[BETA1]);
  return 0;
}

/* Log-likelihood of the natural parameters p; grad gets its derivatives with respect to them. */
static double log_likelihood(const garch *g, const double *p, double *grad) {
  double v = g->first, dv[DIM] = {0}, logp = 0;
  for (size_t j = 0; j < DIM; j++) grad[j] = 0;
  for (size_t t = 0; t < g->n; t++) {
    const double e = g->y[t] - p[MU], slope = 0.5 * (e * e / v - 1) / v;
    logp -= LOG_ROOT_TWO_PI + 0.5 * log(v) + 0.5 * e * e / v;
    grad[MU] += e / v;
    for (size_t j = 0; j < DIM; j++) grad[j] += slope * dv[j];
    const double own[DIM] = {-2 * p[ALPHA1] * e, 1, e * e, v};
    for (size_t j = 0; j < DIM; j++) dv[j] = own[j] + p[BETA1] * dv[j];
    v = p[ALPHA0] + p[ALPHA1] * e * e + p[BETA1] * v;
  }
  return logp;
}

static int garch_logp(size_t dim, const double *u, double *logp, double *grad, void *params) {
  double p[DIM], slope[DIM];
  garch_constrain(dim, u, p, params);
  const double share = logistic(u[BETA1]), left = logistic(-u[ALPHA1]);
  *logp = log_likelihood(params, p, slope) + u[ALPHA0] + log_logistic(u[ALPHA1]) + 2 * log_logistic(-u[ALPHA1]) + log_logistic(u[BETA1]) +
          log_logistic(-u[BETA1]);
  if (grad == NULL) return density_status(dim, *logp, NULL);
  grad[MU] = slope[MU];
  grad[ALPHA0] = slope[ALPHA0] * p[ALPHA0] + 1;
  grad[ALPHA1] = p[ALPHA1] * left * (slope[ALPHA1] - share * slope[BETA1]) + left - 2 * p[ALPHA1];
  grad[BETA1] = slope[BETA1] * p[BETA1] * (1 - share) + 1 - 2 * share;
  return density_status(dim, *logp, grad);
}

static const char *const names[] = {"mu", "alpha0", "alpha1", "beta1"};
const model garch11 = {"garch11", "garch11", DIM, DIM, names, NULL, garch_open, garch_close, garch_logp, garch_constrain};
