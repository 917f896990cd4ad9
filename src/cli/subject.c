/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The TARGET argument: with a '/' or ending in .so it is a plug-in, else a built-in target "name:option=value,...". */
#define _POSIX_C_SOURCE 200809L
#include "cli/subject.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int is_plugin(const char *argument) {
  const size_t length = strlen(argument);
  return strchr(argument, '/') || (length >= 3 && strcmp(argument + length - 3, ".so") == 0);
}

static int check_readable(const char *what, const char *path, failure *f) {
  struct stat status;
  FILE *stream = fopen(path, "r");
  if (!stream) return fail_with(f, EXIT_RUN, "cannot read the %s '%s': %s", what, path, strerror(errno));
  const int is_folder = fstat(fileno(stream), &status) == 0 && S_ISDIR(status.st_mode);
  fclose(stream);
  return is_folder ? fail_with(f, EXIT_RUN, "cannot read the %s '%s': it is a folder", what, path) : 0;
}

static const builtin_type *find_type(const char *argument) {
  const size_t length = strcspn(argument, ":");
  for (size_t i = 0; builtin_list[i]; ++i)
    if (strlen(builtin_list[i]->name) == length && strncmp(builtin_list[i]->name, argument, length) == 0) return builtin_list[i];
  return NULL;
}

static int open_builtin(const char *argument, const char *data_path, subject *out, failure *f) {
  const builtin_type *type = find_type(argument);
  if (!type)
    return fail_with(f, EXIT_USAGE,
                     "there is no target '%.*s': 'dilate targets' lists the built-in ones, and a plug-in is a path such as ./%.*s.so",
                     (int)strcspn(argument, ":"), argument, (int)strcspn(argument, ":"), argument);
  if (data_path && !type->takes_data) return fail_with(f, EXIT_USAGE, "the target '%s' takes no data file", type->name);
  dilate_error err;
  dilate_error_init(&err);
  const int status = builtin_create(argument, data_path, &out->builtin, &err);
  if (status < 0) return fail_with(f, status == DILATE_EINVAL && !data_path ? EXIT_USAGE : EXIT_RUN, "%s", err.message);
  out->is_builtin = 1;
  out->target = &out->builtin.target;
  out->label = out->builtin.label;
  return 0;
}

static int open_plugin(const char *argument, const char *data_path, subject *out, failure *f) {
  dilate_error err;
  dilate_error_init(&err);
  if (check_readable("plug-in", argument, f)) return f->exit_status;
  if (dilate_plugin_load(argument, data_path, &out->plugin, &err) < 0) return fail_with(f, EXIT_RUN, "%s", err.message);
  out->target = dilate_plugin_target(out->plugin);
  out->label = argument;
  return 0;
}

int subject_open(const char *argument, const char *data_path, subject *out, failure *f) {
  memset(out, 0, sizeof *out);
  if (is_plugin(argument)) {
    if (data_path && check_readable("data file", data_path, f)) return f->exit_status;
    return open_plugin(argument, data_path, out, f);
  }
  if (find_type(argument) && data_path && check_readable("data file", data_path, f)) return f->exit_status;
  return open_builtin(argument, data_path, out, f);
}

void subject_close(subject *s) {
  if (s->is_builtin) builtin_destroy(&s->builtin);
  dilate_plugin_free(s->plugin);
  memset(s, 0, sizeof *s);
}
