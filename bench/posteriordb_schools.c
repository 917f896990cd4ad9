/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eight schools (Rubin 1981, Journal of Educational Statistics 6), centred and not:
 *
 *   y_j ~ N(theta_j, sigma_j), theta_j ~ N(mu, tau), mu ~ N(0, 5), tau ~ half of Cauchy(0, 5), not doubled.
 *
 * u = (theta or t = (theta - mu) / tau, mu, log tau). */
#include "bench/posteriordb_models.h"

#include "bench/support.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SCHOOLS 8

typedef struct schools {
  double *y, *sigma;
} schools;

static void *schools_open(const json_t *data, const char *option) {
  schools *const s = ALLOCATE(schools, 1);
  size_t n, m;
  (void)option;
  s->y = data_numbers(data, "y", &n);
  s->sigma = data_numbers(data, "sigma", &m);
  if (n != SCHOOLS || m != SCHOOLS) give_up("eight schools: %zu and %zu numbers of data", n, m);
  return s;
}

static void schools_close(void *params) {
  schools *const s = params;
  free(s->y);
  free(s->sigma);
  free(s);
}

/* log prior of mu and log tau, Jacobian included; grad gets their two derivatives. */
static double hyper(const double *u, double *grad) {
  const double tau = exp(u[1]);
  double slope = 0;
  grad[0] = 0;
  const double logp = normal_log_density(u[0], 0, 5, &grad[0]) + cauchy_log_density(tau, 5, &slope) + u[1];
  grad[1] = slope * tau + 1;
  return logp;
}

static int centered_logp(size_t dim, const double *u, double *logp, double *grad, void *params) {
  const schools *const s = params;
  const double mu = u[SCHOOLS], l = u[SCHOOLS + 1], precision = exp(-2 * l);
  double g[SCHOOLS + 2] = {0};
  *logp = hyper(u + SCHOOLS, g + SCHOOLS);
  for (size_t j = 0; j < SCHOOLS; j++) {
    const double apart = u[j] - mu, pull = apart * precision;
    *logp += normal_log_density(u[j], s->y[j], s->sigma[j], &g[j]) - LOG_ROOT_TWO_PI - l - 0.5 * apart * pull;
    g[j] -= pull;
    g[SCHOOLS] += pull;
    g[SCHOOLS + 1] += apart * pull - 1;
  }
  if (grad != NULL) memcpy(grad, g, dim * sizeof *g);
  return density_status(dim, *logp, grad);
}

static int noncentered_logp(size_t dim, const double *u, double *logp, double *grad, void *params) {
  const schools *const s = params;
  const double mu = u[SCHOOLS], tau = exp(u[SCHOOLS + 1]);
  double g[SCHOOLS + 2] = {0};
  *logp = hyper(u + SCHOOLS, g + SCHOOLS);
  for (size_t j = 0; j < SCHOOLS; j++) {
    double slope = 0;
    *logp += normal_log_density(mu + tau * u[j], s->y[j], s->sigma[j], &slope) + normal_log_density(u[j], 0, 1, &g[j]);
    g[j] += tau * slope;
    g[SCHOOLS] += slope;
    g[SCHOOLS + 1] += tau * u[j] * slope;
  }
  if (grad != NULL) memcpy(grad, g, dim * sizeof *g);
  return density_status(dim, *logp, grad);
}

static int centered_constrain(size_t dim, const double *u, double *out, void *params) {
  (void)params;
  memcpy(out, u, dim * sizeof *u);
  out[SCHOOLS + 1] = exp(u[SCHOOLS + 1]);
  return 0;
}

static int noncentered_constrain(size_t dim, const double *u, double *out, void *params) {
  centered_constrain(dim, u, out, params);
  for (size_t j = 0; j < SCHOOLS; j++) out[j] = out[SCHOOLS] + out[SCHOOLS + 1] * u[j];
  return 0;
}

static const char *const names[] = {"theta[1]", "theta[2]", "theta[3]", "theta[4]", "theta[5]",
                                    "theta[6]", "theta[7]", "theta[8]", "mu",       "tau"};
const model schools_centered = {"eight_schools_centered", "eight_schools", 10, 10, names, NULL, schools_open, schools_close, centered_logp,
                                centered_constrain};
const model schools_noncentered = {
    "eight_schools_noncentered", "eight_schools", 10, 10, names, NULL, schools_open, schools_close, noncentered_logp,
    noncentered_constrain};
