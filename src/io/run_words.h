/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run was asked for beside its options, in words: the note of its checkpoints, from which `dilate resume` sets up the same again. */
#ifndef DILATE_IO_RUN_WORDS_H
#define DILATE_IO_RUN_WORDS_H

#include "io/failure.h"

typedef struct run_words {
  const char *folder;        /* where the program was, in which paths have their meaning */
  const char *target, *data; /* data: NULL where none was given */
  const char *formats;       /* of the draws */
  int strict;
  double seconds; /* between checkpoints; negative: none */
} run_words;

/* A text to be freed; NULL when out of memory. */
char *run_words_write(const run_words *words);
/* Fails where the text is not one of ours.  What is read is to be cleared, and has texts of its own. */
int run_words_read(const char *text, run_words *out, failure *f);
void run_words_clear(run_words *words);

#endif
