/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Constrained parameters: the mean and the covariance matrix of what was measured, written on their natural scale.
 *
 * The data are length and width of the sepals of fifty Iris setosa, in cm (Anderson 1935, Fisher 1936):
 *
 *   y_i ~ N(mu, Sigma),   mu given Sigma ~ N(m, Sigma / k),   Sigma ~ inverse Wishart(nu, Psi).
 *
 * The parameters are declared: mu has two free values, Sigma is a covariance matrix.  The callback gets both as they are, Sigma column by
 * column, and gives back the derivatives by them; that the library moves in other coordinates, where nothing is constrained, need not
 * concern it.  The correlation is reported besides.  The prior is conjugate, so the log evidence has a closed form to compare with. */
#include <dilate.h>
#include <math.h>
#include <stdio.h>

#define FLOWERS 50
#define LOG_PI  1.14472988584940017414

static const double flower[FLOWERS][2] = {
    {5.1, 3.5}, {4.9, 3.0}, {4.7, 3.2}, {4.6, 3.1}, {5.0, 3.6}, {5.4, 3.9}, {4.6, 3.4}, {5.0, 3.4}, {4.4, 2.9}, {4.9, 3.1},
    {5.4, 3.7}, {4.8, 3.4}, {4.8, 3.0}, {4.3, 3.0}, {5.8, 4.0}, {5.7, 4.4}, {5.4, 3.9}, {5.1, 3.5}, {5.7, 3.8}, {5.1, 3.8},
    {5.4, 3.4}, {5.1, 3.7}, {4.6, 3.6}, {5.1, 3.3}, {4.8, 3.4}, {5.0, 3.0}, {5.0, 3.4}, {5.2, 3.5}, {5.2, 3.4}, {4.7, 3.2},
    {4.8, 3.1}, {5.4, 3.4}, {5.2, 4.1}, {5.5, 4.2}, {4.9, 3.1}, {5.0, 3.2}, {5.5, 3.5}, {4.9, 3.6}, {4.4, 3.0}, {5.1, 3.4},
    {5.0, 3.5}, {4.5, 2.3}, {4.4, 3.2}, {5.0, 3.5}, {5.1, 3.8}, {4.8, 3.0}, {5.1, 3.8}, {4.6, 3.2}, {5.3, 3.7}, {5.0, 3.3}};

static const double m[2] = {5, 3}, k = 0.1, nu = 4, psi[2][2] = {{1, 0}, {0, 1}};

/* log of pi^(1/2) Gamma(a) Gamma(a - 1/2), the gamma function of two dimensions. */
static double log_gamma2(double a) {
  return 0.5 * LOG_PI + lgamma(a) + lgamma(a - 0.5);
}

/* a += weight (y - mu)(y - mu)'. */
static void add_square(double weight, const double *y, const double *mu, double a[2][2]) {
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++) a[i][j] += weight * (y[i] - mu[i]) * (y[j] - mu[j]);
}

/* By mu: Sigma^-1 (k (m - mu) + sum of (y_i - mu)); by all four elements of Sigma: (Sigma^-1 A Sigma^-1 - n Sigma^-1) / 2. */
static void fill_gradient(const double *mu, const double inverse[2][2], double a[2][2], double n, double *grad) {
  double pull[2] = {k * (m[0] - mu[0]), k * (m[1] - mu[1])};
  for (int f = 0; f < FLOWERS; f++) pull[0] += flower[f][0] - mu[0], pull[1] += flower[f][1] - mu[1];
  for (int i = 0; i < 2; i++) grad[i] = inverse[i][0] * pull[0] + inverse[i][1] * pull[1];
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++) {
      double both = 0;
      for (int r = 0; r < 2; r++)
        for (int s = 0; s < 2; s++) both += inverse[i][r] * a[r][s] * inverse[s][j];
      grad[2 + i + 2 * j] = 0.5 * (both - n * inverse[i][j]);
    }
}

/* The density of the data and of both parameters is c |Sigma|^(-n/2) exp(-tr(A Sigma^-1)/2), with A = Psi + k (mu - m)(mu - m)' + sum of
 * (y_i - mu)(y_i - mu)' and n = nu + 4 + FLOWERS.  p: mu, then Sigma. */
static int log_posterior(size_t dim, const double *p, double *logp, double *grad, void *params) {
  const double *mu = p, *sigma = p + 2, det = sigma[0] * sigma[3] - sigma[1] * sigma[2], n = nu + 4 + FLOWERS;
  const double inverse[2][2] = {{sigma[3] / det, -sigma[2] / det}, {-sigma[1] / det, sigma[0] / det}};
  double a[2][2] = {{psi[0][0], psi[0][1]}, {psi[1][0], psi[1][1]}};
  (void)dim, (void)params;
  add_square(k, m, mu, a);
  for (int i = 0; i < FLOWERS; i++) add_square(1, flower[i], mu, a);
  *logp = log(k) - (FLOWERS + 1) * (LOG_PI + log(2)) - nu * log(2) - log_gamma2(nu / 2) - 0.5 * n * log(det); /* |Psi| is 1 */
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++) *logp -= 0.5 * a[i][j] * inverse[i][j];
  if (grad) fill_gradient(mu, inverse, a, n, grad);
  return det > 0 ? 0 : 1; /* else outside the support */
}

/* Reported besides the parameters: the correlation. */
static int derive(size_t dim, const double *p, double *out, void *params) {
  (void)dim, (void)params;
  out[0] = p[3] / sqrt(p[2] * p[5]);
  return 0;
}

/* The evidence of a conjugate prior: a ratio of its constants before and after the data. */
static double closed_form(void) {
  double mean[2] = {0, 0}, after[2][2] = {{psi[0][0], psi[0][1]}, {psi[1][0], psi[1][1]}};
  for (int i = 0; i < FLOWERS; i++) mean[0] += flower[i][0] / FLOWERS, mean[1] += flower[i][1] / FLOWERS;
  for (int i = 0; i < FLOWERS; i++) add_square(1, flower[i], mean, after);
  add_square(k * FLOWERS / (k + FLOWERS), m, mean, after);
  return log_gamma2((nu + FLOWERS) / 2) - log_gamma2(nu / 2) - FLOWERS * LOG_PI + log(k / (k + FLOWERS)) -
         0.5 * (nu + FLOWERS) * log(after[0][0] * after[1][1] - after[0][1] * after[1][0]);
}

static void print_result(const dilate_result *r) {
  double log_z, se, df;
  if (dilate_result_log_z(r, &log_z, &se, &df) == DILATE_OK)
    printf("log evidence %.3f +- %.3f, in closed form %.3f\n", log_z, se, closed_form());
  printf("%-12s %8s %8s %8s %8s %6s\n", "", "mean", "sd", "5%", "95%", "ESS");
  for (size_t i = 0; i < dilate_result_n_out(r); i++) {
    dilate_parameter q = {.struct_size = sizeof q};
    dilate_result_parameter(r, i, &q);
    printf("%-12s %8.3f %8.3f %8.3f %8.3f %6.0f\n", q.name, q.mean, q.sd, q.q5, q.q95, q.ess_bulk);
  }
}

int main(void) {
  const dilate_declaration parameters[] = {
      {.struct_size = sizeof *parameters, .name = "mu", .rank = 1, .shape = {2}},
      {.struct_size = sizeof *parameters, .name = "Sigma", .constraint = DILATE_COVARIANCE, .rank = 2, .shape = {2, 2}}};
  static const char *const derived[] = {"correlation"};
  dilate_target density;
  dilate_model *model;
  dilate_result *result = NULL;
  dilate_error err;
  dilate_error_init(&err);
  dilate_target_init(&density);
  density.logp = log_posterior;
  density.n_out = 1;
  density.names = derived;
  density.constrain = derive;
  int status = dilate_model_create(&density, parameters, 2, &model, &err);
  if (status == DILATE_OK) status = dilate_sample(dilate_model_target(model), NULL, &result, &err);
  if (status == DILATE_OK) print_result(result);
  if (status < 0) fprintf(stderr, "constrained: %s\n", err.message);
  dilate_result_free(result);
  dilate_model_free(model);
  return status == DILATE_OK ? 0 : 1;
}
