/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Densities whose integral over the natural values that are free to move is 1: see model_cases.h. */
#include "model_cases.h"

#include <check.h>
#include <math.h>
#include <string.h>

#define LOG_2PI 1.8378770664093454836
#define LOG_2   0.69314718055994530942

/* ---- Pieces ---- */

static double normal(double x, double *slope) {
  if (slope) *slope = -x;
  return -0.5 * (x * x + LOG_2PI);
}

/* Gamma(shape, 1); the slope is by y. */
static double gamma_density(double shape, double y, double *slope) {
  if (slope) *slope = (shape - 1) / y - 1;
  return (shape - 1) * log(y) - y - lgamma(shape);
}

/* The root of a chi-squared number of so many degrees of freedom. */
static double chi(double df, double y, double *slope) {
  if (slope) *slope = (df - 1) / y - y;
  return (1 - 0.5 * df) * LOG_2 - lgamma(0.5 * df) + (df - 1) * log(y) - 0.5 * y * y;
}

static double dirichlet(const double *shape, size_t size, size_t stride, const double *x, double *slope) {
  double sum = 0, logp = 0;
  for (size_t k = 0; k < size; k++) {
    sum += shape[k];
    logp += (shape[k] - 1) * log(x[k * stride]) - lgamma(shape[k]);
    if (slope) slope[k * stride] = (shape[k] - 1) / x[k * stride];
  }
  return logp + lgamma(sum);
}

/* log of the integral of |R|^(eta - 1) over the correlation matrices of so many rows (Lewandowski, Kurowicka & Joe 2009). */
static double lkj_constant(size_t rows, double eta) {
  double sum = 0;
  for (size_t k = 1; k < rows; k++) {
    const double m = (double)(rows - k), shape = eta + 0.5 * (m - 1);
    sum += m * ((2 * eta - 2 + m) * LOG_2 + 2 * lgamma(shape) - lgamma(2 * shape));
  }
  return sum;
}

/* ---- One constraint each ---- */

static int free_normal(size_t n, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  *logp = 0;
  for (size_t i = 0; i < n; i++) *logp += normal(x[i] - 1, grad ? &grad[i] : NULL);
  return 0;
}

static int lower_gamma(size_t n, const double *x, double *logp, double *grad, void *params) {
  (void)n, (void)params;
  *logp = gamma_density(3, x[0] + 1, grad);
  return 0;
}

static int upper_gamma(size_t n, const double *x, double *logp, double *grad, void *params) {
  (void)n, (void)params;
  *logp = gamma_density(3, 2 - x[0], grad);
  if (grad) grad[0] = -grad[0];
  return 0;
}

/* Beta(2, 3) from -1 to 3. */
static int interval_beta(size_t n, const double *x, double *logp, double *grad, void *params) {
  (void)n, (void)params;
  *logp = log(12. / 256) + log(x[0] + 1) + 2 * log(3 - x[0]);
  if (grad) grad[0] = 1 / (x[0] + 1) - 2 / (3 - x[0]);
  return 0;
}

/* The first value, whose density and slope are given, and Gamma(3, 1) gaps. */
static double gaps(size_t n, const double *x, double *grad) {
  double logp = 0, slope;
  for (size_t i = 1; i < n; i++) {
    logp += gamma_density(3, x[i] - x[i - 1], &slope);
    if (grad) grad[i - 1] -= slope;
    if (grad) grad[i] = slope;
  }
  return logp;
}

static int ordered_gaps(size_t n, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  *logp = normal(x[0], grad);
  *logp += gaps(n, x, grad);
  return 0;
}

static int positive_gaps(size_t n, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  *logp = gamma_density(3, x[0], grad);
  *logp += gaps(n, x, grad);
  return 0;
}

static const double simplex_shape[3] = {2, 3, 4};

static int simplex_dirichlet(size_t n, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  *logp = dirichlet(simplex_shape, n, 1, x, grad);
  return 0;
}

/* von Mises and Fisher's law on the sphere, of concentration 2. */
static int sphere(size_t n, const double *x, double *logp, double *grad, void *params) {
  const double towards[3] = {1.2, 0, 1.6};
  (void)params;
  *logp = log(2 / (4 * acos(-1) * sinh(2.)));
  for (size_t i = 0; i < n; i++) *logp += towards[i] * x[i];
  for (size_t i = 0; grad && i < n; i++) grad[i] = towards[i];
  return 0;
}

/* Bartlett's decomposition of a Wishart law of 5 degrees of freedom; values above the diagonal get no derivative. */
static int bartlett(size_t n, const double *x, double *logp, double *grad, void *params) {
  (void)n, (void)params;
  *logp = chi(5, x[0], grad) + normal(x[1], grad ? grad + 1 : NULL) + chi(4, x[3], grad ? grad + 3 : NULL);
  return 0;
}

/* Wishart's law itself, of two rows. */
static int wishart(size_t n, const double *x, double *logp, double *grad, void *params) {
  const double det = x[0] * x[3] - x[1] * x[2];
  (void)n, (void)params;
  if (!(det > 0)) return 1;
  *logp = log(det) - 0.5 * (x[0] + x[3]) - 5 * LOG_2 - 0.5 * log(acos(-1)) - lgamma(2.5) - lgamma(2);
  if (!grad) return 0;
  grad[0] = x[3] / det - 0.5, grad[3] = x[0] / det - 0.5;
  grad[1] = -x[2] / det, grad[2] = -x[1] / det;
  return 0;
}

/* The law |R|^(eta - 1) by its factor, eta = 2 and three rows: L_22^3 L_33^2. */
static int lkj_factor(size_t n, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  *logp = 3 * log(x[4]) + 2 * log(x[8]) - lkj_constant(3, 2);
  for (size_t i = 0; grad && i < n; i++) grad[i] = 0;
  if (grad) grad[4] = 3 / x[4], grad[8] = 2 / x[8];
  return 0;
}

/* The same by the matrix, in the elements below the diagonal only. */
static int lkj(size_t n, const double *x, double *logp, double *grad, void *params) {
  const double a = x[1], b = x[2], c = x[5], square = (1 - a * a) * (1 - b * b), partial = (c - a * b) / sqrt(square);
  const double det = square * (1 - partial * partial); /* not a difference of numbers of size 1 */
  (void)params;
  if (!(det > 0)) return 1;
  *logp = log(det) - lkj_constant(3, 2);
  for (size_t i = 0; grad && i < n; i++) grad[i] = 0;
  if (grad) grad[1] = 2 * (b * c - a) / det, grad[2] = 2 * (a * c - b) / det, grad[5] = 2 * (a * b - c) / det;
  return 0;
}

#define DECLARE(kind, low, high, ...)                                                                                                      \
  { .struct_size = sizeof(dilate_declaration), .name = "theta", .constraint = kind, .lower = low, .upper = high, __VA_ARGS__ }

const model_case model_cases[] = {
    {DECLARE(DILATE_UNCONSTRAINED, 0, 0, .rank = 2, .shape = {2, 1}), free_normal, 1, 1},
    {DECLARE(DILATE_LOWER, -1, 0, .rank = 0), lower_gamma, 0, 2},
    {DECLARE(DILATE_UPPER, 0, 2, .rank = 0), upper_gamma, 0, -1},
    {DECLARE(DILATE_INTERVAL, -1, 3, .rank = 1, .shape = {1}), interval_beta, 0, 0.6},
    {DECLARE(DILATE_ORDERED, 0, 0, .rank = 1, .shape = {3}), ordered_gaps, 2, 6},
    {DECLARE(DILATE_POSITIVE_ORDERED, 0, 0, .rank = 1, .shape = {3}), positive_gaps, 2, 9},
    {DECLARE(DILATE_SIMPLEX, 0, 0, .rank = 1, .shape = {3}), simplex_dirichlet, 2, 4. / 9},
    {DECLARE(DILATE_UNIT_VECTOR, 0, 0, .rank = 1, .shape = {3}), sphere, 2, 0.42985177658203855},             /* 0.8 (coth 2 - 1/2) */
    {DECLARE(DILATE_CHOLESKY_COVARIANCE, 0, 0, .rank = 2, .shape = {2, 2}), bartlett, 3, 1.8799712059732503}, /* 3/4 sqrt(2 pi) */
    {DECLARE(DILATE_COVARIANCE, 0, 0, .rank = 2, .shape = {2, 2}), wishart, 3, 5},
    {DECLARE(DILATE_CHOLESKY_CORRELATION, 0, 0, .rank = 2, .shape = {3, 3}), lkj_factor, 4, 0.9054147873672269}, /* 128 / (45 pi) */
    {DECLARE(DILATE_CORRELATION, 0, 0, .rank = 2, .shape = {3, 3}), lkj, 1, 0},
};
const int model_case_count = (int)(sizeof model_cases / sizeof *model_cases);

/* ---- Several at once ---- */

const char *const several_names[SEVERAL_VALUES + SEVERAL_DERIVED] = {"alpha",      "sigma[1]",   "sigma[2]",   "theta[1,1]", "theta[2,1]",
                                                                     "theta[1,2]", "theta[2,2]", "theta[1,3]", "theta[2,3]", "R[1,1]",
                                                                     "R[2,1]",     "R[1,2]",     "R[2,2]",     "product",    "share"};

static int several(size_t n, const double *x, double *logp, double *grad, void *params) {
  const double other_shape[3] = {5, 2, 2};
  (void)params;
  for (size_t i = 0; grad && i < n; i++) grad[i] = 0;
  *logp = normal(x[0], grad);
  for (size_t i = 1; i < 3; i++) *logp += gamma_density(2 + (double)i, x[i], grad ? grad + i : NULL);
  *logp += dirichlet(simplex_shape, 3, 2, x + 3, grad ? grad + 3 : NULL);
  *logp += dirichlet(other_shape, 3, 2, x + 4, grad ? grad + 4 : NULL);
  *logp += log(0.75 * (1 - x[10] * x[10])); /* eta = 2 */
  if (grad) grad[10] = -2 * x[10] / (1 - x[10] * x[10]);
  return 0;
}

static int derive(size_t n, const double *x, double *out, void *params) {
  (void)n, (void)params;
  out[0] = x[1] * x[2];
  out[1] = x[3] / (x[3] + x[5]);
  return 0;
}

static const dilate_declaration several_declarations[] = {
    {.struct_size = sizeof(dilate_declaration), .name = "alpha"},
    {.struct_size = sizeof(dilate_declaration), .name = "sigma", .constraint = DILATE_POSITIVE, .rank = 1, .shape = {2}},
    {.struct_size = sizeof(dilate_declaration), .name = "theta", .constraint = DILATE_SIMPLEX, .rank = 2, .shape = {2, 3}},
    {.struct_size = sizeof(dilate_declaration), .name = "R", .constraint = DILATE_CORRELATION, .rank = 2, .shape = {2, 2}},
};

/* ---- Models of them ---- */

/* A batch callback made of the point callback that params points to. */
static int by_points(size_t n, size_t points, size_t ld, const double *x, double *logp, double *grad, void *params) {
  const dilate_logp_fn *of = params;
  double value[MODEL_VALUES_MAX], slope[MODEL_VALUES_MAX];
  for (size_t i = 0; i < points; i++) {
    for (size_t j = 0; j < n; j++) value[j] = x[j * ld + i], slope[j] = (double)NAN;
    if ((*of)(n, value, &logp[i], grad ? slope : NULL, NULL)) logp[i] = -INFINITY;
    for (size_t j = 0; grad && j < n; j++) grad[j * ld + i] = slope[j];
  }
  return 0;
}

/* In the place `slot` of its own, where a batch callback finds the density. */
static dilate_model *make(dilate_target *natural, int slot, int batch, dilate_logp_fn logp, const dilate_declaration *declarations,
                          size_t count) {
  static dilate_logp_fn kept[32];
  dilate_error err;
  dilate_model *model = NULL;
  dilate_error_init(&err);
  kept[slot] = logp;
  natural->params = &kept[slot];
  natural->batch = batch ? by_points : NULL;
  natural->logp = batch ? NULL : logp;
  const int status = dilate_model_create(natural, declarations, count, &model, &err);
  ck_assert_msg(status == DILATE_OK, "%s", err.message);
  return model;
}

dilate_model *make_case(int i, int batch, unsigned flags) {
  dilate_target natural;
  dilate_target_init(&natural);
  natural.flags = flags;
  return make(&natural, i, batch, model_cases[i].logp, &model_cases[i].declaration, 1);
}

dilate_model *make_several(int batch) {
  dilate_target natural;
  dilate_target_init(&natural);
  natural.dim = SEVERAL_VALUES;
  natural.n_out = SEVERAL_DERIVED;
  natural.names = several_names + SEVERAL_VALUES;
  natural.constrain = derive;
  return make(&natural, model_case_count, batch, several, several_declarations, 4);
}
