/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What went wrong, in one line for the user, with the exit status that the program ends with.
 * Every function of src/io and src/cli that can fail returns 0 or that exit status; the first failure wins. */
#ifndef DILATE_IO_FAILURE_H
#define DILATE_IO_FAILURE_H

#include <stdio.h>

enum { EXIT_RUN = 1, EXIT_USAGE = 2, EXIT_STRICT = 3 };

typedef struct failure {
  int exit_status; /* 0: nothing failed */
  char message[1024];
} failure;

/* Notes the message unless there is one already; returns the exit status that stands. */
int fail_with(failure *f, int exit_status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* That `what` could not be written: the stream failed, or else there was no memory for it. */
int fail_to_write(failure *f, FILE *stream, const char *what);

#endif
