/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figures of every run by jansson; a number that is not finite is null, and null is read as NaN. */
#include "bench/accuracy_json.h"

#include "bench/accuracy_support.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

/* ---- Writing ---- */

static void put(json_t *object, const char *key, json_t *value) {
  if (json_object_set_new(object, key, value) != 0) give_up("out of memory");
}

static void append(json_t *array, json_t *value) {
  if (json_array_append_new(array, value) != 0) give_up("out of memory");
}

static json_t *real(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

static json_t *count(uint64_t value) {
  return json_integer((json_int_t)value);
}

static json_t *reals(size_t n, const double *x) {
  json_t *const array = json_array();
  for (size_t i = 0; i < n; i++) append(array, real(x[i]));
  return array;
}

/* Of the measures of a row, by name. */
static json_t *measures_of(const row *r, const run *one, const calibration *c) {
  json_t *const object = json_object();
  for (size_t m = 0; m < MEASURES_MAX && r->measures[m].kind != MEASURE_NONE; m++) {
    const measure_kind kind = r->measures[m].kind;
    json_t *const value = json_object();
    put(value, "value", real(one->value[m]));
    if (measure_is_calibrated(kind)) put(value, "worth", real(calibration_worth(calibration_find(c, r, kind), one->value[m])));
    put(object, measure_name(kind), value);
  }
  return object;
}

static json_t *modes_of(const run *one) {
  json_t *const array = json_array();
  for (size_t m = 0; m < one->modes; m++) {
    const run_mode *const mode = &one->mode[m];
    append(array, reals(3, (const double[]){mode->weight, mode->weight_se, mode->truth}));
  }
  return array;
}

static json_t *warnings_of(const run *one) {
  json_t *const array = json_array();
  for (size_t i = 0; i < one->warnings; i++) append(array, json_string(one->warning[i]));
  return array;
}

static json_t *profile_of(const profile *p) {
  json_t *const array = json_array();
  for (size_t i = 0; i < p->n; i++) append(array, reals(3, (const double[]){p->level[i], p->share[i], p->se[i]}));
  return array;
}

static json_t *run_object(const row *r, const run *one, const calibration *c) {
  json_t *const object = json_object();
  put(object, "seed", count(one->seed));
  put(object, "failure", one->failure != NULL ? json_string(one->failure) : json_null());
  put(object, "log_z", real(one->log_z));
  put(object, "log_z_se", real(one->log_z_se));
  put(object, "log_z_df", real(one->log_z_df));
  put(object, "log_z_truth", real(one->log_z_truth));
  put(object, "log_z_error", real(run_log_z_error(one)));
  put(object, "measures", measures_of(r, one, c));
  put(object, "missing", real(one->missing));
  put(object, "unseen_mass", real(one->unseen_mass));
  put(object, "evaluations", count(one->evaluations));
  put(object, "gradients", count(one->gradients));
  put(object, "seconds", real(one->seconds));
  put(object, "warnings", warnings_of(one));
  put(object, "modes", modes_of(one));                                       /* weight, standard error, truth */
  if (one->profile.n > 0) put(object, "profile", profile_of(&one->profile)); /* level, share below, standard error */
  return object;
}

static json_t *verdict_object(const verdict *v, const coverage *c) {
  json_t *const object = json_object();
  put(object, "pass", json_boolean(v->ok));
  put(object, "log_z", json_boolean(v->log_z_ok));
  put(object, "draws", json_boolean(v->draws_ok));
  put(object, "other", json_boolean(v->other_ok));
  put(object, "evaluations", json_boolean(v->evaluations_ok));
  put(object, "coverage", json_boolean(c->ok));
  put(object, "median_error", real(v->log_z_median));
  put(object, "worst_error", real(v->log_z_worst));
  put(object, "median_se", real(v->log_z_se));
  put(object, "sd_over_seeds", real(v->log_z_sd));
  put(object, "silent", count(v->silent));
  put(object, "median_evaluations", real(v->evaluations_median));
  return object;
}

static json_t *row_object(const judgement *j, size_t i, const calibration *c) {
  const row_runs *const runs = &j->runs[i];
  json_t *const object = json_object(), *const array = json_array();
  put(object, "name", json_string(runs->row->name));
  put(object, "target", json_string(runs->row->target));
  put(object, "verdict", verdict_object(&j->verdict[i], &j->coverage[i]));
  for (size_t k = 0; k < runs->n; k++) append(array, run_object(runs->row, &runs->run[k], c));
  put(object, "runs", array);
  return object;
}

void figures_save(const char *path, const judgement *j, const calibration *c) {
  json_t *const root = json_object(), *const array = json_array();
  put(root, "version", json_string(dilate_version()));
  put(root, "isa", json_string(dilate_isa()));
  put(root, "pass", json_boolean(j->ok));
  for (size_t i = 0; i < j->n; i++) append(array, row_object(j, i, c));
  put(root, "rows", array);
  if (json_dump_file(root, path, JSON_INDENT(1) | JSON_REAL_PRECISION(10)) != 0) give_up("%s: cannot be written", path);
  json_decref(root);
}

/* ---- Reading ---- */

static double number(const json_t *object, const char *key) {
  const json_t *const value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

static double element(const json_t *array, size_t i) {
  const json_t *const value = json_array_get(array, i);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

static void read_modes(const json_t *array, run *out) {
  out->modes = json_array_size(array);
  out->mode = ALLOCATE(run_mode, out->modes);
  for (size_t m = 0; m < out->modes; m++) {
    const json_t *const mode = json_array_get(array, m);
    out->mode[m] = (run_mode){element(mode, 0), element(mode, 1), element(mode, 2)};
  }
}

static void read_warnings(const json_t *array, run *out) {
  out->warnings = json_array_size(array);
  out->warning = ALLOCATE(char *, out->warnings);
  for (size_t i = 0; i < out->warnings; i++) {
    const char *const text = json_string_value(json_array_get(array, i));
    out->warning[i] = copy_text(text != NULL ? text : "");
  }
}

static void read_profile(const json_t *array, profile *out) {
  out->n = json_array_size(array) < PROFILE_MAX ? json_array_size(array) : PROFILE_MAX;
  for (size_t i = 0; i < out->n; i++) {
    const json_t *const point = json_array_get(array, i);
    out->level[i] = element(point, 0);
    out->share[i] = element(point, 1);
    out->se[i] = element(point, 2);
  }
}

static void read_run(const row *r, const json_t *object, run *out) {
  const char *const failure = json_string_value(json_object_get(object, "failure"));
  const json_t *const measures = json_object_get(object, "measures");
  *out = (run){.seed = (uint64_t)number(object, "seed"),
               .failure = failure != NULL ? copy_text(failure) : NULL,
               .log_z = number(object, "log_z"),
               .log_z_se = number(object, "log_z_se"),
               .log_z_df = number(object, "log_z_df"),
               .log_z_truth = number(object, "log_z_truth"),
               .missing = number(object, "missing"),
               .unseen_mass = number(object, "unseen_mass"),
               .evaluations = (uint64_t)number(object, "evaluations"),
               .gradients = (uint64_t)number(object, "gradients"),
               .seconds = number(object, "seconds")};
  for (size_t m = 0; m < MEASURES_MAX; m++) out->value[m] = number(json_object_get(measures, measure_name(r->measures[m].kind)), "value");
  read_modes(json_object_get(object, "modes"), out);
  read_warnings(json_object_get(object, "warnings"), out);
  read_profile(json_object_get(object, "profile"), &out->profile);
}

void figures_load(const char *path, const char *rows, size_t *n, row_runs **runs) {
  json_error_t error;
  json_t *const root = json_load_file(path, 0, &error);
  if (root == NULL) give_up("%s: line %d: %s", path, error.line, error.text);
  const json_t *const array = json_object_get(root, "rows");
  *runs = ALLOCATE(row_runs, json_array_size(array));
  *n = 0;
  for (size_t i = 0; i < json_array_size(array); i++) {
    const json_t *const object = json_array_get(array, i), *const list = json_object_get(object, "runs");
    const char *const name = json_string_value(json_object_get(object, "name"));
    const row *const r = name != NULL ? row_named(name) : NULL;
    if (r == NULL) give_up("%s: there is no row %s", path, name != NULL ? name : "without a name");
    if (!row_selected(r, rows)) continue;
    row_runs *const out = &(*runs)[(*n)++];
    *out = (row_runs){.row = r, .n = json_array_size(list), .run = ALLOCATE(run, json_array_size(list))};
    for (size_t k = 0; k < out->n; k++) read_run(r, json_array_get(list, k), &out->run[k]);
  }
  json_decref(root);
}

void runs_free(size_t n, row_runs *runs) {
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < runs[i].n; k++) run_release(&runs[i].run[k]);
    free(runs[i].run);
  }
  free(runs);
}
