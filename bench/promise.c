/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench/promise (make calibration): simulation-based calibration, the coverage of the reported errors, and what is told of planted modes.
 * bench/README.md explains what it prints.  Exit status 0: all that is asked holds; 1: something does not; 2: it could not be done. */
#include "bench/promise.h"

#include "bench/arguments.h"
#include "bench/support.h"
#include <omp.h>
#include <stdlib.h>

typedef struct arguments {
  const char *parts, *runs, *json, *table;
  int threads, seeds, read;
} arguments;

static const char usage[] = "usage: promise [OPTION...]\n"
                            "  --quick         twenty seeds a study\n"
                            "  --seeds N       so many\n"
                            "  --parts LIST    of ranks, coverage, missed; default all\n"
                            "  --threads N     runs at a time; default all processors\n"
                            "  --runs FILE     where every run is noted, and looked up; default calibration.jsonl\n"
                            "  --read          no new runs: the tables of what is noted\n"
                            "  --json FILE     writes every run's figures\n"
                            "  --table FILE    writes the tables there, not to stdout\n"
                            "  --help          this text\n";

static int take(int letter, const char *value, void *to) {
  arguments *const a = to;
  switch (letter) {
  case 'q':
    return a->seeds = 20;
  case 's':
    return (a->seeds = arguments_count(value)) > 0;
  case 't':
    return (a->threads = arguments_count(value)) > 0;
  default:
    return a->read = 1;
  }
}

static void read_arguments(int argc, char **argv, arguments *a) {
  static const struct option options[] = {{"quick", no_argument, NULL, 'q'},       {"seeds", required_argument, NULL, 's'},
                                          {"parts", required_argument, NULL, 'p'}, {"threads", required_argument, NULL, 't'},
                                          {"runs", required_argument, NULL, 'r'},  {"read", no_argument, NULL, 'i'},
                                          {"json", required_argument, NULL, 'j'},  {"table", required_argument, NULL, 'o'},
                                          {"help", no_argument, NULL, 'h'},        {NULL, 0, NULL, 0}};
  static const arguments_text texts[] = {{'p', offsetof(arguments, parts)},
                                         {'r', offsetof(arguments, runs)},
                                         {'j', offsetof(arguments, json)},
                                         {'o', offsetof(arguments, table)},
                                         {0, 0}};
  arguments_read(argc, argv, &(arguments_syntax){.usage = usage, .options = options, .texts = texts, .take = take}, a);
}

static int is_part(const char *name) {
  return arguments_selected(name, "ranks,coverage,missed");
}

int main(int argc, char **argv) {
  arguments a = {.runs = "calibration.jsonl", .threads = omp_get_num_procs()};
  promise p;
  read_arguments(argc, argv, &a);
  arguments_check(a.parts, "part", is_part);
  promise_open(&p, a.runs, a.parts, (size_t)a.seeds);
  if (!a.read) promise_work(&p, a.threads);
  FILE *const table = open_output(a.table);
  int ok = 1;
  if (arguments_selected("ranks", a.parts)) ok &= ranks_print(table, &p);
  if (arguments_selected("coverage", a.parts)) ok &= coverage_print(table, &p);
  if (arguments_selected("missed", a.parts)) ok &= missed_print(table, &p);
  close_output(table, a.table);
  if (a.json != NULL) promise_save(a.json, &p);
  promise_free(&p);
  return ok ? 0 : 1;
}
