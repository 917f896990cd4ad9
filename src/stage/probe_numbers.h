/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Can doubles tell what the target has to say?  Looked at where particles have settled: whether the log-density is the same at the second
 * call, how many of its digits are behind the comma, how many doubles a coordinate's spread is wide, and whether the particles have settled
 * at all: under every density -E[(x_j - E x_j) d_j log pi] = 1 (integration by parts), which is far from it while they still fall. */
#ifndef DILATE_STAGE_PROBE_NUMBERS_H
#define DILATE_STAGE_PROBE_NUMBERS_H

#include "target/particles.h"

typedef struct number_probe {
  double size, apart;            /* median |log-density|, and the distance of neighbouring doubles there */
  double first, again;           /* the log-density of a point, twice, where these differ most */
  size_t narrowest;              /* the coordinate of the fewest doubles, */
  double place, spread, doubles; /* its median size, its local scale, and how many doubles that is wide */
  double pull,
      push; /* median over the points of -(x - mean) . gradient / dim, and of its opposite, where nearly all agree in the sign; else 0 */
  double still; /* share of the points where the gradient is 0 */
} number_probe;

/* p: evaluated particles on the target.  At most 16 evaluations. */
int probe_numbers(target *t, const particles *p, number_probe *out, dilate_error *err);

#endif
