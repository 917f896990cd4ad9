/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The readable summary of a run, for a terminal. */
#ifndef DILATE_IO_TABLE_H
#define DILATE_IO_TABLE_H

#include "io/outcome.h"
#include <stdio.h>

void table_write(FILE *stream, const outcome *o);

/* The table of parameters: the line of headings, after an empty one, and a line of numbers.  The width that names take begins at
 * TABLE_NAME_LEAST, and grows with each. */
enum { TABLE_NAME_LEAST = 9 };
int table_name_width(int width, const char *name);
void table_write_parameter_head(FILE *stream, int name_width);
void table_write_parameter(FILE *stream, const dilate_parameter *p, int name_width);

#endif
