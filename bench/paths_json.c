/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs in JSON; numbers have seven digits, those of draws four. */
#include "bench/paths_json.h"

#include "bench/arguments.h"
#include "bench/json.h"
#include "bench/support.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Writing ---- */

/* To four digits of the largest. */
static json_t *rounded(size_t n, const double *x) {
  double largest = 0;
  for (size_t i = 0; i < n; i++) largest = isfinite(x[i]) ? fmax(largest, fabs(x[i])) : largest;
  const double unit = largest > 0 ? pow(10, floor(log10(largest)) - 3) : 1;
  json_t *const array = json_array();
  for (size_t i = 0; i < n; i++) append_value(array, number_value(unit * round(x[i] / unit)));
  return array;
}

static json_t *values(const paths_run *r) {
  json_t *const object = json_object();
  for (size_t m = 0; m < PATHS_MEASURES; m++)
    if (!isnan(r->value[m])) put_value(object, paths_measure_list[m].key, number_value(r->value[m]));
  return object;
}

static json_t *run_object(const paths_run *r) {
  json_t *const object = json_object();
  put_value(object, "method", json_string(r->method->name));
  put_value(object, "seed", count_value(r->seed));
  if (r->steps > 0) put_value(object, "steps", count_value(r->steps));
  if (r->samples > 0) put_value(object, "samples", count_value(r->samples));
  if (r->failure != NULL) put_value(object, "failure", json_string(r->failure));
  put_value(object, "values", values(r));
  if (r->shares > 0) put_value(object, "shares", numbers_value(r->shares, r->share));
  if (r->bins > 0) put_value(object, "bins", numbers_value(r->bins, r->bin));
  if (r->points > 0) put_value(object, "points", rounded(2 * r->points, r->point));
  if (r->images == 0) return object;
  json_t *const images = json_array();
  for (size_t i = 0; i < r->images; i++) append_value(images, json_string(r->image[i]));
  put_value(object, "images", images);
  return object;
}

void paths_save(const char *path, size_t n, const paths_runs *runs) {
  FILE *const file = open_output(path);
  fprintf(file, "{\"version\":\"%s\",\"isa\":\"%s\",\"targets\":[\n", dilate_version(), dilate_isa());
  for (size_t t = 0; t < n; t++) {
    fprintf(file, "{\"name\":\"%s\",\"target\":\"%s\",\"runs\":[\n", runs[t].row->name, runs[t].row->spec);
    for (size_t i = 0; i < runs[t].n; i++) write_line(file, run_object(&runs[t].run[i]), 7, i + 1 == runs[t].n);
    fprintf(file, "]}%s\n", t + 1 < n ? "," : "");
  }
  fputs("]}\n", file);
  close_output(file, path);
}

/* ---- Reading ---- */

/* An array of numbers into at most `most` of them; how many. */
static size_t read_numbers(const json_t *array, size_t most, double *out) {
  const size_t n = json_array_size(array) < most ? json_array_size(array) : most;
  for (size_t i = 0; i < n; i++) out[i] = read_element(array, i);
  return n;
}

static size_t read_count(const json_t *object, const char *key) {
  const double count = read_number(object, key);
  return count > 0 ? (size_t)count : 0;
}

static void read_images(const json_t *array, paths_run *out) {
  out->images = json_array_size(array) < PATHS_IMAGES_MAX ? json_array_size(array) : PATHS_IMAGES_MAX;
  out->image = allocate(out->images, sizeof *out->image);
  for (size_t i = 0; i < out->images; i++) {
    const char *const text = json_string_value(json_array_get(array, i));
    if (text == NULL || strlen(text) != PATHS_PIXELS) give_up("an image is not %d hexadecimal digits", PATHS_PIXELS);
    memcpy(out->image[i], text, PATHS_PIXELS);
  }
}

static void read_run(const json_t *object, const paths_method *method, paths_run *out) {
  const char *const failure = json_string_value(json_object_get(object, "failure"));
  const json_t *const points = json_object_get(object, "points");
  *out = (paths_run){.method = method,
                     .seed = read_count(object, "seed"),
                     .steps = read_count(object, "steps"),
                     .samples = read_count(object, "samples"),
                     .failure = failure != NULL ? copy_text(failure) : NULL,
                     .points = json_array_size(points) / 2};
  for (size_t m = 0; m < PATHS_MEASURES; m++) out->value[m] = read_number(json_object_get(object, "values"), paths_measure_list[m].key);
  out->shares = read_numbers(json_object_get(object, "shares"), PATHS_SHARES_MAX, out->share);
  out->bins = read_numbers(json_object_get(object, "bins"), PATHS_BINS, out->bin);
  out->point = ALLOCATE(double, 2 * out->points);
  read_numbers(points, 2 * out->points, out->point);
  read_images(json_object_get(object, "images"), out);
}

static void read_runs(const char *path, const json_t *list, const char *methods, paths_runs *out) {
  out->run = ALLOCATE(paths_run, json_array_size(list));
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *const object = json_array_get(list, i);
    const char *const name = json_string_value(json_object_get(object, "method"));
    const paths_method *const method = name != NULL ? paths_method_named(name) : NULL;
    if (method == NULL) give_up("%s: there is no method %s", path, name != NULL ? name : "without a name");
    if (method == PATHS_EXACT || arguments_selected(name, methods)) read_run(object, method, &out->run[out->n++]);
  }
}

void paths_load(const char *path, const char *targets, const char *methods, size_t *n, paths_runs **runs) {
  json_t *const root = open_json(path);
  const json_t *const array = json_object_get(root, "targets");
  *runs = ALLOCATE(paths_runs, json_array_size(array));
  *n = 0;
  for (size_t t = 0; t < json_array_size(array); t++) {
    const json_t *const object = json_array_get(array, t);
    const char *const name = json_string_value(json_object_get(object, "name"));
    const paths_target *const row = name != NULL ? paths_target_named(name) : NULL;
    if (row == NULL) give_up("%s: there is no target %s", path, name != NULL ? name : "without a name");
    if (!arguments_selected(name, targets)) continue;
    (*runs)[*n].row = row;
    read_runs(path, json_object_get(object, "runs"), methods, &(*runs)[(*n)++]);
  }
  json_decref(root);
}
