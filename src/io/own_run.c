/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run's summary.json, read back: see own_run.h. */
#include "io/own_run.h"

#include "io/json_parts.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int own_run_wrote(const draws_table *table) {
  const int columns = draws_find(table, "chain__") < table->columns && draws_find(table, "mode__") < table->columns;
  return columns || strncmp(table->settings.sampler, "dilate(", 7) == 0;
}

/* summary.json in the folder of the file; NULL when out of memory. */
static char *beside(const char *path) {
  static const char name[] = "summary.json";
  const char *const slash = strrchr(path, '/');
  const size_t folder = slash ? (size_t)(slash - path) + 1 : 0;
  char *const out = malloc(folder + sizeof name);
  if (!out) return NULL;
  memcpy(out, path, folder);
  strcpy(out + folder, name);
  return out;
}

static size_t read_count(const json_t *object, const char *key) {
  const json_int_t value = json_integer_value(json_object_get(object, key));
  return value > 0 ? (size_t)value : 0;
}

/* Members of the object, to which the texts belong. */
static int take(own_run *run, failure *f) {
  const json_t *const all = run->json, *const parameters = json_object_get(all, "parameters"),
                      *const texts = json_object_get(all, "warnings");
  run->method = json_string_value(json_object_get(all, "method"));
  run->islands = read_count(all, "islands");
  run->draws = read_count(all, "draws");
  run->parameters = json_array_size(parameters);
  run->warnings = json_array_size(texts);
  if (!run->method || !run->islands || !run->draws || !run->parameters)
    return fail_with(f, EXIT_RUN, "'%s' is not the summary of a run: method, islands, draws or parameters are missing", run->path);
  run->parameter = calloc(run->parameters, sizeof *run->parameter);
  run->warning = calloc(run->warnings + 1, sizeof *run->warning);
  if (!run->parameter || !run->warning) return fail_with(f, EXIT_RUN, "out of memory");
  for (size_t i = 0; i < run->parameters; ++i) {
    json_read_parameter(json_array_get(parameters, i), &run->parameter[i]);
    if (!run->parameter[i].name) return fail_with(f, EXIT_RUN, "'%s': parameter %zu has no name", run->path, i + 1);
  }
  for (size_t i = 0; i < run->warnings; ++i) {
    const char *const text = json_string_value(json_array_get(texts, i));
    run->warning[i] = text ? text : "";
  }
  return 0;
}

static int read_stream(FILE *stream, own_run *run, failure *f) {
  json_error_t wrong;
  run->json = json_read(stream, &wrong, f);
  if (!run->json) return fail_with(f, EXIT_RUN, "'%s', line %d: %s", run->path, wrong.line, wrong.text);
  return take(run, f);
}

int own_run_read(const draws_table *table, own_run *out, failure *f) {
  *out = (own_run){.path = beside(table->path)};
  if (!out->path) return fail_with(f, EXIT_RUN, "out of memory");
  FILE *const stream = fopen(out->path, "r");
  if (stream) {
    read_stream(stream, out, f);
    fclose(stream);
  } else if (errno != ENOENT)
    fail_with(f, EXIT_RUN, "cannot read '%s': %s", out->path, strerror(errno));
  if (!stream || f->exit_status) own_run_clear(out);
  return f->exit_status;
}

void own_run_clear(own_run *run) {
  json_decref(run->json);
  free(run->parameter);
  free(run->warning);
  free(run->path);
  *run = (own_run){0};
}
