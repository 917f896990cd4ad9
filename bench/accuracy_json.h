/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figures of every run, in JSON: written whole, read again to make the table anew. */
#ifndef BENCH_ACCURACY_JSON_H
#define BENCH_ACCURACY_JSON_H

#include "bench/accuracy_table.h"

void figures_save(const char *path, const judgement *j, const calibration *c);
/* [out] *runs: the rows of the file that are selected, in its order, to be freed with runs_free(). */
void figures_load(const char *path, const char *rows, size_t *n, row_runs **runs);
void runs_free(size_t n, row_runs *runs);

#endif
