/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench/speed: what the library's parts cost, what whole runs cost besides their targets, how cost grows.  bench/README.md explains what it
 * prints.  Exit status 0: no line fails; 1: one does; 2: it could not be done. */
#define _GNU_SOURCE
#include "bench/arguments.h"
#include "bench/speed_parts.h"
#include "bench/speed_table.h"
#include "bench/support.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

_Noreturn static void misused(void) {
  fputs(usage, stderr);
  exit(2);
}

_Noreturn static void help(void) {
  fputs(usage, stdout);
  exit(0);
}

static void be_quick(speed_plan *plan) {
  plan->quick = 1;
  plan->pace.least = 2e-3;
  plan->seeds = 1;
  plan->rows = QUICK_ROWS;
}

static void read_seeds(const char *text, speed_plan *plan) {
  plan->seeds = (uint64_t)arguments_count(text);
  if (plan->seeds == 0) misused();
}

static void read_arguments(int argc, char **argv, arguments *a) {
  static const struct option options[] = {
      {"part", required_argument, NULL, 'p'},  {"quick", no_argument, NULL, 'q'},      {"rows", required_argument, NULL, 'r'},
      {"seeds", required_argument, NULL, 's'}, {"json", required_argument, NULL, 'j'}, {"table", required_argument, NULL, 'o'},
      {"read", required_argument, NULL, 'i'},  {"help", no_argument, NULL, 'h'},       {NULL, 0, NULL, 0}};
  for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    if (o == 'p')
      a->parts = optarg;
    else if (o == 'q')
      be_quick(&a->plan);
    else if (o == 'r')
      a->plan.rows = optarg;
    else if (o == 's')
      read_seeds(optarg, &a->plan);
    else if (o == 'j')
      a->json = optarg;
    else if (o == 'o')
      a->table = optarg;
    else if (o == 'i')
      a->read = optarg;
    else if (o == 'h')
      help();
    else
      misused();
  }
  if (optind < argc) misused();
}

/* ---- Measuring ---- */

typedef struct part {
  const char *name;
  void (*measure)(const speed_plan *plan, figures *out);
} part;

static const part parts[] = {{"micro", speed_micro}, {"micro", speed_callbacks}, {"micro", speed_mixtures},
                             {"whole", speed_whole}, {"growth", speed_growth},   {"threads", speed_threads}};
enum { PARTS = sizeof parts / sizeof *parts };

/* A name that is not known would be passed over unseen. */
static void check_parts(const char *list) {
  for (const char *word = list; word != NULL && *word != '\0';) {
    const size_t length = strcspn(word, ",");
    int known = 0;
    for (size_t i = 0; i < PARTS; i++) known |= strlen(parts[i].name) == length && strncmp(parts[i].name, word, length) == 0;
    if (!known) give_up("there is no part \"%.*s\"; --help names them", (int)length, word);
    word += length + (word[length] == ',');
  }
}

static void note_load(const char *when, figures *out) {
  double load = 0;
  if (getloadavg(&load, 1) == 1) figures_add(out, FIGURE_FACT, "", load, "machine.load-%s", when);
}

static void measure(const arguments *a, figures *out) {
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
  FILE *const file = fopen(path, "w");
  if (file == NULL) give_up("%s: cannot be written", path);
  speed_tables_print(file, all, lines);
  if (fclose(file) != 0) give_up("%s: cannot be written", path);
}

int main(int argc, char **argv) {
  arguments a = {.plan = {.pace = {.repeats = 9, .least = 2e-2}, .seeds = 3}};
  figures all = {0};
  line lines[LINES];
  read_arguments(argc, argv, &a);
  if (a.parts != NULL && strcmp(a.parts, "all") == 0) a.parts = NULL;
  check_parts(a.parts);
  if (a.read != NULL)
    figures_load(a.read, &all);
  else
    measure(&a, &all);
  lines_judge(&all, lines);
  if (a.table != NULL) write_table(a.table, &all, lines);
  speed_tables_print(stdout, &all, lines);
  figures_free(&all);
  for (size_t i = 0; i < LINES; i++)
    if (lines[i].verdict == LINE_FAIL) return 1;
  return 0;
}
