/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws read from a CSV file: a header of names, then one row a draw, as `dilate sample` and Stan write them. */
#ifndef DILATE_IO_DRAWS_H
#define DILATE_IO_DRAWS_H

#include "io/failure.h"
#include <stddef.h>

typedef struct draws_table {
  char *path;           /* of the file */
  size_t rows, columns; /* the parameters: columns whose names end in __ are passed over */
  char **name;          /* columns */
  double *value;        /* rows x columns, row-major; all finite */
} draws_table;

/* `path`: a file, or a folder that has a draws.csv.  On failure *out is empty. */
int draws_read(const char *path, draws_table *out, failure *f);
void draws_clear(draws_table *table);

/* Index of the column of that name; `columns` when there is none. */
size_t draws_find(const draws_table *table, const char *name);
/* Puts the columns into the order of `name`, of which there are as many.  Fails, and names it, when one stands on one side only; `whose`
 * says where the names are from. */
int draws_arrange(draws_table *table, size_t count, const char *const *name, const char *whose, failure *f);

#endif
