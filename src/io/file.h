/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths, and a file that appears whole or not at all: written under a temporary name, brought to the disk, then renamed. */
#ifndef DILATE_IO_FILE_H
#define DILATE_IO_FILE_H

#include "io/failure.h"
#include <stdio.h>

int path_is_folder(const char *path);
/* folder/name; NULL when out of memory. */
char *path_in(const char *folder, const char *name);
/* Fails where there is nothing to read at path; what, for the message: "data file". */
int path_check_readable(const char *what, const char *path, failure *f);

typedef struct output_file {
  FILE *stream;
  char *temporary, *name; /* in the same folder */
} output_file;

/* Opens a temporary file for folder/name. */
int output_open(const char *folder, const char *name, output_file *out, failure *f);
/* Everything to the disk, the stream closed; fails when anything written was lost. */
int output_finish(output_file *file, failure *f);
/* The finished file takes its name, replacing an older one. */
int output_publish(output_file *file, failure *f);
/* Removes the temporary file, if it is still there; frees. */
void output_discard(output_file *file);

#endif
