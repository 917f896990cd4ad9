/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench/paths: every path and sampler side by side, with equal numbers of evaluations and draws, on five targets; tables, figures and a
 * page.  bench/README.md explains what it prints.  Exit status 0: done; 2: it could not be done. */
#define _GNU_SOURCE
#include "bench/arguments.h"
#include "bench/paths_json.h"
#include "bench/paths_page.h"
#include "bench/paths_table.h"
#include "bench/support.h"

#include <getopt.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

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

_Noreturn static void misused(void) {
  fputs(usage, stderr);
  exit(2);
}

_Noreturn static void help(void) {
  fputs(usage, stdout);
  exit(0);
}

_Noreturn static void list(void) {
  for (size_t i = 0; i < paths_target_count; i++) printf("%-14s %s\n", paths_target_list[i].name, paths_target_list[i].title);
  for (size_t i = 1; i < paths_method_count; i++) printf("%-14s %s\n", paths_method_list[i].name, paths_method_list[i].title);
  exit(0);
}

static void read_seeds(const char *text, paths_work *w) {
  if (!arguments_seeds(text, &w->first_seed, &w->last_seed)) misused();
}

static void read_threads(const char *text, paths_work *w) {
  w->threads = arguments_count(text);
  if (w->threads == 0) misused();
}

static void read_arguments(int argc, char **argv, arguments *a) {
  static const struct option options[] = {
      {"seeds", required_argument, NULL, 's'},   {"targets", required_argument, NULL, 'r'}, {"methods", required_argument, NULL, 'm'},
      {"threads", required_argument, NULL, 't'}, {"json", required_argument, NULL, 'j'},    {"table", required_argument, NULL, 'o'},
      {"page", required_argument, NULL, 'p'},    {"figure", required_argument, NULL, 'f'},  {"read", required_argument, NULL, 'i'},
      {"list", no_argument, NULL, 'l'},          {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0}};
  for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    if (o == 's')
      read_seeds(optarg, &a->work);
    else if (o == 'r')
      a->work.targets = optarg;
    else if (o == 'm')
      a->work.methods = optarg;
    else if (o == 't')
      read_threads(optarg, &a->work);
    else if (o == 'j')
      a->work.json = optarg;
    else if (o == 'o')
      a->table = optarg;
    else if (o == 'p')
      a->page = optarg;
    else if (o == 'f')
      a->figure = optarg;
    else if (o == 'i')
      a->read = optarg;
    else if (o == 'l')
      list();
    else if (o == 'h')
      help();
    else
      misused();
  }
  if (optind < argc) misused();
}

/* A name that is not known would be passed over unseen. */
static void check_names(const char *names, int targets) {
  for (const char *word = names; word != NULL && *word != '\0';) {
    char name[64];
    const size_t length = strcspn(word, ",");
    snprintf(name, sizeof name, "%.*s", (int)length, word);
    if (targets ? paths_target_named(name) == NULL : paths_method_named(name) == NULL)
      give_up("there is no %s \"%s\"; --list names them", targets ? "target" : "method", name);
    word += length + (word[length] == ',');
  }
}

static FILE *open_output(const char *path) {
  FILE *const file = fopen(path, "w");
  if (file == NULL) give_up("%s: cannot be written", path);
  return file;
}

static void close_output(FILE *file, const char *path) {
  if (fclose(file) != 0) give_up("%s: cannot be written", path);
}

static void report(const arguments *a, size_t n, const paths_runs *runs) {
  if (a->work.json != NULL) paths_save(a->work.json, n, runs);
  FILE *const table = a->table != NULL ? open_output(a->table) : stdout;
  paths_tables_print(table, n, runs);
  if (a->table != NULL) close_output(table, a->table);
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
  check_names(a.work.targets, 1);
  check_names(a.work.methods, 0);
  if (a.read != NULL)
    paths_load(a.read, a.work.targets, a.work.methods, &n, &runs);
  else
    paths_work_do(&a.work, &n, &runs);
  report(&a, n, runs);
  paths_runs_free(n, runs);
  return 0;
}
