/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers and arrays of them into JSON and out of it. */
#include "bench/json.h"

#include "bench/support.h"
#include <math.h>
#include <stdlib.h>

void put_value(json_t *object, const char *key, json_t *value) {
  if (json_object_set_new(object, key, value) != 0) give_up("out of memory");
}

void append_value(json_t *array, json_t *value) {
  if (json_array_append_new(array, value) != 0) give_up("out of memory");
}

json_t *number_value(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

json_t *count_value(uint64_t value) {
  return json_integer((json_int_t)value);
}

json_t *numbers_value(size_t n, const double *x) {
  json_t *const array = json_array();
  for (size_t i = 0; i < n; i++) append_value(array, number_value(x[i]));
  return array;
}

void write_line(FILE *file, json_t *value, int digits, int last) {
  char *const text = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(digits));
  if (text == NULL) give_up("out of memory");
  fprintf(file, "%s%s\n", text, last ? "" : ",");
  free(text);
  json_decref(value);
}

void save_json(const char *path, json_t *root, int digits) {
  if (json_dump_file(root, path, JSON_INDENT(1) | JSON_REAL_PRECISION(digits)) != 0) give_up("%s: cannot be written", path);
  json_decref(root);
}

double read_number(const json_t *object, const char *key) {
  const json_t *const value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

double read_element(const json_t *array, size_t i) {
  const json_t *const value = json_array_get(array, i);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

json_t *open_json(const char *path) {
  json_error_t error;
  json_t *const root = json_load_file(path, 0, &error);
  if (root == NULL) give_up("%s: line %d: %s", path, error.line, error.text);
  return root;
}
