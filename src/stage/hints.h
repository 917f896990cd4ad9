/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hints: what a user knows of where the target lies, and where exploration starts some of its particles therefore.
 *
 * Of the first batch half, and of every later one a quarter is shared out equally to the kinds of hints that were given: points, in turn;
 * a box, in which particles start uniformly; a centre with scales, about which they are dropped.  All others are dropped as without hints,
 * so a wrong hint costs particles and nothing else.  A particle that starts at a point or in the box is at its place at once, with nothing
 * to contract. */
#ifndef DILATE_STAGE_HINTS_H
#define DILATE_STAGE_HINTS_H

#include "base/random.h"
#include "target/particles.h"
#include "target/warp.h"

typedef struct hints {
  size_t points;                                        /* 0: none */
  const double *point, *centre, *scale, *lower, *upper; /* of dilate_options: NULL where not given */
} hints;

hints hints_of(const dilate_options *options);
/* Moves the hinted ones of a batch's particles to their starts, which are in the user's coordinates, and from there to the coordinates of w
 * (NULL: the user's); s: a stream of the batch that nothing else uses.  factor: start radii, which become 1 for a particle that is not to
 * be contracted. */
void hints_drop(const hints *h, size_t batch, stream s, const warp *w, particles *p, double *factor);
/* The hinted centre in the coordinates of w, into place[0..dim-1]; nothing where there is none. */
void hints_place(const hints *h, size_t dim, const warp *w, double *place);
/* Whether particle i of the n of this batch contracts to the hinted centre. */
int hints_contracts(const hints *h, size_t batch, size_t n, size_t i);
/* Whether the batches before number `batch`, of n particles each, have started at every point. */
int hints_used(const hints *h, size_t batch, size_t n);

#endif
