/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs on moved densities; see equivariance.h. */
#include "equivariance.h"

#include <check.h>
#include <math.h>
#include <string.h>

const blobs three_blobs = {
    .dim = 3,
    .parts = 3,
    .log_z = 0.5,
    .weight = {0.5, 0.3, 0.2},
    .mean = {{-6, 1, 3}, {5, -4, 0}, {2, 7, -5}},
    .sd = {{1, 0.5, 2}, {0.8, 1.5, 1}, {0.6, 0.7, 0.5}},
};
const blobs one_blob = {.dim = 1, .parts = 1, .log_z = 0.5, .weight = {1}, .mean = {{0.7}}, .sd = {{1.3}}};
const blobs two_blobs = {.dim = 1, .parts = 2, .log_z = 0.5, .weight = {0.7, 0.3}, .mean = {{-4}, {5}}, .sd = {{1}, {0.4}}};

/* ---- The density ---- */

static double part_term(const blobs *b, size_t k, const double *x) {
  double term = log(b->weight[k]);
  for (size_t j = 0; j < b->dim; j++) {
    const double z = (x[j] - b->mean[k][j]) / b->sd[k][j];
    term -= 0.5 * (z * z + log(2 * acos(-1))) + log(b->sd[k][j]);
  }
  return term;
}

static int blobs_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const blobs *const b = params;
  double term[EQUIVARIANCE_PARTS], largest = -INFINITY, sum = 0;
  for (size_t k = 0; k < b->parts; k++) largest = fmax(largest, term[k] = part_term(b, k, x));
  for (size_t k = 0; k < b->parts; k++) sum += term[k] = largest > -INFINITY ? exp(term[k] - largest) : 1;
  *logp = b->log_z + largest + log(sum);
  for (size_t j = 0; grad != NULL && j < dim; j++) {
    grad[j] = 0;
    for (size_t k = 0; k < b->parts; k++) grad[j] += term[k] / sum * (b->mean[k][j] - x[j]) / (b->sd[k][j] * b->sd[k][j]);
  }
  return 0;
}

dilate_target blobs_target(const blobs *b) {
  dilate_target target;
  dilate_target_init(&target);
  target.dim = b->dim;
  target.logp = blobs_logp;
  target.params = (void *)b; /* read only */
  return target;
}

size_t blobs_nearest(const blobs *b, const double *x) {
  size_t nearest = 0;
  double least = INFINITY;
  for (size_t k = 0; k < b->parts; k++) {
    double square = 0;
    for (size_t j = 0; j < b->dim; j++) square += (x[j] - b->mean[k][j]) * (x[j] - b->mean[k][j]) / (b->sd[k][j] * b->sd[k][j]);
    if (square < least) least = square, nearest = k;
  }
  return nearest;
}

/* ---- Moving it ---- */

moved moved_by(const dilate_target *base, double scale, double shift) {
  moved m = {.base = base, .log_jacobian = (double)base->dim * log(scale)};
  ck_assert_uint_le(base->dim, EQUIVARIANCE_DIM);
  for (size_t j = 0; j < base->dim; j++) {
    m.matrix[j][j] = scale;
    m.inverse[j][j] = m.pull[j][j] = 1 / scale;
    m.shift[j] = shift;
  }
  return m;
}

moved moved_by_rotation(const dilate_target *base, double angle) {
  moved m = moved_by(base, 1, 0);
  const double c = cos(angle), s = sin(angle);
  for (size_t plane = 0; plane + 1 < base->dim; plane++)
    for (size_t j = 0; j < base->dim; j++) {
      const double a = m.matrix[plane][j], b = m.matrix[plane + 1][j];
      m.matrix[plane][j] = c * a - s * b;
      m.matrix[plane + 1][j] = s * a + c * b;
    }
  for (size_t i = 0; i < base->dim; i++)
    for (size_t j = 0; j < base->dim; j++) m.inverse[i][j] = m.pull[i][j] = m.matrix[j][i];
  return m;
}

moved moved_by_permutation(const dilate_target *base) {
  moved m = {.base = base};
  for (size_t j = 0; j < base->dim; j++) {
    const size_t to = (j + 1) % base->dim;
    m.matrix[to][j] = m.inverse[j][to] = m.pull[j][to] = 1;
  }
  return m;
}

void moved_back(const moved *m, const double *y, double *x) {
  for (size_t i = 0; i < m->base->dim; i++) {
    x[i] = 0;
    for (size_t j = 0; j < m->base->dim; j++) x[i] += m->inverse[i][j] * (y[j] - m->shift[j]);
  }
}

static int moved_logp(size_t dim, const double *y, double *logp, double *grad, void *params) {
  const moved *const m = params;
  double x[EQUIVARIANCE_DIM], grad_x[EQUIVARIANCE_DIM];
  moved_back(m, y, x);
  const int status = m->base->logp(dim, x, logp, grad != NULL ? grad_x : NULL, m->base->params);
  *logp += m->constant - m->log_jacobian;
  for (size_t j = 0; grad != NULL && j < dim; j++) {
    grad[j] = 0;
    for (size_t i = 0; i < dim; i++) grad[j] += m->pull[i][j] * grad_x[i];
  }
  return status;
}

dilate_target moved_target(moved *m) {
  dilate_target target;
  dilate_target_init(&target);
  target.dim = m->base->dim;
  target.logp = moved_logp;
  target.params = m;
  return target;
}

/* ---- Answers ---- */

static void add(estimate *e, double value, double error) {
  e->value += value;
  e->error += error * error;
}

static void add_weights(const blobs *b, const moved *m, const dilate_result *result, answers *a) {
  size_t listed[EQUIVARIANCE_PARTS] = {0};
  for (size_t i = 0; i < dilate_result_mode_count(result); i++) {
    dilate_mode mode = {.struct_size = sizeof mode};
    double x[EQUIVARIANCE_DIM];
    ck_assert_int_eq(dilate_result_mode_info(result, i, &mode), DILATE_OK);
    moved_back(m, mode.mean, x);
    const size_t k = blobs_nearest(b, x);
    listed[k]++;
    add(&a->weight[k], mode.weight, mode.weight_se);
  }
  int found = 1;
  for (size_t k = 0; k < b->parts; k++) found = found && listed[k] == 1;
  a->unfit += !found;
}

/* A bound on the error of a mean taken back: the coordinates' errors may go together. */
static void add_means(const blobs *b, const moved *m, const dilate_result *result, answers *a) {
  double y[EQUIVARIANCE_DIM], mcse[EQUIVARIANCE_DIM], x[EQUIVARIANCE_DIM];
  for (size_t j = 0; j < b->dim; j++) {
    dilate_parameter parameter = {.struct_size = sizeof parameter};
    ck_assert_int_eq(dilate_result_parameter(result, j, &parameter), DILATE_OK);
    y[j] = parameter.mean;
    mcse[j] = parameter.mcse;
  }
  moved_back(m, y, x);
  for (size_t i = 0; i < b->dim; i++) {
    double error = 0;
    for (size_t j = 0; j < b->dim; j++) error += fabs(m->inverse[i][j]) * mcse[j];
    add(&a->mean[i], x[i], error);
  }
}

static void average(estimate *e, unsigned n) {
  e->value /= n;
  e->error = sqrt(e->error) / n;
}

answers answers_of(const blobs *b, moved *m, unsigned first, unsigned seeds) {
  const dilate_target target = moved_target(m);
  answers a = {.dim = b->dim, .parts = b->parts};
  dilate_options options;
  dilate_options_init(&options);
  options.draws = 256;
  for (unsigned s = 0; s < seeds; s++) {
    dilate_result *result = NULL;
    dilate_error err;
    double log_z, se;
    dilate_error_init(&err);
    options.seed = first + s;
    ck_assert_msg(dilate_sample(&target, &options, &result, &err) == DILATE_OK, "%s", err.message);
    ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, NULL), DILATE_OK);
    add(&a.log_z, log_z - m->constant, se);
    add_weights(b, m, result, &a);
    add_means(b, m, result, &a);
    dilate_result_free(result);
  }
  average(&a.log_z, seeds);
  for (size_t k = 0; k < b->parts; k++) average(&a.weight[k], seeds);
  for (size_t j = 0; j < b->dim; j++) average(&a.mean[j], seeds);
  return a;
}

static double apart(estimate a, estimate b) {
  return a.value == b.value ? 0 : fabs(a.value - b.value) / hypot(a.error, b.error);
}

double answers_distance(const answers *a, const answers *b) {
  if (a->unfit > 0 || b->unfit > 0) return INFINITY;
  double worst = apart(a->log_z, b->log_z);
  for (size_t k = 0; k < a->parts; k++) worst = fmax(worst, apart(a->weight[k], b->weight[k]));
  for (size_t j = 0; j < a->dim; j++) worst = fmax(worst, apart(a->mean[j], b->mean[j]));
  return worst;
}
