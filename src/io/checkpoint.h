/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run's checkpoints in its folder: the last one and the one before it, so that there is one whole whatever happens. */
#ifndef DILATE_IO_CHECKPOINT_H
#define DILATE_IO_CHECKPOINT_H

#include "io/failure.h"
#include <stddef.h>

enum { CHECKPOINT_FILES = 2 };

/* What becomes of those that are there. */
typedef enum checkpoint_turn {
  CHECKPOINT_FIRST, /* they are an earlier run's: they go */
  CHECKPOINT_NEXT,  /* the last one becomes the one before it */
  CHECKPOINT_MENDS  /* the last one is damaged, and replaced */
} checkpoint_turn;

/* Written to a new file, brought to the disk, renamed; on failure the folder holds what it held before, or a newer name for it. */
int checkpoint_store(const char *folder, checkpoint_turn turn, const void *bytes, size_t size, failure *f);
/* The file's name: of the last one (0), or the one before it (1); NULL when out of memory. */
char *checkpoint_path(const char *folder, size_t i);
/* *bytes, to be freed; NULL where there is no such file. */
int checkpoint_fetch(const char *path, void **bytes, size_t *size, failure *f);
/* All of them, and what killed runs have left of such. */
void checkpoint_remove(const char *folder);

#endif
