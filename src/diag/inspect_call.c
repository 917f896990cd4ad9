/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The callbacks as the sampler calls them, but with what it does not need: which number was left unset, and which status came back. */
#include "diag/inspect.h"

#include <math.h>
#include <string.h>

#define LEAST      (-1e100)
#define UNSET_BITS 0x7ff8d11a7e000001u /* a NaN that no arithmetic makes */

double inspect_unset(void) {
  const uint64_t bits = UNSET_BITS;
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

int inspect_is_unset(double value) {
  const uint64_t bits = UNSET_BITS;
  return memcmp(&value, &bits, sizeof value) == 0;
}

static void unset(size_t n, double *x) {
  for (size_t i = 0; i < n; i++) x[i] = inspect_unset();
}

int inspect_call_point(const dilate_target *user, const double *x, double *logp, double *grad) {
  unset(1, logp);
  if (grad) unset(user->dim, grad);
  const int code = user->logp(user->dim, x, logp, grad, user->params);
  if (code != 0) *logp = -INFINITY;
  return code < 0 ? code : 0;
}

static int call_batch(const dilate_target *user, size_t n, const double *rows, double *logp, double *row_grad, double *tile) {
  const size_t dim = user->dim;
  double *slope = row_grad ? tile + dim * n : NULL;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < dim; j++) tile[j * n + i] = rows[i * dim + j];
  unset(n, logp);
  if (slope) unset(dim * n, slope);
  const int code = user->batch(dim, n, n, tile, logp, slope, user->params);
  for (size_t i = 0; i < n && code != 0; i++) logp[i] = -INFINITY;
  for (size_t i = 0; slope && i < n; i++)
    for (size_t j = 0; j < dim; j++) row_grad[i * dim + j] = slope[j * n + i];
  return code < 0 ? code : 0;
}

int inspect_call(const dilate_target *user, size_t n, const double *rows, double *logp, double *row_grad, double *tile) {
  if (user->batch) return call_batch(user, n, rows, logp, row_grad, tile);
  int status = 0;
  for (size_t i = 0; i < n; i++) {
    const int code = inspect_call_point(user, rows + i * user->dim, &logp[i], row_grad ? row_grad + i * user->dim : NULL);
    if (!status) status = code;
  }
  return status;
}

/* ---- Troubles ---- */

static void note(inspection *c, trouble kind, const double *x, double value, size_t coordinate) {
  tally *t = &c->tally[kind];
  if (t->count++ && !c->is_falling) return;
  memcpy(t->point, x, c->dim * sizeof *x);
  t->value = value;
  t->coordinate = coordinate;
}

static int density_is_sound(inspection *c, const double *x, double logp) {
  if (inspect_is_unset(logp))
    note(c, TROUBLE_UNSET, x, logp, INSPECT_NOWHERE);
  else if (isnan(logp))
    note(c, TROUBLE_NAN, x, logp, INSPECT_NOWHERE);
  else if (logp == INFINITY)
    note(c, TROUBLE_PLUS, x, logp, INSPECT_NOWHERE);
  return isfinite(logp);
}

/* Where the log-density is next to the least of numbers its derivatives may overflow: no particle stays there. */
static int slopes_are_sound(inspection *c, const double *x, double logp, const double *grad) {
  for (size_t j = 0; j < c->dim; j++) {
    if (isfinite(grad[j])) continue;
    if (logp > LEAST || inspect_is_unset(grad[j])) note(c, inspect_is_unset(grad[j]) ? TROUBLE_NO_SLOPE : TROUBLE_SLOPE, x, grad[j], j);
    return 0;
  }
  return 1;
}

void inspect_evaluate(inspection *c, size_t n, const double *rows, double *logp, double *row_grad) {
  const int code = inspect_call(&c->user, n, rows, logp, row_grad, c->tile);
  c->calls += n;
  c->checked->evaluations += n;
  if (code < 0) note(c, TROUBLE_ABORT, rows, code, INSPECT_NOWHERE);
  for (size_t i = 0; i < n; i++) {
    const double *x = rows + i * c->dim;
    const int is_sound = density_is_sound(c, x, logp[i]) && (!row_grad || slopes_are_sound(c, x, logp[i], row_grad + i * c->dim));
    if (!is_sound) logp[i] = -INFINITY;
  }
}
