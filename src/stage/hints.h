/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hints: what a user knows of where the target lies, and where exploration starts some of its particles therefore.
 *
 * In the first batch every other particle is dropped as without hints.  The rest is shared out equally to the kinds of hints that were
 * given: points (up to eight particles each, and further batches where they are many), a box, a centre with a scale.  A particle that
 * starts at a point or in the box is at its place at once, with nothing to contract. */
#ifndef DILATE_STAGE_HINTS_H
#define DILATE_STAGE_HINTS_H

#include "base/random.h"
#include "target/particles.h"

typedef struct hints {
  size_t points;                                        /* 0: none */
  const double *point, *centre, *scale, *lower, *upper; /* of dilate_options: NULL where not given */
} hints;

hints hints_of(const dilate_options *options);
/* Moves particles of batch number `batch`, which stand where they were dropped without hints, to where the hints want them.  factor: their
 * start radii, 1 for a particle that is not to be contracted. */
void hints_drop(const hints *h, size_t batch, stream s, particles *p, double *factor);
/* What particle i of the n of this batch contracts to: the hinted centre, or `centre`. */
const double *hints_centre(const hints *h, size_t batch, size_t n, size_t i, const double *centre);
/* Whether batches before number `batch` have used all points that will be used. */
int hints_used(const hints *h, size_t batch, size_t n);

#endif
