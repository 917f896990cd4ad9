/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory and densities of tempered particles: see tempered.h. */
#include "kernel/tempered.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/memory.h"

int tempered_create(const mixture *q, size_t n, int moving, tempered *t) {
  memset(t, 0, sizeof *t);
  t->components = q->components;
  int failed = particles_create(q->dim, n, &t->pi);
  t->logq = NEW(double, t->pi.ld);
  if (moving) t->gradq = NEW2(double, q->dim, t->pi.ld);
  if (moving) t->share = NEW2(double, q->components, t->pi.ld);
  if (!failed && t->logq && (!moving || (t->gradq && t->share))) return 0;
  tempered_clear(t);
  return 1;
}

void tempered_clear(tempered *t) {
  particles_clear(&t->pi);
  memory_free(t->logq);
  memory_free(t->gradq);
  memory_free(t->share);
  memset(t, 0, sizeof *t);
}

void tempered_copy(tempered *dst, size_t to, const tempered *src, size_t from) {
  particles_copy(&dst->pi, to, &src->pi, from);
  dst->logq[to] = src->logq[from];
  if (!dst->share || !src->share) return;
  for (size_t j = 0; j < dst->pi.dim; j++) dst->gradq[j * dst->pi.ld + to] = src->gradq[j * src->pi.ld + from];
  for (size_t k = 0; k < dst->components; k++) dst->share[k * dst->pi.ld + to] = src->share[k * src->pi.ld + from];
}

double tempered_log_ratio(const tempered *t, size_t i) {
  return t->pi.logp[i] == -INFINITY ? -INFINITY : t->pi.logp[i] - t->logq[i];
}

/* n values of each row, one row after the other. */
static void copy_rows(size_t rows, size_t n, double *into, size_t into_ld, const double *from, size_t from_ld) {
  for (size_t j = 0; j < rows; j++) memcpy(into + j * into_ld, from + j * from_ld, n * sizeof *into);
}

void tempered_copy_run(tempered *dst, size_t to, const tempered *src, size_t from, size_t n) {
  const size_t d = dst->pi.dim, ld = dst->pi.ld, from_ld = src->pi.ld;
  copy_rows(d, n, dst->pi.x + to, ld, src->pi.x + from, from_ld);
  copy_rows(d, n, dst->pi.grad + to, ld, src->pi.grad + from, from_ld);
  copy_rows(1, n, dst->pi.logp + to, ld, src->pi.logp + from, from_ld);
  copy_rows(1, n, dst->logq + to, ld, src->logq + from, from_ld);
}

double tempered_density(double beta, double logp, double logq) {
  if (logp == -INFINITY) return -INFINITY;
  if (beta >= 1) return logp;
  if (beta <= 0) return logq;
  return beta * logp + (1 - beta) * logq;
}

int tempered_kernel_create(target *t, const mixture *q, tempered_kernel *k) {
  size_t threads = target_threads(t), tile = PARTICLE_TILE, rows = 6 * q->dim + q->components + 8;
  memset(k, 0, sizeof *k);
  k->target = t;
  k->q = q;
  k->scratch_thread = memory_whole_lines(rows * tile + mixture_work(q, tile));
  k->scratch = NEW2(double, threads, k->scratch_thread);
  k->choice = NEW2(size_t, threads, 4 * tile);
  k->id = NEW2(uint32_t, threads, tile);
  if (k->scratch && k->choice && k->id) return 0;
  tempered_kernel_clear(k);
  return 1;
}

void tempered_kernel_clear(tempered_kernel *k) {
  memory_free(k->scratch);
  memory_free(k->choice);
  memory_free(k->id);
  memset(k, 0, sizeof *k);
}

double *tempered_scratch(const tempered_kernel *k) {
  return k->scratch + (size_t)omp_get_thread_num() * k->scratch_thread;
}

size_t tempered_component(const tempered *chains, size_t i, double u) {
  double sum = 0;
  size_t last = 0;
  for (size_t k = 0; k < chains->components; k++) {
    double share = chains->share[k * chains->pi.ld + i];
    if (!(share > 0)) continue;
    last = k;
    sum += share;
    if (u < sum) return k;
  }
  return last;
}

void tempered_share(const shared_loop *s, const tempered *chains, double *acceptance, size_t *component) {
  const particles *p = &chains->pi;
  SHARE_END(s, SHARE_POINTS(p), SHARE_VALUES(p), SHARE_ROW(chains->logq), SHARE_ROWS(chains->gradq, p->dim, p->ld),
            SHARE_ROWS(chains->share, chains->components, p->ld), SHARE_ROW(acceptance), SHARE_ROW(component));
}
