/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench/peers: libdilate, emcee and Stan's NUTS on the same targets in the same run, by the CPU of each draw that is worth an exact one.
 * bench/README.md explains what it prints.  Exit status 0: all is as asked, as far as the peers are there; 1: something is not; 2: it
 * could not be done. */
#include "bench/arguments.h"
#include "bench/peers_table.h"
#include "bench/support.h"

#include <stdlib.h>
#include <string.h>

#define LIMIT       30
#define LIMIT_QUICK 10

typedef struct arguments {
  const char *json, *table, *data;
  peers_work work;
} arguments;

static const char usage[] = "usage: peers [OPTION...]\n"
                            "  --quick         --limit 10\n"
                            "  --limit S       seconds of CPU of a peer on a target, its three runs together; default 30\n"
                            "  --rows LIST     targets by name, separated by commas; default all\n"
                            "  --json FILE     writes what every length of every sampler's runs reached\n"
                            "  --table FILE    writes the table there, not to stdout\n"
                            "  --data FOLDER   the folder of calibration.csv and truth/\n"
                            "  --list          the targets\n"
                            "  --help          this text\n";

_Noreturn static void list_rows(void) {
  for (size_t i = 0; peers_rows[i] != NULL; i++) puts(peers_rows[i]);
  exit(0);
}

static int take(int letter, const char *value, void *to) {
  arguments *const a = to;
  switch (letter) {
  case 'q':
    a->work.limit = LIMIT_QUICK;
    return 1;
  case 's':
    return (a->work.limit = arguments_number(value)) > 0;
  default:
    list_rows();
  }
}

static void read_arguments(int argc, char **argv, arguments *a) {
  static const struct option options[] = {
      {"quick", no_argument, NULL, 'q'},      {"limit", required_argument, NULL, 's'}, {"rows", required_argument, NULL, 'r'},
      {"json", required_argument, NULL, 'j'}, {"table", required_argument, NULL, 'o'}, {"data", required_argument, NULL, 'd'},
      {"list", no_argument, NULL, 'l'},       {"help", no_argument, NULL, 'h'},        {NULL, 0, NULL, 0}};
  static const arguments_text texts[] = {{'r', offsetof(arguments, work.rows)},
                                         {'j', offsetof(arguments, json)},
                                         {'o', offsetof(arguments, table)},
                                         {'d', offsetof(arguments, data)},
                                         {0, 0}};
  arguments_read(argc, argv, &(arguments_syntax){.usage = usage, .options = options, .texts = texts, .take = take}, a);
}

static int is_row(const char *name) {
  for (size_t i = 0; peers_rows[i] != NULL; i++)
    if (strcmp(peers_rows[i], name) == 0) return 1;
  return 0;
}

int main(int argc, char **argv) {
  arguments a = {.data = BENCH_DATADIR, .work = {.limit = LIMIT, .source = BENCH_DATADIR, .build = BENCH_BUILDDIR}};
  char truth[4096];
  calibration c;
  contest *contests;
  size_t n;
  read_arguments(argc, argv, &a);
  arguments_check(a.work.rows, "row", is_row);
  snprintf(truth, sizeof truth, "%s/truth", a.data);
  calibration_read(a.data, &c);
  a.work.truth = truth;
  a.work.calibration = &c;
  peers_do(&a.work, &n, &contests);
  FILE *const table = open_output(a.table);
  peers_print(table, n, contests);
  close_output(table, a.table);
  if (a.json != NULL) peers_save(a.json, a.work.limit, n, contests);
  const int ok = contests_ok(n, contests);
  free(contests);
  calibration_free(&c);
  return ok ? 0 : 1;
}
