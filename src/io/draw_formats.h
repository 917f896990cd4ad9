/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The formats that draws are written in. */
#ifndef DILATE_IO_DRAW_FORMATS_H
#define DILATE_IO_DRAW_FORMATS_H

#include "io/failure.h"
#include "io/outcome.h"
#include <stdio.h>

typedef struct draw_format {
  const char *name; /* on the command line */
  const char *file; /* NULL where each chain has one of its own */
  int by_chain;
  int (*write)(FILE *stream, const outcome *o, size_t chain, failure *f); /* chain: 0 unless by_chain */
} draw_format;

enum { DRAW_FORMATS = 5 };
extern const draw_format draw_formats[DRAW_FORMATS];

/* "csv,npy": bit i of *out stands for draw_formats[i].  Refused are names that there are not, which is wrong usage, and what this build
 * cannot write. */
int draw_formats_read(const char *list, unsigned *out, failure *f);

/* The file of a chain, from 1. */
enum { DRAW_FILE_ROOM = 40 };
const char *draw_chain_file(size_t chain, char name[DRAW_FILE_ROOM]);

/* Files of the format in a run's folder, and the name of the i-th. */
size_t draw_format_files(const draw_format *format, const outcome *o);
const char *draw_format_file(const draw_format *format, size_t i, char name[DRAW_FILE_ROOM]);

#endif
