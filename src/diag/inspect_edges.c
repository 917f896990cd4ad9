/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where densities break down: far out, at coordinates that are no numbers (leapfrog steps that diverge come there), and just inside
 * an edge of the support. */
#include "diag/inspect.h"

#include <math.h>
#include <string.h>

#define AXES      50 /* at most */
#define BISECTION 60
#define NEAREST   14 /* decades towards an edge */

static const double far[] = {1e3, 1e8, 1e30, 1e100};
#define FARS (sizeof far / sizeof *far)

static double *gradient(inspection *c) {
  return c->user.flags & DILATE_TARGET_NO_GRADIENT ? NULL : c->row_grad;
}

static void look(inspection *c) {
  double logp;
  inspect_evaluate(c, 1, c->rows, &logp, gradient(c));
}

/* Both ways along an axis, from a point of the support. */
static void along_axis(inspection *c, size_t j, double distance) {
  for (int sign = -1; sign <= 1; sign += 2) {
    memcpy(c->rows, c->x, c->dim * sizeof *c->x);
    c->rows[j] = sign * distance;
    look(c);
  }
}

/* Along diagonals: all coordinates, then random signs. */
static void along_diagonals(inspection *c, double distance, unsigned number) {
  const stream s = stream_make(c->options.seed, STREAM_PROBE, 3, 0);
  for (uint32_t k = 0; k < 8; k++) {
    for (size_t j = 0; j < c->dim; j++) {
      const int up = k == 0 || (k > 1 && stream_uniform(s, k, number, (uint32_t)j) < 0.5);
      c->rows[j] = up ? distance : -distance;
    }
    look(c);
  }
}

/* What comes back matters little there; that it comes back does.  Only +inf would be taken for the best of points. */
static void at_no_numbers(inspection *c) {
  const double no_number[] = {INFINITY, -INFINITY, (double)NAN};
  double logp;
  for (size_t j = 0; j < c->dim && j < AXES; j++)
    for (int k = 0; k < 3; k++) {
      memcpy(c->rows, c->x, c->dim * sizeof *c->x);
      c->rows[j] = no_number[k];
      inspect_evaluate(c, 1, c->rows, &logp, gradient(c));
    }
  const trouble expected[] = {TROUBLE_NAN, TROUBLE_SLOPE};
  for (int k = 0; k < 2; k++) c->tally[expected[k]].count = 0;
  inspect_flush(c, "at a coordinate that is infinite or NaN,");
}

int inspect_far(inspection *c, dilate_error *err) {
  (void)err;
  for (unsigned k = 0; k < FARS; k++) {
    for (size_t j = 0; j < c->dim && j < AXES; j++) along_axis(c, j * c->dim / (c->dim < AXES ? c->dim : AXES), far[k]);
    along_diagonals(c, far[k], k);
  }
  inspect_flush(c, "far out,");
  at_no_numbers(c);
  return DILATE_OK;
}

/* ---- Edges ---- */

/* The point at share t of the way from inside to outside, into the scratch. */
static void between(inspection *c, size_t pair, double t) {
  const double *in = c->inside + pair * c->dim, *out = c->outside + pair * c->dim;
  for (size_t j = 0; j < c->dim; j++) c->rows[j] = in[j] + t * (out[j] - in[j]);
}

static double find_edge(inspection *c, size_t pair) {
  double in = 0, out = 1, logp;
  for (int k = 0; k < BISECTION; k++) {
    const double middle = (in + out) / 2;
    between(c, pair, middle);
    inspect_evaluate(c, 1, c->rows, &logp, NULL);
    *(isfinite(logp) ? &in : &out) = middle;
  }
  return in;
}

int inspect_edges(inspection *c, dilate_error *err) {
  (void)err;
  for (size_t pair = 0; pair < c->pairs; pair++) {
    const double edge = find_edge(c, pair);
    for (int k = 0; k <= NEAREST; k++) {
      between(c, pair, edge * (1 - pow(10, -k)));
      look(c);
    }
    between(c, pair, edge);
    look(c);
  }
  inspect_flush(c, "at an edge of the support,");
  return DILATE_OK;
}
