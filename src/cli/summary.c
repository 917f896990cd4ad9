/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `dilate summary`: the table of parameters of draws from files. */
#define _GNU_SOURCE
#include "cli/summary.h"

#include "cli/arguments.h"
#include "cli/cli.h"
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_JSON = 256 };

static const struct option options[] = {{"json", no_argument, NULL, OPTION_JSON}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};

typedef struct summary_arguments {
  size_t files;
  char **file;
  int json, help;
} summary_arguments;

static int read_arguments(int argc, char **argv, summary_arguments *out, failure *f) {
  int found;
  *out = (summary_arguments){0};
  opterr = 0;
  optind = 1;
  while ((found = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
    if (found == '?' || found == ':') return arguments_refuse(found, argv, "summary", f);
    if (found == OPTION_JSON) out->json = 1;
    if (found == 'h') out->help = 1;
  }
  out->file = argv + optind;
  out->files = (size_t)(argc - optind);
  return out->help || out->files ? 0 : fail_with(f, EXIT_USAGE, "which draws? dilate summary DRAWS...: files of chains, or a run's folder");
}

/* The run that the files are from; they must all be of it. */
static int read_run(summary_draws *of, failure *f) {
  for (size_t k = 0; k < of->files && !f->exit_status; ++k) {
    own_run run = {0};
    if (own_run_wrote(&of->table[k]) && own_run_read(&of->table[k], &run, f)) break;
    const int same = k == 0 || (run.path && of->run.path ? strcmp(run.path, of->run.path) == 0 : run.path == of->run.path);
    if (!same)
      fail_with(f, EXIT_RUN, "'%s' and '%s' are not of one run, and the errors of each run are its own: summarise them one by one",
                of->table->path, of->table[k].path);
    if (k == 0)
      of->run = run;
    else
      own_run_clear(&run);
  }
  return f->exit_status;
}

static int open_draws(const summary_arguments *request, summary_draws *out, failure *f) {
  draws_files list;
  *out = (summary_draws){0};
  if (draws_files_list(request->files, request->file, &list, f)) return f->exit_status;
  *out = (summary_draws){.files = list.count, .table = calloc(list.count, sizeof *out->table)};
  if (!out->table) fail_with(f, EXIT_RUN, "out of memory");
  for (size_t k = 0; k < list.count && !f->exit_status; ++k) draws_read_all(list.path[k], &out->table[k], f);
  draws_files_clear(&list);
  return f->exit_status ? f->exit_status : read_run(out, f);
}

static void close_draws(summary_draws *of) {
  for (size_t k = 0; of->table && k < of->files; ++k) draws_clear(&of->table[k]);
  free(of->table);
  own_run_clear(&of->run);
}

static int show(const summarised *s, int json, failure *f) {
  if (!json)
    summarised_write(stdout, s);
  else if (summarised_write_json(stdout, s))
    return fail_to_write(f, stdout, "the summary");
  return 0;
}

int command_summary(int argc, char **argv, failure *f) {
  summary_arguments request;
  summary_draws draws;
  summarised found = {0};
  if (read_arguments(argc, argv, &request, f)) return f->exit_status;
  if (request.help) {
    help_write_summary();
    return 0;
  }
  int status = open_draws(&request, &draws, f);
  if (!status) status = summary_measure(&draws, &found, f);
  if (!status) status = show(&found, request.json, f);
  summarised_clear(&found);
  close_draws(&draws);
  return status;
}
