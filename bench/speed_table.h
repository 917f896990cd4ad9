/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suite's tables, in Markdown. */
#ifndef BENCH_SPEED_TABLE_H
#define BENCH_SPEED_TABLE_H

#include "bench/speed_lines.h"

/* Those of which there are figures, then the lines. */
void speed_tables_print(FILE *file, const figures *all, const line lines[LINES]);

/* Parts of it: whole runs with their stages; growth and threads. */
void speed_whole_print(FILE *file, const figures *all);
void speed_growth_print(FILE *file, const figures *all);

/* A cell: the number with so many digits behind the point, or a dash where there is none. */
void cell(FILE *file, int digits, double value);

#endif
