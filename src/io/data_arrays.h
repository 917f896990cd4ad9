/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data that a run was conditioned on, as named arrays: a built-in target's own, or those of a JSON data file. */
#ifndef DILATE_IO_DATA_ARRAYS_H
#define DILATE_IO_DATA_ARRAYS_H

#include "io/failure.h"
#include "io/outcome.h"

typedef struct data_arrays {
  size_t count;
  builtin_array *array;
  char **name; /* what the arrays of a file point to; NULL for a built-in target's */
  double **value;
} data_arrays;

/* None, where nothing is known of the data: a plug-in without a JSON file, a file that cannot be read any more.  Of a file, arrays of
 * numbers count as modelled and single numbers (sizes, most often) as constants; whatever else it holds is passed over. */
int data_arrays_read(const outcome *o, data_arrays *out, failure *f);
void data_arrays_clear(data_arrays *data);

#endif
