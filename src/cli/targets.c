/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `dilate targets`: the built-in targets, readable or as JSON.  A target whose data are not there has no dimension yet, and
 * the list says what is missing. */
#define _GNU_SOURCE
#include "targets/targets.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>

/* *dim = 0 where the target cannot be made; err says why.  Fails where that is memory. */
static int default_dimension(const builtin_type *type, size_t *dim, dilate_error *err, failure *f) {
  builtin made = {0};
  *dim = 0;
  dilate_error_init(err);
  const int status = builtin_create(type->name, NULL, &made, err);
  if (status == DILATE_ENOMEM) return fail_with(f, EXIT_RUN, "%s", err->message);
  if (status == DILATE_OK) *dim = made.target.dim;
  builtin_destroy(&made);
  return 0;
}

static int write_text(const builtin_type *type, failure *f) {
  dilate_error err;
  size_t dim;
  if (default_dimension(type, &dim, &err, f)) return f->exit_status;
  if (dim)
    printf("%-14s d = %-4zu %s\n", type->name, dim, type->summary);
  else
    printf("%-14s d = ?    %s\n", type->name, type->summary);
  if (*type->options) printf("%14s options: %s\n", "", type->options);
  if (type->takes_data) printf("%14s reads --data FILE\n", "");
  if (*type->truth) printf("%14s known: %s\n", "", type->truth);
  if (!dim) printf("%14s missing: %s\n", "", err.message);
  return 0;
}

/* NULL when out of memory. */
static json_t *as_json(const builtin_type *type, failure *f) {
  dilate_error err;
  size_t dim;
  if (default_dimension(type, &dim, &err, f)) return NULL;
  return json_pack("{s:s, s:o, s:s, s:s, s:s, s:b}", "name", type->name, "dim", dim ? json_integer((json_int_t)dim) : json_null(),
                   "summary", type->summary, "options", type->options, "truth", type->truth, "takes_data", type->takes_data);
}

static int write_json(failure *f) {
  json_t *list = json_array();
  int failed = list == NULL;
  for (size_t i = 0; builtin_list[i]; ++i) failed |= json_array_append_new(list, as_json(builtin_list[i], f)) != 0;
  if (!failed) failed = json_dumpf(list, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER) != 0;
  json_decref(list);
  if (failed) return fail_to_write(f, stdout, "the list of targets");
  putchar('\n');
  return 0;
}

int command_targets(int argc, char **argv, failure *f) {
  enum { OPTION_JSON = 256 };
  static const struct option options[] = {{"json", no_argument, NULL, OPTION_JSON}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
  int found, json = 0;
  opterr = 0;
  optind = 1;
  while ((found = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
    if (found == '?' || found == ':') return arguments_refuse(found, argv, "targets", f);
    if (found == 'h') {
      help_write_targets();
      return 0;
    }
    json = 1;
  }
  if (optind < argc) return fail_with(f, EXIT_USAGE, "'dilate targets' takes no argument: what is '%s'?", argv[optind]);
  if (json) return write_json(f);
  for (size_t i = 0; builtin_list[i] && !f->exit_status; ++i) write_text(builtin_list[i], f);
  return f->exit_status;
}
