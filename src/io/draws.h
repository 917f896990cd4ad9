/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws read from CSV files: a header of names, then one row a draw, as `dilate sample` and Stan write them; and chains of them. */
#ifndef DILATE_IO_DRAWS_H
#define DILATE_IO_DRAWS_H

#include "io/failure.h"
#include <stddef.h>

/* What Stan says at a file's head, in comments "key = value". */
typedef struct draws_settings {
  size_t warmup, thin; /* 0: not said */
  int save_warmup, no_warmup;
  char sampler[64]; /* sampler_t, or "" */
} draws_settings;

/* Takes what the comment says. */
void draws_settings_note(draws_settings *settings, const char *comment);
/* Rows of warm-up that stand before the draws. */
size_t draws_settings_warmup(const draws_settings *settings);

typedef struct draws_table {
  char *path; /* of the file */
  draws_settings settings;
  size_t rows, columns; /* warm-up is left out */
  char **name;          /* columns */
  double *value;        /* rows x columns, row-major */
} draws_table;

/* Names of parameters do not end in __. */
int draws_is_parameter(const char *name);
/* The columns that are parameters; all their values are finite.  `path`: a file, or a folder that has a draws.csv.  On failure
 * *out is empty. */
int draws_read(const char *path, draws_table *out, failure *f);
/* All columns, their numbers whatever they are. */
int draws_read_all(const char *path, draws_table *out, failure *f);
void draws_clear(draws_table *table);

/* The files that arguments stand for: a folder for its draws.csv, or else for what --format stan-one or stan wrote there, draws_stan.csv or
 * draws_1.csv, draws_2.csv ...  Fails where two are the same file.  On failure *out is empty. */
typedef struct draws_files {
  size_t count;
  char **path;
} draws_files;
int draws_files_list(size_t count, char *const *path, draws_files *out, failure *f);
void draws_files_clear(draws_files *files);

/* Index of the column of that name; `columns` when there is none. */
size_t draws_find(const draws_table *table, const char *name);
/* Puts the columns into the order of `name`, of which there are as many.  Fails, and names it, when one stands on one side only; `whose`
 * says where the names are from. */
int draws_arrange(draws_table *table, size_t count, const char *const *name, const char *whose, failure *f);
/* Names as Stan's reference manual has them: theta.1.2 becomes theta[1,2].  Fails when out of memory. */
int draws_bracket_names(draws_table *table, failure *f);

/* Chains of equal lengths with the same columns. */
typedef struct draws_chains {
  size_t chains, draws, columns; /* draws: a chain */
  char *const *name;             /* columns: the first table's */
  double *value;                 /* draw i of chain c of column j at [(j*chains + c)*draws + i] */
} draws_chains;

/* Every table is a chain, or as many as its column chain__ (or .chain) numbers, in the order in which they begin.  The tables' columns are
 * put into the order of the first one's, which must stay.  On failure *out is empty. */
int draws_chains_gather(size_t tables, draws_table *table, draws_chains *out, failure *f);
void draws_chains_clear(draws_chains *chains);

#endif
