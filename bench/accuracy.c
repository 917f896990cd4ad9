/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench/accuracy: every row of the accuracy table with twenty seeds and default options, measured against exact draws or stored truth.
 * bench/README.md explains what it prints.  Exit status 0: everything passes; 1: something does not; 2: it could not be done. */
#define _GNU_SOURCE
#include "bench/accuracy_json.h"
#include "bench/accuracy_work.h"
#include "bench/arguments.h"
#include "bench/support.h"

#include <getopt.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

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

_Noreturn static void misused(void) {
  fputs(usage, stderr);
  exit(2);
}

static int read_count(const char *text) {
  const int count = arguments_count(text);
  if (count == 0) misused();
  return count;
}

static void read_seeds(const char *text, work *w) {
  if (!arguments_seeds(text, &w->first_seed, &w->last_seed)) misused();
}

_Noreturn static void help(void) {
  fputs(usage, stdout);
  exit(0);
}

_Noreturn static void list_rows(void) {
  for (size_t r = 0; r < row_count; r++) printf("%-24s %s\n", row_list[r].name, row_list[r].target);
  exit(0);
}

static void read_arguments(int argc, char **argv, arguments *a) {
  static const struct option options[] = {
      {"quick", no_argument, NULL, 'q'},         {"seeds", required_argument, NULL, 's'}, {"rows", required_argument, NULL, 'r'},
      {"threads", required_argument, NULL, 't'}, {"json", required_argument, NULL, 'j'},  {"table", required_argument, NULL, 'o'},
      {"read", required_argument, NULL, 'i'},    {"calibrate", no_argument, NULL, 'c'},   {"data", required_argument, NULL, 'd'},
      {"list", no_argument, NULL, 'l'},          {"help", no_argument, NULL, 'h'},        {NULL, 0, NULL, 0}};
  for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    if (o == 'q')
      a->work.last_seed = 3;
    else if (o == 's')
      read_seeds(optarg, &a->work);
    else if (o == 'r')
      a->work.rows = optarg;
    else if (o == 't')
      a->work.threads = read_count(optarg);
    else if (o == 'j')
      a->json = optarg;
    else if (o == 'o')
      a->table = optarg;
    else if (o == 'i')
      a->read = optarg;
    else if (o == 'c')
      a->calibrate = 1;
    else if (o == 'd')
      a->data = optarg;
    else if (o == 'l')
      list_rows();
    else if (o == 'h')
      help();
    else
      misused();
  }
  if (optind < argc) misused();
}

static void write_table(const char *path, const judgement *j) {
  FILE *const file = path != NULL ? fopen(path, "w") : stdout;
  if (file == NULL) give_up("%s: cannot be written", path);
  table_print(file, j);
  if (file != stdout && fclose(file) != 0) give_up("%s: cannot be written", path);
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
