/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Bayesian model with data, constraints and names.
 *
 * A star (of made-up data) was observed on six nights, and on six more after a gap.  Does its velocity vary, and how often?
 *
 *   y_i ~ N(a cos(2 pi f t_i) + b sin(2 pi f t_i), s),  s ~ Exponential(1),  a, b ~ N(0, 2),  f ~ Uniform(0.05, 0.5) a night.
 *
 * Nobody saw whether the star went round once more in the gap, so that f has separated modes.  The log evidence less that of noise
 * alone is the log Bayes factor.  By quadrature: -18.542 and -21.459; f near 0.218 has share 0.657, near 0.260 0.330. */
#include <dilate.h>
#include <math.h>
#include <stdio.h>

#define NIGHTS 12
#define TWO_PI 6.28318530717958647693

static const double night[NIGHTS] = {0, 1, 2, 3, 4, 5, 24, 25, 26, 27, 28, 29};
static const double velocity[NIGHTS] = {1.2, 1.4, -1.1, -1.2, 0.9, 1.8, 1.8, -1.8, -1.1, 0.3, 0.9, -0.4};

/* What values each parameter may take.  A model is its number of blocks: all 3, or 1 for noise alone. */
static const dilate_block block[] = {{DILATE_POSITIVE, 1, 0, 0}, {DILATE_INTERVAL, 1, 0.05, 0.5}, {DILATE_UNCONSTRAINED, 2, 0, 0}};
static const char *const name[4] = {"s", "f", "a", "b"};

static double normal_log_density(double z, double sd) {
  return -0.5 * (z / sd) * (z / sd) - log(sd) - 0.5 * log(TWO_PI);
}

/* Log prior plus log likelihood on the natural scale p = (s, f, a, b), every constant kept, so that the evidence is the evidence.
 * grad gets the derivatives with respect to p. */
static double log_posterior(const double *p, double *grad) {
  const double s = p[0], f = p[1], a = p[2], b = p[3];
  double logp = -s - log(0.45) + normal_log_density(a, 2) + normal_log_density(b, 2);
  grad[0] = -1, grad[1] = 0, grad[2] = -a / 4, grad[3] = -b / 4;
  for (size_t i = 0; i < NIGHTS; i++) {
    const double c = cos(TWO_PI * f * night[i]), w = sin(TWO_PI * f * night[i]);
    const double residual = velocity[i] - a * c - b * w, pull = residual / (s * s);
    logp += normal_log_density(residual, s);
    grad[0] += residual * pull / s - 1 / s;
    grad[1] += pull * TWO_PI * night[i] * (b * c - a * w);
    grad[2] += pull * c;
    grad[3] += pull * w;
  }
  return logp;
}

/* Unconstrained u to natural p; returns the log of the Jacobian. */
static double constrain_all(size_t blocks, const double *u, double *p) {
  double log_jacobian = 0;
  for (size_t k = 0; k < blocks; k++) {
    dilate_constrain(&block[k], u, p, &log_jacobian);
    u += dilate_block_dim(&block[k]), p += block[k].size;
  }
  return log_jacobian;
}

/* The callback: the density of p(u) with respect to u, and the chain rule for its gradient. */
static int evaluate(size_t dim, const double *u, double *logp, double *grad, void *params) {
  const size_t blocks = *(const size_t *)params;
  double p[4] = {1, 0.25, 0, 0}, grad_p[4];
  *logp = constrain_all(blocks, u, p);
  if (!(p[0] > 0)) return 1; /* s underflowed: outside the support */
  *logp += log_posterior(p, grad_p);
  if (dim == 1) *logp += log(0.45) - 2 * normal_log_density(0, 2); /* noise alone has no priors of f, a and b */
  for (size_t k = 0, j = 0, i = 0; grad && k < blocks; k++) {
    dilate_pull_back(&block[k], u + j, p + i, grad_p + i, grad + j);
    j += dilate_block_dim(&block[k]), i += block[k].size;
  }
  return 0;
}

static int report(size_t dim, const double *u, double *p, void *params) {
  (void)dim;
  constrain_all(*(const size_t *)params, u, p);
  return 0;
}

static void print_result(const char *title, const dilate_result *r, double log_z, double se) {
  printf("%s: log evidence %.3f +- %.3f\n%-4s %8s %8s %8s %8s %6s\n", title, log_z, se, "", "mean", "sd", "5%", "95%", "ESS");
  for (size_t i = 0; i < dilate_result_n_out(r); i++) {
    dilate_parameter q = {.struct_size = sizeof q};
    dilate_result_parameter(r, i, &q);
    printf("%-4s %8.3f %8.3f %8.3f %8.3f %6.0f\n", q.name, q.mean, q.sd, q.q5, q.q95, q.ess_bulk);
  }
  const size_t shown = dilate_result_n_out(r) > 1; /* f, where there is one */
  for (size_t i = 0; i < dilate_result_mode_count(r); i++) {
    dilate_mode mode = {.struct_size = sizeof mode};
    dilate_result_mode_info(r, i, &mode);
    printf("mode %zu: share %.3f +- %.3f, mean %s %.4f\n", i + 1, mode.weight, mode.weight_se, name[shown], mode.mean[shown]);
  }
}

/* Samples one model, prints it and gives its log evidence. */
static int run(const char *title, size_t blocks, double *log_z) {
  dilate_error err;
  dilate_target target;
  dilate_result *result;
  double se, df;
  dilate_error_init(&err);
  dilate_target_init(&target);
  for (size_t k = 0; k < blocks; k++) target.dim += dilate_block_dim(&block[k]), target.n_out += block[k].size;
  target.logp = evaluate;
  target.params = &blocks;
  target.names = name;
  target.constrain = report;
  int status = dilate_sample(&target, NULL, &result, &err);
  if (status == DILATE_OK) status = dilate_result_log_z(result, log_z, &se, &df);
  if (status == DILATE_OK)
    print_result(title, result, *log_z, se);
  else
    fprintf(stderr, "posterior: %s\n", err.message);
  dilate_result_free(result);
  return status;
}

int main(void) {
  double with, without;
  if (run("periodic", 3, &with) != DILATE_OK || run("noise alone", 1, &without) != DILATE_OK) return 1;
  printf("log Bayes factor for a period: %.2f\n", with - without);
  return 0;
}
