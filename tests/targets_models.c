/* SPDX-License-Identifier: GPL-3.0-or-later */
/* brownian32, seeds and eight_schools by independent routes.
 *
 * Given its scales brownian32 is Gaussian in the steps: with g and -H the gradient at zero and the Hessian, which unit differences of the
 * gradient give exactly, the steps integrate to f(0) (2 pi)^15 |H|^-1/2 exp(g' H^-1 g / 2), and two dimensions are left for the
 * trapezoid rule.  The centred eight schools are Gaussian in the effects and mu given log tau, and are integrated in the same way.  seeds
 * is the product of GSL's densities. */
#include "targets_cases.h"

#include <gsl/gsl_linalg.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

#define STEPS 30
#define DIM   32

/* Integral over the steps at the scales u, and their conditional mean. */
static double integrate_steps(const builtin *b, const double u[2], double *mean) {
  double x[DIM * DIM] = {0}, grad[DIM * DIM], logp[DIM], matrix[STEPS * STEPS], product = 0, log_root = 0;
  for (size_t i = 0; i <= STEPS; i++) x[i] = u[0], x[DIM + i] = u[1];
  for (size_t t = 0; t < STEPS; t++) x[(t + 2) * DIM + t + 1] = 1; /* point t + 1 is the unit vector of step t */
  ck_assert_int_eq(b->target.batch(DIM, STEPS + 1, DIM, x, logp, grad, b->target.params), 0);
  for (size_t j = 0; j < STEPS; j++)
    for (size_t t = 0; t < STEPS; t++) matrix[j * STEPS + t] = grad[(j + 2) * DIM] - grad[(j + 2) * DIM + t + 1];
  gsl_matrix_view h = gsl_matrix_view_array(matrix, STEPS, STEPS);
  gsl_vector_view m = gsl_vector_view_array(mean, STEPS);
  for (size_t j = 0; j < STEPS; j++) mean[j] = grad[(j + 2) * DIM];
  ck_assert_int_eq(gsl_linalg_cholesky_decomp1(&h.matrix), 0);
  ck_assert_int_eq(gsl_linalg_cholesky_svx(&h.matrix, &m.vector), 0);
  for (size_t j = 0; j < STEPS; j++) {
    product += mean[j] * grad[(j + 2) * DIM];
    log_root += log(matrix[j * STEPS + j]);
  }
  return logp[0] + 0.5 * product + 0.5 * STEPS * log(2 * M_PI) - log_root;
}

/* The u with log(1 + exp u) = s, and the derivative of log s by u. */
static double scale_parameter(double s, double *slope) {
  const double u = log(expm1(s));
  *slope = -expm1(-s) / s;
  return u;
}

START_TEST(brownian32_by_quadrature) {
  builtin b = targets_make("brownian32", NULL);
  const double step = 0.1;
  double z = 0, innovation = 0, innovation_square = 0, observation = 0, locations[STEPS] = {0}, mean[STEPS];
  for (double log_s = -7; log_s < 3; log_s += step)
    for (double log_o = -14; log_o < 3; log_o += step) {
      const double s = exp(log_s), o = exp(log_o);
      double slope_s, slope_o;
      const double u[2] = {scale_parameter(s, &slope_s), scale_parameter(o, &slope_o)};
      const double f = exp(integrate_steps(&b, u, mean)) / (slope_s * slope_o) * step * step;
      z += f;
      innovation += f * s;
      innovation_square += f * s * s;
      observation += f * o;
      for (size_t t = 0; t < STEPS; t++) locations[t] += f * mean[t];
    }
  innovation /= z;
  ck_assert_double_eq_tol(log(z), 1.1877491032310648, 1e-9);
  ck_assert_double_eq_tol(b.log_z, 1.1877491032310648, 1e-9);
  ck_assert_double_eq_tol(innovation, 0.11553360374574834, 1e-6);
  ck_assert_double_eq_tol(sqrt(innovation_square / z - innovation * innovation), 0.04030550139049793, 1e-6);
  ck_assert_double_eq_tol(observation / z, 0.11265649010030014, 1e-6);
  ck_assert_double_eq_tol(locations[0] / z, 0.0930754284035803, 1e-6);
  ck_assert_double_eq_tol(locations[14] / z, -0.49510307276841187, 1e-6); /* not observed */
  ck_assert_double_eq_tol(locations[29] / z, -0.6441110142755844, 1e-6);
  builtin_destroy(&b);
}
END_TEST

START_TEST(brownian32_reports_scales) {
  builtin b = targets_make("brownian32", NULL);
  double x[DIM] = {0}, out[DIM];
  x[0] = log(expm1(0.1));
  x[1] = log(expm1(2));
  x[31] = -7;
  ck_assert_int_eq(b.target.constrain(DIM, x, out, b.target.params), 0);
  ck_assert_double_eq_tol(out[0], 0.1, 1e-15);
  ck_assert_double_eq_tol(out[1], 2, 1e-14);
  ck_assert(out[31] == -7);
  ck_assert_str_eq(b.target.names[0], "innovation_scale");
  ck_assert_str_eq(b.target.names[1], "observation_scale");
  ck_assert_str_eq(b.target.names[31], "x[30]");
  builtin_destroy(&b);
}
END_TEST

static const unsigned plates[21][4] = {{10, 39, 0, 0}, {23, 62, 0, 0}, {23, 81, 0, 0}, {26, 51, 0, 0}, {17, 39, 0, 0}, {5, 6, 0, 1},
                                       {53, 74, 0, 1}, {55, 72, 0, 1}, {32, 51, 0, 1}, {46, 79, 0, 1}, {10, 13, 0, 1}, {8, 16, 1, 0},
                                       {10, 30, 1, 0}, {8, 28, 1, 0},  {23, 45, 1, 0}, {0, 4, 1, 0},   {3, 12, 1, 1},  {22, 41, 1, 1},
                                       {15, 30, 1, 1}, {32, 51, 1, 1}, {3, 7, 1, 1}};

/* The model's densities one by one; x is a_0, a_1, a_12, a_2, b, log tau. */
static double seeds_by_its_parts(const double *x) {
  const double tau = exp(x[25]);
  double sum = log(gsl_ran_gamma_pdf(tau, 0.01, 100)) + x[25];
  for (size_t j = 0; j < 4; j++) sum += log(gsl_ran_gaussian_pdf(x[j], 10));
  for (size_t p = 0; p < 21; p++) {
    const double seed = plates[p][2], extract = plates[p][3];
    const double e = x[0] + x[1] * seed + x[3] * extract + x[2] * seed * extract + x[4 + p];
    sum += log(gsl_ran_gaussian_pdf(x[4 + p], 1 / sqrt(tau))) + log(gsl_ran_binomial_pdf(plates[p][0], 1 / (1 + exp(-e)), plates[p][1]));
  }
  return sum;
}

START_TEST(seeds_is_the_product_of_its_parts) {
  builtin b = targets_make("seeds", NULL);
  gsl_rng *const rng = targets_rng(9);
  double x[26] = {0};
  /* At zero: Bernoulli trials of probability 1/2, binomial coefficients whose logs sum to 488.173552, and the priors. */
  double trials = 0;
  for (size_t p = 0; p < 21; p++) trials += plates[p][1];
  const double priors = -12.5 * log(2 * M_PI) - 4 * log(10) + 0.01 * log(0.01) - gsl_sf_lngamma(0.01) - 0.01;
  ck_assert_double_eq_tol(targets_logp(&b, x, NULL), 488.173552 - trials * log(2) + priors, 1e-6);
  for (int point = 0; point < 50; point++) {
    for (size_t j = 0; j < 26; j++) x[j] = gsl_ran_ugaussian(rng);
    x[25] *= 3;
    ck_assert_double_eq_tol(targets_logp(&b, x, NULL), seeds_by_its_parts(x), 1e-9);
  }
  ck_assert_str_eq(b.target.names[2], "a_12");
  ck_assert_str_eq(b.target.names[4], "b[1]");
  ck_assert_str_eq(b.target.names[25], "log_tau");
  gsl_rng_free(rng);
  builtin_destroy(&b);
}
END_TEST

enum { EFFECTS = 9, SCHOOLS_DIM = 10 }; /* the eight effects and mu; then log tau */

/* Integral over the effects and mu at log tau. */
static double integrate_effects(const builtin *b, double log_tau) {
  double x[SCHOOLS_DIM * SCHOOLS_DIM] = {0}, grad[SCHOOLS_DIM * SCHOOLS_DIM], logp[SCHOOLS_DIM], matrix[EFFECTS * EFFECTS], mean[EFFECTS];
  double product = 0, log_root = 0;
  for (size_t i = 0; i <= EFFECTS; i++) x[EFFECTS * SCHOOLS_DIM + i] = log_tau;
  for (size_t k = 0; k < EFFECTS; k++) x[k * SCHOOLS_DIM + k + 1] = 1; /* point k + 1 is the unit vector of coordinate k */
  ck_assert_int_eq(b->target.batch(SCHOOLS_DIM, SCHOOLS_DIM, SCHOOLS_DIM, x, logp, grad, b->target.params), 0);
  for (size_t j = 0; j < EFFECTS; j++) {
    mean[j] = grad[j * SCHOOLS_DIM];
    for (size_t k = 0; k < EFFECTS; k++) matrix[j * EFFECTS + k] = grad[j * SCHOOLS_DIM] - grad[j * SCHOOLS_DIM + k + 1];
  }
  gsl_matrix_view h = gsl_matrix_view_array(matrix, EFFECTS, EFFECTS);
  gsl_vector_view m = gsl_vector_view_array(mean, EFFECTS);
  ck_assert_int_eq(gsl_linalg_cholesky_decomp1(&h.matrix), 0);
  ck_assert_int_eq(gsl_linalg_cholesky_svx(&h.matrix, &m.vector), 0);
  for (size_t j = 0; j < EFFECTS; j++) {
    product += mean[j] * grad[j * SCHOOLS_DIM];
    log_root += log(matrix[j * EFFECTS + j]);
  }
  return logp[0] + 0.5 * product + 0.5 * EFFECTS * log(2 * M_PI) - log_root;
}

START_TEST(eight_schools_by_quadrature) {
  builtin b = targets_make("eight_schools:form=centered", NULL);
  const double step = 0.02;
  double z = 0;
  for (double log_tau = -14; log_tau < 14; log_tau += step) z += step * exp(integrate_effects(&b, log_tau));
  ck_assert_double_eq_tol(log(z), b.log_z, 2e-4);
  builtin_destroy(&b);
}
END_TEST

TCase *targets_models_case(void) {
  TCase *const c = tcase_create("models");
  tcase_set_timeout(c, 120);
  tcase_add_test(c, brownian32_by_quadrature);
  tcase_add_test(c, eight_schools_by_quadrature);
  tcase_add_test(c, brownian32_reports_scales);
  tcase_add_test(c, seeds_is_the_product_of_its_parts);
  return c;
}
