/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two samples of a distance, checked, and the options it is taken with. */
#ifndef DILATE_DIAG_DRAW_SET_H
#define DILATE_DIAG_DRAW_SET_H

#include "base/status.h"

typedef struct draw_set {
  size_t dim, n;
  const double *row; /* the caller's: n x dim, row-major */
  double *x;         /* a copy, coordinate-major: x[j*n + i] */
} draw_set;

/* Refuses no rows, no pointer and entries that are not finite, which it names; `name` is the argument's.  *out needs draw_set_clear() in
 * any case. */
int draw_set_make(const char *name, size_t dim, size_t n, const double *row, draw_set *out, dilate_error *err);
void draw_set_clear(draw_set *s);

/* Entries that are not finite, named by row and coordinate. */
int check_finite(const char *name, size_t dim, size_t n, const double *row, dilate_error *err);

/* The options that count (NULL: the defaults), with threads >= 1. */
int settings_make(const dilate_distance_options *options, dilate_distance_options *out, dilate_error *err);

/* What every distance between two samples starts from. */
typedef struct comparison {
  dilate_distance_options set;
  draw_set x, y;
} comparison;

/* Also sets *value to NaN, which it stays on failure.  *out needs comparison_clear() in any case. */
int comparison_make(size_t dim, size_t n, const double *x, size_t m, const double *y, const dilate_distance_options *options, double *value,
                    comparison *out, dilate_error *err);
void comparison_clear(comparison *c);

/* *value = the root of square, or of 0 where rounding left it below; DILATE_ENUMERIC when it is not finite. */
int distance_finish(const char *name, double square, double *value, dilate_error *err);

#endif
