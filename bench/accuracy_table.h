/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables, in Markdown. */
#ifndef BENCH_ACCURACY_TABLE_H
#define BENCH_ACCURACY_TABLE_H

#include "bench/accuracy_coverage.h"
#include <stdio.h>

/* All that is judged of a set of runs. */
typedef struct judgement {
  size_t n; /* rows */
  const row_runs *runs;
  verdict *verdict;   /* n */
  coverage *coverage; /* n */
  coverage pooled;
  warnings warnings;
  int ok;
} judgement;

void judgement_make(size_t n, const row_runs *runs, const calibration *c, judgement *out);
void judgement_free(judgement *j);
void table_print(FILE *file, const judgement *j);

#endif
