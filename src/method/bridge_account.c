/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Variances of means over the islands of final bridges: see bridge_account.h. */
#include "method/bridge_account.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/memory.h"

int bridge_account_create(bridge_group *const *list, size_t count, const dilate_result *draws, size_t threads, bridge_account *out) {
  size_t chains = 1, work = 1;
  for (size_t g = 0; g < count; g++) {
    const evidence *e = &list[g]->bridge->evidence;
    chains = e->last.chains > chains ? e->last.chains : chains;
    work = evidence_work(e) > work ? evidence_work(e) : work;
  }
  const size_t stride = memory_whole_lines(2 * chains + work);
  *out = (bridge_account){.list = list, .draws = draws->draws, .chain = draws->chain, .stride = stride};
  out->threads = threads;
  out->sum = NEW2(double, out->threads, stride);
  if (!out->sum) return 1;
  out->count = out->sum + chains;
  out->work = out->count + chains;
  return 0;
}

void bridge_account_clear(bridge_account *a) {
  memory_free(a->sum);
  memset(a, 0, sizeof *a);
}

/* Means over the draws of each of the island's chains into a->sum.  A chain that gave no draw takes after the one before it, or the first
 * that did: its neighbours in the order of resampling. */
static void chain_means(const bridge_account *a, const evidence_record *last, size_t island, const size_t *chain, const double *x) {
  for (size_t m = 0; m < last->chains; m++) a->sum[m] = a->count[m] = 0;
  for (size_t i = 0; i < a->draws; i++) {
    a->sum[chain[i]] += x[i];
    a->count[chain[i]] += 1;
  }
  double before = NAN;
  for (size_t m = 0; m < last->chains && isnan(before); m++)
    if (last->island[m] == island && a->count[m] > 0) before = a->sum[m] / a->count[m];
  for (size_t m = 0; m < last->chains; m++) {
    if (last->island[m] != island) continue;
    before = a->sum[m] = a->count[m] > 0 ? a->sum[m] / a->count[m] : before;
  }
}

/* The account with the calling thread's part of the scratch. */
static bridge_account of_thread(const bridge_account *all) {
  bridge_account own = *all;
  const size_t before = all->stride * ((size_t)omp_get_thread_num() % all->threads);
  own.sum += before;
  own.count += before;
  own.work += before;
  return own;
}

/* The mean over islands of equal weight that know nothing of one another. */
static double variance(void *state, size_t n, const double *x) {
  const bridge_account own = of_thread(state), *a = &own;
  double sum = 0, islands = (double)n / (double)a->draws;
  for (size_t first = 0, g = 0, island = 0; first < n; first += a->draws) {
    const bridge *b = a->list[g]->bridge;
    chain_means(a, &b->evidence.last, island, a->chain + first, x + first);
    sum += evidence_mean_variance(&b->evidence, island, a->count, a->sum, a->work);
    if (++island == b->cells) {
      island = 0;
      g++;
    }
  }
  return sum / (islands * islands);
}

summary_account bridge_account_of(bridge_account *a) {
  return (summary_account){variance, a};
}
