/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every run's figures in JSON and back, an array of runs; a number that is not finite is null, and null is read as NaN. */
#include "bench/posteriordb_table.h"

#include "bench/arguments.h"
#include "bench/json.h"
#include "bench/support.h"
#include <stdlib.h>
#include <string.h>

/* ---- Writing ---- */

static json_t *extreme_value(const extreme *e) {
  json_t *const object = json_object();
  put_value(object, "value", number_value(e->value));
  put_value(object, "parameter", json_string(e->name));
  return object;
}

static json_t *run_value(const entry *e, line_id id, const run *r) {
  json_t *const object = json_object(), *const warnings = json_array();
  for (size_t i = 0; i < r->warnings; i++) append_value(warnings, json_string(r->warning[i]));
  put_value(object, "posterior", json_string(e->model->name));
  put_value(object, "line", json_string(line_name(id)));
  put_value(object, "seed", count_value(r->seed));
  put_value(object, "failure", r->failure != NULL ? json_string(r->failure) : json_null());
  put_value(object, "pass", json_boolean(run_passes(r, &e->truth, NULL, 0)));
  put_value(object, "log_z", number_value(r->log_z));
  put_value(object, "log_z_se", number_value(r->log_z_se));
  put_value(object, "log_z_error", number_value(r->log_z - e->truth.log_z));
  put_value(object, "mean_errors", extreme_value(&r->mean));
  put_value(object, "sd_errors", extreme_value(&r->sd));
  put_value(object, "q5_errors", extreme_value(&r->q5));
  put_value(object, "q95_errors", extreme_value(&r->q95));
  put_value(object, "rhat", extreme_value(&r->rhat));
  put_value(object, "ess", extreme_value(&r->ess));
  put_value(object, "ess_bulk", number_value(r->bulk));
  put_value(object, "modes", count_value(r->modes));
  put_value(object, "mode_from_half", number_value(r->share));
  put_value(object, "evaluations", number_value(r->evaluations));
  put_value(object, "gradients", number_value(r->gradients));
  put_value(object, "seconds", number_value(r->seconds));
  put_value(object, "warnings", warnings);
  return object;
}

void posteriordb_save(const char *path, size_t n, const entry *entries) {
  json_t *const runs = json_array();
  for (size_t i = 0; i < n; i++)
    for (int id = 0; id < LINES; id++)
      for (size_t s = 0; s < entries[i].line[id].n; s++)
        append_value(runs, run_value(&entries[i], (line_id)id, &entries[i].line[id].run[s]));
  save_json(path, runs, 12);
}

/* ---- Reading ---- */

static const char *read_text(const json_t *object, const char *key) {
  const char *const text = json_string_value(json_object_get(object, key));
  return text != NULL ? text : "";
}

static void read_extreme(const json_t *object, const char *key, extreme *e) {
  const json_t *const value = json_object_get(object, key);
  e->value = read_number(value, "value");
  snprintf(e->name, sizeof e->name, "%s", read_text(value, "parameter"));
}

static void read_run(const json_t *object, run *r) {
  const json_t *const warnings = json_object_get(object, "warnings");
  *r = (run){.seed = (uint64_t)read_number(object, "seed"), .modes = (size_t)read_number(object, "modes")};
  if (*read_text(object, "failure") != '\0') r->failure = copy_text(read_text(object, "failure"));
  r->log_z = read_number(object, "log_z");
  r->log_z_se = read_number(object, "log_z_se");
  read_extreme(object, "mean_errors", &r->mean);
  read_extreme(object, "sd_errors", &r->sd);
  read_extreme(object, "q5_errors", &r->q5);
  read_extreme(object, "q95_errors", &r->q95);
  read_extreme(object, "rhat", &r->rhat);
  read_extreme(object, "ess", &r->ess);
  r->bulk = read_number(object, "ess_bulk");
  r->share = read_number(object, "mode_from_half");
  r->evaluations = read_number(object, "evaluations");
  r->gradients = read_number(object, "gradients");
  r->seconds = read_number(object, "seconds");
  r->warnings = json_array_size(warnings);
  r->warning = ALLOCATE(char *, r->warnings);
  for (size_t i = 0; i < r->warnings; i++) r->warning[i] = copy_text(json_string_value(json_array_get(warnings, i)));
}

/* The runs of one posterior and line, in the order of the file. */
static void read_line(const json_t *runs, const char *posterior, line_id id, line *out) {
  out->run = ALLOCATE(run, json_array_size(runs));
  for (size_t i = 0; i < json_array_size(runs); i++) {
    const json_t *const object = json_array_get(runs, i);
    if (strcmp(read_text(object, "posterior"), posterior) == 0 && strcmp(read_text(object, "line"), line_name(id)) == 0)
      read_run(object, &out->run[out->n++]);
  }
}

void posteriordb_load(const char *path, const posteriordb_work *w, size_t *n, entry **entries) {
  json_t *const runs = open_json(path);
  *entries = entries_start(w, n);
  for (size_t i = 0; i < *n; i++)
    for (int id = 0; id < LINES; id++) read_line(runs, (*entries)[i].model->name, (line_id)id, &(*entries)[i].line[id]);
  json_decref(runs);
}
