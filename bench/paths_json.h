/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runs of bench/paths in JSON, one run a line: written whole, read again to make tables and figures anew. */
#ifndef BENCH_PATHS_JSON_H
#define BENCH_PATHS_JSON_H

#include "bench/paths_work.h"

void paths_save(const char *path, size_t n, const paths_runs *runs);
/* Of the file's targets and methods those in the lists (NULL: all).  [out] *runs: to be freed by paths_runs_free(). */
void paths_load(const char *path, const char *targets, const char *methods, size_t *n, paths_runs **runs);

#endif
