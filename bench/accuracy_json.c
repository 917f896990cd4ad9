/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figures of every run by jansson; a number that is not finite is null, and null is read as NaN. */
#include "bench/accuracy_json.h"

#include "bench/json.h"
#include "bench/support.h"
#include <stdlib.h>

/* ---- Writing ---- */

/* Of the measures of a row, by name. */
static json_t *measures_of(const row *r, const run *one, const calibration *c) {
  json_t *const object = json_object();
  for (size_t m = 0; m < MEASURES_MAX && r->measures[m].kind != MEASURE_NONE; m++) {
    const measure_kind kind = r->measures[m].kind;
    json_t *const value = json_object();
    put_value(value, "value", number_value(one->value[m]));
    if (measure_is_calibrated(kind))
      put_value(value, "worth", number_value(calibration_worth(calibration_find(c, r, kind), one->value[m])));
    put_value(object, measure_name(kind), value);
  }
  return object;
}

static json_t *modes_of(const run *one) {
  json_t *const array = json_array();
  for (size_t m = 0; m < one->modes; m++) {
    const run_mode *const mode = &one->mode[m];
    append_value(array, numbers_value(3, (const double[]){mode->weight, mode->weight_se, mode->truth}));
  }
  return array;
}

static json_t *warnings_of(const run *one) {
  json_t *const array = json_array();
  for (size_t i = 0; i < one->warnings; i++) append_value(array, json_string(one->warning[i]));
  return array;
}

static json_t *profile_of(const profile *p) {
  json_t *const array = json_array();
  for (size_t i = 0; i < p->n; i++) append_value(array, numbers_value(3, (const double[]){p->level[i], p->share[i], p->se[i]}));
  return array;
}

static json_t *run_object(const row *r, const run *one, const calibration *c) {
  json_t *const object = json_object();
  put_value(object, "seed", count_value(one->seed));
  put_value(object, "failure", one->failure != NULL ? json_string(one->failure) : json_null());
  put_value(object, "log_z", number_value(one->log_z));
  put_value(object, "log_z_se", number_value(one->log_z_se));
  put_value(object, "log_z_df", number_value(one->log_z_df));
  put_value(object, "log_z_truth", number_value(one->log_z_truth));
  put_value(object, "log_z_error", number_value(run_log_z_error(one)));
  put_value(object, "measures", measures_of(r, one, c));
  put_value(object, "missing", number_value(one->missing));
  put_value(object, "unseen_mass", number_value(one->unseen_mass));
  put_value(object, "evaluations", count_value(one->evaluations));
  put_value(object, "gradients", count_value(one->gradients));
  put_value(object, "seconds", number_value(one->seconds));
  put_value(object, "warnings", warnings_of(one));
  put_value(object, "modes", modes_of(one));                                       /* weight, standard error, truth */
  if (one->profile.n > 0) put_value(object, "profile", profile_of(&one->profile)); /* level, share below, standard error */
  return object;
}

static json_t *verdict_object(const verdict *v, const coverage *c) {
  json_t *const object = json_object();
  put_value(object, "pass", json_boolean(v->ok));
  put_value(object, "log_z", json_boolean(v->log_z_ok));
  put_value(object, "draws", json_boolean(v->draws_ok));
  put_value(object, "other", json_boolean(v->other_ok));
  put_value(object, "evaluations", json_boolean(v->evaluations_ok));
  put_value(object, "coverage", json_boolean(c->ok));
  put_value(object, "median_error", number_value(v->log_z_median));
  put_value(object, "worst_error", number_value(v->log_z_worst));
  put_value(object, "median_se", number_value(v->log_z_se));
  put_value(object, "sd_over_seeds", number_value(v->log_z_sd));
  put_value(object, "silent", count_value(v->silent));
  put_value(object, "median_evaluations", number_value(v->evaluations_median));
  return object;
}

static json_t *row_object(const judgement *j, size_t i, const calibration *c) {
  const row_runs *const runs = &j->runs[i];
  json_t *const object = json_object(), *const array = json_array();
  put_value(object, "name", json_string(runs->row->name));
  put_value(object, "target", json_string(runs->row->target));
  put_value(object, "verdict", verdict_object(&j->verdict[i], &j->coverage[i]));
  for (size_t k = 0; k < runs->n; k++) append_value(array, run_object(runs->row, &runs->run[k], c));
  put_value(object, "runs", array);
  return object;
}

void figures_save(const char *path, const judgement *j, const calibration *c) {
  json_t *const root = json_object(), *const array = json_array();
  put_value(root, "version", json_string(dilate_version()));
  put_value(root, "isa", json_string(dilate_isa()));
  put_value(root, "pass", json_boolean(j->ok));
  for (size_t i = 0; i < j->n; i++) append_value(array, row_object(j, i, c));
  put_value(root, "rows", array);
  save_json(path, root, 10);
}

/* ---- Reading ---- */

static void read_modes(const json_t *array, run *out) {
  out->modes = json_array_size(array);
  out->mode = ALLOCATE(run_mode, out->modes);
  for (size_t m = 0; m < out->modes; m++) {
    const json_t *const mode = json_array_get(array, m);
    out->mode[m] = (run_mode){read_element(mode, 0), read_element(mode, 1), read_element(mode, 2)};
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
    out->level[i] = read_element(point, 0);
    out->share[i] = read_element(point, 1);
    out->se[i] = read_element(point, 2);
  }
}

static void read_run(const row *r, const json_t *object, run *out) {
  const char *const failure = json_string_value(json_object_get(object, "failure"));
  const json_t *const measures = json_object_get(object, "measures");
  *out = (run){.seed = (uint64_t)read_number(object, "seed"),
               .failure = failure != NULL ? copy_text(failure) : NULL,
               .log_z = read_number(object, "log_z"),
               .log_z_se = read_number(object, "log_z_se"),
               .log_z_df = read_number(object, "log_z_df"),
               .log_z_truth = read_number(object, "log_z_truth"),
               .missing = read_number(object, "missing"),
               .unseen_mass = read_number(object, "unseen_mass"),
               .evaluations = (uint64_t)read_number(object, "evaluations"),
               .gradients = (uint64_t)read_number(object, "gradients"),
               .seconds = read_number(object, "seconds")};
  for (size_t m = 0; m < MEASURES_MAX; m++)
    out->value[m] = read_number(json_object_get(measures, measure_name(r->measures[m].kind)), "value");
  read_modes(json_object_get(object, "modes"), out);
  read_warnings(json_object_get(object, "warnings"), out);
  read_profile(json_object_get(object, "profile"), &out->profile);
}

void figures_load(const char *path, const char *rows, size_t *n, row_runs **runs) {
  json_t *const root = open_json(path);
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
