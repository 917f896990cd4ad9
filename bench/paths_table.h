/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of bench/paths. */
#ifndef BENCH_PATHS_TABLE_H
#define BENCH_PATHS_TABLE_H

#include "bench/paths_work.h"
#include <stdio.h>

/* Mean and standard deviation over the seeds of a method's runs that have the measure; n of them. */
typedef struct paths_summary {
  double mean, sd;
  size_t n;
} paths_summary;

paths_summary paths_summarise(const paths_runs *runs, const paths_method *method, paths_measure measure);
#define PATHS_TITLE_SIZE 128
/* The method's title, with the kind of its scores or what it runs with where that depends on the target. */
const char *paths_title(const paths_runs *runs, const paths_method *method, char out[PATHS_TITLE_SIZE]);
size_t paths_run_count(const paths_runs *runs, const paths_method *method);
/* The first run of the method, which has what the figures need; NULL where there is none. */
const paths_run *paths_first_run(const paths_runs *runs, const paths_method *method);

/* A target's table in Markdown, or, with html, in HTML. */
void paths_table_print(FILE *stream, const paths_runs *runs, int html);

#endif
