/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conditioning: what becomes of a mixture of Gaussians when one linear measurement of it is made.
 *
 * The prior has three modes in the plane, of unit covariance.  One number is measured,
 *
 *   y = x1 + x2 + e,  e ~ N(0, 4),  and found to be 1.5.
 *
 * In the first mode, at (-8, 4), y has the law N(-4, 1 + 1 + 4), and so on: the weight of a mode is multiplied by the density of 1.5 there,
 * and the sum of what they become is the evidence.  So the sampler's answers can be compared with the closed form.  At last the second
 * coordinate is told instead: the same question without noise, on a target with one dimension less. */
#include <dilate.h>
#include <math.h>
#include <stdio.h>

#define MODES  3
#define TWO_PI 6.28318530717958647693

static const double weight[MODES] = {0.5, 0.3, 0.2};
static const double mean[MODES][2] = {{-8, 4}, {8, -2}, {0, 3}};

/* The prior: log sum_k w_k N(x; m_k, I), and its gradient. */
static int prior_density(size_t dim, const double *x, double *logp, double *grad, void *params) {
  double term[MODES], top = -INFINITY, sum = 0;
  (void)params;
  for (size_t k = 0; k < MODES; k++) {
    const double u = x[0] - mean[k][0], v = x[1] - mean[k][1];
    term[k] = log(weight[k] / TWO_PI) - 0.5 * (u * u + v * v);
    top = fmax(top, term[k]);
  }
  for (size_t k = 0; k < MODES; k++) sum += exp(term[k] - top);
  *logp = top + log(sum);
  for (size_t j = 0; grad && j < dim; j++) {
    grad[j] = 0;
    for (size_t k = 0; k < MODES; k++) grad[j] += exp(term[k] - *logp) * (mean[k][j] - x[j]);
  }
  return 0;
}

/* ---- The closed form ---- */

/* Of a number that has the law N(centre_k, variance) in mode k and is found to be y: the modes' weights given y; returns the log evidence.
 */
static double closed_form(double y, const double *centre, double variance, double *share) {
  double evidence = 0;
  for (size_t k = 0; k < MODES; k++) {
    share[k] = weight[k] * exp(-0.5 * (y - centre[k]) * (y - centre[k]) / variance) / sqrt(TWO_PI * variance);
    evidence += share[k];
  }
  for (size_t k = 0; k < MODES; k++) share[k] /= evidence;
  return log(evidence);
}

/* ---- Sampling, and the two side by side ---- */

/* The mode of the prior that is nearest in the first coordinate, where all are far apart. */
static size_t mode_of(double x1) {
  size_t nearest = 0;
  for (size_t k = 1; k < MODES; k++)
    if (fabs(x1 - mean[k][0]) < fabs(x1 - mean[nearest][0])) nearest = k;
  return nearest;
}

static void print_result(const char *title, const dilate_result *r, double true_log_z, const double *share) {
  const size_t draws = dilate_result_islands(r) * dilate_result_draws(r), dim = dilate_result_dim(r);
  double log_z, se, df;
  size_t count[MODES] = {0};
  for (size_t i = 0; i < draws; i++) count[mode_of(dilate_result_unconstrained(r)[i * dim])]++;
  printf("%s\n%-14s %16s %12s\n", title, "", "sampled", "closed form");
  if (dilate_result_log_z(r, &log_z, &se, &df) == DILATE_OK) printf("%-14s %8.3f +- %.3f %12.3f\n", "log evidence", log_z, se, true_log_z);
  for (size_t k = 0; k < MODES; k++) printf("weight, mode %zu %15.3f %12.3f\n", k + 1, (double)count[k] / (double)draws, share[k]);
}

/* Samples the conditioned target, prints, and frees it. */
static int run(const char *title, dilate_condition *condition, double true_log_z, const double *share, dilate_error *err) {
  dilate_result *result;
  const int status = dilate_sample(dilate_condition_target(condition), NULL, &result, err);
  if (status == DILATE_OK) print_result(title, result, true_log_z, share);
  dilate_result_free(result);
  dilate_condition_free(condition);
  return status;
}

/* The prior and one measurement y = x1 + x2 + e. */
static int measure(const dilate_target *prior, dilate_error *err) {
  const double a[2] = {1, 1}, y = 1.5, noise = 2;
  double centre[MODES], share[MODES];
  dilate_condition *condition;
  for (size_t k = 0; k < MODES; k++) centre[k] = mean[k][0] + mean[k][1];
  const double log_z = closed_form(y, centre, 1 + 1 + noise * noise, share);
  const int status = dilate_condition_linear(prior, 1, a, &y, &noise, &condition, err);
  return status == DILATE_OK ? run("measured: x1 + x2 + e = 1.5", condition, log_z, share, err) : status;
}

/* The prior and x2 = 0.9, exactly. */
static int tell(const dilate_target *prior, dilate_error *err) {
  const size_t index = 1;
  const double value = 0.9;
  double centre[MODES], share[MODES];
  dilate_condition *condition;
  for (size_t k = 0; k < MODES; k++) centre[k] = mean[k][1];
  const double log_z = closed_form(value, centre, 1, share);
  const int status = dilate_condition_fixed(prior, 1, &index, &value, &condition, err);
  return status == DILATE_OK ? run("known: x2 = 0.9", condition, log_z, share, err) : status;
}

int main(void) {
  dilate_target prior;
  dilate_error err;
  dilate_error_init(&err);
  dilate_target_init(&prior);
  prior.dim = 2;
  prior.logp = prior_density;
  if (measure(&prior, &err) == DILATE_OK && tell(&prior, &err) == DILATE_OK) return 0;
  fprintf(stderr, "conditioning: %s\n", err.message);
  return 1;
}
