/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two tables, and the points. */
#include "bench/posteriordb_truth.h"

#include "bench/json.h"
#include "bench/support.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Names have brackets, no commas. */
static void take_parameter(const char *path, char *const *field, reference *out) {
  if (out->n == REFERENCE_PARAMETERS) give_up("%s: more than %d parameters of %s", path, REFERENCE_PARAMETERS, field[0]);
  reference_parameter *const p = &out->parameter[out->n++];
  double *const number[] = {&p->mean, &p->sd, &p->kurtosis, &p->q5, &p->q95, &p->mean_se, &p->sd_se, &p->q5_se, &p->q95_se};
  snprintf(p->name, sizeof p->name, "%s", field[1]);
  for (size_t i = 0; i < sizeof number / sizeof *number; i++) *number[i] = csv_number(path, field[2 + i]);
}

static void take_log_z(const char *path, char *const *field, reference *out) {
  out->log_z = csv_number(path, field[1]);
  out->tolerance = csv_number(path, field[3]);
  out->modes = (size_t)csv_number(path, field[4]);
}

static void read_rows(const char *folder, const char *file, size_t fields, const char *posterior,
                      void (*take)(const char *path, char *const *field, reference *out), reference *out) {
  char path[4096], line[1024], *field[CSV_FIELDS];
  FILE *const stream = csv_open(folder, file, path, sizeof path);
  size_t n;
  while ((n = csv_fields(stream, line, sizeof line, field)) > 0) {
    if (n != fields) give_up("%s: a line of %zu fields, not %zu", path, n, fields);
    if (strcmp(field[0], posterior) == 0) take(path, field, out);
  }
  fclose(stream);
}

void reference_read(const char *folder, const char *posterior, reference *out) {
  *out = (reference){0};
  read_rows(folder, "reference.csv", 11, posterior, take_parameter, out);
  read_rows(folder, "log_z.csv", 5, posterior, take_log_z, out);
  if (out->n == 0 || !(out->tolerance > 0)) give_up("%s: there are no reference figures of %s", folder, posterior);
}

const reference_parameter *reference_named(const reference *r, const char *name) {
  for (size_t i = 0; i < r->n; i++)
    if (strcmp(r->parameter[i].name, name) == 0) return &r->parameter[i];
  return NULL;
}

/* ---- Points ---- */

static double relative(double value, double truth) {
  const double error = fabs(value - truth) / (1 + fabs(truth));
  return isnan(error) ? INFINITY : error;
}

static double point_error(const json_t *point, const dilate_target *target) {
  const json_t *const u = json_object_get(point, "u"), *const slope = json_object_get(point, "grad");
  const size_t dim = target->dim;
  double *const x = ALLOCATE(double, 2 * dim), *const grad = x + dim, logp = NAN, worst = INFINITY;
  for (size_t j = 0; j < dim; j++) x[j] = read_element(u, j);
  if (json_array_size(u) == dim && target->logp(dim, x, &logp, grad, target->params) == 0) {
    worst = relative(logp, read_number(point, "logp"));
    for (size_t j = 0; j < dim; j++) worst = fmax(worst, relative(grad[j], read_element(slope, j)));
  }
  free(x);
  return worst;
}

double points_error(const char *folder, const char *posterior, const dilate_target *target, size_t *points) {
  char path[4096];
  double worst = 0;
  snprintf(path, sizeof path, "%s/points.json", folder);
  json_t *const all = open_json(path);
  *points = 0;
  for (size_t i = 0; i < json_array_size(all); i++) {
    const json_t *const point = json_array_get(all, i);
    const char *const name = json_string_value(json_object_get(point, "posterior"));
    if (name == NULL || strcmp(name, posterior) != 0) continue;
    worst = fmax(worst, point_error(point, target));
    ++*points;
  }
  json_decref(all);
  return worst;
}
