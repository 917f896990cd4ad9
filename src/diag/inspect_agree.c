/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must be the same number whichever way it is asked for: by batch or point by point, with or without a gradient, in a tile or alone,
 * by the convolution with no noise; and reported values.  The same up to rounding: 1e-9, and the log-density's own noise. */
#include "diag/inspect.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

#define TOLERANCE   1e-9
#define NOISE_TIMES 40
#define SLOPES      1e-6 /* of the steepest coordinate */
#define PLACE_ROOM  320
#define NEAR        1.0 /* scales; farther out a reported value may well overflow */
#define PADDED      (INSPECT_TILE + 3)

/* The first difference of one kind; count: at how many points. */
typedef struct difference {
  size_t count, at, coordinate; /* INSPECT_NOWHERE: of the log-density */
  double value, other;
} difference;

static void differ(difference *d, size_t at, size_t coordinate, double value, double other) {
  if (d->count++) return;
  d->at = at;
  d->coordinate = coordinate;
  d->value = value;
  d->other = other;
}

static void compare_density(const inspection *c, difference *d, size_t i, double other) {
  if (!(fabs(other - c->logp[i]) <= TOLERANCE * (1 + fabs(c->logp[i])) + NOISE_TIMES * c->noise[i]))
    differ(d, i, INSPECT_NOWHERE, c->logp[i], other);
}

/* other: derivative j is other[j * stride]. */
static void compare_slopes(const inspection *c, difference *d, size_t i, const double *other, size_t stride) {
  const double *grad = c->grad + i * c->dim;
  double steepest = 0;
  for (size_t j = 0; j < c->dim; j++) steepest = fmax(steepest, fabs(grad[j]) * c->scale[j]);
  for (size_t j = 0; j < c->dim; j++) {
    if (fabs(other[j * stride] - grad[j]) <= SLOPES * fmax(fabs(grad[j]), steepest / c->scale[j])) continue;
    differ(d, i, j, grad[j], other[j * stride]);
    return;
  }
}

static void report(inspection *c, const difference *d, const char *what, const char *one, const char *two) {
  char place[PLACE_ROOM], name[PLACE_ROOM] = "";
  if (!d->count) return;
  const double *x = c->x + d->at * c->dim;
  inspect_place(c, x, d->coordinate, sizeof place, place);
  if (d->coordinate != INSPECT_NOWHERE) inspect_name(c, x, d->coordinate, sizeof name, name);
  inspect_report(c, what, x, d->coordinate, d->other, d->value,
                 "the %s%s is %.12g %s and %.12g %s, %s (at %zu of %zu points): both must agree",
                 name[0] ? "derivative by " : "log-density", name, d->value, one, d->other, two, place, d->count, c->n);
}

static int has_gradient(const inspection *c) {
  return !(c->user.flags & DILATE_TARGET_NO_GRADIENT);
}

static void without_gradient(inspection *c) {
  difference density = {0};
  double logp;
  for (size_t i = 0; i < c->n && has_gradient(c); i++) {
    (void)inspect_call(&c->user, 1, c->x + i * c->dim, &logp, NULL, c->tile);
    compare_density(c, &density, i, logp);
  }
  report(c, &density, "density", "when the gradient is asked for", "when it is not");
}

static void point_by_point(inspection *c) {
  difference density = {0}, slopes = {0};
  double logp, *const grad = has_gradient(c) ? c->row_grad : NULL;
  for (size_t i = 0; i < c->n && c->user.batch && c->user.logp; i++) {
    (void)inspect_call_point(&c->user, c->x + i * c->dim, &logp, grad);
    compare_density(c, &density, i, logp);
    if (grad && isfinite(logp)) compare_slopes(c, &slopes, i, grad, 1);
  }
  report(c, &density, "batch", "by the batch callback", "by the point callback");
  report(c, &slopes, "batch", "by the batch callback", "by the point callback");
}

/* ---- Tiles ---- */

/* Points from `first` on in a tile that is longer than they are. */
static size_t fill_tile(const inspection *c, size_t first, double *x) {
  const size_t n = c->n - first < INSPECT_TILE ? c->n - first : INSPECT_TILE;
  for (size_t j = 0; j < c->dim; j++)
    for (size_t i = 0; i < n; i++) x[j * PADDED + i] = c->x[(first + i) * c->dim + j];
  return n;
}

static size_t count_written(size_t dim, size_t n, const double *logp, const double *grad) {
  size_t written = 0;
  for (size_t i = n; i < PADDED; i++) {
    written += !inspect_is_unset(logp[i]);
    for (size_t j = 0; grad && j < dim; j++) written += !inspect_is_unset(grad[j * PADDED + i]);
  }
  return written;
}

/* x, grad: dim x PADDED each. */
static void in_tiles(inspection *c, double *x, double *grad) {
  difference density = {0}, slopes = {0};
  double logp[PADDED];
  size_t written = 0;
  for (size_t j = 0; j < c->dim * PADDED; j++) x[j] = 0;
  for (size_t first = 0; first < c->n; first += INSPECT_TILE) {
    const size_t n = fill_tile(c, first, x);
    for (size_t i = 0; i < PADDED; i++) logp[i] = inspect_unset();
    for (size_t j = 0; grad && j < c->dim * PADDED; j++) grad[j] = inspect_unset();
    if (c->user.batch(c->dim, n, PADDED, x, logp, grad, c->user.params) != 0) continue;
    written += count_written(c->dim, n, logp, grad);
    for (size_t i = 0; i < n; i++) {
      compare_density(c, &density, first + i, logp[i]);
      if (grad && isfinite(logp[i])) compare_slopes(c, &slopes, first + i, grad + i, PADDED);
    }
  }
  report(c, &density, "batch", "alone", "in a batch of several points");
  report(c, &slopes, "batch", "alone", "in a batch of several points");
  if (written)
    inspect_report(c, "batch", NULL, INSPECT_NOWHERE, (double)NAN, (double)NAN,
                   "the batch callback writes beyond its n points: coordinate j of point i is x[j*ld + i], and only i < n may be written");
}

/* ---- Convolution ---- */

static void convolved(inspection *c) {
  difference density = {0}, slopes = {0};
  double logp;
  for (size_t i = 0; i < c->n && c->user.convolve; i++) {
    logp = inspect_unset();
    if (c->user.convolve(c->dim, 0, 1, 1, c->x + i * c->dim, &logp, c->row_grad, c->user.params) != 0) logp = -INFINITY;
    compare_density(c, &density, i, logp);
    if (has_gradient(c) && isfinite(logp)) compare_slopes(c, &slopes, i, c->row_grad, 1);
  }
  report(c, &density, "convolution", "by its callback", "by the convolution callback with sigma = 0");
  report(c, &slopes, "convolution", "by its callback", "by the convolution callback with sigma = 0");
}

int inspect_agree(inspection *c, dilate_error *err) {
  without_gradient(c);
  point_by_point(c);
  convolved(c);
  if (!c->user.batch) return DILATE_OK;
  double *tile = NEW2(double, c->dim, 2 * PADDED);
  if (!tile) return error_memory(err, "the check of a batch");
  in_tiles(c, tile, has_gradient(c) ? tile + c->dim * PADDED : NULL);
  memory_free(tile);
  return DILATE_OK;
}

/* ---- Reported values ---- */

/* The first value that is not a number, or n_out. */
static size_t first_bad(const inspection *c) {
  size_t k = 0;
  while (k < c->user.n_out && isfinite(c->out[k])) k++;
  return k;
}

static void name_value(const inspection *c, size_t k, size_t room, char *text) {
  if (c->user.names)
    (void)snprintf(text, room, "%s", c->user.names[k]);
  else
    (void)snprintf(text, room, "x[%zu]", k + 1);
}

int inspect_constrain(inspection *c, dilate_error *err) {
  char place[PLACE_ROOM], name[PLACE_ROOM];
  inspect_text number;
  (void)err;
  for (size_t i = 0; i < c->n && c->user.constrain; i++) {
    if (c->near[i] > NEAR) continue;
    const double *x = c->x + i * c->dim;
    for (size_t k = 0; k < c->user.n_out; k++) c->out[k] = inspect_unset();
    const int code = c->user.constrain(c->dim, x, c->out, c->user.params);
    const size_t k = code == 0 ? first_bad(c) : 0;
    if (code == 0 && k == c->user.n_out) continue;
    inspect_place(c, x, INSPECT_NOWHERE, sizeof place, place);
    name_value(c, k, sizeof name, name);
    if (code != 0)
      inspect_report(c, "constrain", x, INSPECT_NOWHERE, code, 0,
                     "constrain returned %d %s: it must return 0 wherever the density is finite", code, place);
    else if (inspect_is_unset(c->out[k]))
      inspect_report(c, "constrain", x, k, c->out[k], (double)NAN, "constrain did not set reported value %zu of %zu, %s, %s", k + 1,
                     c->user.n_out, name, place);
    else
      inspect_report(c, "constrain", x, k, c->out[k], (double)NAN, "constrain makes %s %s %s: a reported value must be finite", name,
                     inspect_number(c->out[k], number), place);
    return DILATE_OK;
  }
  return DILATE_OK;
}
