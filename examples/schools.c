/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eight schools (Rubin 1981): did coaching help, and by as much everywhere?  Three models, weighed by their evidence.
 *
 *   y_j ~ N(theta_j, s_j), theta_j ~ N(mu, tau), mu ~ N(0, 5), and
 *   pooled:            tau = 0, one effect for all;
 *   partially pooled:  tau ~ half-Cauchy(5), the schools learn from each other;
 *   unpooled:          tau = 25, they hardly do.
 *
 * Where tau is fixed y is normal and its evidence has a closed form, which is printed beside. */
#include <dilate.h>
#include <math.h>
#include <stdio.h>

#define SCHOOLS 8
#define LOG_2PI 1.83787706640934548356
#define LOG_PI  1.14472988584940017414

static const double y[SCHOOLS] = {28, 8, -3, 7, -1, 1, 18, 12}, s[SCHOOLS] = {15, 10, 16, 11, 9, 11, 10, 18};

/* mu comes first, then theta where there are schools' own effects, then log tau where it is not known. */
typedef struct model {
  const char *title;
  size_t dim;
  double tau; /* NAN: a parameter */
} model;

static const model models[] = {{"pooled", 1, 0}, {"partially pooled", SCHOOLS + 2, NAN}, {"unpooled", SCHOOLS + 1, 25}};
static const char *const names[] = {"mu",       "theta[1]", "theta[2]", "theta[3]", "theta[4]",
                                    "theta[5]", "theta[6]", "theta[7]", "theta[8]", "tau"};

/* log N(x | mean, sd); its derivative with respect to x is added to *slope. */
static double normal(double x, double mean, double sd, double *slope) {
  const double z = (x - mean) / sd;
  *slope -= z / sd;
  return -0.5 * (z * z + LOG_2PI) - log(sd);
}

static int evaluate(size_t dim, const double *u, double *logp, double *grad, void *params) {
  const model *const m = params;
  double g[SCHOOLS + 2] = {0}, tau = m->tau;
  *logp = normal(u[0], 0, 5, &g[0]);
  if (isnan(tau)) { /* log tau = u: half-Cauchy and Jacobian */
    tau = exp(u[SCHOOLS + 1]);
    *logp += log(2) - LOG_PI - log(5) - log1p(tau * tau / 25) + u[SCHOOLS + 1];
    g[SCHOOLS + 1] = 1 - 2 * tau * tau / (25 + tau * tau);
  }
  for (size_t j = 0; j < SCHOOLS; j++) {
    const size_t own = dim > 1 ? j + 1 : 0; /* pooled: mu is everybody's effect */
    *logp += normal(u[own], y[j], s[j], &g[own]);
    if (own == 0) continue;
    const double z = (u[own] - u[0]) / tau;
    double pull = 0;
    *logp += normal(u[own], u[0], tau, &pull);
    g[own] += pull;
    g[0] -= pull;
    g[SCHOOLS + 1] += z * z - 1;
  }
  for (size_t j = 0; grad && j < dim; j++) grad[j] = g[j];
  return isfinite(*logp) ? 0 : 1;
}

static int report(size_t dim, const double *u, double *out, void *params) {
  (void)params;
  for (size_t j = 0; j < dim; j++) out[j] = j == SCHOOLS + 1 ? exp(u[j]) : u[j];
  return 0;
}

/* y ~ N(0, 25 1 1' + diag(s^2 + tau^2)), by the Sherman-Morrison formula. */
static double closed_form(double tau) {
  double precision = 0, pull = 0, log_z = 0;
  for (size_t j = 0; j < SCHOOLS; j++) {
    const double v = s[j] * s[j] + tau * tau;
    precision += 1 / v;
    pull += y[j] / v;
    log_z -= 0.5 * (LOG_2PI + log(v) + y[j] * y[j] / v);
  }
  return log_z - 0.5 * log1p(25 * precision) + 0.5 * pull * pull * 25 / (1 + 25 * precision);
}

static void print_parameter(const dilate_result *result, size_t i) {
  dilate_parameter p = {.struct_size = sizeof p};
  dilate_result_parameter(result, i, &p);
  printf("  %-9s %7.2f, 90 %% from %6.2f to %6.2f\n", p.name, p.mean, p.q5, p.q95);
}

static void print_model(const model *m, const dilate_result *result, double log_z, double se) {
  printf("%s: log evidence %.3f +- %.3f", m->title, log_z, se);
  if (!isnan(m->tau)) printf(" (closed form %.3f)", closed_form(m->tau));
  printf("\n");
  print_parameter(result, 0);
  if (m->dim > 1) print_parameter(result, 1);
  if (isnan(m->tau)) print_parameter(result, SCHOOLS + 1);
}

static int run(const model *m, double *log_z, dilate_error *err) {
  dilate_target target;
  dilate_result *result;
  double se, df;
  dilate_target_init(&target);
  target.dim = target.n_out = m->dim;
  target.names = names;
  target.logp = evaluate;
  target.constrain = report;
  target.params = (void *)m;
  int status = dilate_sample(&target, NULL, &result, err);
  if (status == DILATE_OK) status = dilate_result_log_z(result, log_z, &se, &df);
  if (status == DILATE_OK) print_model(m, result, *log_z, se);
  dilate_result_free(result);
  return status;
}

int main(void) {
  double log_z[3];
  dilate_error err;
  dilate_error_init(&err);
  for (size_t i = 0; i < 3; i++)
    if (run(&models[i], &log_z[i], &err) != DILATE_OK) {
      fprintf(stderr, "schools: %s\n", err.message);
      return 1;
    }
  printf("Bayes factors: pooled to partially pooled %.2f, partially pooled to unpooled %.1f\n", exp(log_z[0] - log_z[1]),
         exp(log_z[1] - log_z[2]));
  return 0;
}
