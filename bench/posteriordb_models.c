/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of models, their data, and the densities of which they are made. */
#include "bench/posteriordb_models.h"

#include "bench/support.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const model *const model_list[] = {&linear_arK,   &linear_diamonds, &schools_centered, &schools_noncentered, &garch11,
                                   &gp_pois_regr, &linear_kidscore, &mixture_ordered,  &mixture_unordered,   NULL};

const model *model_named(const char *name) {
  for (size_t i = 0; model_list[i] != NULL; i++)
    if (strcmp(model_list[i]->name, name) == 0) return model_list[i];
  return NULL;
}

double data_number(const json_t *data, const char *key) {
  const double value = read_number(data, key);
  if (isnan(value)) give_up("the data have no number %s", key);
  return value;
}

double *data_numbers(const json_t *data, const char *key, size_t *n) {
  const json_t *const array = json_object_get(data, key);
  *n = json_array_size(array);
  if (*n == 0) give_up("the data have no array %s", key);
  double *const x = ALLOCATE(double, *n);
  for (size_t i = 0; i < *n; i++) x[i] = read_element(array, i);
  return x;
}

void model_open(const model *m, const char *folder, dilate_target *target) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s.json", folder, m->data);
  json_t *const data = open_json(path);
  dilate_target_init(target);
  target->dim = m->dim;
  target->logp = m->logp;
  target->n_out = m->n_out;
  target->names = m->names;
  target->constrain = m->constrain;
  target->params = m->open(data, m->option);
  json_decref(data);
}

void model_close(const model *m, dilate_target *target) {
  m->close(target->params);
  target->params = NULL;
}

int density_status(size_t dim, double logp, const double *grad) {
  for (size_t j = 0; grad != NULL && j < dim; j++)
    if (!isfinite(grad[j])) return 1;
  return isfinite(logp) ? 0 : 1;
}

double normal_log_density(double x, double mean, double sd, double *slope) {
  const double z = (x - mean) / sd;
  *slope -= z / sd;
  return -LOG_ROOT_TWO_PI - log(sd) - 0.5 * z * z;
}

double cauchy_log_density(double x, double scale, double *slope) {
  const double z = x / scale;
  *slope -= 2 * z / (1 + z * z) / scale;
  return -LOG_PI - log(scale) - log1p(z * z);
}

double logistic(double x) {
  return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
}

double log_logistic(double x) {
  return x < 0 ? x - log1p(exp(x)) : -log1p(exp(-x));
}
