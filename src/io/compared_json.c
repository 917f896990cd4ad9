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

static json_t *parameter_item(const void *of, size_t j) {
  const compared_parameter *const p = &((const compared *)of)->parameter[j];
  return json_pack("{s:o, s:o, s:o, s:o}", "name", json_text(p->name), "difference", json_number(p->difference), "sd_ratio",
                   json_number(p->sd_ratio), "ks", json_number(p->ks));
}

int compared_write_json(FILE *stream, const compared *c) {
  json_t *out =
      json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "a", json_text(c->a), "b", json_text(c->b), "target", json_text(c->target),
                "draws_a", json_count(c->rows_a), "draws_b", json_count(c->rows_b), "draws_pairs", json_count(c->rows_pairs),
                "draws_sinkhorn", json_count(c->rows_sinkhorn), "floor_replicates", json_count(c->replicates));
  int failed = out == NULL;
  for (size_t k = 0; k < COMPARED_MEASURES && !failed; ++k) failed = json_object_set_new(out, keys[k], value_object(&c->value[k])) != 0;
  if (!failed) failed = json_object_set_new(out, "parameters", json_list(c->parameters, parameter_item, c)) != 0;
  if (!failed) return json_write_value(stream, out);
  json_decref(out);
  return -1;
}
