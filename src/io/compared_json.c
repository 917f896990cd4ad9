/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The outcome of a comparison as JSON, by jansson: numbers that are not there are null. */
#include "io/compared.h"

#include "io/json_parts.h"

static const char *const keys[COMPARED_MEASURES] = {"sliced_w2", "sinkhorn_w2", "mmd",       "energy",   "sliced_ks",
                                                    "ksd_a",     "ksd_b",       "mode_tv_a", "mode_tv_b"};

static json_t *value_object(const compared_value *v) {
  return json_pack("{s:o, s:o, s:o, s:o}", "value", json_number(v->value), "floor", json_number(v->floor), "floor_sd",
                   json_number(v->floor_sd), "note", json_text(*v->note ? v->note : NULL));
}

static json_t *parameter_object(const compared_parameter *p) {
  return json_pack("{s:o, s:o, s:o, s:o}", "name", json_text(p->name), "difference", json_number(p->difference), "sd_ratio",
                   json_number(p->sd_ratio), "ks", json_number(p->ks));
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
  json_t *out = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "a", json_text(c->a), "b", json_text(c->b), "target",
                          json_text(c->target), "draws_a", whole(c->rows_a), "draws_b", whole(c->rows_b), "draws_pairs",
                          whole(c->rows_pairs), "draws_sinkhorn", whole(c->rows_sinkhorn), "floor_replicates", whole(c->replicates));
  int failed = out == NULL;
  for (size_t k = 0; k < COMPARED_MEASURES && !failed; ++k) failed = json_object_set_new(out, keys[k], value_object(&c->value[k])) != 0;
  if (!failed) failed = json_object_set_new(out, "parameters", parameter_list(c)) != 0;
  if (!failed) failed = json_dumpf(out, stream, JSON_INDENT(2) | JSON_PRESERVE_ORDER) != 0 || fputc('\n', stream) == EOF;
  json_decref(out);
  return failed ? -1 : 0;
}
