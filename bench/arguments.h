/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command lines of the programs. */
#ifndef BENCH_ARGUMENTS_H
#define BENCH_ARGUMENTS_H

#include <getopt.h>
#include <stddef.h>
#include <stdint.h>

/* An option whose value is kept as it is, in the const char * that stands so far into what the options are read to. */
typedef struct arguments_text {
  int letter;
  size_t offset;
} arguments_text;

typedef struct arguments_syntax {
  const char *usage;
  const struct option *options; /* long ones, ended by zeros; --help is 'h' */
  int operands;                 /* words that are no options: so many, no more and no less */
  /* Takes any option that is not among the texts by its letter, with its value; 0: the value is none. */
  int (*take)(int letter, const char *value, void *to);
  const arguments_text *texts; /* which options are kept as they are, ended by zeros; NULL: none */
} arguments_syntax;

/* Hands every option to take() and returns the operands.  --help prints the usage and ends the program with status 0, what is not
 * understood does with status 2. */
char **arguments_read(int argc, char **argv, const arguments_syntax *s, void *to);

/* A number from 1 to 1024; 0 for anything else. */
int arguments_count(const char *text);
/* "A-B", or "N" for 1 to N; 0 for anything else. */
int arguments_seeds(const char *text, uint64_t *first, uint64_t *last);
/* A number from 0 to 1e6; NaN for anything else. */
double arguments_number(const char *text);
/* Whether the name stands in a list separated by commas; NULL has all. */
int arguments_selected(const char *name, const char *list);
/* Ends the program where a name of the list is not known, which would be passed over unseen. */
void arguments_check(const char *list, const char *what, int (*known)(const char *name));

#endif
