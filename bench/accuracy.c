/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench/accuracy: every row of the accuracy table with twenty seeds and default options, measured against exact draws or stored truth.
 * bench/README.md explains what it prints.  Exit status 0: everything passes; 1: something does not; 2: it could not be done. */
#include "bench/accuracy_json.h"
#include "bench/accuracy_work.h"
#include "bench/arguments.h"
#include "bench/support.h"

#include <omp.h>
#include <stdlib.h>

typedef struct arguments {
  const char *data, *json, *table, *read;
  int calibrate;
  work work;
} arguments;

static const char usage[] = "usage: accuracy [OPTION...]\n"
                            "  --quick         seeds 1 to 3\n"
                            "  --seeds A-B     seeds A to B (or N: 1 to N); default 1-20\n"
                            "  --rows LIST     rows by name or beginning of name, separated by commas; default all\n"
                            "  --threads N     runs at a time; default all processors\n"
                            "  --json FILE     writes every run's figures\n"
                            "  --table FILE    writes the table there, not to stdout\n"
                            "  --read FILE     makes the table of the runs in a JSON file, without new runs\n"
                            "  --calibrate     makes calibration.csv anew (of --rows), without runs\n"
                            "  --data FOLDER   the folder of calibration.csv and truth/\n"
                            "  --list          the rows\n"
                            "  --help          this text\n";

_Noreturn static void list_rows(void) {
  for (size_t r = 0; r < row_count; r++) printf("%-24s %s\n", row_list[r].name, row_list[r].target);
  exit(0);
}

static void be_quick(work *w) {
  w->first_seed = 1;
  w->last_seed = 3;
}

static int take(int letter, const char *value, void *to) {
  arguments *const a = to;
  switch (letter) {
  case 'q':
    be_quick(&a->work);
    return 1;
  case 's':
    return arguments_seeds(value, &a->work.first_seed, &a->work.last_seed);
  case 't':
    return (a->work.threads = arguments_count(value)) > 0;
  case 'c':
    return a->calibrate = 1;
  default:
    list_rows();
  }
}

static void read_arguments(int argc, char **argv, arguments *a) {
  static const struct option options[] = {
      {"quick", no_argument, NULL, 'q'},         {"seeds", required_argument, NULL, 's'}, {"rows", required_argument, NULL, 'r'},
      {"threads", required_argument, NULL, 't'}, {"json", required_argument, NULL, 'j'},  {"table", required_argument, NULL, 'o'},
      {"read", required_argument, NULL, 'i'},    {"calibrate", no_argument, NULL, 'c'},   {"data", required_argument, NULL, 'd'},
      {"list", no_argument, NULL, 'l'},          {"help", no_argument, NULL, 'h'},        {NULL, 0, NULL, 0}};
  static const arguments_text texts[] = {{'r', offsetof(arguments, work.rows)}, {'j', offsetof(arguments, json)},
                                         {'o', offsetof(arguments, table)},     {'i', offsetof(arguments, read)},
                                         {'d', offsetof(arguments, data)},      {0, 0}};
  arguments_read(argc, argv, &(arguments_syntax){.usage = usage, .options = options, .texts = texts, .take = take}, a);
}

static void write_table(const char *path, const judgement *j) {
  FILE *const file = open_output(path);
  table_print(file, j);
  close_output(file, path);
}

/* Known at once, not after an hour of runs. */
static void check_calibration(const calibration *c, const char *rows) {
  for (size_t r = 0; r < row_count; r++)
    for (size_t m = 0; m < MEASURES_MAX && row_selected(&row_list[r], rows); m++)
      if (measure_is_calibrated(row_list[r].measures[m].kind)) calibration_find(c, &row_list[r], row_list[r].measures[m].kind);
}

/* 1 when everything passes. */
static int report(const arguments *a, const calibration *c, size_t n, const row_runs *runs) {
  judgement j;
  judgement_make(n, runs, c, &j);
  if (a->json != NULL) figures_save(a->json, &j, c);
  write_table(a->table, &j);
  const int ok = j.ok;
  judgement_free(&j);
  return ok;
}

int main(int argc, char **argv) {
  arguments a = {.data = BENCH_DATADIR, .work = {.first_seed = 1, .last_seed = 20, .threads = omp_get_num_procs()}};
  char folder[4096];
  calibration c;
  row_runs *runs;
  size_t n;
  read_arguments(argc, argv, &a);
  arguments_check(a.work.rows, "row", row_is_there);
  if (a.calibrate) {
    calibration_write(a.data, a.work.rows, a.work.threads);
    return 0;
  }
  snprintf(folder, sizeof folder, "%s/truth", a.data);
  a.work.folder = folder;
  a.work.calibration = &c;
  calibration_read(a.data, &c);
  check_calibration(&c, a.work.rows);
  if (a.read != NULL)
    figures_load(a.read, a.work.rows, &n, &runs);
  else
    work_do(&a.work, &n, &runs);
  const int ok = report(&a, &c, n, runs);
  runs_free(n, runs);
  calibration_free(&c);
  return ok ? 0 : 1;
}
