/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Last words: while code of others runs in this process, which may crash, throw or exit, the program still ends as it always does, with one
 * line on standard error, exit status 1 and nothing half-written. */
#ifndef DILATE_CLI_GUARD_H
#define DILATE_CLI_GUARD_H

#include "io/folder.h"

/* From here to guard_end() the code of the shared object `label` (not owned) may run.  One at a time. */
void guard_begin(const char *label);
void guard_end(void);

/* Exceptions that leave the object are told apart from other ends; handle: of dlopen(). */
void guard_exceptions(void *handle);
/* What is done with the object, for the line: a static string, as "while it was opened". */
void guard_doing(const char *what);
/* The point that this thread hands over: coordinate j is x[j * stride]; it is told when the program ends there.  NULL: none. */
void guard_point(size_t dim, const double *x, size_t stride);
/* The folder that is to be taken away again should the program end here, as far as it is empty; NULL: none. */
void guard_folder(folder *made);

#endif
