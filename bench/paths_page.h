/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What bench/paths shows: its tables in Markdown, its page, its main figure. */
#ifndef BENCH_PATHS_PAGE_H
#define BENCH_PATHS_PAGE_H

#include "bench/paths_work.h"
#include <stdio.h>

void paths_tables_print(FILE *stream, size_t n, const paths_runs *runs);
/* One HTML page, readable without scripts and without other files. */
void paths_page_print(FILE *stream, size_t n, const paths_runs *runs);
/* The target's particles (or whatever else is drawn of it first) as an SVG file. */
void paths_figure_print(FILE *stream, const paths_runs *runs);

#endif
