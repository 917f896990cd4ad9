/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Screening of places to drop particles at: see screen.h. */
#include "stage/screen.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/clones.h"
#include "base/linalg.h"
#include "base/memory.h"

#define CLUSTERS_MAX 128
#define LOOKS        8 /* at a time; divides EXPLORE_BATCH */
#define ROWS         4 /* of a cluster's factor at a time */

/* What the clusters explain: log-density peak_k - |ci_k (x - mean_k)|^2/2, ci_k the inverse Cholesky factor of the cluster's covariance. */
typedef struct parabolas {
  size_t dim, count;
  double *peak, *mean, *ci; /* count, count x dim, count x dim x dim */
  double *work;             /* 2 dim x dim */
  size_t order[CLUSTERS_MAX];
} parabolas;

static void parabolas_clear(parabolas *m) {
  memory_free(m->peak);
  memory_free(m->mean);
  memory_free(m->ci);
  memory_free(m->work);
}

/* Peak and mean of cluster k; returns how many particles it has. */
static size_t find_peak(const explore *e, size_t k, parabolas *m) {
  size_t n = 0, all = e->batches * EXPLORE_BATCH;
  double *mean = m->mean + m->count * m->dim;
  m->peak[m->count] = -INFINITY;
  memset(mean, 0, m->dim * sizeof *mean);
  for (size_t i = 0; i < all; i++) {
    if (!e->kept[i] || e->label[i] != k) continue;
    n++;
    m->peak[m->count] = fmax(m->peak[m->count], e->ascended.logp[i]);
    for (size_t j = 0; j < m->dim; j++) mean[j] += e->settled.x[j * e->settled.ld + i];
  }
  for (size_t j = 0; j < m->dim; j++) mean[j] /= (double)n;
  return n;
}

/* Covariance of cluster k's n particles, with dim + 2 of the metric's. */
static void find_covariance(const explore *e, size_t k, size_t n, const double *mean, double *c) {
  size_t d = e->dim, all = e->batches * EXPLORE_BATCH, ld = e->settled.ld;
  double prior = (double)d + 2;
  for (size_t j = 0; j < d * d; j++) c[j] = n > d + 2 ? 0 : prior * e->metric.s[j];
  for (size_t i = 0; i < all; i++) {
    if (!e->kept[i] || e->label[i] != k) continue;
    for (size_t a = 0; a < d; a++)
      for (size_t b = 0; b < d; b++) c[a * d + b] += (e->settled.x[a * ld + i] - mean[a]) * (e->settled.x[b * ld + i] - mean[b]);
  }
  for (size_t j = 0; j < d * d; j++) c[j] /= (double)n + (n > d + 2 ? 0 : prior);
}

/* The highest first: what they explain is often enough. */
static void order_by_peak(parabolas *m) {
  for (size_t k = 0; k < m->count; k++) {
    size_t at = k;
    for (; at > 0 && m->peak[m->order[at - 1]] < m->peak[k]; at--) m->order[at] = m->order[at - 1];
    m->order[at] = k;
  }
}

static int parabolas_find(const explore *e, parabolas *m) {
  size_t d = e->dim, most = e->clusters < CLUSTERS_MAX ? e->clusters : CLUSTERS_MAX;
  *m = (parabolas){.dim = d, .peak = NEW(double, most), .mean = NEW2(double, most, d), .ci = NEW2(double, most, d *d)};
  m->work = NEW2(double, 2 * d, d);
  if (!m->peak || !m->mean || !m->ci || !m->work) return 1;
  for (size_t k = 0; k < most; k++) {
    size_t n = find_peak(e, k, m);
    if (n == 0) continue;
    find_covariance(e, k, n, m->mean + m->count * d, m->work);
    if (cholesky(d, m->work)) memcpy(m->work, e->metric.c, d * d * sizeof *m->work);
    lower_inverse(d, m->work, m->ci + m->count * d * d);
    m->count++;
  }
  order_by_peak(m);
  return 0;
}

/* One more row of |ci (x - mean)|^2 of the looks x[j*ld + l]. */
WIDE_LOOPS static void add_row(size_t row, const double *restrict ci, const double *restrict mean, size_t ld, const double *restrict x,
                               double *restrict square) {
  double u[LOOKS] = {0};
  for (size_t j = 0; j <= row; j++)
#pragma omp simd
    for (size_t l = 0; l < LOOKS; l++) u[l] += ci[j] * (x[j * ld + l] - mean[j]);
#pragma omp simd
  for (size_t l = 0; l < LOOKS; l++) square[l] += u[l] * u[l];
}

/* Whether a cluster explains more of any look than is explained already. */
WIDE_LOOPS static int64_t is_more(double peak, const double *restrict square, const double *restrict explained) {
  int64_t more = 0;
#pragma omp simd reduction(| : more)
  for (size_t l = 0; l < LOOKS; l++) more |= peak - 0.5 * square[l] > explained[l];
  return more;
}

/* A number of each look, in registers. */
typedef double numbers __attribute__((vector_size(LOOKS * sizeof(double))));

/* The same of ROWS rows, of which the first is number `row`; beyond its diagonal ci is 0. */
WIDE_LOOPS static void add_rows(size_t row, size_t dim, const double *restrict ci, const double *restrict mean, size_t ld,
                                const double *restrict x, double *restrict square) {
  numbers a = {0}, b = a, c = a, d = a, sum, difference;
  for (size_t j = 0; j < row + ROWS; j++) {
    memcpy(&difference, x + j * ld, sizeof difference);
    difference -= mean[j];
    a += ci[j] * difference;
    b += ci[dim + j] * difference;
    c += ci[2 * dim + j] * difference;
    d += ci[3 * dim + j] * difference;
  }
  memcpy(&sum, square, sizeof sum);
  sum = (((sum + a * a) + b * b) + c * c) + d * d;
  memcpy(square, &sum, sizeof sum);
}

/* Raises `explained` by what cluster k explains, which is given up as soon as it is clear that it raises none. */
static void explain(const parabolas *m, size_t k, size_t ld, const double *x, double *explained) {
  const size_t d = m->dim;
  const double *const ci = m->ci + k * d * d, *const mean = m->mean + k * d;
  double square[LOOKS] = {0};
  int64_t more = 1;
  size_t row = 0;
  for (; row + ROWS <= d && more; row += ROWS) {
    add_rows(row, d, ci + row * d, mean, ld, x, square);
    more = is_more(m->peak[k], square, explained);
  }
  for (; row < d && more; row++) add_row(row, ci + row * d, mean, ld, x, square);
  for (size_t l = 0; l < LOOKS && more; l++) explained[l] = fmax(explained[l], m->peak[k] - 0.5 * square[l]);
}

/* Whether a cluster that explains `peak` at most may change the excess of a look into one above `least`. */
WIDE_LOOPS static int64_t may_matter(double peak, const double *restrict logp, const double *restrict least,
                                     const double *restrict explained) {
  int64_t matters = 0;
#pragma omp simd reduction(| : matters)
  for (size_t l = 0; l < LOOKS; l++) matters |= (logp[l] - explained[l] > least[l]) & (peak > explained[l]);
  return matters;
}

/* By how much the log-densities at LOOKS looks exceed what the clusters explain, or something not above `least` where that is clear. */
static void find_excess(const parabolas *m, size_t ld, const double *x, const double *logp, const double *least, double *excess) {
  double explained[LOOKS];
  for (size_t l = 0; l < LOOKS; l++) explained[l] = -INFINITY;
  for (size_t k = 0; k < m->count && may_matter(m->peak[m->order[k]], logp, least, explained); k++)
    explain(m, m->order[k], ld, x, explained);
  for (size_t l = 0; l < LOOKS; l++) excess[l] = logp[l] - explained[l];
}

/* The looks of one round, one for each screened particle, into the first places of e->proposal, evaluated without gradients. */
static void look(explore *e, stream s, uint32_t round, size_t stride, size_t n) {
  uint32_t id[EXPLORE_BATCH];
  particles *p = &e->proposal;
  for (uint32_t i = 0; i < n; i++) id[i] = i;
  stream_normals(s, 1000 + round, e->dim, n, p->ld, id, p->x);
  lower_times(e->dim, e->factor, n, p->ld, p->x);
  for (size_t j = 0; j < e->dim; j++)
    for (size_t i = 0; i < n; i++) p->x[j * p->ld + i] = e->centre[j] + e->start_factor[i * stride + stride - 1] * p->x[j * p->ld + i];
  particles_evaluate_density(p, n, e->target);
}

/* Takes the looks that exceed what is explained by more than the best so far; best is INFINITY beyond the last look. */
static void take_best(explore *e, const parabolas *modes, size_t stride, size_t n, double *best) {
  const particles *const looks = &e->proposal;
  double excess[LOOKS];
  for (size_t i = 0; i < n; i++) {
    if (i % LOOKS == 0) find_excess(modes, looks->ld, looks->x + i, looks->logp + i, best + i, excess);
    if (!isfinite(looks->logp[i]) || !(excess[i % LOOKS] > best[i])) continue;
    best[i] = excess[i % LOOKS];
    for (size_t j = 0; j < e->dim; j++) e->now.x[j * e->now.ld + i * stride + stride - 1] = looks->x[j * looks->ld + i];
  }
}

int screen_drop(explore *e, stream s, size_t stride) {
  size_t n = e->now.n / stride;
  double best[EXPLORE_BATCH];
  parabolas modes = {0};
  int failed = parabolas_find(e, &modes);
  for (size_t i = 0; i < EXPLORE_BATCH; i++) best[i] = i < n ? -INFINITY : INFINITY;
  for (uint32_t round = 0; !failed && round < SCREEN_LOOKS / n; round++) {
    look(e, s, round, stride, n);
    take_best(e, &modes, stride, n, best);
  }
  parabolas_clear(&modes);
  return failed;
}
