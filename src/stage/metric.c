/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metric learnt from step pairs: see metric.h. */
#include "stage/metric.h"

#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"

#define FORGETTING       0.85 /* a step */
#define ACCEPTANCE_FLOOR 0.2
#define PAIRS_MIN        10.0
#define TINY             1e-300

int metric_create(size_t dim, metric *m) {
  memset(m, 0, sizeof *m);
  m->dim = dim;
  m->s = NEW2(double, dim, dim);
  m->c = NEW2(double, dim, dim);
  m->c_inverse = NEW2(double, dim, dim);
  m->move_sum = NEW2(double, dim, dim);
  m->grad_sum = NEW2(double, dim, dim);
  m->trial = NEW2(double, 2 * dim, dim);
  m->work = NEW(double, geometric_mean_work(dim));
  if (!m->s || !m->c || !m->c_inverse || !m->move_sum || !m->grad_sum || !m->trial || !m->work) {
    metric_clear(m);
    return 1;
  }
  for (size_t j = 0; j < dim; j++) m->s[j * dim + j] = m->c[j * dim + j] = m->c_inverse[j * dim + j] = 1;
  return 0;
}

void metric_end(metric *m) {
  memory_free(m->move_sum);
  memory_free(m->grad_sum);
  memory_free(m->trial);
  memory_free(m->work);
  m->move_sum = m->grad_sum = m->trial = m->work = NULL;
}

void metric_clear(metric *m) {
  metric_end(m);
  memory_free(m->s);
  memory_free(m->c);
  memory_free(m->c_inverse);
  memset(m, 0, sizeof *m);
}

void metric_forget(metric *m) {
  memset(m->move_sum, 0, m->dim * m->dim * sizeof *m->move_sum);
  memset(m->grad_sum, 0, m->dim * m->dim * sizeof *m->grad_sum);
  m->pairs = 0;
}

int metric_set_factor(metric *m, const double *a) {
  size_t d = m->dim;
  for (size_t j = 0; j < d; j++)
    if (!(a[j * d + j] > 0) || !isfinite(a[j * d + j])) return 1;
  memmove(m->c, a, d * d * sizeof *a);
  lower_inverse(d, m->c, m->c_inverse);
  memset(m->s, 0, d * d * sizeof *m->s);
  add_product_transposed(d, d, d, m->c, m->c, m->s, geometric_mean_work(d), m->work);
  return 0;
}

/* Columns of pair->x and pair->grad: dx and dg of the pairs that count, each divided by |dx|_S.  Returns how many. */
static size_t collect_pairs(const metric *m, const particles *from, const particles *to, const double *acceptance, double floor,
                            particles *pair) {
  size_t d = m->dim, count = 0;
  for (size_t i = 0; i < from->n; i++) {
    if (!(acceptance[i] > ACCEPTANCE_FLOOR && from->logp[i] > floor && isfinite(from->logp[i]) && isfinite(to->logp[i]))) continue;
    for (size_t j = 0; j < d; j++) {
      pair->x[j * pair->ld + count] = to->x[j * to->ld + i] - from->x[j * from->ld + i];
      pair->grad[j * pair->ld + count] = to->grad[j * to->ld + i] - from->grad[j * from->ld + i];
    }
    double norm = 0;
    for (size_t j = 0; j < d; j++) {
      double u = 0;
      for (size_t k = 0; k <= j; k++) u += m->c_inverse[j * d + k] * pair->x[k * pair->ld + count];
      norm += u * u;
    }
    double scale = 1 / sqrt(norm + TINY);
    for (size_t j = 0; j < d; j++) {
      pair->x[j * pair->ld + count] *= scale;
      pair->grad[j * pair->ld + count] *= scale;
    }
    count++;
  }
  return count;
}

/* sum <- FORGETTING sum + u u' of the first columns of u. */
static void add_pairs(metric *m, size_t count, size_t ld, const double *u, double *sum) {
  const size_t square = m->dim * m->dim;
  double *fresh = m->trial;
  memset(fresh, 0, square * sizeof *fresh);
  add_product_transposed(m->dim, count, ld, u, u, fresh, geometric_mean_work(m->dim), m->work);
  for (size_t j = 0; j < square; j++) sum[j] = FORGETTING * sum[j] + fresh[j];
}

void metric_observe(metric *m, const particles *from, const particles *to, const double *acceptance, double floor, particles *pair) {
  const size_t count = collect_pairs(m, from, to, acceptance, floor, pair);
  if (count == 0) return;
  m->pairs = m->pairs * FORGETTING + (double)count;
  add_pairs(m, count, pair->ld, pair->x, m->move_sum);
  add_pairs(m, count, pair->ld, pair->grad, m->grad_sum);
}

double metric_update(metric *m) {
  size_t d = m->dim;
  double dim = (double)d, *s = m->trial, *c = m->trial + d * d;
  if (m->pairs < fmax(PAIRS_MIN, 0.5 * dim)) return 1;
  memset(s, 0, d * d * sizeof *s);
  if (m->pairs > 2 * dim) {
    if (geometric_mean(d, m->move_sum, m->grad_sum, s, m->work)) return 1;
  } else {
    for (size_t j = 0; j < d; j++) s[j * d + j] = sqrt((m->move_sum[j * d + j] + TINY) / (m->grad_sum[j * d + j] + TINY));
  }
  memcpy(c, s, d * d * sizeof *s);
  if (cholesky(d, c)) return 1;
  double growth = exp(2 * (lower_log_det(d, c) - lower_log_det(d, m->c)) / dim);
  if (!isfinite(growth) || !(growth > 0) || metric_set_factor(m, c)) return 1;
  return growth;
}
