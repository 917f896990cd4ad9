/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the suite must show: six lines, each passed, failed, or not judged where its figures were not taken. */
#ifndef BENCH_SPEED_LINES_H
#define BENCH_SPEED_LINES_H

#include "bench/speed_figures.h"

#include <stdio.h>

typedef enum line_verdict { LINE_FAIL, LINE_PASS, LINE_NOT_JUDGED } line_verdict;

#define LINES 6

typedef struct line {
  line_verdict verdict;
  char text[512]; /* what was asked, and what came of it */
} line;

/* lines[i]: line i + 1. */
void lines_judge(const figures *all, line lines[LINES]);

void lines_print(FILE *file, const line lines[LINES]);

/* What line 1 asks of a row, d <= 50 within its budget of evaluations; and what line 4 does, of log Z and of units. */
line_verdict overhead_verdict(const figures *all, const char *row);
line_verdict accuracy_verdict(const figures *all, const char *row);
double overhead_allowed(const figures *all, const char *row);
typedef struct speed_limit {
  const char *row;
  double units;
} speed_limit;
extern const speed_limit speed_limits[];
extern const size_t speed_limit_count;
/* The rows of line 5. */
#define THREAD_ROWS 3
extern const char *const speed_thread_rows[THREAD_ROWS];

/* Least-squares slope of log cost over log number, of growth.KIND.METHOD.N.seconds with N >= least; NaN with fewer than three. */
double growth_exponent(const figures *all, const char *kind, const char *method, double least);
/* The i-th N for which there is such a figure, ascending; 0: no more. */
size_t growth_number(const figures *all, const char *kind, const char *method, size_t i);
/* Bytes that a run of so many particles may take. */
double memory_allowed(double particles, double dim);

#endif
