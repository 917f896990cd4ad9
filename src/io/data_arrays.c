/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data of a run.  JSON as Stan's data files have it (CmdStan's guide, "JSON Format"): arrays nested and rectangular, the last index
 * fastest; a number that JSON has not is the string "NaN", "Inf" or "-Inf". */
#define _POSIX_C_SOURCE 200809L
#include "io/data_arrays.h"

#include "io/json_parts.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* 1, and *out, when the value is a number. */
static int read_number(const json_t *value, double *out) {
  if (json_is_number(value)) {
    *out = json_number_value(value);
    return 1;
  }
  if (!json_is_string(value)) return 0;
  char *end;
  const char *const word = json_string_value(value);
  *out = strtod(word, &end);
  return *word && !*end;
}

/* Rank, extents and size, by the first element of each array; 0 where there is none, or too many arrays in one another. */
static int measure(const json_t *value, builtin_array *array, size_t *size) {
  *size = 1;
  for (; json_is_array(value); value = json_array_get(value, 0)) {
    if (json_array_size(value) == 0 || array->rank == BUILTIN_ARRAY_RANK) return 0;
    array->extent[array->rank++] = json_array_size(value);
    *size *= json_array_size(value);
  }
  return 1;
}

/* Copies the numbers below `value`; 0 where it is not of the array's shape. */
static int flatten(const json_t *value, const builtin_array *array, size_t depth, double **to) {
  if (depth == array->rank) return read_number(value, (*to)++);
  if (!json_is_array(value) || json_array_size(value) != array->extent[depth]) return 0;
  for (size_t i = 0; i < array->extent[depth]; ++i)
    if (!flatten(json_array_get(value, i), array, depth + 1, to)) return 0;
  return 1;
}

/* One entry of the file, if it is an array of numbers or a number.  -1: out of memory. */
static int add_entry(const char *name, const json_t *entry, data_arrays *out) {
  builtin_array array = {0};
  size_t size;
  if (!measure(entry, &array, &size)) return 0;
  double *const value = calloc(size, sizeof *value), *to = value;
  char *const copy = strdup(name);
  const int fits = value && copy && flatten(entry, &array, 0, &to);
  if (!fits) {
    const int status = value && copy ? 0 : -1;
    free(value);
    free(copy);
    return status;
  }
  array.name = out->name[out->count] = copy;
  array.value = out->value[out->count] = value;
  array.modelled = array.rank > 0;
  out->array[out->count++] = array;
  return 0;
}

static int read_object(json_t *object, data_arrays *out, failure *f) {
  const size_t room = json_object_size(object) + 1;
  const char *name;
  json_t *entry;
  out->array = calloc(room, sizeof *out->array);
  out->name = calloc(room, sizeof *out->name);
  out->value = calloc(room, sizeof *out->value);
  int status = out->array && out->name && out->value ? 0 : -1;
  if (!status) json_object_foreach(object, name, entry) if (!status) status = add_entry(name, entry, out);
  if (!status) return 0;
  data_arrays_clear(out);
  return fail_with(f, EXIT_RUN, "out of memory");
}

static int copy_builtin(const builtin *target, data_arrays *out, failure *f) {
  if (target->arrays == 0) return 0;
  out->array = calloc(target->arrays, sizeof *out->array);
  if (!out->array) return fail_with(f, EXIT_RUN, "out of memory");
  memcpy(out->array, target->array, target->arrays * sizeof *out->array);
  out->count = target->arrays;
  return 0;
}

static int is_json(const char *path) {
  const size_t length = strlen(path);
  return length > 5 && strcmp(path + length - 5, ".json") == 0;
}

int data_arrays_read(const outcome *o, data_arrays *out, failure *f) {
  *out = (data_arrays){0};
  if (f->exit_status) return f->exit_status; /* of what went before: nothing is taken that its caller would not clear */
  if (o->builtin) return copy_builtin(o->builtin, out, f);
  if (!o->data || !is_json(o->data)) return 0;
  FILE *const stream = fopen(o->data, "r");
  if (!stream) return errno == ENOMEM ? fail_with(f, EXIT_RUN, "out of memory") : 0;
  json_error_t wrong;
  json_t *const json = json_read(stream, &wrong, f);
  fclose(stream);
  if (json_is_object(json)) read_object(json, out, f);
  json_decref(json);
  return f->exit_status;
}

void data_arrays_clear(data_arrays *data) {
  for (size_t i = 0; data->name && i < data->count; ++i) {
    free(data->name[i]);
    free(data->value[i]);
  }
  free(data->array);
  free(data->name);
  free(data->value);
  *data = (data_arrays){0};
}
