/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running every posterior: as a density in C, as a Stan program, and Stan's NUTS on that program. */
#ifndef BENCH_POSTERIORDB_WORK_H
#define BENCH_POSTERIORDB_WORK_H

#include "bench/posteriordb_models.h"
#include "bench/posteriordb_run.h"

#define POINTS_LIMIT 1e-6 /* of the densities, relative to 1 and the value: gp_pois_regr's factor loses half the digits */

typedef enum line_id { LINE_C, LINE_STAN, LINE_NUTS, LINES } line_id;

/* One line of the table: the runs of all seeds. */
typedef struct line {
  const char *absent; /* why there are none, or NULL */
  size_t n;
  run *run;
} line;

typedef struct entry {
  const model *model;
  reference truth;
  line line[LINES];
} entry;

typedef struct posteriordb_work {
  const char *rows;           /* which, separated by commas; NULL: all */
  const char *lines;          /* which of "c", "stan", "nuts", likewise */
  const char *source, *build; /* the folders bench/ of sources and of programs */
  char folder[4096];          /* bench/truth/posteriordb */
  uint64_t first_seed, last_seed;
} posteriordb_work;

const char *line_name(line_id id); /* "c", "stan", "nuts" */

/* The selected rows with their truth, without runs. */
entry *entries_start(const posteriordb_work *w, size_t *n);
/* [out] *entries: of the selected rows, to be freed with entries_free().  One line to stderr for every run. */
void posteriordb_do(const posteriordb_work *w, size_t *n, entry **entries);
void entries_free(size_t n, entry *entries);

/* ---- Stan (posteriordb_stan.c) ---- */

/* Makes of bench/stan/NAME.stan the shared object build/stan/NAME.so by `dilate stan`, unless it is there and newer.  [out] path: its own.
 * Why it cannot be, or NULL. */
const char *stan_make(const posteriordb_work *w, const char *name, char *path, size_t size);
/* One run of Stan's NUTS, four chains of 1000 draws after 1000 of warm-up, on the shared object; target is the same one as the library has
 * opened it, for the values on the natural scale. */
void nuts_make(const posteriordb_work *w, const char *object, const char *data, const dilate_target *target, const reference *truth,
               uint64_t seed, run *out);
/* Why NUTS cannot run, or NULL. */
const char *nuts_missing(const posteriordb_work *w);

#endif
