/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The outcome of a comparison as JSON, by jansson: numbers that are not there are null. */
#include "io/compared.h"

#include <jansson.h>
#include <math.h>

static const char *const keys[COMPARED_MEASURES] = {"sliced_w2", "sinkhorn_w2", "mmd",       "energy",   "sliced_ks",
                                                    "ksd_a",     "ksd_b",       "mode_tv_a", "mode_tv_b"};

static json_t *real(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

static json_t *string(const char *value) {
  if (!value) return json_null();
  json_t *json = json_string(value);
  return json ? json : json_string("(not valid UTF-8)");
}

static json_t *value_object(const compared_value *v) {
  return json_pack("{s:o, s:o, s:o, s:o}", "value", real(v->value), "floor", real(v->floor), "floor_sd", real(v->floor_sd), "note",
                   string(*v->note ? v->note : NULL));
}

static json_t *parameter_object(const compared_parameter *p) {
  return json_pack("{s:o, s:o, s:o, s:o}", "name", string(p->name), "difference", real(p->difference), "sd_ratio", real(p->sd_ratio), "ks",
                   real(p->ks));
}

static json_t *parameter_list(const compared *c) {
  json_t *array = json_array();
  int failed = array == NULL;
  for (size_t j = 0; j < c->parameters; ++j) failed |= json_array_append_new(array, parameter_object(&c->parameter[j])) != 0;
  if (!failed) return array;
  json_decref(array);
  return NULL;
}

static json_t *whole(size_t value) {
  return json_integer((json_int_t)value);
}

int compared_write_json(FILE *stream, const compared *c) {
  json_t *out = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "a", string(c->a), "b", string(c->b), "target", string(c->target),
                          "draws_a", whole(c->rows_a), "draws_b", whole(c->rows_b), "draws_pairs", whole(c->rows_pairs), "draws_sinkhorn",
                          whole(c->rows_sinkhorn), "floor_replicates", whole(c->replicates));
  int failed = out == NULL;
  for (size_t k = 0; k < COMPARED_MEASURES && !failed; ++k) failed = json_object_set_new(out, keys[k], value_object(&c->value[k])) != 0;
  if (!failed) failed = json_object_set_new(out, "parameters", parameter_list(c)) != 0;
  if (!failed) failed = json_dumpf(out, stream, JSON_INDENT(2) | JSON_PRESERVE_ORDER) != 0 || fputc('\n', stream) == EOF;
  json_decref(out);
  return failed ? -1 : 0;
}
