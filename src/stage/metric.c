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
  m->whitened = NEW2(double, dim, PARTICLE_TILE);
  m->work = NEW(double, geometric_mean_work(dim));
  if (!m->s || !m->c || !m->c_inverse || !m->move_sum || !m->grad_sum || !m->trial || !m->whitened || !m->work) {
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
  memory_free(m->whitened);
  memory_free(m->work);
  m->move_sum = m->grad_sum = m->trial = m->whitened = m->work = NULL;
}

void metric_clear(metric *m) {
  metric_end(m);
  memory_free(m->s);
  memory_free(m->c);
  memory_free(m->c_inverse);
  memset(m, 0, sizeof *m);
}

void metric_archive(archive *a, metric *m) {
  const size_t square = m->dim * m->dim;
  archive_doubles(a, square, m->s);
  archive_doubles(a, square, m->c);
  archive_doubles(a, square, m->c_inverse);
  if (m->move_sum) archive_doubles(a, square, m->move_sum);
  if (m->grad_sum) archive_doubles(a, square, m->grad_sum);
  archive_double(a, &m->pairs);
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
  symmetric_product(d, d, d, m->c, 0, m->s);
  return 0;
}

/* The particles from `begin` on, at most a tile, whose pairs count. */
static size_t choose_pairs(const particles *from, const particles *to, const double *acceptance, double floor, size_t begin,
                           size_t index[PARTICLE_TILE]) {
  size_t count = 0;
  for (size_t i = begin; i < from->n && i < begin + PARTICLE_TILE; i++)
    if (acceptance[i] > ACCEPTANCE_FLOOR && from->logp[i] > floor && isfinite(from->logp[i]) && isfinite(to->logp[i])) index[count++] = i;
  return count;
}

static void differences(const particles *from, const particles *to, size_t n, const size_t *index, size_t first, particles *pair) {
  for (size_t j = 0; j < from->dim; j++) {
    const double *x = from->x + j * from->ld, *to_x = to->x + j * to->ld, *grad = from->grad + j * from->ld,
                 *to_grad = to->grad + j * to->ld;
    double *dx = pair->x + j * pair->ld + first, *dg = pair->grad + j * pair->ld + first;
    for (size_t i = 0; i < n; i++) {
      dx[i] = to_x[index[i]] - x[index[i]];
      dg[i] = to_grad[index[i]] - grad[index[i]];
    }
  }
}

/* Divides n <= PARTICLE_TILE pairs by |dx|_S. */
static void normalise(const metric *m, size_t n, size_t first, particles *pair) {
  double scale[PARTICLE_TILE] = {0}, *u = m->whitened;
  for (size_t j = 0; j < m->dim; j++) memcpy(u + j * PARTICLE_TILE, pair->x + j * pair->ld + first, n * sizeof *u);
  lower_times(m->dim, m->c_inverse, n, PARTICLE_TILE, u);
  for (size_t j = 0; j < m->dim; j++)
    for (size_t i = 0; i < n; i++) scale[i] += u[j * PARTICLE_TILE + i] * u[j * PARTICLE_TILE + i];
  for (size_t i = 0; i < n; i++) scale[i] = 1 / sqrt(scale[i] + TINY);
  for (size_t j = 0; j < m->dim; j++)
    for (size_t i = 0; i < n; i++) {
      pair->x[j * pair->ld + first + i] *= scale[i];
      pair->grad[j * pair->ld + first + i] *= scale[i];
    }
}

/* Columns of pair->x and pair->grad: dx and dg of the pairs that count, each divided by |dx|_S.  Returns how many. */
static size_t collect_pairs(const metric *m, const particles *from, const particles *to, const double *acceptance, double floor,
                            particles *pair) {
  size_t count = 0;
  for (size_t begin = 0; begin < from->n; begin += PARTICLE_TILE) {
    size_t index[PARTICLE_TILE];
    const size_t n = choose_pairs(from, to, acceptance, floor, begin, index);
    differences(from, to, n, index, count, pair);
    normalise(m, n, count, pair);
    count += n;
  }
  return count;
}

void metric_observe(metric *m, const particles *from, const particles *to, const double *acceptance, double floor, particles *pair) {
  const size_t count = collect_pairs(m, from, to, acceptance, floor, pair);
  if (count == 0) return;
  m->pairs = m->pairs * FORGETTING + (double)count;
  symmetric_product(m->dim, count, pair->ld, pair->x, FORGETTING, m->move_sum);
  symmetric_product(m->dim, count, pair->ld, pair->grad, FORGETTING, m->grad_sum);
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
