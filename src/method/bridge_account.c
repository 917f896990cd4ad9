/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Variances of means over the islands of final bridges: see bridge_account.h. */
#include "method/bridge_account.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/memory.h"

enum { WIDE = EVIDENCE_TOGETHER };
_Static_assert(SUMMARY_TOGETHER <= EVIDENCE_TOGETHER, "what is asked for together has room");

/* How many draws each chain of each group gave. */
static void count_draws(const bridge_account *a, size_t groups) {
  const size_t *chain = a->chain;
  double *count = a->count;
  for (size_t g = 0; g < groups; g++) {
    const bridge *b = a->list[g]->bridge;
    for (size_t i = 0; i < a->draws * b->cells; i++) count[*chain++] += 1;
    count += b->evidence.last.chains;
  }
}

int bridge_account_create(bridge_group *const *list, size_t count, const dilate_result *draws, size_t threads, bridge_account *out) {
  size_t chains = 1, work = 1, all = 0;
  for (size_t g = 0; g < count; g++) {
    const evidence *e = &list[g]->bridge->evidence;
    all += e->last.chains;
    chains = e->last.chains > chains ? e->last.chains : chains;
    work = evidence_work(e) > work ? evidence_work(e) : work;
  }
  const size_t stride = memory_whole_lines(EVIDENCE_TOGETHER * chains + work);
  *out = (bridge_account){.list = list, .draws = draws->draws, .chain = draws->chain, .stride = stride};
  out->threads = threads;
  out->count = NEW(double, all);
  out->mean = NEW2(double, out->threads, stride);
  if (!out->count || !out->mean) {
    bridge_account_clear(out);
    return 1;
  }
  out->work = out->mean + EVIDENCE_TOGETHER * chains;
  count_draws(out, count);
  return 0;
}

void bridge_account_clear(bridge_account *a) {
  memory_free(a->count);
  memory_free(a->mean);
  memset(a, 0, sizeof *a);
}

/* Means over the draws of each of the island's chains into one column of `mean`, which is 0.  A chain that gave no draw takes after the one
 * before it, or the first that did: its neighbours in the order of resampling. */
static void chain_means(size_t draws, const evidence_record *last, size_t island, const size_t *chain, const double *count, const double *x,
                        double *mean) {
  for (size_t i = 0; i < draws; i++) mean[chain[i] * WIDE] += x[i];
  double before = NAN;
  for (size_t m = 0; m < last->chains && isnan(before); m++)
    if (last->island[m] == island && count[m] > 0) before = mean[m * WIDE] / count[m];
  for (size_t m = 0; m < last->chains; m++)
    if (last->island[m] == island) before = mean[m * WIDE] = count[m] > 0 ? mean[m * WIDE] / count[m] : before;
}

/* Of columns x, from `first` on, in the island. */
static void all_means(const bridge_account *a, const evidence_record *last, size_t island, size_t first, const double *count,
                      size_t columns, const double *const *x, double *mean) {
  memset(mean, 0, WIDE * last->chains * sizeof *mean);
  for (size_t c = 0; c < columns; c++) chain_means(a->draws, last, island, a->chain + first, count, x[c] + first, mean + c);
}

/* The mean over islands of equal weight that know nothing of one another. */
static void variances(void *state, size_t n, size_t columns, const double *const *x, double *variance) {
  const bridge_account *a = state;
  const size_t thread = a->stride * ((size_t)omp_get_thread_num() % a->threads);
  const double *count = a->count;
  double *const mean = a->mean + thread, sum[WIDE] = {0}, part[WIDE];
  const double islands = (double)n / (double)a->draws;
  for (size_t first = 0, g = 0, island = 0; first < n; first += a->draws) {
    const bridge *b = a->list[g]->bridge;
    all_means(a, &b->evidence.last, island, first, count, columns, x, mean);
    evidence_mean_variances(&b->evidence, island, count, mean, a->work + thread, part);
    for (size_t c = 0; c < columns; c++) sum[c] += part[c];
    if (++island == b->cells) {
      island = 0;
      count += b->evidence.last.chains;
      g++;
    }
  }
  for (size_t c = 0; c < columns; c++) variance[c] = sum[c] / (islands * islands);
}

summary_account bridge_account_of(bridge_account *a) {
  return (summary_account){variances, a};
}
