/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench/paths: every path and sampler side by side, with equal numbers of evaluations and draws, on five targets; tables, figures and a
 * page.  bench/README.md explains what it prints.  Exit status 0: done; 2: it could not be done. */
#include "bench/arguments.h"
#include "bench/paths_json.h"
#include "bench/paths_page.h"
#include "bench/paths_table.h"
#include "bench/support.h"

#include <omp.h>
#include <stdlib.h>

typedef struct arguments {
  const char *table, *read, *page, *figure;
  paths_work work;
} arguments;

static const char usage[] = "usage: paths [OPTION...]\n"
                            "  --seeds A-B     seeds A to B (or N: 1 to N); default 1-10\n"
                            "  --targets LIST  targets by name, separated by commas; default all\n"
                            "  --methods LIST  methods by name; default all\n"
                            "  --threads N     runs at a time; default all processors\n"
                            "  --json FILE     writes every run's figures, one run a line\n"
                            "  --table FILE    writes the tables there, not to stdout\n"
                            "  --page FILE     writes tables and figures as an HTML page\n"
                            "  --figure FILE   writes the first target's particles as SVG\n"
                            "  --read FILE     makes them of the runs in a JSON file, without new runs\n"
                            "  --list          the targets and the methods\n"
                            "  --help          this text\n";

_Noreturn static void list(void) {
  for (size_t i = 0; i < paths_target_count; i++) printf("%-14s %s\n", paths_target_list[i].name, paths_target_list[i].title);
  for (size_t i = 1; i < paths_method_count; i++) printf("%-14s %s\n", paths_method_list[i].name, paths_method_list[i].title);
  exit(0);
}

static int take(int letter, const char *value, void *to) {
  arguments *const a = to;
  switch (letter) {
  case 's':
    return arguments_seeds(value, &a->work.first_seed, &a->work.last_seed);
  case 't':
    return (a->work.threads = arguments_count(value)) > 0;
  default:
    list();
  }
}

static void read_arguments(int argc, char **argv, arguments *a) {
  static const struct option options[] = {
      {"seeds", required_argument, NULL, 's'},   {"targets", required_argument, NULL, 'r'}, {"methods", required_argument, NULL, 'm'},
      {"threads", required_argument, NULL, 't'}, {"json", required_argument, NULL, 'j'},    {"table", required_argument, NULL, 'o'},
      {"page", required_argument, NULL, 'p'},    {"figure", required_argument, NULL, 'f'},  {"read", required_argument, NULL, 'i'},
      {"list", no_argument, NULL, 'l'},          {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0}};
  static const arguments_text texts[] = {{'r', offsetof(arguments, work.targets)}, {'m', offsetof(arguments, work.methods)},
                                         {'j', offsetof(arguments, work.json)},    {'o', offsetof(arguments, table)},
                                         {'p', offsetof(arguments, page)},         {'f', offsetof(arguments, figure)},
                                         {'i', offsetof(arguments, read)},         {0, 0}};
  arguments_read(argc, argv, &(arguments_syntax){.usage = usage, .options = options, .texts = texts, .take = take}, a);
}

static int is_target(const char *name) {
  return paths_target_named(name) != NULL;
}

static int is_method(const char *name) {
  return paths_method_named(name) != NULL;
}

static void report(const arguments *a, size_t n, const paths_runs *runs) {
  if (a->work.json != NULL) paths_save(a->work.json, n, runs);
  FILE *const table = open_output(a->table);
  paths_tables_print(table, n, runs);
  close_output(table, a->table);
  if (a->page != NULL) {
    FILE *const page = open_output(a->page);
    paths_page_print(page, n, runs);
    close_output(page, a->page);
  }
  if (a->figure != NULL && n > 0) {
    FILE *const figure = open_output(a->figure);
    paths_figure_print(figure, &runs[0]);
    close_output(figure, a->figure);
  }
}

int main(int argc, char **argv) {
  arguments a = {.work = {.first_seed = 1, .last_seed = 10, .threads = omp_get_num_procs()}};
  paths_runs *runs;
  size_t n;
  read_arguments(argc, argv, &a);
  arguments_check(a.work.targets, "target", is_target);
  arguments_check(a.work.methods, "method", is_method);
  if (a.read != NULL)
    paths_load(a.read, a.work.targets, a.work.methods, &n, &runs);
  else
    paths_work_do(&a.work, &n, &runs);
  report(&a, n, runs);
  paths_runs_free(n, runs);
  return 0;
}
