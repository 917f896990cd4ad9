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

/* Names, and what values they may take.  A model is its number of parameters: all 4, or 1 for noise alone. */
static const dilate_declaration parameter[] = {
    {.struct_size = sizeof(dilate_declaration), .name = "s", .constraint = DILATE_LOWER, .lower = 0},
    {.struct_size = sizeof(dilate_declaration), .name = "f", .constraint = DILATE_INTERVAL, .lower = 0.05, .upper = 0.5},
    {.struct_size = sizeof(dilate_declaration), .name = "a"},
    {.struct_size = sizeof(dilate_declaration), .name = "b"}};

static double normal_log_density(double z, double sd) {
  return -0.5 * (z / sd) * (z / sd) - log(sd) - 0.5 * log(TWO_PI);
}

/* Log prior plus log likelihood of the natural values p = (s, f, a, b), or s alone, every constant kept, so that the evidence is the
 * evidence.  grad gets the derivatives with respect to p. */
static int log_posterior(size_t values, const double *p, double *logp, double *grad, void *params) {
  const int periodic = values > 1;
  const double s = p[0], f = periodic ? p[1] : 0, a = periodic ? p[2] : 0, b = periodic ? p[3] : 0;
  double slope[4] = {-1, 0, -a / 4, -b / 4};
  (void)params;
  *logp = -s;
  if (periodic) *logp += normal_log_density(a, 2) + normal_log_density(b, 2) - log(0.45);
  for (size_t i = 0; i < NIGHTS; i++) {
    const double c = cos(TWO_PI * f * night[i]), w = sin(TWO_PI * f * night[i]);
    const double residual = velocity[i] - a * c - b * w, pull = residual / (s * s);
    *logp += normal_log_density(residual, s);
    slope[0] += residual * pull / s - 1 / s;
    slope[1] += pull * TWO_PI * night[i] * (b * c - a * w);
    slope[2] += pull * c;
    slope[3] += pull * w;
  }
  for (size_t j = 0; grad && j < values; j++) grad[j] = slope[j];
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
    printf("mode %zu: share %.3f +- %.3f, mean %s %.4f\n", i + 1, mode.weight, mode.weight_se, dilate_result_name(r, shown),
           mode.mean[shown]);
  }
}

/* Samples the model of the first `count` parameters, prints it and gives its log evidence. */
static int run(const char *title, size_t count, double *log_z) {
  dilate_error err;
  dilate_target density;
  dilate_model *model;
  dilate_result *result = NULL;
  double se, df;
  dilate_error_init(&err);
  dilate_target_init(&density);
  density.logp = log_posterior;
  int status = dilate_model_create(&density, parameter, count, &model, &err);
  if (status == DILATE_OK) status = dilate_sample(dilate_model_target(model), NULL, &result, &err);
  if (status == DILATE_OK) status = dilate_result_log_z(result, log_z, &se, &df);
  if (status == DILATE_OK)
    print_result(title, result, *log_z, se);
  else
    fprintf(stderr, "posterior: %s\n", err.message);
  dilate_result_free(result);
  dilate_model_free(model);
  return status;
}

int main(void) {
  double with, without;
  if (run("periodic", 4, &with) != DILATE_OK || run("noise alone", 1, &without) != DILATE_OK) return 1;
  printf("log Bayes factor for a period: %.2f\n", with - without);
  return 0;
}
