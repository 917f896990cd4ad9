/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counting by stages: see traffic.h. */
#include "mpi/traffic.h"

#include "dilate_mpi.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { STAGES = 32 };

static const dilate_ranks *counted;
static struct {
  const char *name;
  uint64_t steps, exchanges, received;
} stage[STAGES];
static size_t stages;
static dilate_mpi_traffic before;

static dilate_mpi_traffic now(void) {
  dilate_mpi_traffic t = {.struct_size = sizeof t};
  dilate_mpi_count(counted, &t);
  return t;
}

void traffic_begin(const dilate_ranks *ranks) {
  counted = ranks;
  before = now();
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
  before = t;
}

/* The sum of the ranks' bytes, which all ranks come to. */
static uint64_t of_all(uint64_t own) {
  uint64_t sum = 0, *part = calloc(counted->count, sizeof *part);
  size_t *bytes = calloc(counted->count, sizeof *bytes);
  for (size_t i = 0; bytes && i < counted->count; ++i) bytes[i] = sizeof *part;
  if (part) part[counted->rank] = own;
  if (part && bytes && counted->gather(counted->data, bytes, part) == 0)
    for (size_t i = 0; i < counted->count; ++i) sum += part[i];
  free(part);
  free(bytes);
  return sum;
}

void traffic_write(FILE *to) {
  for (size_t i = 0; i < stages; ++i) {
    const uint64_t received = of_all(stage[i].received);
    if (counted->rank == 0)
      fprintf(to, "traffic: %s ranks %zu steps %" PRIu64 " exchanges %" PRIu64 " bytes %" PRIu64 "\n", stage[i].name, counted->count,
              stage[i].steps, stage[i].exchanges, received);
  }
}
