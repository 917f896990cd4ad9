/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of the command line has a number for each coordinate: hints, the centre of a path, a file of points. */
#ifndef DILATE_CLI_HINTS_H
#define DILATE_CLI_HINTS_H

#include "cli/arguments.h"
#include <stddef.h>

typedef struct hint_numbers {
  double *point, *centre, *scale, *lower, *upper, *path_centre; /* NULL where not given */
} hint_numbers;

/* Reads what a->hint_* and a->path_centre give, for a target of `dim` coordinates, and has a->options point to it.  A number of coordinates
 * that is not the target's, or an impossible one, is wrong usage; a file that cannot be read fails the run. */
int hints_read(arguments *a, size_t dim, hint_numbers *out, failure *f);
void hints_clear(hint_numbers *numbers);

#endif
