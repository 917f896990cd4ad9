/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench/speed: what the library's parts cost, what whole runs cost besides their targets, how cost grows.  bench/README.md explains what it
 * prints.  Exit status 0: no line fails; 1: one does; 2: it could not be done. */
#define _DEFAULT_SOURCE
#include "bench/accuracy_rows.h"
#include "bench/arguments.h"
#include "bench/speed_parts.h"
#include "bench/speed_table.h"
#include "bench/support.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEEDS      3
#define QUICK_ROWS "gmm40,gmm4-10,gmm4-50,gmm40-50,two_moons,manywell32,ionosphere,gauss-10"

typedef struct arguments {
  const char *parts, *json, *table, *read;
  speed_plan plan;
} arguments;

static const char usage[] = "usage: speed [OPTION...]\n"
                            "  --part LIST   micro, whole, growth, threads, separated by commas, or all (default)\n"
                            "  --quick       fewer rows, seeds and sizes: a glance, under two minutes\n"
                            "  --rows LIST   whole runs of these rows only, by name or beginning of name\n"
                            "  --seeds N     whole runs with seeds 1 to N; default 3\n"
                            "  --json FILE   writes every figure\n"
                            "  --table FILE  writes the tables there too\n"
                            "  --read FILE   makes the tables of the figures in a JSON file, without measuring\n"
                            "  --help        this text\n";

/* What was asked for besides stays as it was asked for, wherever it stands. */
static void be_quick(speed_plan *plan) {
  plan->pace.least = 2e-3;
  if (plan->seeds == 0) plan->seeds = 1;
  if (plan->rows == NULL) plan->rows = QUICK_ROWS;
}

static int take(int letter, const char *value, void *to) {
  arguments *const a = to;
  switch (letter) {
  case 'q':
    return a->plan.quick = 1;
  case 's':
    return (a->plan.seeds = (uint64_t)arguments_count(value)) > 0;
  default:
    return 0;
  }
}

static void read_arguments(int argc, char **argv, arguments *a) {
  static const struct option options[] = {
      {"part", required_argument, NULL, 'p'},  {"quick", no_argument, NULL, 'q'},      {"rows", required_argument, NULL, 'r'},
      {"seeds", required_argument, NULL, 's'}, {"json", required_argument, NULL, 'j'}, {"table", required_argument, NULL, 'o'},
      {"read", required_argument, NULL, 'i'},  {"help", no_argument, NULL, 'h'},       {NULL, 0, NULL, 0}};
  static const arguments_text texts[] = {{'p', offsetof(arguments, parts)}, {'r', offsetof(arguments, plan.rows)},
                                         {'j', offsetof(arguments, json)},  {'o', offsetof(arguments, table)},
                                         {'i', offsetof(arguments, read)},  {0, 0}};
  arguments_read(argc, argv, &(arguments_syntax){.usage = usage, .options = options, .texts = texts, .take = take}, a);
  if (a->plan.quick) be_quick(&a->plan);
  if (a->plan.seeds == 0) a->plan.seeds = SEEDS;
}

/* ---- Measuring ---- */

typedef struct part {
  const char *name;
  void (*measure)(const speed_plan *plan, figures *out);
} part;

static const part parts[] = {{"micro", speed_micro}, {"micro", speed_callbacks}, {"micro", speed_mixtures},
                             {"whole", speed_whole}, {"growth", speed_growth},   {"threads", speed_threads}};
enum { PARTS = sizeof parts / sizeof *parts };

static int is_part(const char *name) {
  for (size_t i = 0; i < PARTS; i++)
    if (strcmp(parts[i].name, name) == 0) return 1;
  return 0;
}

static void note_load(const char *when, figures *out) {
  double load = 0;
  if (getloadavg(&load, 1) == 1) figures_add(out, FIGURE_FACT, "", load, "machine.load-%s", when);
}

static void measure_parts(const arguments *a, figures *out) {
  figures_add(out, FIGURE_FACT, "", (double)sysconf(_SC_NPROCESSORS_ONLN), "machine.processors");
  note_load("before", out);
  for (size_t i = 0; i < PARTS; i++) {
    if (!arguments_selected(parts[i].name, a->parts)) continue;
    parts[i].measure(&a->plan, out);
    if (a->json != NULL) figures_save(a->json, out);
  }
  note_load("after", out);
  if (a->json != NULL) figures_save(a->json, out);
}

static void write_table(const char *path, const figures *all, const line lines[LINES]) {
  FILE *const file = open_output(path);
  speed_tables_print(file, all, lines);
  close_output(file, path);
}

int main(int argc, char **argv) {
  arguments a = {.plan = {.pace = {.repeats = 9, .least = 2e-2}}};
  figures all = {0};
  line lines[LINES];
  read_arguments(argc, argv, &a);
  if (a.parts != NULL && strcmp(a.parts, "all") == 0) a.parts = NULL;
  arguments_check(a.parts, "part", is_part);
  arguments_check(a.plan.rows, "row", row_is_there);
  if (a.read != NULL)
    figures_load(a.read, &all);
  else
    measure_parts(&a, &all);
  lines_judge(&all, lines);
  if (a.table != NULL) write_table(a.table, &all, lines);
  write_table(NULL, &all, lines);
  figures_free(&all);
  for (size_t i = 0; i < LINES; i++)
    if (lines[i].verdict == LINE_FAIL) return 1;
  return 0;
}
