/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The summary of draws as JSON, by jansson: numbers that are not there are null. */
#include "io/json_parts.h"
#include "io/summarised.h"

/* Pareto k belongs to draws in their order alone. */
static json_t *parameter_item(const void *of, size_t j) {
  const summarised *const s = of;
  json_t *const object = json_of_parameter(&s->parameter[j]);
  if (!object || s->account) return object;
  if (json_object_set_new(object, "pareto_k", json_number(s->parameter[j].pareto_k)) == 0) return object;
  json_decref(object);
  return NULL;
}

static json_t *warning_item(const void *of, size_t i) {
  return json_text(((const summarised *)of)->warning[i]);
}

int summarised_write_json(FILE *stream, const summarised *s) {
  return json_write_value(
      stream, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "file", json_text(s->first), "files", json_count(s->files), "chains",
                        json_count(s->chains), "draws", json_count(s->draws), "errors_from", json_text(s->account ? s->account : "order"),
                        "parameters", json_list(s->parameters, parameter_item, s), "warnings", json_list(s->warnings, warning_item, s)));
}
