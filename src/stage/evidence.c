/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The variances of log Zhat and of means by backward recursions over temperatures: see evidence.h. */
#include "stage/evidence.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

#define RUN_LEAST 3 /* chains that a variance within a run is taken from */

int evidence_create(evidence *e) {
  memset(e, 0, sizeof *e);
  e->room = 16;
  e->record = NEW(evidence_record, e->room);
  return e->record == NULL;
}

static void record_clear(evidence_record *r) {
  memory_free(r->weight);
  memory_free(r->island);
  memory_free(r->run);
  memory_free(r->near);
}

void evidence_clear(evidence *e) {
  for (size_t t = 0; t < e->count; t++) record_clear(&e->record[t]);
  record_clear(&e->last);
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

/* Numbers the runs: one ends where the location changes, once it has RUN_LEAST chains, and where the island does. */
static void number_runs(size_t chains, const size_t *island, const size_t *location, size_t *run) {
  size_t n = 0;
  for (size_t m = 0; m < chains; m++, n++) {
    run[m] = m ? run[m - 1] : 0;
    if (m == 0 || (island[m] == island[m - 1] && (location[m] == location[m - 1] || n < RUN_LEAST))) continue;
    run[m]++;
    n = 0;
  }
  /* the last chains of an island, where they are too few, belong to the run before */
  for (size_t end = chains; end > 0;) {
    size_t first = end - 1;
    while (first > 0 && run[first - 1] == run[end - 1]) first--;
    const int last = end == chains || island[end] != island[end - 1], more = first > 0 && island[first - 1] == island[first];
    for (size_t m = first; m < end && last && more && end - first < RUN_LEAST; m++) run[m] = run[first - 1];
    end = first;
  }
}

static int record_create(evidence_record *r, size_t chains, size_t states, const size_t *island, const size_t *location) {
  r->chains = chains;
  r->states = states;
  r->stride = r->near_stride = 1;
  r->all = chains;
  r->island = NEW(size_t, chains);
  r->run = NEW(size_t, chains);
  if (!r->island || !r->run) return 1;
  memcpy(r->island, island, chains * sizeof *island);
  number_runs(chains, island, location, r->run);
  return 0;
}

evidence_record *evidence_append(evidence *e, size_t chains, size_t states, const size_t *island, const size_t *location) {
  if (e->count == e->room && grow(e)) return NULL;
  evidence_record *r = &e->record[e->count];
  r->weight = NEW2(double, chains, states);
  if (r->weight && !record_create(r, chains, states, island, location)) {
    e->count++;
    return r;
  }
  record_clear(r);
  memset(r, 0, sizeof *r);
  return NULL;
}

int evidence_end(evidence *e, size_t chains, const size_t *island, const size_t *location) {
  return record_create(&e->last, chains, 1, island, location);
}

/* f of a state: the mean over the chains that start nearest to it; 1 where none is known to follow. */
static double future_of(const evidence_record *r, size_t state, const double *next) {
  if (!r->near || !next) return 1;
  double sum = 0;
  for (size_t k = 0; k < r->nears; k++) sum += next[r->near[state * r->nears + k] * r->near_stride];
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
static void add_variance(const evidence_record *r, size_t island, const double *mean, double *variance, double *square_over_df) {
  double second = 0, fourth = 0, last = 0;
  size_t n = 0;
  for (size_t m = 0; m < r->chains; m++) {
    if (r->island[m] != island) continue;
    const double d = mean[m] - last;
    if (n++) {
      second += d * d;
      fourth += d * d * d * d;
    }
    last = mean[m];
  }
  if (n < 2 || !(second > 0)) return;
  const double part = second / (2 * (double)n * (double)(n - 1)) / (double)r->stride;
  *variance += part;
  *square_over_df += part * part * (fourth / (second * second));
}

size_t evidence_most_chains(const evidence *e) {
  size_t most = e->last.chains > 1 ? e->last.chains : 1;
  for (size_t t = 0; t < e->count; t++) most = e->record[t].chains > most ? e->record[t].chains : most;
  return most;
}

int evidence_variance(const evidence *e, size_t island, double *variance, double *df) {
  const size_t most = evidence_most_chains(e);
  double *both = NEW2(double, 2, most), *mean = both, *next = NULL, square_over_df = 0;
  *variance = 0;
  for (size_t t = e->count; both && t-- > 0;) {
    const evidence_record *r = &e->record[t];
    chain_means(r, island, next, mean);
    const int some = make_relative(r->chains, r->island, island, mean);
    if (some) add_variance(r, island, mean, variance, &square_over_df);
    next = some ? mean : NULL;
    mean = mean == both ? both + most : both;
  }
  *df = square_over_df > 0 ? fmax(1, *variance * *variance / square_over_df) : INFINITY;
  memory_free(both);
  return both == NULL;
}

/* ---- archives ---- */

/* The states' nearest chains of the next temperature, of which there are `next`. */
static void near_archive(archive *a, size_t next, evidence_record *r) {
  const size_t n = r->chains * r->states;
  archive_size(a, &r->nears, EVIDENCE_NEAR);
  archive_size(a, &r->near_stride, SIZE_MAX);
  r->near = ARCHIVE_NEW(a, uint32_t, r->nears, n, r->near);
  if (!r->near) return;
  archive_bytes(a, n * r->nears * sizeof *r->near, r->near);
  for (size_t i = 0; i < n * r->nears && archive_reads(a) && !archive_failed(a); i++)
    if (next == 0 || r->near[i] > (next - 1) / (r->near_stride ? r->near_stride : 1))
      archive_fail(a, DILATE_ECHECKPOINT, "a state leads to a chain that is not there");
}

static void record_archive(archive *a, size_t cells, evidence_record *r) {
  archive_size(a, &r->chains, SIZE_MAX);
  archive_size(a, &r->states, SIZE_MAX);
  archive_size(a, &r->stride, SIZE_MAX);
  archive_size(a, &r->all, SIZE_MAX);
  r->island = ARCHIVE_NEW(a, size_t, 1, r->chains, r->island);
  if (r->island) archive_sizes(a, r->chains, r->island, cells);
  r->run = ARCHIVE_NEW(a, size_t, 1, r->chains, r->run);
  if (r->run) archive_sizes(a, r->chains, r->run, r->chains);
}

/* A record of weights: near is read once the next record is known. */
static void weighed_archive(archive *a, size_t cells, evidence_record *r) {
  record_archive(a, cells, r);
  r->weight = ARCHIVE_NEW(a, double, r->chains, r->states, r->weight);
  if (r->weight) archive_doubles(a, r->chains * r->states, r->weight);
}

void evidence_archive(archive *a, size_t cells, size_t next, evidence *e) {
  size_t count = e->count;
  archive_size(a, &count, SIZE_MAX);
  for (size_t t = 0; t < count && !archive_failed(a); t++) {
    if (archive_reads(a) && t == e->room && grow(e)) archive_fail(a, DILATE_ENOMEM, "out of memory");
    if (archive_failed(a)) return;
    if (archive_reads(a)) e->count = t + 1;
    weighed_archive(a, cells, &e->record[t]);
  }
  int ended = e->last.island != NULL;
  archive_flag(a, &ended);
  if (ended) record_archive(a, cells, &e->last);
  for (size_t t = 0; t < count && !archive_failed(a); t++) {
    int linked = e->record[t].near != NULL;
    archive_flag(a, &linked);
    if (linked) near_archive(a, t + 1 < count ? e->record[t + 1].chains : ended ? e->last.chains : next, &e->record[t]);
  }
}
