/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Some coordinates known: pi~ as a function of the others, whose integral over those is the evidence of what is known.
 *
 * A point is completed in scratch, where the prior evaluates it and leaves its whole gradient; the free rows are handed back. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "target/condition.h"

/* ---- Callbacks ---- */

/* The completed points, coordinate-major with leading dimension n, as dense as can be. */
static void complete(const dilate_condition *c, size_t n, size_t ld, const double *x, double *whole) {
  for (size_t k = 0; k < c->prior.dim; k++)
    for (size_t i = 0; i < n; i++) whole[k * n + i] = c->fixed.point[k];
  for (size_t j = 0; j < c->target.dim; j++) memcpy(whole + c->fixed.coordinate[j] * n, x + j * ld, n * sizeof *whole);
}

static int evaluate(const dilate_condition *c, int batch, size_t n, size_t ld, const double *x, double *logp, double *grad,
                    double *scratch) {
  double *slope = grad ? scratch + c->prior.dim * n : NULL;
  complete(c, n, ld, x, scratch);
  const int status = condition_prior(c, batch, n, n, scratch, logp, slope);
  for (size_t j = 0; grad && j < c->target.dim; j++) memcpy(grad + j * ld, slope + c->fixed.coordinate[j] * n, n * sizeof *grad);
  return status;
}

static int constrain(size_t dim, const double *x, double *out, void *params) {
  const dilate_condition *c = params;
  size_t place;
  (void)dim;
  double *whole = places_take(c->places, &place);
  complete(c, 1, 1, x, whole);
  const int status = c->prior.constrain(c->prior.dim, whole, out, c->prior.params);
  places_give_back(c->places, place);
  return status;
}

/* ---- Creation ---- */

static int check(size_t dim, size_t count, const size_t *index, const double *value, dilate_error *err) {
  if (count == 0) return error_set(err, DILATE_EINVAL, "condition: 0 coordinates are fixed; fix at least one");
  if (count >= dim)
    return error_set(err, DILATE_EINVAL, "condition: %zu of %zu coordinates are fixed; at least one must stay free", count, dim);
  if (!index || !value)
    return error_set(err, DILATE_EINVAL, "condition: %s is NULL; give %zu indices and values", !index ? "index" : "value", count);
  for (size_t i = 0; i < count; i++)
    if (index[i] >= dim)
      return error_set(err, DILATE_EINVAL, "condition: index[%zu] is %zu; coordinates are from 0 to %zu", i, index[i], dim - 1);
  return condition_check_finite("value", count, value, err);
}

/* Lists the free coordinates; `known` has dim places. */
static int fix(dilate_condition *c, size_t count, const size_t *index, const double *value, unsigned char *known, dilate_error *err) {
  for (size_t i = 0; i < count; i++) {
    if (known[index[i]])
      return error_set(err, DILATE_EINVAL, "condition: coordinate %zu is fixed twice, the second time by index[%zu]", index[i], i);
    known[index[i]] = 1;
    c->fixed.point[index[i]] = value[i];
  }
  c->target.dim = 0;
  for (size_t k = 0; k < c->prior.dim; k++)
    if (!known[k]) c->fixed.coordinate[c->target.dim++] = k;
  return DILATE_OK;
}

/* The name of a free coordinate: the one that it has, or has by default, in the prior. */
static int name_coordinate(dilate_condition *c, size_t k) {
  char numbered[32];
  (void)snprintf(numbered, sizeof numbered, "x[%zu]", k + 1);
  if (!c->names[k]) c->names[k] = memory_copy_text(numbered);
  return c->names[k] ? DILATE_OK : DILATE_ENOMEM;
}

/* Without constrain, what is reported are the free coordinates: their names move up, those of the known ones go. */
static int name_free(dilate_condition *c) {
  if (c->prior.constrain) return DILATE_OK;
  if (!c->names && !(c->names = NEW(char *, c->prior.dim))) return DILATE_ENOMEM;
  for (size_t j = 0; j < c->target.dim; j++) {
    const size_t k = c->fixed.coordinate[j];
    if (name_coordinate(c, k) != DILATE_OK) return DILATE_ENOMEM;
    char *name = c->names[k];
    c->names[k] = NULL;
    memory_free(c->names[j]);
    c->names[j] = name;
  }
  for (size_t k = c->target.dim; k < c->prior.dim; k++) {
    memory_free(c->names[k]);
    c->names[k] = NULL;
  }
  c->target.n_out = c->target.dim;
  c->target.names = (const char *const *)c->names;
  return DILATE_OK;
}

static int allocate(dilate_condition *c) {
  const size_t dim = c->prior.dim;
  c->fixed.coordinate = NEW(size_t, dim);
  c->fixed.point = NEW(double, dim);
  c->places = places_create(2 * dim * (c->prior.batch ? CONDITION_BLOCK : 1));
  return c->fixed.coordinate && c->fixed.point && c->places ? DILATE_OK : DILATE_ENOMEM;
}

static int observe(dilate_condition *c, size_t count, const size_t *index, const double *value, dilate_error *err) {
  int status = check(c->prior.dim, count, index, value, err);
  if (status != DILATE_OK) return status;
  unsigned char *known = NEW(unsigned char, c->prior.dim);
  status = known && allocate(c) == DILATE_OK ? DILATE_OK : error_memory(err, "the condition's scratch");
  if (status == DILATE_OK) status = fix(c, count, index, value, known, err);
  memory_free(known);
  if (status != DILATE_OK) return status;
  if (c->prior.constrain) c->target.constrain = constrain;
  return name_free(c) == DILATE_OK ? DILATE_OK : error_memory(err, "the condition's names");
}

int dilate_condition_fixed(const dilate_target *prior, size_t count, const size_t *index, const double *value, dilate_condition **out,
                           dilate_error *err) {
  int status = condition_create(prior, evaluate, out, err);
  if (status == DILATE_OK) status = observe(*out, count, index, value, err);
  return condition_finish(status, out);
}
