/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The TARGET argument: with a '/' or ending in .so it is a shared object, of a kind that its symbols tell, else a built-in target
 * "name:option=value,...". */
#include "cli/subject.h"

#include "cli/guard.h"
#include "io/file.h"
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static int is_object(const char *argument) {
  const size_t length = strlen(argument);
  return strchr(argument, '/') || (length >= 3 && strcmp(argument + length - 3, ".so") == 0);
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

/* ---- Shared objects ---- */

static int open_plugin(const char *path, const char *data_path, subject *out, failure *f) {
  dilate_error err;
  dilate_error_init(&err);
  if (dilate_plugin_load(path, data_path, &out->plugin, &err) < 0) return fail_with(f, EXIT_RUN, "%s", err.message);
  out->target = dilate_plugin_target(out->plugin);
  return 0;
}

/* A kind of model is a line here, its handle in the subject, and a line in subject_close(). */
static const struct {
  const char *symbol; /* that every object of the kind exports, and no other; a Stan model that lacks one of two has the other */
  int (*open)(const char *path, const char *data_path, subject *out, failure *f);
} kinds[] = {{"dilate_plugin_abi", open_plugin}, {"bs_model_construct", open_plugin}, {"bs_param_unc_num", open_plugin}};

/* The loader takes a bare name for one on its search path: here it is a file. */
static void *load(const char *path) {
  char here[4096];
  const int length = snprintf(here, sizeof here, "%s%s", strchr(path, '/') ? "" : "./", path);
  return dlopen(length < (int)sizeof here ? here : path, RTLD_NOW | RTLD_LOCAL);
}

static int open_kind(void *handle, const char *path, const char *data_path, subject *out, failure *f) {
  guard_exceptions(handle);
  guard_doing("while it was opened");
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; ++i)
    if (dlsym(handle, kinds[i].symbol)) return kinds[i].open(path, data_path, out, f);
  return fail_with(f, EXIT_RUN,
                   "'%s' is a shared object, but no model: it exports neither %s, as a plug-in does ('dilate new' writes one), nor %s, as "
                   "a Stan model does ('dilate stan' makes one)",
                   path, kinds[0].symbol, kinds[1].symbol);
}

static int open_object(const char *path, const char *data_path, subject *out, failure *f) {
  if (path_check_readable("plug-in", path, f)) return f->exit_status;
  guard_begin(path);
  void *handle = load(path);
  if (handle)
    open_kind(handle, path, data_path, out, f);
  else
    fail_with(f, EXIT_RUN, "plug-in %s: cannot be loaded: %s", path, dlerror());
  if (handle) dlclose(handle); /* what was opened holds it itself */
  guard_doing("while it was run");
  if (f->exit_status)
    guard_end();
  else
    out->label = path;
  return f->exit_status;
}

int subject_open(const char *argument, const char *data_path, subject *out, failure *f) {
  memset(out, 0, sizeof *out);
  if (is_object(argument)) {
    if (data_path && path_check_readable("data file", data_path, f)) return f->exit_status;
    return open_object(argument, data_path, out, f);
  }
  if (find_type(argument) && data_path && path_check_readable("data file", data_path, f)) return f->exit_status;
  return open_builtin(argument, data_path, out, f);
}

/* A plug-in that crashes as it is closed takes nothing with it of what was printed. */
void subject_close(subject *s) {
  fflush(stdout);
  guard_doing("while it was closed");
  if (s->is_builtin) builtin_destroy(&s->builtin);
  dilate_plugin_free(s->plugin);
  guard_end();
  memset(s, 0, sizeof *s);
}
