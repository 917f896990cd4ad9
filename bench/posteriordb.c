/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench/posteriordb: nine posteriors of posteriordb, as densities in C and as Stan programs, against its reference draws; Stan's NUTS on
 * the same programs beside them.  bench/README.md explains what it prints.  Exit status 0: all of the library's runs keep what is asked; 1:
 * not all do; 2: it could not be done. */
#include "bench/posteriordb_table.h"

#include "bench/arguments.h"
#include "bench/support.h"

#include <stdlib.h>

typedef struct arguments {
  const char *data, *json, *table, *read;
  posteriordb_work work;
} arguments;

static const char usage[] = "usage: posteriordb [OPTION...]\n"
                            "  --quick         seed 1, densities in C\n"
                            "  --seeds A-B     seeds A to B (or N: 1 to N); default 1-3\n"
                            "  --rows LIST     posteriors by name, separated by commas; default all\n"
                            "  --lines LIST    of c (densities in C), stan (Stan programs), nuts (Stan's NUTS on these); default all\n"
                            "  --json FILE     writes every run's figures\n"
                            "  --table FILE    writes the table there, not to stdout\n"
                            "  --read FILE     makes the table of the runs in a JSON file, without new runs\n"
                            "  --data FOLDER   the folder of truth/ and stan/\n"
                            "  --list          the posteriors\n"
                            "  --help          this text\n";

_Noreturn static void list_rows(void) {
  for (size_t i = 0; model_list[i] != NULL; i++) puts(model_list[i]->name);
  exit(0);
}

static void be_quick(posteriordb_work *w) {
  w->first_seed = w->last_seed = 1;
  w->lines = "c";
}

static int take(int letter, const char *value, void *to) {
  arguments *const a = to;
  switch (letter) {
  case 'q':
    be_quick(&a->work);
    return 1;
  case 's':
    return arguments_seeds(value, &a->work.first_seed, &a->work.last_seed);
  default:
    list_rows();
  }
}

static void read_arguments(int argc, char **argv, arguments *a) {
  static const struct option options[] = {{"quick", no_argument, NULL, 'q'},
                                          {"seeds", required_argument, NULL, 's'},
                                          {"rows", required_argument, NULL, 'r'},
                                          {"lines", required_argument, NULL, 'w'},
                                          {"json", required_argument, NULL, 'j'},
                                          {"table", required_argument, NULL, 'o'},
                                          {"read", required_argument, NULL, 'i'},
                                          {"data", required_argument, NULL, 'd'},
                                          {"list", no_argument, NULL, 'l'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
  static const arguments_text texts[] = {{'r', offsetof(arguments, work.rows)},
                                         {'w', offsetof(arguments, work.lines)},
                                         {'j', offsetof(arguments, json)},
                                         {'o', offsetof(arguments, table)},
                                         {'i', offsetof(arguments, read)},
                                         {'d', offsetof(arguments, data)},
                                         {0, 0}};
  arguments_read(argc, argv, &(arguments_syntax){.usage = usage, .options = options, .texts = texts, .take = take}, a);
}

static int is_row(const char *name) {
  return model_named(name) != NULL;
}

static int is_line(const char *name) {
  for (int id = 0; id < LINES; id++)
    if (arguments_selected(line_name((line_id)id), name)) return 1;
  return 0;
}

int main(int argc, char **argv) {
  arguments a = {.data = BENCH_DATADIR, .work = {.build = BENCH_BUILDDIR, .first_seed = 1, .last_seed = 3}};
  entry *entries;
  size_t n;
  read_arguments(argc, argv, &a);
  arguments_check(a.work.rows, "posterior", is_row);
  arguments_check(a.work.lines, "line", is_line);
  a.work.source = a.data;
  snprintf(a.work.folder, sizeof a.work.folder, "%s/truth/posteriordb", a.data);
  if (a.read != NULL)
    posteriordb_load(a.read, &a.work, &n, &entries);
  else
    posteriordb_do(&a.work, &n, &entries);
  FILE *const table = open_output(a.table);
  posteriordb_print(table, n, entries);
  close_output(table, a.table);
  if (a.json != NULL) posteriordb_save(a.json, n, entries);
  const int ok = posteriordb_ok(n, entries);
  entries_free(n, entries);
  return ok ? 0 : 1;
}
