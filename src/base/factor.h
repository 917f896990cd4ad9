/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lower triangular factor C of a metric S = C C' or, where a square would be more than the points that it was learnt from, its diagonal
 * alone. */
#ifndef DILATE_BASE_FACTOR_H
#define DILATE_BASE_FACTOR_H

#include "base/linalg.h"

typedef enum factor_form { FACTOR_LOWER, FACTOR_DIAGONAL } factor_form;

/* How many doubles a factor of d dimensions takes. */
static inline size_t factor_size(size_t d, factor_form form) {
  return form == FACTOR_DIAGONAL ? d : d * d;
}

/* Tiles, in place: x <- C x and x <- C' x. */
void factor_times(size_t d, factor_form form, const double *c, size_t n, size_t ld, double *x);
void factor_transpose_times(size_t d, factor_form form, const double *c, size_t n, size_t ld, double *x);
/* ci = C^-1, of the same form. */
void factor_inverse(size_t d, factor_form form, const double *c, double *ci);

#endif
