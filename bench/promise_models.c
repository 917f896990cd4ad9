/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Three models with what the library is for: labels that switch, a scale of groups, signs that only flip together.
 *
 *   mixture   y_i ~ p N(mu_1, sigma) + (1 - p) N(mu_2, sigma), i = 1 .. 30, mu ~ N(0, 3), p ~ U(0, 1), log sigma ~ N(0, 0.5); neither
 *             component comes first.  Coordinates: mu_1, mu_2, logit p, log sigma.
 *   schools   y_j ~ N(theta_j, s_j), j = 1 .. 8, theta_j ~ N(mu, tau), mu ~ N(0, 2), tau ~ N+(0, 2).  Coordinates: theta, mu, log tau.
 *   signs     y_i ~ N((a_i'b)^2, 0.5), i = 1 .. 12, b ~ N(0, I) in four dimensions: b and -b are alike. */
#include "bench/promise_models.h"

#include <math.h>
#include <string.h>

/* Uniforms and normals of a model's prior and data, one after the other. */
typedef struct source {
  stream s;
  uint32_t next;
} source;

static double uniform(source *from) {
  return stream_uniform(from->s, 0, 0, from->next++);
}
static double normal(source *from, double mean, double sd) {
  const uint32_t zero = 0;
  double z;
  stream_normals(from->s, 1 + from->next++, 1, 1, 1, &zero, &z);
  return mean + sd * z;
}
static double square(double x) {
  return x * x;
}

/* ---- mixture ---- */

#define POINTS   30
#define MU_SD    3.0
#define SIGMA_SD 0.5

static void mixture_draw(stream s, double *x, double *data) {
  source from = {s, 0};
  x[0] = normal(&from, 0, MU_SD);
  x[1] = normal(&from, 0, MU_SD);
  const double p = uniform(&from);
  x[2] = log(p) - log1p(-p);
  x[3] = normal(&from, 0, SIGMA_SD);
  for (size_t i = 0; i < POINTS; i++) {
    const double mean = uniform(&from) < p ? x[0] : x[1];
    data[i] = normal(&from, mean, exp(x[3]));
  }
}

static double softplus(double x) {
  return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

static double mixture_likelihood(const double *x, const double *y, double *grad) {
  const double precision = exp(-2 * x[3]), log_p = -softplus(-x[2]), log_q = -softplus(x[2]), p = exp(log_p);
  double sum = 0;
  for (size_t i = 0; i < POINTS; i++) {
    const double a = log_p - 0.5 * precision * square(y[i] - x[0]), b = log_q - 0.5 * precision * square(y[i] - x[1]);
    const double less = exp(-fabs(a - b)), first = (a > b ? 1 : less) / (1 + less);
    sum += fmax(a, b) + log1p(less) - x[3];
    if (grad == NULL) continue;
    grad[0] += first * precision * (y[i] - x[0]);
    grad[1] += (1 - first) * precision * (y[i] - x[1]);
    grad[2] += first - p;
    grad[3] += precision * (first * square(y[i] - x[0]) + (1 - first) * square(y[i] - x[1])) - 1;
  }
  return sum;
}

static double mixture_posterior(const double *x, const double *y, double *grad) {
  const double p = exp(-softplus(-x[2]));
  if (grad != NULL) memset(grad, 0, 4 * sizeof *grad);
  double sum = mixture_likelihood(x, y, grad);
  for (size_t k = 0; k < 2; k++) sum -= 0.5 * square(x[k] / MU_SD);
  sum -= softplus(-x[2]) + softplus(x[2]) + 0.5 * square(x[3] / SIGMA_SD);
  if (grad == NULL) return sum;
  for (size_t k = 0; k < 2; k++) grad[k] -= x[k] / square(MU_SD);
  grad[2] += 1 - 2 * p;
  grad[3] -= x[3] / square(SIGMA_SD);
  return sum;
}

static void mixture_quantities(const double *x, const double *y, double *out) {
  out[0] = fmin(x[0], x[1]);
  out[1] = fmax(x[0], x[1]);
  out[2] = x[3];
  out[3] = x[0] - x[1];
  out[4] = mixture_likelihood(x, y, NULL);
}

/* Every other draw of one of the two orders is left out: its weight is halved. */
static size_t mixture_spoil(stream s, size_t n, double *x) {
  size_t left = 0;
  for (size_t i = 0; i < n; i++) {
    if (x[i * 4] < x[i * 4 + 1] && stream_uniform(s, (uint32_t)i, 0, 0) < 0.5) continue;
    memmove(x + 4 * left++, x + 4 * i, 4 * sizeof *x);
  }
  return left;
}

/* ---- schools ---- */

#define GROUPS  8
#define MU      GROUPS
#define LOG_TAU (GROUPS + 1)
#define HYPER   2.0

static const double group_sd[GROUPS] = {1.5, 1.0, 1.6, 1.1, 0.9, 1.1, 1.0, 1.8};

static void schools_draw(stream s, double *x, double *data) {
  source from = {s, 0};
  const double tau = fabs(normal(&from, 0, HYPER));
  x[MU] = normal(&from, 0, HYPER);
  x[LOG_TAU] = log(tau);
  for (size_t j = 0; j < GROUPS; j++) {
    x[j] = normal(&from, x[MU], tau);
    data[j] = normal(&from, x[j], group_sd[j]);
  }
}

static double schools_likelihood(const double *x, const double *y) {
  double sum = 0;
  for (size_t j = 0; j < GROUPS; j++) sum -= 0.5 * square((y[j] - x[j]) / group_sd[j]);
  return sum;
}

static double schools_posterior(const double *x, const double *y, double *grad) {
  const double tau = exp(x[LOG_TAU]), precision = exp(-2 * x[LOG_TAU]);
  double spread = 0, pull = 0;
  for (size_t j = 0; j < GROUPS; j++) {
    spread += square(x[j] - x[MU]);
    pull += precision * (x[j] - x[MU]);
    if (grad != NULL) grad[j] = (y[j] - x[j]) / square(group_sd[j]) - precision * (x[j] - x[MU]);
  }
  if (grad != NULL) {
    grad[MU] = pull - x[MU] / square(HYPER);
    grad[LOG_TAU] = precision * spread - GROUPS + 1 - square(tau / HYPER);
  }
  return schools_likelihood(x, y) - 0.5 * (precision * spread + square(x[MU] / HYPER) + square(tau / HYPER)) - (GROUPS - 1) * x[LOG_TAU];
}

static void schools_quantities(const double *x, const double *y, double *out) {
  out[0] = x[MU];
  out[1] = x[LOG_TAU];
  out[2] = x[0];
  out[3] = x[0];
  for (size_t j = 1; j < GROUPS; j++) out[3] = fmax(out[3], x[j]);
  out[4] = schools_likelihood(x, y);
}

/* All standard deviations a fifth too small. */
static size_t schools_spoil(stream s, size_t n, double *x) {
  (void)s;
  for (size_t j = 0; j < GROUPS + 2; j++) {
    double mean = 0;
    for (size_t i = 0; i < n; i++) mean += x[i * (GROUPS + 2) + j] / (double)n;
    for (size_t i = 0; i < n; i++) x[i * (GROUPS + 2) + j] = mean + 0.8 * (x[i * (GROUPS + 2) + j] - mean);
  }
  return n;
}

/* ---- signs ---- */

#define SIGNS    4
#define MEASURED 12
#define NOISE    0.5

/* The design: the same for every replicate. */
static double design(size_t i, size_t j) {
  const uint32_t row = (uint32_t)i;
  double z[SIGNS];
  stream_normals(stream_make(20220, STREAM_USER, 1, 0), 0, SIGNS, 1, 1, &row, z);
  return z[j];
}

static double product(size_t i, const double *b) {
  double sum = 0;
  for (size_t j = 0; j < SIGNS; j++) sum += design(i, j) * b[j];
  return sum;
}

static void signs_draw(stream s, double *x, double *data) {
  source from = {s, 0};
  for (size_t j = 0; j < SIGNS; j++) x[j] = normal(&from, 0, 1);
  for (size_t i = 0; i < MEASURED; i++) {
    data[i] = normal(&from, square(product(i, x)), NOISE);
    for (size_t j = 0; j < SIGNS; j++) data[MEASURED + i * SIGNS + j] = design(i, j);
  }
}

/* The design stands behind the data, so that it need not be drawn again and again. */
static double signs_likelihood(const double *x, const double *data, double *grad) {
  double sum = 0;
  for (size_t i = 0; i < MEASURED; i++) {
    const double *const a = data + MEASURED + i * SIGNS;
    double u = 0;
    for (size_t j = 0; j < SIGNS; j++) u += a[j] * x[j];
    const double r = (data[i] - u * u) / NOISE;
    sum -= 0.5 * r * r;
    for (size_t j = 0; grad != NULL && j < SIGNS; j++) grad[j] += r / NOISE * 2 * u * a[j];
  }
  return sum;
}

static double signs_posterior(const double *x, const double *data, double *grad) {
  double prior = 0;
  for (size_t j = 0; j < SIGNS; j++) {
    prior -= 0.5 * x[j] * x[j];
    if (grad != NULL) grad[j] = -x[j];
  }
  return prior + signs_likelihood(x, data, grad);
}

static void signs_quantities(const double *x, const double *data, double *out) {
  out[0] = x[0];
  out[1] = fabs(x[0]);
  out[2] = x[0] * x[1];
  out[3] = square(x[0]) + square(x[1]) + square(x[2]) + square(x[3]);
  out[4] = signs_likelihood(x, data, NULL);
}

/* One of the two signs is lost. */
static size_t signs_spoil(stream s, size_t n, double *x) {
  (void)s;
  for (size_t i = 0; i < n; i++) {
    const double sign = x[i * SIGNS] < 0 ? -1 : 1;
    for (size_t j = 0; j < SIGNS; j++) x[i * SIGNS + j] *= sign;
  }
  return n;
}

/* ---- All of them ---- */

static const sbc_model mixture = {"mixture",
                                  "two normals without order, 4-d",
                                  4,
                                  {"smaller mean", "larger mean", "log sigma", "mu[1] - mu[2]", "log-likelihood"},
                                  "one order at half its weight",
                                  mixture_draw,
                                  mixture_posterior,
                                  mixture_quantities,
                                  mixture_spoil};
static const sbc_model schools = {"schools",
                                  "eight groups, centred, 10-d",
                                  GROUPS + 2,
                                  {"mu", "log tau", "theta[1]", "largest theta", "log-likelihood"},
                                  "standard deviations 20 % too small",
                                  schools_draw,
                                  schools_posterior,
                                  schools_quantities,
                                  schools_spoil};
static const sbc_model signs = {"signs",         "squares of linear forms, 4-d",
                                SIGNS,           {"b[1]", "size of b[1]", "b[1] b[2]", "length of b", "log-likelihood"},
                                "one sign lost", signs_draw,
                                signs_posterior, signs_quantities,
                                signs_spoil};

const sbc_model *const sbc_model_list[] = {&mixture, &schools, &signs, NULL};

static int posterior_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const sbc_posterior *const p = params;
  (void)dim;
  *logp = p->model->log_posterior(x, p->data, grad);
  return !isfinite(*logp); /* an overflow, far out */
}

dilate_target sbc_target(sbc_posterior *p) {
  dilate_target target;
  dilate_target_init(&target);
  target.dim = p->model->dim;
  target.logp = posterior_logp;
  target.params = p;
  return target;
}
