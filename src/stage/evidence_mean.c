/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Variances of means over the draws, EVIDENCE_TOGETHER functions at a time: see evidence.h.  Side by side, what leads from a state to the
 * chains that follow it is looked up once for all of them; each has sums of its own, so that none depends on the others. */
#include "stage/evidence.h"

#include <string.h>

#include "base/clones.h"

enum { WIDE = EVIDENCE_TOGETHER };

/* A run of chains: their number, sums, and sums of squared successive differences. */
typedef struct chain_run {
  double n, sum[WIDE], square[WIDE];
} chain_run;

/* What a run adds to the variance of the sum over chains, each of which stands for `stride`, with the step that leads to it from the run
 * before: it is one chain of all that may lie on either side. */
static void add_run(const chain_run *before, const chain_run *now, double stride, double *total) {
  for (size_t c = 0; c < WIDE; c++) {
    const double within = now->n > 1 ? now->n * now->square[c] / (2 * (now->n - 1)) : 0;
    const double step = before->n > 0 ? now->sum[c] / now->n - before->sum[c] / before->n : 0;
    total[c] += stride * within + step * step / 12;
  }
}

/* Chains m and `last`, the one before it in its run. */
static inline void add_chain(const double *value, size_t m, size_t last, chain_run *now) {
  const double *const here = value + m * WIDE, *const there = now->n > 0 ? value + last * WIDE : here;
#pragma omp simd
  for (size_t c = 0; c < WIDE; c++) {
    const double d = here[c] - there[c];
    now->sum[c] += here[c];
    now->square[c] += d * d;
  }
  now->n++;
}

/* Adds the variances of the means of the island's values, one a chain.  used (NULL: all): those chains alone count that are not 0 there,
 * and then as one run, for they are too few to tell runs apart. */
WIDE_LOOPS static void add_variances(const evidence_record *r, size_t island, const double *value, const double *used, double *variance) {
  chain_run before = {0}, now = {0};
  double total[WIDE] = {0}, n = 0;
  size_t last = 0;
  for (size_t m = 0; m < r->chains; m++) {
    if (r->island[m] != island || (used && !(used[m] > 0))) continue;
    if (!used && now.n > 0 && r->run[m] != r->run[last]) {
      add_run(&before, &now, (double)r->stride, total);
      before = now;
      now = (chain_run){0};
    }
    add_chain(value, m, last, &now);
    last = m;
    n++;
  }
  add_run(&before, &now, (double)r->stride, total);
  n *= (double)r->stride;
  for (size_t c = 0; c < WIDE && n > 0; c++) variance[c] += total[c] / (n * n);
}

/* Subtracts from the island's values what they take of `weight` (NULL: 1 each) to add up to zero. */
WIDE_LOOPS static void centre(const evidence_record *r, size_t island, const double *weight, double *value) {
  double sum[WIDE] = {0}, all = 0;
  for (size_t m = 0; m < r->chains; m++) {
    if (r->island[m] != island) continue;
#pragma omp simd
    for (size_t c = 0; c < WIDE; c++) sum[c] += value[m * WIDE + c];
    all += weight ? weight[m] : 1;
  }
  for (size_t c = 0; c < WIDE && all > 0; c++) sum[c] /= all;
  for (size_t m = 0; m < r->chains && all > 0; m++) {
    if (r->island[m] != island) continue;
    const double part = weight ? weight[m] : 1;
#pragma omp simd
    for (size_t c = 0; c < WIDE; c++) value[m * WIDE + c] -= sum[c] * part;
  }
}

/* Adds w f of a state of weight w, f being the mean over the chains that follow nearest to it. */
static inline void add_future(const evidence_record *r, size_t state, double weight, const double *next, double *sum) {
  const uint32_t *const near = r->near + state * r->nears;
  double future[WIDE] = {0};
  for (size_t k = 0; k < r->nears; k++) {
    const double *const there = next + near[k] * r->near_stride * WIDE;
#pragma omp simd
    for (size_t c = 0; c < WIDE; c++) future[c] += there[c];
  }
#pragma omp simd
  for (size_t c = 0; c < WIDE; c++) sum[c] += weight * (future[c] / (double)r->nears);
}

/* Means over the states of each of the island's chains, of their weights and of w f. */
WIDE_LOOPS static void chain_means(const evidence_record *r, size_t island, const double *next, double *weight, double *mean) {
  for (size_t m = 0; m < r->chains; m++) {
    if (r->island[m] != island) continue;
    double sum[WIDE] = {0}, all = 0;
    for (size_t i = m; i < r->chains * r->states; i += r->chains) {
      if (!(r->weight[i] > 0)) continue;
      all += r->weight[i];
      add_future(r, i, r->weight[i], next, sum);
    }
    weight[m] = all / (double)r->states;
    for (size_t c = 0; c < WIDE; c++) mean[m * WIDE + c] = sum[c] / (double)r->states;
  }
}

size_t evidence_work(const evidence *e) {
  return (1 + 2 * WIDE) * evidence_most_chains(e);
}

/* The draws of each chain, or NULL where every chain of the island has some. */
static const double *if_some_have_none(const evidence_record *r, size_t island, const double *draws) {
  for (size_t m = 0; draws && m < r->chains; m++)
    if (r->island[m] == island && !(draws[m] > 0)) return draws;
  return NULL;
}

void evidence_mean_variances(const evidence *e, size_t island, const double *draws, double *value, double *work, double *variance) {
  const size_t most = evidence_most_chains(e);
  double *const weight = work, *mean = work + most;
  const double *next = value;
  memset(variance, 0, WIDE * sizeof *variance);
  centre(&e->last, island, NULL, value);
  add_variances(&e->last, island, value, if_some_have_none(&e->last, island, draws), variance);
  for (size_t t = e->count; t-- > 0 && e->record[t].near;) {
    const evidence_record *r = &e->record[t];
    chain_means(r, island, next, weight, mean);
    centre(r, island, weight, mean);
    add_variances(r, island, mean, NULL, variance);
    next = mean;
    mean = mean == work + most ? mean + WIDE * most : work + most;
  }
}
