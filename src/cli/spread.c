/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of all processes by their exchange: what is asked for, from the leader to all, then what each has of it.  See spread.h. */
#include "cli/spread.h"

#include "cli/ranks.h"
#include "io/parts.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { OVER = -1, PARTS = -2 };

typedef struct request {
  int64_t part;              /* a row_part, or OVER, or PARTS: each writes its own of draws.csv */
  uint64_t first, n, column; /* rows; of a column its number */
} request;

static const dilate_result *shared; /* NULL: nothing is spread */
static const char *place;           /* the folder of the output, or NULL */
static size_t *start, *bytes;       /* of each process: its first row (one more: all rows); of an exchange */
static double *room;                /* of who answers: for all that is asked for at once */
static row_spread reader;

static int exchange(void *all) {
  const dilate_ranks *ranks = ranks_of_run();
  return ranks->gather(ranks->data, bytes, all);
}

/* Of the rows that are asked for, how many a process has. */
static size_t overlap(const request *r, size_t rank) {
  const size_t first = (size_t)r->first, from = start[rank] > first ? start[rank] : first, end = first + (size_t)r->n;
  const size_t to = start[rank + 1] < end ? start[rank + 1] : end;
  return to > from ? to - from : 0;
}

static size_t width_of(const request *r) {
  return r->part == ROWS_COLUMN ? 1 : r->part == ROWS_POINTS ? dilate_result_dim(shared) : dilate_result_n_out(shared);
}

/* Our own of the rows that are asked for. */
static void give(const request *r, double *to) {
  const size_t rank = ranks_of_run()->rank, width = width_of(r), n = overlap(r, rank);
  const size_t skipped = r->first > start[rank] ? (size_t)r->first - start[rank] : 0;
  const double *const value = r->part == ROWS_POINTS ? dilate_result_unconstrained(shared) : dilate_result_values(shared);
  if (n > 0 && r->part != ROWS_COLUMN) memcpy(to, value + skipped * width, n * width * sizeof *to);
  for (size_t i = 0; i < n && r->part == ROWS_COLUMN; ++i) to[i] = value[(skipped + i) * dilate_result_n_out(shared) + r->column];
}

/* Rows stand with the processes in their order, and so they come. */
static int bring_together(const request *r, double *all) {
  const dilate_ranks *ranks = ranks_of_run();
  const size_t width = width_of(r);
  size_t before = 0;
  for (size_t k = 0; k < ranks->count; ++k) {
    const size_t n = overlap(r, k);
    bytes[k] = n * width * sizeof *all;
    before += k < ranks->rank ? n : 0;
  }
  give(r, all + before * width);
  return exchange(all);
}

/* The leader's request on all processes. */
static int ask(request *r) {
  memset(bytes, 0, ranks_of_run()->count * sizeof *bytes);
  bytes[0] = sizeof *r;
  return exchange(r);
}

static int fetch(void *data, row_part part, size_t first, size_t n, double *out) {
  const size_t rows = start[ranks_of_run()->count];
  request r = {.part = part, .first = first, .n = n};
  if (part == ROWS_COLUMN) r = (request){.part = part, .n = rows, .column = first};
  (void)data;
  return ask(&r) || bring_together(&r, out);
}

/* Each process writes its part; how many bytes each has, the caller's to free. */
static int64_t *write_parts(void) {
  return ranks_numbers(place ? part_write(place, ranks_of_run()->rank, shared) : -1);
}

static int join(void *data, FILE *to) {
  const size_t count = ranks_of_run()->count;
  request r = {.part = PARTS};
  (void)data;
  int64_t *const wrote = ask(&r) ? NULL : write_parts();
  const int there = wrote && parts_are_there(place, count, wrote);
  if (there) reader.lost |= parts_append(place, count, to) != 0;
  if (place) parts_remove(place, count);
  free(wrote);
  return !there;
}

/* Non-zero: out of memory. */
static int allocate(const dilate_result *result) {
  const size_t count = ranks_of_run()->count, rows = dilate_result_islands(result) * dilate_result_draws(result);
  const size_t block = ROWS_BLOCK + dilate_result_n_out(result) + dilate_result_dim(result);
  start = calloc(count + 1, sizeof *start);
  bytes = calloc(count, sizeof *bytes);
  room = ranks_lead() ? NULL : malloc((rows > block ? rows : block) * sizeof *room);
  return !start || !bytes || !(room || ranks_lead());
}

/* The first rows of all processes. */
static int find_starts(const dilate_result *result) {
  const dilate_ranks *ranks = ranks_of_run();
  int64_t *const of = ranks_numbers(allocate(result) ? -1 : (int64_t)dilate_result_held(result, NULL));
  int failed = !of;
  for (size_t k = 0; of && k < ranks->count; ++k) failed |= of[k] < 0;
  for (size_t k = 0; !failed && k < ranks->count; ++k) start[k + 1] = start[k] + (size_t)of[k];
  free(of);
  return failed;
}

int spread_begin(const dilate_result *result, const char *folder, row_spread **out) {
  *out = NULL;
  if (!ranks_of_run()) return 0;
  const int failed = find_starts(result);
  const size_t rows = dilate_result_islands(result) * dilate_result_draws(result), count = ranks_of_run()->count;
  if (failed || start[count] != rows) return failed; /* count * rows: of a method that spreads nothing */
  shared = result;
  place = folder;
  reader = (row_spread){.fetch = fetch, .join = join};
  *out = &reader;
  return 0;
}

void spread_answer(void) {
  int status = 0;
  for (request r; shared && status == 0 && ask(&r) == 0 && r.part != OVER;)
    if (r.part == PARTS)
      free(write_parts());
    else
      status = bring_together(&r, room);
}

void spread_end(void) {
  request over = {.part = OVER};
  if (shared && ranks_lead()) ask(&over);
  free(start);
  free(bytes);
  free(room);
  start = bytes = NULL;
  room = NULL;
  shared = NULL;
}
