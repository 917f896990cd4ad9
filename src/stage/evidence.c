/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The variance of log Zhat by a backward recursion over temperatures: see evidence.h. */
#include "stage/evidence.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

#define PRIOR_CHAINS 2.0 /* f is shrunk to 1 with the weight of so many chains */

int evidence_create(size_t locations, evidence *e) {
  memset(e, 0, sizeof *e);
  e->locations = locations;
  e->room = 16;
  e->record = NEW(evidence_record, e->room);
  return e->record == NULL;
}

static void record_clear(evidence_record *r) {
  memory_free(r->weight);
  memory_free(r->location);
  memory_free(r->island);
}

void evidence_clear(evidence *e) {
  for (size_t t = 0; t < e->count; t++) record_clear(&e->record[t]);
  memory_free(e->record);
  memset(e, 0, sizeof *e);
}

static int grow(evidence *e) {
  evidence_record *more = NEW(evidence_record, 2 * e->room);
  if (!more) return 1;
  memcpy(more, e->record, e->count * sizeof *more);
  memory_free(e->record);
  e->record = more;
  e->room *= 2;
  return 0;
}

evidence_record *evidence_append(evidence *e, size_t chains, size_t states) {
  if (e->count == e->room && grow(e)) return NULL;
  evidence_record *r = &e->record[e->count];
  r->chains = chains;
  r->states = states;
  r->weight = NEW2(double, chains, states);
  r->location = NEW2(size_t, chains, states);
  r->island = NEW(size_t, chains);
  if (r->weight && r->location && r->island) {
    e->count++;
    return r;
  }
  record_clear(r);
  memset(r, 0, sizeof *r);
  return NULL;
}

/* gbar_m of the island's chains, in order; returns their number. */
static size_t chain_means(const evidence_record *r, size_t island, const double *future, double *mean) {
  size_t n = 0;
  for (size_t m = 0; m < r->chains; m++) {
    if (r->island[m] != island) continue;
    double sum = 0;
    for (size_t s = 0; s < r->states; s++) sum += r->weight[s * r->chains + m] * future[r->location[s * r->chains + m]];
    mean[n++] = sum / (double)r->states;
  }
  return n;
}

/* Adds this temperature's variance, and its square over its degrees of freedom. */
static void add_variance(size_t n, const double *mean, double *variance, double *square_over_df) {
  double total = 0, second = 0, fourth = 0;
  for (size_t m = 0; m < n; m++) total += mean[m] / (double)n;
  if (n < 2 || !(total > 0)) return;
  for (size_t m = 0; m + 1 < n; m++) {
    double d = (mean[m] - mean[m + 1]) / total;
    second += d * d;
    fourth += d * d * d * d;
  }
  double part = second / (2 * (double)n * (double)(n - 1));
  *variance += part;
  if (second > 0) *square_over_df += part * part * (fourth / (second * second));
}

/* future[l] <- mean of gbar over the chains whose parent was at location l, shrunk to one. */
static void update_future(const evidence_record *r, size_t island, size_t locations, const double *mean, double *future, double *count) {
  for (size_t l = 0; l < locations; l++) {
    future[l] = PRIOR_CHAINS;
    count[l] = PRIOR_CHAINS;
  }
  double total = 0;
  size_t n = 0;
  for (size_t m = 0; m < r->chains; m++) total += r->island[m] == island ? mean[n++] : 0;
  total /= (double)(n ? n : 1);
  n = 0;
  for (size_t m = 0; m < r->chains; m++) {
    if (r->island[m] != island) continue;
    future[r->location[m]] += total > 0 ? mean[n] / total : 1;
    count[r->location[m]] += 1;
    n++;
  }
  for (size_t l = 0; l < locations; l++) future[l] /= count[l];
}

int evidence_variance(const evidence *e, size_t island, double *variance, double *df) {
  size_t most = 1;
  for (size_t t = 0; t < e->count; t++) most = e->record[t].chains > most ? e->record[t].chains : most;
  double *future = NEW(double, e->locations), *count = NEW(double, e->locations), *mean = NEW(double, most);
  int failed = !future || !count || !mean;
  double square_over_df = 0;
  *variance = 0;
  for (size_t l = 0; !failed && l < e->locations; l++) future[l] = 1;
  for (size_t t = e->count; !failed && t-- > 0;) {
    size_t n = chain_means(&e->record[t], island, future, mean);
    add_variance(n, mean, variance, &square_over_df);
    update_future(&e->record[t], island, e->locations, mean, future, count);
  }
  *df = square_over_df > 0 ? fmax(1, *variance * *variance / square_over_df) : INFINITY;
  memory_free(future);
  memory_free(count);
  memory_free(mean);
  return failed;
}
