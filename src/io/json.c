/* SPDX-License-Identifier: GPL-3.0-or-later */
/* summary.json by jansson.  JSON has no NaN or infinity: such numbers become null.  A failed allocation inside jansson gives a NULL
 * value, which the setters refuse: `json_object_set_new` then returns -1, and one flag collects it. */
#include "io/json.h"

#include "io/json_parts.h"
#include <math.h>

typedef struct object {
  json_t *json;
  int failed;
} object;

static object object_new(void) {
  json_t *json = json_object();
  return (object){json, json == NULL};
}

static void put(object *o, const char *key, json_t *value) {
  o->failed |= json_object_set_new(o->json, key, value) != 0;
}
static json_t *object_end(object *o) {
  if (!o->failed) return o->json;
  json_decref(o->json);
  return NULL;
}

static json_t *number_item(const void *value, size_t i) {
  return json_number(((const double *)value)[i]);
}

static json_t *mode_item(const void *of, size_t i) {
  const outcome *const o = of;
  const dilate_mode mode = outcome_mode(o, i);
  object out = object_new();
  put(&out, "weight", json_number(mode.weight));
  put(&out, "weight_se", json_number(mode.weight_se));
  put(&out, "draws", json_count(mode.draws));
  put(&out, "log_density", json_number(mode.log_density));
  put(&out, "mean", json_list(dilate_result_n_out(o->result), number_item, mode.mean));
  return object_end(&out);
}

static json_t *parameter_item(const void *of, size_t i) {
  const dilate_parameter p = outcome_parameter(of, i);
  return json_of_parameter(&p);
}

static json_t *warning_item(const void *of, size_t i) {
  return json_text(dilate_result_warning(((const outcome *)of)->result, i));
}

static json_t *evaluations_object(const dilate_result *result) {
  uint64_t gradients = 0;
  const uint64_t points = dilate_result_evaluations(result, &gradients);
  object out = object_new();
  put(&out, "log_density", json_count(points));
  put(&out, "gradient", json_count(gradients));
  return object_end(&out);
}

static json_t *truth_object(const truth *t) {
  object out = object_new();
  put(&out, "log_z", json_number(t->log_z));
  put(&out, "modes", t->modes ? json_count(t->modes) : json_null());
  put(&out, "modes_found", t->modes ? json_count(t->modes_found) : json_null());
  put(&out, "mode_tv", json_number(t->mode_tv));
  return object_end(&out);
}

static void put_run(object *out, const outcome *o) {
  const dilate_result *result = o->result;
  put(out, "target", json_text(o->target));
  put(out, "dim", json_count(dilate_result_dim(result)));
  put(out, "method", json_text(dilate_result_method(result)));
  put(out, "seed", json_count(dilate_result_seed(result)));
  put(out, "version", json_text(dilate_version()));
  put(out, "isa", json_text(dilate_isa()));
  put(out, "complete", json_boolean(dilate_result_complete(result)));
  put(out, "islands", json_count(dilate_result_islands(result)));
  put(out, "groups", json_count(dilate_result_groups(result)));
  put(out, "draws", json_count(dilate_result_draws(result)));
}

static void put_estimates(object *out, const outcome *o) {
  const dilate_result *result = o->result;
  double log_z = NAN, se = NAN, df = NAN;
  dilate_result_log_z(result, &log_z, &se, &df);
  put(out, "log_z", json_number(log_z));
  put(out, "log_z_se", json_number(se));
  put(out, "log_z_df", json_number(df));
  double lineages = NAN, islands = NAN, bound = NAN, bound_se = NAN;
  dilate_result_log_z_errors(result, &lineages, &islands);
  put(out, "log_z_se_lineages", json_number(lineages));
  put(out, "log_z_se_islands", json_number(islands));
  put(out, "pareto_k", json_number(dilate_result_pareto_k(result)));
  if (dilate_result_log_z_bound(result, &bound, &bound_se) == DILATE_OK) {
    put(out, "log_z_lower_bound", json_number(bound));
    put(out, "log_z_lower_bound_se", json_number(bound_se));
  }
  put(out, "evaluations", evaluations_object(result));
  put(out, "seconds", json_number(dilate_result_seconds(result)));
  put(out, "modes", json_list(dilate_result_mode_count(result), mode_item, o));
  put(out, "modes_countable", json_boolean(dilate_result_modes_countable(result)));
  put(out, "unseen_mass", json_number(dilate_result_unseen_mass(result)));
  put(out, "parameters", json_list(dilate_result_n_out(result), parameter_item, o));
  put(out, "warnings", json_list(dilate_result_warning_count(result), warning_item, o));
  if (o->truth) put(out, "truth", truth_object(o->truth));
}

int json_write(FILE *stream, const outcome *o) {
  object out = object_new();
  put_run(&out, o);
  put_estimates(&out, o);
  return json_write_value(stream, object_end(&out));
}
