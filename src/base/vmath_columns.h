/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log sum exp over the rows of WIDTH columns.
 *
 * A term that lies more than NEGLIGIBLE below its column's largest is taken for 0: exp(-45) = 2.9e-20, so that of a thousand of them the
 * sum's last place knows nothing.  It is so whatever the columns beside it, but where it is so of all of them no exponential is taken. */
#ifndef DILATE_BASE_VMATH_COLUMNS_H
#define DILATE_BASE_VMATH_COLUMNS_H

#define NEGLIGIBLE 45.0

/* Where the largest term is not finite nothing is taken out of the sum. */
static inline VECTOR columns_shift(VECTOR largest) {
  const VECTOR infinity = FILL((double)INFINITY), nothing = FILL(0.0);
  return IF_LESS(-infinity, largest, IF_LESS(largest, infinity, largest, nothing), nothing);
}

/* Rows c[row*ld] of `left` columns become terms, given the largest of each; returns log sum exp.  Terms times *unit are shares. */
static inline VECTOR columns_terms(size_t rows, size_t ld, size_t left, VECTOR largest, double *c, VECTOR *unit) {
  const VECTOR shift = columns_shift(largest), limit = FILL(-NEGLIGIBLE), nothing = FILL(0.0);
  VECTOR sum = nothing;
  for (size_t row = 0; row < rows; row++) {
    const VECTOR below = lanes_get(c + row * ld, left) - shift;
    VECTOR term = nothing;
    if (!ALL_LESS(below, limit)) term = IF_LESS(below, limit, nothing, EXP(below));
    sum += term;
    lanes_put(c + row * ld, left, term);
  }
  *unit = FILL(1.0) / IF_LESS(nothing, sum, sum, FILL(1.0));
  return LOG(sum) + shift;
}

#endif
