/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The variance of log Zhat by a backward recursion over temperatures: see evidence.h. */
#include "stage/evidence.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

int evidence_create(evidence *e) {
  memset(e, 0, sizeof *e);
  e->room = 16;
  e->record = NEW(evidence_record, e->room);
  return e->record == NULL;
}

static void record_clear(evidence_record *r) {
  memory_free(r->weight);
  memory_free(r->island);
  memory_free(r->near);
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
  r->island = NEW(size_t, chains);
  if (r->weight && r->island) {
    e->count++;
    return r;
  }
  record_clear(r);
  memset(r, 0, sizeof *r);
  return NULL;
}

/* f of a state: the mean over the chains that start nearest to it; 1 where none is known to follow. */
static double future_of(const evidence_record *r, size_t state, const double *next) {
  if (!r->near || !next) return 1;
  double sum = 0;
  for (size_t k = 0; k < r->nears; k++) sum += next[r->near[state * r->nears + k]];
  return sum / (double)r->nears;
}

/* gbar_m of the island's chains, in their places. */
static void chain_means(const evidence_record *r, size_t island, const double *next, double *mean) {
  for (size_t m = 0; m < r->chains; m++) {
    if (r->island[m] != island) continue;
    double sum = 0;
    for (size_t i = m; i < r->chains * r->states; i += r->chains)
      if (r->weight[i] > 0) sum += r->weight[i] * future_of(r, i, next);
    mean[m] = sum / (double)r->states;
  }
}

/* Divides the island's values by their mean.  Returns 0 when that is not positive. */
static int make_relative(size_t chains, const size_t *of, size_t island, double *mean) {
  double total = 0;
  size_t n = 0;
  for (size_t m = 0; m < chains; m++)
    if (of[m] == island) {
      total += mean[m];
      n++;
    }
  if (!(total > 0)) return 0;
  for (size_t m = 0; m < chains; m++)
    if (of[m] == island) mean[m] *= (double)n / total;
  return 1;
}

/* Adds the variance of the mean of the island's values, and its square over its degrees of freedom. */
static void add_variance(size_t chains, const size_t *of, size_t island, const double *mean, double *variance, double *square_over_df) {
  double second = 0, fourth = 0, last = 0;
  size_t n = 0;
  for (size_t m = 0; m < chains; m++) {
    if (of[m] != island) continue;
    const double d = mean[m] - last;
    if (n++) {
      second += d * d;
      fourth += d * d * d * d;
    }
    last = mean[m];
  }
  if (n < 2 || !(second > 0)) return;
  const double part = second / (2 * (double)n * (double)(n - 1));
  *variance += part;
  *square_over_df += part * part * (fourth / (second * second));
}

static size_t most_chains(const evidence *e) {
  size_t most = 1;
  for (size_t t = 0; t < e->count; t++) most = e->record[t].chains > most ? e->record[t].chains : most;
  return most;
}

int evidence_variance(const evidence *e, size_t island, double *variance, double *df) {
  const size_t most = most_chains(e);
  double *both = NEW2(double, 2, most), *mean = both, *next = NULL, square_over_df = 0;
  *variance = 0;
  for (size_t t = e->count; both && t-- > 0;) {
    const evidence_record *r = &e->record[t];
    chain_means(r, island, next, mean);
    const int some = make_relative(r->chains, r->island, island, mean);
    if (some) add_variance(r->chains, r->island, island, mean, variance, &square_over_df);
    next = some ? mean : NULL;
    mean = mean == both ? both + most : both;
  }
  *df = square_over_df > 0 ? fmax(1, *variance * *variance / square_over_df) : INFINITY;
  memory_free(both);
  return both == NULL;
}
