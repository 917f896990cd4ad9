/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program's commands.  argv[0] is the command's own name; each returns an exit status and fills *f when it is not 0, EXIT_STRICT or
 * that of a check which found something. */
#ifndef DILATE_CLI_CLI_H
#define DILATE_CLI_CLI_H

#include "io/failure.h"

/* What main() is, for the program of one process and that of many (src/mpi/start.c), by its name. */
int program_run(const char *name, int argc, char **argv);

int command_targets(int argc, char **argv, failure *f);
int command_sample(int argc, char **argv, failure *f);
int command_resume(int argc, char **argv, failure *f);
int command_compare(int argc, char **argv, failure *f);
int command_summary(int argc, char **argv, failure *f);
int command_stan(int argc, char **argv, failure *f);
int command_check(int argc, char **argv, failure *f);
int command_new(int argc, char **argv, failure *f);

void help_write(void);        /* the whole program */
void help_write_sample(void); /* one command */
void help_write_resume(void);
void help_write_compare(void);
void help_write_summary(void);
void help_write_stan(void);
void help_write_check(void);
void help_write_new(void);
void help_write_targets(void);

#endif
