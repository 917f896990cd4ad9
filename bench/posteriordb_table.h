/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table, in Markdown, the figures of every run in JSON, and the verdict. */
#ifndef BENCH_POSTERIORDB_TABLE_H
#define BENCH_POSTERIORDB_TABLE_H

#include "bench/posteriordb_work.h"

#include <stdio.h>

void posteriordb_print(FILE *file, size_t n, const entry *entries);
void posteriordb_save(const char *path, size_t n, const entry *entries);
/* The selected rows' runs of such a file, as posteriordb_do() gives them. */
void posteriordb_load(const char *path, const posteriordb_work *w, size_t *n, entry **entries);
/* 1 when all of the library's runs keep all that is asked of them; NUTS is not judged. */
int posteriordb_ok(size_t n, const entry *entries);

#endif
