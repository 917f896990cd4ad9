/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gradient against differences of the log-density, coordinate by coordinate.
 *
 * D(h) = (f(x+h) - f(x-h)) / 2h.  Of h, h/2, h/4: R1 = (4 D(h/2) - D(h)) / 3, R2 likewise, and Q = (16 R2 - R1) / 15, whose error is
 * taken as e = |R2 - R1|, that of R2 and fifteen times that of Q, plus 4 s/h for the log-density's own noise s, which is that of a table of
 * differences (More & Wild 2011, SIAM Journal on Scientific Computing 33).  A step tells something where 10 e is below 1e-4 of the
 * derivative.  A derivative is right when some such step has it within 10 e + 1e-5 of its size; wrong when there are such steps, and none
 * of them has: what strides over a kink or an edge is corrected by a shorter one.  Its size is taken as no less than what the steepest
 * coordinate has, in units of the scales. */
#include "diag/inspect.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

#define ERROR_TIMES    10.0
#define RESOLVED       1e-4
#define TOLERANCE      1e-5
#define SMALL          1e-2  /* of the steepest: what is less needs no relative accuracy */
#define ULPS           64    /* the shortest step, in units of the coordinate's own rounding */
#define NOISE_POINTS   7     /* of the table of differences */
#define NOISE_AT_EDGES 8     /* times the rounding of the value: where the support does not hold the table */
#define CALLS          60000 /* coordinates of all points, at most; in more dimensions each point has its share */
#define LINES          8     /* wrong coordinates shown one by one */
#define TEXT_ROOM      320

static const double steps[] = {1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-1}; /* of the scale */

/* ---- Noise ---- */

/* The root mean square of order-k differences of n noisy values of variance s^2 is s sqrt((2k)!/(k!)^2). */
static double difference_noise(size_t n, const double *value) {
  double table[NOISE_POINTS], most = 0, binomial = 1;
  memcpy(table, value, n * sizeof *table);
  for (size_t k = 1; k < n; k++) {
    double square = 0;
    binomial *= 2.0 * (2.0 * (double)k - 1) / (double)k;
    for (size_t i = 0; i + k < n; i++) {
      table[i] = table[i + 1] - table[i];
      square += table[i] * table[i] / (double)(n - k);
    }
    if (k >= 4) most = fmax(most, sqrt(square / binomial)); /* lower orders see the slope */
  }
  return most;
}

/* Of the log-density at point i, from equally spaced points along a diagonal, one call each: a batch may be at fault. */
static double noise_along(inspection *c, size_t i, double step) {
  double value[NOISE_POINTS];
  for (size_t k = 0; k < NOISE_POINTS; k++) {
    for (size_t j = 0; j < c->dim; j++) c->rows[j] = c->x[i * c->dim + j] + (double)k * step * c->scale[j];
    inspect_evaluate(c, 1, c->rows, &value[k], NULL);
    if (!isfinite(value[k])) return NOISE_AT_EDGES * DBL_EPSILON * fabs(c->logp[i]);
  }
  return difference_noise(NOISE_POINTS, value);
}

/* The longer step sees values that are rounded to fewer digits than a double has. */
static double measure_noise(inspection *c, size_t i) {
  const double least = DBL_EPSILON * fabs(c->logp[i]);
  return fmax(least, fmax(noise_along(c, i, 0x1p-20), noise_along(c, i, 0x1p-12)));
}

/* ---- One derivative ---- */

typedef struct slope {
  double value, error;
} slope;

/* Richardson's extrapolation of three steps; 0 where the support does not hold them all. */
static int differentiate(inspection *c, size_t i, size_t j, double step, slope *out) {
  const double *x = c->x + i * c->dim;
  double value[6], d[3], h[3];
  for (int k = 0; k < 6; k++) memcpy(c->rows + (size_t)k * c->dim, x, c->dim * sizeof *x);
  for (size_t k = 0; k < 3; k++) {
    volatile const double moved = x[j] + ldexp(step, -(int)k); /* so that both ends are numbers, and as far */
    h[k] = moved - x[j];
    c->rows[2 * k * c->dim + j] = x[j] + h[k];
    c->rows[(2 * k + 1) * c->dim + j] = x[j] - h[k];
  }
  inspect_evaluate(c, 6, c->rows, value, NULL);
  for (int k = 0; k < 3; k++) {
    d[k] = (value[2 * k] - value[2 * k + 1]) / (2 * h[k]);
    if (!isfinite(d[k])) return 0;
  }
  const double first = (4 * d[1] - d[0]) / 3, second = (4 * d[2] - d[1]) / 3;
  out->value = (16 * second - first) / 15;
  out->error = ERROR_TIMES * (fabs(second - first) + 4 * c->noise[i] / step);
  return 1;
}

typedef enum verdict { UNRESOLVED, RIGHT, WRONG } verdict;

/* steepest: what the size of a derivative is no less than.  *best: the sharpest differences. */
static verdict judge(inspection *c, size_t i, size_t j, double steepest, slope *best) {
  const double told = c->grad[i * c->dim + j], least = ULPS * DBL_EPSILON * fabs(c->x[i * c->dim + j]);
  verdict so_far = UNRESOLVED;
  for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
    slope found = {0, 0};
    const double step = steps[k] * c->scale[j];
    if (step < 4 * least || !differentiate(c, i, j, step, &found)) continue;
    const double size = fmax(fabs(told), fabs(found.value));
    if (found.error > RESOLVED * fmax(size, SMALL * fmax(steepest, 1 / c->scale[j]))) continue;
    if (fabs(told - found.value) <= found.error + TOLERANCE * fmax(size, steepest)) return RIGHT;
    so_far = WRONG;
    if (found.error < best->error) *best = found;
  }
  return so_far;
}

/* ---- All of them ---- */

typedef struct record {
  size_t compared, wrong, at; /* at: the point where it is most clearly wrong */
  slope slope;
  double excess;
} record;

static void take(inspection *c, record *r, size_t i, size_t j, verdict found, slope best) {
  c->checked->derivatives += found != UNRESOLVED;
  c->checked->unresolved += found == UNRESOLVED;
  r->compared += found != UNRESOLVED;
  r->wrong += found == WRONG;
  if (found != WRONG) return;
  const double off = fabs(c->grad[i * c->dim + j] - best.value), excess = off / (fabs(best.value) + best.error);
  if (r->wrong > 1 && excess <= r->excess) return;
  r->excess = excess;
  r->at = i;
  r->slope = best;
}

static void compare(inspection *c, record *r) {
  const size_t stride = c->n * c->dim / CALLS + 1;
  for (size_t i = 0; i < c->n; i++) {
    double steepest = 0;
    for (size_t j = 0; j < c->dim; j++) steepest = fmax(steepest, fabs(c->grad[i * c->dim + j]) * c->scale[j]);
    for (size_t j = i % stride; j < c->dim; j += stride) {
      slope best = {0, INFINITY};
      const verdict found = judge(c, i, j, steepest / c->scale[j], &best);
      take(c, &r[j], i, j, found, best);
    }
  }
}

static void report_wrong(inspection *c, const record *r, size_t j) {
  const double *x = c->x + r->at * c->dim, told = c->grad[r->at * c->dim + j];
  char place[TEXT_ROOM], name[TEXT_ROOM];
  inspect_name(c, x, j, sizeof name, name);
  inspect_place(c, x, j, sizeof place, place);
  inspect_report(c, "gradient", x, j, told, r->slope.value,
                 "the derivative by %s is %.9g, where differences of the log-density give %.9g +- %.1g, %s (wrong at %zu of %zu points)",
                 name, told, r->slope.value, r->slope.error, place, r->wrong, r->compared);
}

static void report_more(inspection *c, size_t wrong) {
  inspect_report(c, "gradient", NULL, INSPECT_NOWHERE, (double)NAN, (double)NAN,
                 "%zu more coordinates have wrong derivatives: is the sign, a constant or the Jacobian of a transform missing?",
                 wrong - LINES);
}

int inspect_gradient(inspection *c, dilate_error *err) {
  for (size_t i = 0; i < c->n; i++) c->noise[i] = measure_noise(c, i);
  if (c->user.flags & DILATE_TARGET_NO_GRADIENT) return DILATE_OK;
  record *r = NEW(record, c->dim);
  if (!r) return error_memory(err, "the check of a gradient");
  size_t wrong = 0;
  compare(c, r);
  for (size_t j = 0; j < c->dim; j++)
    if (r[j].wrong && ++wrong <= LINES) report_wrong(c, &r[j], j);
  if (wrong > LINES) report_more(c, wrong);
  memory_free(r);
  inspect_flush(c, "beside points of the support,");
  return DILATE_OK;
}
