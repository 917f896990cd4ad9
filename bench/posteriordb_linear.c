/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linear regressions with an unknown error: arK, diamonds, kidscore_interaction.
 *
 *   log p(b, s) = sum_n log N(y_n | x_n . b, e^s) + log prior(b, e^s) + s.
 *
 * The design is reduced once, X = Q R (Householder): |y - X b|^2 = |Q'y - R b|^2 + rest, so that a point costs k^2 whatever the rows are.
 */
#include "bench/posteriordb_models.h"

#include "bench/support.h"
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct linear {
  size_t rows, k;
  double rest, *r, *q; /* R is k x k, row-major, zero below the diagonal; q = the first k of Q'y */
  double (*prior)(const struct linear *l, const double *b, double sigma, double *grad_b, double *grad_sigma);
} linear;

/* ---- Reduction ---- */

/* [in] x: rows x k, row-major; both x and y are overwritten. */
static linear *reduce(size_t rows, size_t k, double *x, double *y) {
  linear *const l = ALLOCATE(linear, 1);
  gsl_matrix_view design = gsl_matrix_view_array(x, rows, k);
  gsl_vector_view response = gsl_vector_view_array(y, rows);
  gsl_vector *const tau = gsl_vector_alloc(k);
  if (tau == NULL) give_up("out of memory");
  gsl_linalg_QR_decomp(&design.matrix, tau);
  gsl_linalg_QR_QTvec(&design.matrix, tau, &response.vector);
  *l = (linear){.rows = rows, .k = k, .r = ALLOCATE(double, k *k), .q = ALLOCATE(double, k)};
  memcpy(l->q, y, k * sizeof *y);
  for (size_t i = 0; i < k; i++) memcpy(l->r + i * k + i, x + i * k + i, (k - i) * sizeof *x);
  for (size_t i = k; i < rows; i++) l->rest += y[i] * y[i];
  gsl_vector_free(tau);
  return l;
}

static void linear_close(void *params) {
  linear *const l = params;
  free(l->r);
  free(l->q);
  free(l);
}

/* ---- Density ---- */

/* |y - X b|^2; grad_b (may be NULL) gets -half its derivative, X'(y - X b). */
static double squares(const linear *l, const double *b, double *grad_b) {
  const size_t k = l->k;
  double sum = l->rest;
  for (size_t j = 0; grad_b != NULL && j < k; j++) grad_b[j] = 0;
  for (size_t i = 0; i < k; i++) {
    double e = l->q[i];
    for (size_t j = i; j < k; j++) e -= l->r[i * k + j] * b[j];
    sum += e * e;
    for (size_t j = i; grad_b != NULL && j < k; j++) grad_b[j] += l->r[i * k + j] * e;
  }
  return sum;
}

static int linear_logp(size_t dim, const double *u, double *logp, double *grad, void *params) {
  const linear *const l = params;
  const double s = u[dim - 1], sigma = exp(s), precision = exp(-2 * s), n = (double)l->rows;
  double slope[32] = {0}, slope_sigma = 0;
  const double sum = squares(l, u, grad);
  *logp = -n * (LOG_ROOT_TWO_PI + s) - 0.5 * sum * precision + l->prior(l, u, sigma, slope, &slope_sigma) + s;
  for (size_t j = 0; grad != NULL && j < l->k; j++) grad[j] = grad[j] * precision + slope[j];
  if (grad != NULL) grad[dim - 1] = -n + sum * precision + slope_sigma * sigma + 1;
  return density_status(dim, *logp, grad);
}

static int linear_constrain(size_t dim, const double *u, double *out, void *params) {
  (void)params;
  memcpy(out, u, dim * sizeof *u);
  out[dim - 1] = exp(u[dim - 1]);
  return 0;
}

/* ---- arK: y_t on a constant and the five before ---- */

static double arK_prior(const linear *l, const double *b, double sigma, double *grad_b, double *grad_sigma) {
  double logp = cauchy_log_density(sigma, 2.5, grad_sigma);
  for (size_t j = 0; j < l->k; j++) logp += normal_log_density(b[j], 0, 10, &grad_b[j]);
  return logp;
}

static void *arK_open(const json_t *data, const char *option) {
  size_t n;
  double *const y = data_numbers(data, "y", &n);
  const size_t lags = (size_t)data_number(data, "K"), rows = n - lags, k = lags + 1;
  double *const x = ALLOCATE(double, rows *k);
  (void)option;
  for (size_t t = 0; t < rows; t++) {
    x[t * k] = 1;
    for (size_t j = 1; j < k; j++) x[t * k + j] = y[lags + t - j];
  }
  linear *const l = reduce(rows, k, x, y + lags);
  l->prior = arK_prior;
  free(x);
  free(y);
  return l;
}

static const char *const arK_names[] = {"alpha", "beta[1]", "beta[2]", "beta[3]", "beta[4]", "beta[5]", "sigma"};
const model linear_arK = {"arK", "arK", 7, 7, arK_names, NULL, arK_open, linear_close, linear_logp, linear_constrain};

/* ---- diamonds: log price on 24 centred columns and a constant ---- */

/* log t_3(x | location, 10); adds the derivative. */
static double student_log_density(double x, double location, double *slope) {
  const double z = (x - location) / 10;
  *slope -= 4 * z / (3 + z * z) / 10;
  return lgamma(2) - lgamma(1.5) - 0.5 * (log(3) + LOG_PI) - log(10) - 2 * log1p(z * z / 3);
}

static double diamonds_prior(const linear *l, const double *b, double sigma, double *grad_b, double *grad_sigma) {
  const size_t last = l->k - 1;
  double logp = log(2) + student_log_density(sigma, 0, grad_sigma) + student_log_density(b[last], 8, &grad_b[last]);
  for (size_t j = 0; j < last; j++) logp += normal_log_density(b[j], 0, 1, &grad_b[j]);
  return logp;
}

/* Columns 2 to k of X less their means, and ones behind them. */
static double *centred_columns(const json_t *x, size_t rows, size_t k) {
  double *const centred = ALLOCATE(double, rows *k);
  for (size_t j = 1; j < k; j++) {
    double sum = 0;
    for (size_t i = 0; i < rows; i++) sum += centred[i * k + j - 1] = read_element(json_array_get(x, i), j);
    for (size_t i = 0; i < rows; i++) centred[i * k + j - 1] -= sum / (double)rows;
  }
  for (size_t i = 0; i < rows; i++) centred[i * k + k - 1] = 1;
  return centred;
}

static void *diamonds_open(const json_t *data, const char *option) {
  size_t rows;
  double *const y = data_numbers(data, "Y", &rows);
  const size_t k = (size_t)data_number(data, "K");
  double *const x = centred_columns(json_object_get(data, "X"), rows, k);
  (void)option;
  linear *const l = reduce(rows, k, x, y);
  l->prior = diamonds_prior;
  free(x);
  free(y);
  return l;
}

static const char *const diamonds_names[] = {"b[1]",  "b[2]",  "b[3]",  "b[4]",  "b[5]",  "b[6]",  "b[7]",      "b[8]",  "b[9]",
                                             "b[10]", "b[11]", "b[12]", "b[13]", "b[14]", "b[15]", "b[16]",     "b[17]", "b[18]",
                                             "b[19]", "b[20]", "b[21]", "b[22]", "b[23]", "b[24]", "Intercept", "sigma"};
const model linear_diamonds = {"diamonds", "diamonds",    26,           26,          diamonds_names,
                               NULL,       diamonds_open, linear_close, linear_logp, linear_constrain};

/* ---- kidscore_interaction: a test's score on the mother's school, her IQ and both ---- */

static double kidscore_prior(const linear *l, const double *b, double sigma, double *grad_b, double *grad_sigma) {
  (void)l, (void)b, (void)grad_b;
  return cauchy_log_density(sigma, 2.5, grad_sigma);
}

static void *kidscore_open(const json_t *data, const char *option) {
  size_t rows;
  double *const y = data_numbers(data, "kid_score", &rows), *const school = data_numbers(data, "mom_hs", &rows),
                *const iq = data_numbers(data, "mom_iq", &rows), *const x = ALLOCATE(double, 4 * rows);
  (void)option;
  for (size_t i = 0; i < rows; i++) {
    const double row[4] = {1, school[i], iq[i], school[i] * iq[i]};
    memcpy(x + 4 * i, row, sizeof row);
  }
  linear *const l = reduce(rows, 4, x, y);
  l->prior = kidscore_prior;
  free(x);
  free(iq);
  free(school);
  free(y);
  return l;
}

static const char *const kidscore_names[] = {"beta[1]", "beta[2]", "beta[3]", "beta[4]", "sigma"};
const model linear_kidscore = {
    "kidscore_interaction", "kidscore_interaction", 5, 5, kidscore_names, NULL, kidscore_open, linear_close, linear_logp, linear_constrain};
