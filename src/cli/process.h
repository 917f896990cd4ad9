/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Another program, run to its end. */
#ifndef DILATE_CLI_PROCESS_H
#define DILATE_CLI_PROCESS_H

#include "io/failure.h"

/* Runs argv[0] of the PATH with nothing to read, its standard output in the file out_path and its standard error in err_path.  *status: its
 * exit status, 127 when there is no such program.  Fails when it cannot be run, when a signal ends it, and on Ctrl-C and the like
 * (interrupt_watch()), which ends it and what it started. */
int process_run(const char *const argv[], const char *out_path, const char *err_path, int *status, failure *f);

#endif
