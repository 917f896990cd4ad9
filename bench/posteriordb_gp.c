/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gp_pois_regr: counts with a Gaussian process for the log of their rates.
 *
 *   k_i ~ Poisson(exp f_i), f = L z, L L' = K, K_ij = alpha^2 exp(-(x_i - x_j)^2 / (2 rho^2)) + 1e-10 [i = j],
 *   z_i ~ N(0, 1), rho ~ Gamma(25, rate 4), alpha ~ N(0, 2) cut at 0, not doubled.
 *
 * u = (log rho, log alpha, z).  The two derivatives of L run along with its factorisation. */
#include "bench/posteriordb_models.h"

#include "bench/support.h"
#include <math.h>
#include <stdlib.h>

#define N      11
#define JITTER 1e-10

typedef struct process {
  double *x, *k;
} process;

enum { RHO, ALPHA, HYPER };

/* An entry of K or L with its derivatives with respect to log rho and log alpha. */
typedef struct entry {
  double value, slope[HYPER];
} entry;

static void *gp_open(const json_t *data, const char *option) {
  process *const p = ALLOCATE(process, 1);
  size_t n, m;
  (void)option;
  p->x = data_numbers(data, "x", &n);
  p->k = data_numbers(data, "k", &m);
  if (n != N || m != N) give_up("gp_pois_regr: %zu inputs and %zu counts", n, m);
  return p;
}

static void gp_close(void *params) {
  process *const p = params;
  free(p->x);
  free(p->k);
  free(p);
}

static entry covariance(const process *p, double rho, double alpha, size_t i, size_t j) {
  const double z = (p->x[i] - p->x[j]) / rho, k = alpha * alpha * exp(-0.5 * z * z);
  return (entry){k + (i == j ? JITTER : 0), {k * z * z, 2 * k}};
}

/* *sum -= a b. */
static void subtract(entry *sum, const entry *a, const entry *b) {
  sum->value -= a->value * b->value;
  for (size_t h = 0; h < HYPER; h++) sum->slope[h] -= a->slope[h] * b->value + a->value * b->slope[h];
}

/* Cholesky's factor, row by row.  0: K is not positive definite in these numbers. */
static int factor(const process *p, double rho, double alpha, entry l[N][N]) {
  for (size_t i = 0; i < N; i++)
    for (size_t j = 0; j <= i; j++) {
      entry sum = covariance(p, rho, alpha, i, j);
      for (size_t k = 0; k < j; k++) subtract(&sum, &l[i][k], &l[j][k]);
      if (i == j && !(sum.value > 0)) return 0;
      const double divisor = i == j ? sqrt(sum.value) : l[j][j].value;
      l[i][j].value = sum.value / divisor;
      for (size_t h = 0; h < HYPER; h++)
        l[i][j].slope[h] = i == j ? sum.slope[h] / (2 * divisor) : (sum.slope[h] - l[i][j].value * l[j][j].slope[h]) / divisor;
    }
  return 1;
}

/* log of the Poisson probability of all counts; slope gets its derivatives with respect to f. */
static double log_likelihood(const process *p, const entry l[N][N], const double *z, double *slope) {
  double logp = 0;
  for (size_t i = 0; i < N; i++) {
    double f = 0;
    for (size_t j = 0; j <= i; j++) f += l[i][j].value * z[j];
    logp += p->k[i] * f - exp(f) - lgamma(p->k[i] + 1);
    slope[i] = p->k[i] - exp(f);
  }
  return logp;
}

static int gp_logp(size_t dim, const double *u, double *logp, double *grad, void *params) {
  const double rho = exp(u[RHO]), alpha = exp(u[ALPHA]), *const z = u + HYPER;
  entry l[N][N];
  double slope[N], g[HYPER + N] = {0};
  if (!factor(params, rho, alpha, l)) return 1;
  *logp = log_likelihood(params, l, z, slope) + 25 * log(4) - lgamma(25) + 24 * u[RHO] - 4 * rho + u[RHO] + u[ALPHA];
  *logp += normal_log_density(alpha, 0, 2, &g[ALPHA]);
  g[ALPHA] = g[ALPHA] * alpha + 1;
  g[RHO] = 25 - 4 * rho;
  for (size_t i = 0; i < N; i++) {
    *logp += normal_log_density(z[i], 0, 1, &g[HYPER + i]);
    for (size_t j = 0; j <= i; j++) {
      g[HYPER + j] += slope[i] * l[i][j].value;
      for (size_t h = 0; h < HYPER; h++) g[h] += slope[i] * l[i][j].slope[h] * z[j];
    }
  }
  for (size_t j = 0; grad != NULL && j < dim; j++) grad[j] = g[j];
  return density_status(dim, *logp, grad);
}

static int gp_constrain(size_t dim, const double *u, double *out, void *params) {
  entry l[N][N];
  out[RHO] = exp(u[RHO]);
  out[ALPHA] = exp(u[ALPHA]);
  if (!factor(params, out[RHO], out[ALPHA], l)) return 1;
  for (size_t i = 0; i + HYPER < dim; i++) {
    out[HYPER + i] = 0;
    for (size_t j = 0; j <= i; j++) out[HYPER + i] += l[i][j].value * u[HYPER + j];
  }
  return 0;
}

static const char *const names[] = {"rho",  "alpha", "f[1]", "f[2]", "f[3]",  "f[4]", "f[5]",
                                    "f[6]", "f[7]",  "f[8]", "f[9]", "f[10]", "f[11]"};
const model gp_pois_regr = {"gp_pois_regr", "gp_pois_regr", HYPER + N, HYPER + N, names, NULL, gp_open, gp_close, gp_logp, gp_constrain};
