/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `dilate compare`: distances between two files of draws, or between one and a built-in target. */
#define _GNU_SOURCE
#include "cli/compare.h"

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/number.h"
#include <getopt.h>
#include <stdlib.h>

enum { OPTION_TARGET = 256, OPTION_DATA, OPTION_SEED, OPTION_THREADS, OPTION_JSON };

static const struct option options[] = {{"target", required_argument, NULL, OPTION_TARGET},
                                        {"data", required_argument, NULL, OPTION_DATA},
                                        {"seed", required_argument, NULL, OPTION_SEED},
                                        {"threads", required_argument, NULL, OPTION_THREADS},
                                        {"json", no_argument, NULL, OPTION_JSON},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};

static int read_option(int found, const char *argument, compare_arguments *out, failure *f) {
  if (found == OPTION_TARGET) out->target = argument;
  if (found == OPTION_DATA) out->data = argument;
  if (found == OPTION_SEED) return number_read_seed(argument, &out->options.seed, f);
  if (found == OPTION_THREADS) return number_read_threads(argument, &out->options.threads, f);
  if (found == OPTION_JSON) out->json = 1;
  if (found == 'h') out->help = 1;
  return 0;
}

static int check(const compare_arguments *out, failure *f) {
  if (!out->a) return fail_with(f, EXIT_USAGE, "which draws? dilate compare DRAWS_A DRAWS_B, or dilate compare DRAWS --target TARGET");
  if (!out->b && !out->target)
    return fail_with(f, EXIT_USAGE, "compare '%s' with what? name another file of draws, or --target TARGET", out->a);
  if (out->data && !out->target) return fail_with(f, EXIT_USAGE, "--data is the data of a target: --target is missing");
  return 0;
}

static int read_arguments(int argc, char **argv, compare_arguments *out, failure *f) {
  int found;
  *out = (compare_arguments){0};
  dilate_distance_options_init(&out->options);
  opterr = 0;
  optind = 1;
  while ((found = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
    if (found == '?' || found == ':') return arguments_refuse(found, argv, "compare", f);
    if (read_option(found, optarg, out, f)) return f->exit_status;
  }
  if (out->help) return 0;
  if (optind < argc) out->a = argv[optind++];
  if (optind < argc) out->b = argv[optind++];
  if (optind < argc) return fail_with(f, EXIT_USAGE, "two files of draws at most: what is '%s'?", argv[optind]);
  return check(out, f);
}

static int show(const compare_arguments *request, const compared *c, failure *f) {
  if (!request->json)
    compared_write(stdout, c);
  else if (compared_write_json(stdout, c))
    return fail_to_write(f, stdout, "the comparison");
  return 0;
}

int command_compare(int argc, char **argv, failure *f) {
  compare_arguments request;
  compare_samples s;
  if (read_arguments(argc, argv, &request, f)) return f->exit_status;
  if (request.help) {
    help_write_compare();
    return 0;
  }
  compared c = {.parameter = NULL};
  int status = compare_open(&request, &s, f);
  if (!status) {
    c.a = s.a.path;
    c.b = s.b.path;
    c.target = s.target.label;
    status = compare_measure(&s, &request.options, &c, f);
  }
  if (!status) status = show(&request, &c, f);
  free(c.parameter);
  compare_close(&s);
  return status;
}
