/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns of draws in the order of other names. */
#include "io/draws.h"

#include <stdlib.h>
#include <string.h>

/* A name of the table that is not among the others. */
static const char *stranger(const draws_table *table, size_t count, const char *const *name) {
  for (size_t j = 0; j < table->columns; ++j) {
    size_t k = 0;
    while (k < count && strcmp(name[k], table->name[j]) != 0) ++k;
    if (k == count) return table->name[j];
  }
  return NULL;
}

static int check_names(const draws_table *table, size_t count, const char *const *name, const char *whose, failure *f) {
  for (size_t k = 0; k < count; ++k)
    if (draws_find(table, name[k]) == table->columns)
      return fail_with(f, EXIT_RUN, "the parameter '%.200s' of %s is missing in '%s'", name[k], whose, table->path);
  const char *const other = stranger(table, count, name);
  return other ? fail_with(f, EXIT_RUN, "the parameter '%.200s' of '%s' is missing in %s", other, table->path, whose) : 0;
}

/* Column j of the new order is column from[j] of the old one; row has room for one row. */
static void permute(draws_table *table, const size_t *from, double *row, char **name) {
  const size_t width = table->columns;
  memcpy(name, table->name, width * sizeof *name);
  for (size_t j = 0; j < width; ++j) table->name[j] = name[from[j]];
  for (size_t i = 0; i < table->rows; ++i) {
    double *const value = table->value + i * width;
    memcpy(row, value, width * sizeof *row);
    for (size_t j = 0; j < width; ++j) value[j] = row[from[j]];
  }
}

int draws_arrange(draws_table *table, size_t count, const char *const *name, const char *whose, failure *f) {
  if (check_names(table, count, name, whose, f)) return f->exit_status;
  size_t *const from = calloc(count, sizeof *from);
  double *const row = calloc(count, sizeof *row);
  char **const names = calloc(count, sizeof *names);
  if (from && row && names) {
    for (size_t k = 0; k < count; ++k) from[k] = draws_find(table, name[k]);
    permute(table, from, row, names);
  } else
    fail_with(f, EXIT_RUN, "out of memory");
  free(from);
  free(row);
  free(names);
  return f->exit_status;
}
