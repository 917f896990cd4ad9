/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of JSON by jansson.  A failed allocation inside it gives a NULL value, which the setters refuse. */
#include "io/json_parts.h"

#include "io/identifiers.h"
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

json_t *json_number(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_count(uint64_t value) {
  return value <= INT64_MAX ? json_integer((json_int_t)value) : json_real((double)value);
}

json_t *json_text(const char *value) {
  if (!value) return json_null();
  return json_string(is_utf8(value) ? value : "(not valid UTF-8)");
}

json_t *json_list(size_t n, json_t *(*item)(const void *of, size_t i), const void *of) {
  json_t *array = json_array();
  int failed = array == NULL;
  for (size_t i = 0; i < n && !failed; ++i) failed = json_array_append_new(array, item(of, i)) != 0;
  if (!failed) return array;
  json_decref(array);
  return NULL;
}

static _Thread_local int lacked_memory;

static void *allocate(size_t size) {
  void *const block = malloc(size);
  if (!block) lacked_memory = 1;
  return block;
}

json_t *json_read(FILE *stream, json_error_t *wrong, failure *f) {
  json_set_alloc_funcs(allocate, free);
  lacked_memory = 0;
  json_t *const json = json_loadf(stream, 0, wrong);
  if (!lacked_memory) return json;
  json_decref(json);
  fail_with(f, EXIT_RUN, "out of memory");
  return NULL;
}

int json_write_value(FILE *stream, json_t *value) {
  if (!value) return -1;
  const int failed = json_dumpf(value, stream, JSON_INDENT(2) | JSON_PRESERVE_ORDER) != 0 || fputc('\n', stream) == EOF;
  json_decref(value);
  return failed ? -1 : 0;
}

/* In the order in which they are written. */
static const struct {
  const char *key;
  size_t place;
} members[] = {{"mean", offsetof(dilate_parameter, mean)},
               {"mcse", offsetof(dilate_parameter, mcse)},
               {"sd", offsetof(dilate_parameter, sd)},
               {"q5", offsetof(dilate_parameter, q5)},
               {"q50", offsetof(dilate_parameter, q50)},
               {"q95", offsetof(dilate_parameter, q95)},
               {"rhat", offsetof(dilate_parameter, rhat)},
               {"ess_bulk", offsetof(dilate_parameter, ess_bulk)},
               {"ess_tail", offsetof(dilate_parameter, ess_tail)},
               {"mcse_sd", offsetof(dilate_parameter, mcse_sd)},
               {"mcse_q5", offsetof(dilate_parameter, mcse_q5)},
               {"mcse_q50", offsetof(dilate_parameter, mcse_q50)},
               {"mcse_q95", offsetof(dilate_parameter, mcse_q95)}};
enum { MEMBERS = sizeof members / sizeof *members };

json_t *json_of_parameter(const dilate_parameter *p) {
  json_t *out = json_object();
  int failed = out == NULL || json_object_set_new(out, "name", json_text(p->name)) != 0;
  for (size_t k = 0; k < MEMBERS && !failed; ++k)
    failed = json_object_set_new(out, members[k].key, json_number(*(const double *)((const char *)p + members[k].place))) != 0;
  if (!failed) return out;
  json_decref(out);
  return NULL;
}

void json_read_parameter(const json_t *object, dilate_parameter *out) {
  *out = (dilate_parameter){.struct_size = sizeof *out, .name = json_string_value(json_object_get(object, "name")), .pareto_k = NAN};
  for (size_t k = 0; k < MEMBERS; ++k) {
    const json_t *value = json_object_get(object, members[k].key);
    *(double *)((char *)out + members[k].place) = json_is_number(value) ? json_number_value(value) : (double)NAN;
  }
}
