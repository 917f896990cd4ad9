/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draws.csv in parts: every process of a run writes the lines of its own rows, and the leader joins them. */
#ifndef DILATE_IO_PARTS_H
#define DILATE_IO_PARTS_H

#include "dilate.h"
#include <stdint.h>
#include <stdio.h>

/* Bytes of the part draws.csv.RANK that was written into the folder; -1: it could not be. */
int64_t part_write(const char *folder, size_t rank, const dilate_result *result);
/* Whether the parts of so many processes are there, each with so many bytes: on a file system that not all share they are not. */
int parts_are_there(const char *folder, size_t count, const int64_t *bytes);
/* All of them, in their order; non-zero: not all could be read. */
int parts_append(const char *folder, size_t count, FILE *to);
/* Those of this run, and what one of more processes may have left. */
void parts_remove(const char *folder, size_t count);

#endif
