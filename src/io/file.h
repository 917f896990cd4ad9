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

typedef enum output_before { OUTPUT_NONE, OUTPUT_KEPT, OUTPUT_UNKEPT } output_before;

typedef struct output_file {
  FILE *stream;
  char *temporary, *earlier, *name; /* in the same folder */
  output_before before;             /* of an earlier file of that name, while it is replaced: it stands under `earlier` */
} output_file;

/* Whether a name in a folder is one that output_open() and outputs_publish() give, of a file whose name has this beginning. */
int output_is_temporary(const char *name, const char *beginning);

/* Opens a temporary file for folder/name. */
int output_open(const char *folder, const char *name, output_file *out, failure *f);
/* Everything to the disk, the stream closed; fails when anything written was lost. */
int output_finish(output_file *file, failure *f);
/* The finished file takes its name, replacing an older one. */
int output_publish(output_file *file, failure *f);
/* The same for n files of one folder: all or none, as far as the file system lets what was replaced come back. */
int outputs_publish(size_t n, output_file *file, failure *f);
/* "cannot write 'NAME'", why (an errno, 0: unknown), and what would be right. */
int output_failed(const char *name, int reason, failure *f);
/* Removes the temporary file, if it is still there; frees. */
void output_discard(output_file *file);

#endif
