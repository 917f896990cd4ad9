/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One sample against the target: its kernel Stein discrepancy from the target's scores, and the shares of the known components. */
#include "cli/compare.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int compare_note(int status, const dilate_error *err, compared_value *v, failure *f) {
  if (status >= 0) return 0;
  if (status == DILATE_ENOMEM) return fail_with(f, EXIT_RUN, "%s", err->message);
  v->value = NAN;
  snprintf(v->note, sizeof v->note, "%.250s", err->message);
  return 0;
}

static void transpose(size_t rows, size_t columns, const double *from, double *to) {
  for (size_t i = 0; i < rows; ++i)
    for (size_t j = 0; j < columns; ++j) to[j * rows + i] = from[i * columns + j];
}

/* Scores of the rows, row-major.  tile: 2 rows x dim numbers; the path at lambda = 1 is the target itself. */
static int evaluate_scores(const subject *t, size_t rows, const double *value, double *tile, double *logp, double *scores,
                           dilate_error *err) {
  const size_t dim = t->target->dim;
  transpose(rows, dim, value, tile);
  const int status = dilate_dilation_evaluate(t->target, NULL, 1, rows, rows, tile, logp, tile + rows * dim, err);
  transpose(dim, rows, tile + rows * dim, scores);
  return status;
}

/* The first row outside the support; rows when there is none. */
static size_t first_outside(size_t rows, const double *logp) {
  size_t i = 0;
  while (i < rows && isfinite(logp[i])) ++i;
  return i;
}

static int stein(const subject *t, size_t rows, const double *value, const dilate_distance_options *options, double *work,
                 compared_value *out, failure *f) {
  const size_t size = rows * t->target->dim;
  double *const logp = work, *const scores = logp + rows, *const tile = scores + size;
  dilate_error err;
  dilate_error_init(&err);
  int status = evaluate_scores(t, rows, value, tile, logp, scores, &err);
  const size_t outside = status ? rows : first_outside(rows, logp);
  if (outside < rows)
    snprintf(out->note, sizeof out->note, "draw %zu of those taken lies outside the support of the target, where it has no score",
             outside + 1);
  else if (!status)
    status = dilate_distance_ksd(t->target->dim, rows, value, scores, options, &out->value, NULL, &err);
  return compare_note(status, &err, out, f);
}

static int mode_weights(const builtin *b, size_t rows, const double *value, compared_value *out, failure *f) {
  if (!b->components || !b->component || !b->component_weight) return 0;
  dilate_error err;
  dilate_error_init(&err);
  int *const label = calloc(rows, sizeof *label);
  if (!label) return fail_with(f, EXIT_RUN, "out of memory");
  for (size_t i = 0; i < rows; ++i) {
    const size_t k = b->component(b, value + i * b->target.dim);
    label[i] = k < b->components && k < INT_MAX ? (int)k : -1;
  }
  const int status = dilate_distance_mode_tv(rows, label, b->components, b->component_weight, &out->value, &err);
  free(label);
  return compare_note(status, &err, out, f);
}

int compare_with_target(const subject *target, size_t rows, const double *value, const dilate_distance_options *options,
                        compared_value *first, failure *f) {
  const size_t dim = target->target->dim;
  if (target->is_builtin && mode_weights(&target->builtin, rows, value, &first[2], f)) return f->exit_status;
  if (*first[0].note) return 0; /* no bandwidth */
  size_t kept = rows;
  double *const some = compare_thin(dim, &kept, value, COMPARE_PAIRS);
  double *const work = calloc(kept * (3 * dim + 1), sizeof *work);
  if (some && work)
    stein(target, kept, some, options, work, &first[0], f);
  else
    fail_with(f, EXIT_RUN, "out of memory");
  free(some);
  free(work);
  return f->exit_status;
}
