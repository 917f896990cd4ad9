/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Public structs of options, which begin with a size_t struct_size: nothing is read or written beyond what the caller says it has. */
#ifndef DILATE_BASE_SIZED_H
#define DILATE_BASE_SIZED_H

#include "base/status.h"

/* For an _init_sized function: the defaults (`size` bytes) into the user's struct, as far as both reach; what it has beyond is zeroed.
 * Nothing where it is NULL or too short for its own size. */
void sized_init(void *user, size_t struct_size, const void *defaults, size_t size);
/* *full: the defaults with the user's struct (NULL: none) over them.  DILATE_EINVAL for a struct on which `init` was never called. */
int sized_read(const void *user, void *full, const void *defaults, size_t size, const char *init, dilate_error *err);
/* The other way: our struct of `size` bytes into the caller's, whose struct_size stays.  DILATE_EINVAL where that is not even its own. */
int sized_write(void *user, const void *ours, size_t size);

#define THREADS_MAX 1024
/* The threads asked for, or, where that is 0, what OpenMP would use, at most THREADS_MAX. */
size_t threads_or_default(size_t asked);

#endif
