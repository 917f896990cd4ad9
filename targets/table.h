/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of numbers in text files, and where the built-in targets' own tables lie. */
#ifndef DILATE_TARGETS_TABLE_H
#define DILATE_TARGETS_TABLE_H

#include "dilate.h"

typedef struct builtin_table {
  size_t rows, columns;
  double *value; /* row-major */
} builtin_table;

/* Reads a file of numbers separated by commas, semicolons or blanks, one row a line.  Text from '#' on and empty lines are passed
 * over, and so is a first line that does not begin with a number (a header).  Numbers must be finite and rows equally long; a
 * message names the file and the line.  A file packed by gzip is unpacked.  On failure the table is empty. */
int builtin_table_read(const char *path, builtin_table *table, dilate_error *err);

/* The same for one of the project's own files, looked for in the folder that the environment variable DILATE_DATA names, then
 * where it was installed, then in the source tree. */
int builtin_table_read_own(const char *file, builtin_table *table, dilate_error *err);

/* The same for a file that a package of the system installs: looked for in DILATE_DATA's folder, then in the NULL-terminated folders
 * (one at least).  The message for a file that is in none names the Debian package. */
int builtin_table_read_installed(const char *file, const char *package, const char *const *folders, builtin_table *table,
                                 dilate_error *err);

void builtin_table_free(builtin_table *table); /* an empty one is allowed */

#endif
