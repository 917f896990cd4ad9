/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The draws of a result, wherever they are: of a spread one this process has some rows, and asks the others for the rest, of which there is
 * never more here than a block of rows or the columns that are looked at. */
#ifndef DILATE_IO_ROWS_H
#define DILATE_IO_ROWS_H

#include "dilate.h"
#include <stdio.h>

typedef enum row_part { ROWS_VALUES, ROWS_POINTS, ROWS_COLUMN } row_part;

/* fetch: rows [first, first + n) of reported values or of unconstrained points, or column `first` of the reported values. */
typedef struct row_spread {
  int (*fetch)(void *data, row_part part, size_t first, size_t n, double *out); /* non-zero: the others are lost */
  /* The lines of draws.csv, from parts that every process has written: 1 where there are none, and nothing was written. */
  int (*join)(void *data, FILE *to);
  void *data;
  int lost; /* it was so: what was read is not to be believed */
} row_spread;

/* ---- One after the other ---- */

enum { ROWS_BLOCK = 1 << 17 }; /* numbers that are fetched at once, or one row's, or a column's */

typedef struct row_reader {
  row_spread *spread; /* NULL: all are here */
  row_part part;      /* values or points */
  size_t width, rows;
  const double *here;     /* rows [first, first + n) */
  size_t first, n, block; /* block: rows that there is room for */
  double *room;
} row_reader;

/* -1: out of memory.  To be ended all the same. */
int rows_begin(const dilate_result *result, row_spread *spread, row_part part, row_reader *out);
const double *rows_at(row_reader *r, size_t row);
void rows_end(row_reader *r);

/* ---- Some columns ---- */

/* Column chosen[k] of row i at value[i*stride + at[k]]. */
typedef struct row_columns {
  const double *value;
  size_t stride, *at;
  double *room;
} row_columns;

int columns_begin(const dilate_result *result, row_spread *spread, size_t n, const size_t *chosen, row_columns *out);
void columns_end(row_columns *c);

#endif
