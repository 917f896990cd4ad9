/* SPDX-License-Identifier: GPL-3.0-or-later */
/* eight_schools: the hierarchical model of Rubin (1981, Journal of Educational Statistics 6), as in posteriordb's
 * eight_schools_noncentered and eight_schools_centered:
 *
 *   y_j ~ N(theta_j, sigma_j), theta_j ~ N(mu, tau), mu ~ N(0, 5), tau ~ Cauchy(0, 5) with the density of the whole line (not doubled).
 * Unconstrained: t_1 .. t_8 with theta_j = mu + tau t_j (noncentered) or theta_1 .. theta_8 (centered), then mu, then l = log tau with its
 * Jacobian l.  Every other constant is kept.  |l| > 300, where exp overflows and nothing of the posterior lies, is outside the support. */
#include "families.h"
#include "options.h"
#include "support.h"

#include <gsl/gsl_math.h>
#include <stdio.h>
#include <stdlib.h>

#define SCHOOLS     8
#define MU          SCHOOLS
#define LOG_TAU     (SCHOOLS + 1)
#define DIM         (SCHOOLS + 2)
#define SCALE       5.0 /* of both hyperpriors */
#define LOG_TAU_MAX 300.0

static const double effect[SCHOOLS] = {28, 8, -3, 7, -1, 1, 18, 12};
static const double standard_error[SCHOOLS] = {15, 10, 16, 11, 9, 11, 10, 18};

static const builtin_array arrays[] = {{"y", 1, 1, {SCHOOLS}, effect}, {"sigma", 0, 1, {SCHOOLS}, standard_error}};

enum form { NONCENTERED, CENTERED };

typedef struct schools {
  size_t form;
  char **names;
} schools;

/* Hyperpriors of mu and tau with the Jacobian, and their derivatives. */
static inline void add_hyperpriors(size_t ld, const double *x, double *logp, double *grad) {
  const double *const mu = x + MU * ld, *const l = x + LOG_TAU * ld;
  const double constant = -log(SCALE) - 0.5 * BUILTIN_LOG_2PI - log(M_PI * SCALE), log_scale = log(SCALE);
  double a[BUILTIN_CHUNK], decay[BUILTIN_CHUNK], softplus[BUILTIN_CHUNK];
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) a[i] = 2 * (l[i] - log_scale);
  builtin_softplus_rows(1, a, decay, softplus);
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    const double z = mu[i] / SCALE, sum = constant - 0.5 * z * z - softplus[i] + l[i];
    logp[i] = fabs(l[i]) > LOG_TAU_MAX ? -INFINITY : sum;
    if (grad == NULL) continue;
    grad[MU * ld + i] = -z / SCALE;
    grad[LOG_TAU * ld + i] = 1 - 2 * builtin_logistic_of(a[i], decay[i]);
  }
}

/* School j given mu, tau and its own coordinate u. */
static inline void add_school(size_t form, size_t j, size_t ld, const double *x, const double *tau, double *logp, double *grad) {
  const double *const u = x + j * ld, *const mu = x + MU * ld, *const l = x + LOG_TAU * ld;
  const double constant = -log(standard_error[j]) - BUILTIN_LOG_2PI;
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    const double theta = form == CENTERED ? u[i] : mu[i] + tau[i] * u[i];
    const double t = form == CENTERED ? (u[i] - mu[i]) / tau[i] : u[i];
    const double r = (effect[j] - theta) / standard_error[j];
    logp[i] += constant - 0.5 * (t * t + r * r) - (form == CENTERED ? l[i] : 0);
  }
  if (grad == NULL) return;
  double *const g = grad + j * ld, *const g_mu = grad + MU * ld, *const g_l = grad + LOG_TAU * ld;
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    const double theta = form == CENTERED ? u[i] : mu[i] + tau[i] * u[i];
    const double t = form == CENTERED ? (u[i] - mu[i]) / tau[i] : u[i];
    const double pull = (effect[j] - theta) / standard_error[j] / standard_error[j];
    g[i] = form == CENTERED ? pull - t / tau[i] : pull * tau[i] - t;
    g_mu[i] += form == CENTERED ? t / tau[i] : pull;
    g_l[i] += form == CENTERED ? t * t - 1 : pull * tau[i] * t;
  }
}

static inline void schools_chunk(size_t dim, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  (void)dim;
  const schools *const s = params;
  double tau[BUILTIN_CHUNK];
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) tau[i] = builtin_clamp(x[LOG_TAU * ld + i], LOG_TAU_MAX);
  dilate_vector_exp(BUILTIN_CHUNK, tau, tau);
  add_hyperpriors(ld, x, logp, grad);
  for (size_t j = 0; j < SCHOOLS; j++) add_school(s->form, j, ld, x, tau, logp, grad);
}

BUILTIN_CALLBACKS(schools_chunk)

static int schools_constrain(size_t dim, const double *x, double *out, void *params) {
  (void)dim;
  const schools *const s = params;
  out[0] = x[MU];
  out[1] = exp(x[LOG_TAU]);
  for (size_t j = 0; j < SCHOOLS; j++) out[2 + j] = s->form == CENTERED ? x[j] : x[MU] + out[1] * x[j];
  return 0;
}

static void schools_destroy(builtin *self) {
  schools *const s = self->data;
  free(s->names);
  free(s);
}

static int schools_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  (void)data_path;
  static const char *const forms[] = {"noncentered", "centered", NULL};
  size_t form = NONCENTERED;
  const builtin_option option = {"form", OPTION_WORD, &form, 0, 0, forms};
  const int status = builtin_options_read(&builtin_eight_schools, text, &option, 1, err);
  if (status < 0) return status;
  schools *const s = calloc(1, sizeof *s);
  if (s == NULL) return builtin_no_memory(err, builtin_eight_schools.name);
  out->data = s;
  out->destroy = schools_destroy;
  s->form = form;
  s->names = builtin_names_new(DIM);
  if (s->names == NULL) return builtin_no_memory(err, builtin_eight_schools.name);
  snprintf(s->names[0], BUILTIN_NAME_SIZE, "mu");
  snprintf(s->names[1], BUILTIN_NAME_SIZE, "tau");
  for (size_t j = 0; j < SCHOOLS; j++) snprintf(s->names[2 + j], BUILTIN_NAME_SIZE, "theta[%zu]", j + 1);
  out->arrays = sizeof arrays / sizeof *arrays;
  out->array = arrays;
  out->log_z = -32.0045; /* the effects and mu integrate out in closed form, log tau by quadrature */
  builtin_set_target(out, DIM, schools_chunk_callbacks);
  out->target.n_out = DIM;
  out->target.names = (const char *const *)s->names;
  out->target.constrain = schools_constrain;
  return DILATE_OK;
}

const builtin_type builtin_eight_schools = {
    .name = "eight_schools",
    .summary = "hierarchical model of eight coaching experiments",
    .options = "form=noncentered (or centered)",
    .truth = "log Z = -32.0045 by quadrature over log tau, the rest in closed form",
    .create = schools_create,
};
