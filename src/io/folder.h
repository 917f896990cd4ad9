/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder for output: made with its parents when it is absent, and taken away again when nothing came of the run. */
#ifndef DILATE_IO_FOLDER_H
#define DILATE_IO_FOLDER_H

#include "io/failure.h"
#include <stddef.h>

typedef struct folder {
  char *path;
  size_t existing; /* length of the leading part of path that was there before; the whole length: all of it */
} folder;

/* Makes the folder and checks, by writing, that files can be made in it; what runs that were killed while they wrote have left there, an
 * hour ago or more, is removed. */
int folder_prepare(const char *path, folder *out, failure *f);
/* Removes what folder_prepare() made and what is still empty. */
void folder_withdraw(folder *made);
void folder_clear(folder *made);

#endif
