/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The summary of draws as JSON, by jansson: numbers that are not there are null. */
#include "io/json_parts.h"
#include "io/summarised.h"

#include <math.h>

static json_t *count(size_t value) {
  return json_integer((json_int_t)value);
}

/* Pareto k belongs to draws in their order alone. */
static json_t *parameter_list(const summarised *s) {
  json_t *array = json_array();
  int failed = array == NULL;
  for (size_t j = 0; j < s->parameters && !failed; ++j) {
    json_t *const object = json_of_parameter(&s->parameter[j]);
    failed = object == NULL;
    if (!failed && !s->account) failed = json_object_set_new(object, "pareto_k", json_number(s->parameter[j].pareto_k)) != 0;
    failed |= json_array_append_new(array, object) != 0;
  }
  if (!failed) return array;
  json_decref(array);
  return NULL;
}

static json_t *warning_list(const summarised *s) {
  json_t *array = json_array();
  int failed = array == NULL;
  for (size_t i = 0; i < s->warnings && !failed; ++i) failed = json_array_append_new(array, json_text(s->warning[i])) != 0;
  if (!failed) return array;
  json_decref(array);
  return NULL;
}

int summarised_write_json(FILE *stream, const summarised *s) {
  json_t *out = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "file", json_text(s->first), "files", count(s->files), "chains",
                          count(s->chains), "draws", count(s->draws), "errors_from", json_text(s->account ? s->account : "order"),
                          "parameters", parameter_list(s), "warnings", warning_list(s));
  const int failed = !out || json_dumpf(out, stream, JSON_INDENT(2) | JSON_PRESERVE_ORDER) != 0 || fputc('\n', stream) == EOF;
  json_decref(out);
  return failed ? -1 : 0;
}
