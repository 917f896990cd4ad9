/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counting by stages: see traffic.h. */
#define _DEFAULT_SOURCE
#include "mpi/traffic.h"

#include "dilate_mpi.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { STAGES = 32 };

static const dilate_ranks *counted;
static struct {
  const char *name;
  uint64_t steps, evaluations, exchanges, received, microseconds;
} stage[STAGES];
static size_t stages;
static dilate_mpi_traffic before;
static uint64_t evaluations_before, microseconds_before;

/* Of processor time, but for that in exchanges. */
static uint64_t microseconds(const dilate_mpi_traffic *t) {
  return (uint64_t)(1e6 * ((double)clock() / CLOCKS_PER_SEC - t->seconds));
}

static dilate_mpi_traffic now(void) {
  dilate_mpi_traffic t = {.struct_size = sizeof t};
  dilate_mpi_count(counted, &t);
  return t;
}

void traffic_begin(const dilate_ranks *ranks) {
  counted = ranks;
  before = now();
  microseconds_before = microseconds(&before);
}

static size_t place_of(const char *name) {
  size_t i = 0;
  while (i < stages && strcmp(stage[i].name, name) != 0) ++i;
  if (i == stages && stages < STAGES) stage[stages++].name = name;
  return i < STAGES ? i : STAGES - 1;
}

void traffic_watch(const dilate_progress *progress) {
  const dilate_mpi_traffic t = now();
  const size_t i = place_of(progress->stage);
  stage[i].steps++;
  stage[i].exchanges += t.exchanges - before.exchanges;
  stage[i].received += t.received - before.received;
  stage[i].evaluations += progress->evaluations - evaluations_before;
  stage[i].microseconds += microseconds(&t) - microseconds_before;
  evaluations_before = progress->evaluations;
  microseconds_before = microseconds(&t);
  before = t;
}

/* The sum of the ranks' numbers, which all ranks come to, or the largest. */
static uint64_t of_all(uint64_t own, int sums) {
  uint64_t all = 0, *part = calloc(counted->count, sizeof *part);
  size_t *bytes = calloc(counted->count, sizeof *bytes);
  for (size_t i = 0; bytes && i < counted->count; ++i) bytes[i] = sizeof *part;
  if (part) part[counted->rank] = own;
  if (part && bytes && counted->gather(counted->data, bytes, part) == 0)
    for (size_t i = 0; i < counted->count; ++i) all = sums ? all + part[i] : part[i] > all ? part[i] : all;
  free(part);
  free(bytes);
  return all;
}

/* The most memory that this process has had, in kB. */
static uint64_t peak_memory(void) {
  struct rusage used;
  return getrusage(RUSAGE_SELF, &used) == 0 ? (uint64_t)used.ru_maxrss : 0;
}

void traffic_write(FILE *to) {
  const uint64_t own = peak_memory(), largest = of_all(own, 0), sum = of_all(own, 1);
  if (counted->rank == 0) fprintf(to, "memory: ranks %zu largest %" PRIu64 " all %" PRIu64 "\n", counted->count, largest, sum);
  for (size_t i = 0; i < stages; ++i) {
    const uint64_t received = of_all(stage[i].received, 1), busiest = of_all(stage[i].microseconds, 0),
                   all = of_all(stage[i].microseconds, 1);
    if (counted->rank == 0)
      fprintf(to,
              "traffic: %s ranks %zu steps %" PRIu64 " evaluations %" PRIu64 " exchanges %" PRIu64 " bytes %" PRIu64
              " busiest %.3f all %.3f\n",
              stage[i].name, counted->count, stage[i].steps, stage[i].evaluations, stage[i].exchanges, received, 1e-6 * (double)busiest,
              1e-6 * (double)all);
  }
}
