/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Has the target a finite integral?  By Fubini's theorem almost every line through it then has one, and almost every ray, with r^(dim-1)
 * dr. So the log-density L is followed along lines to 1e12 times their scale: where its slope dL/d log r stays above -1, or along rays
 * above -dim, the integral is infinite.  A proper density of whatever tails (t, Cauchy) falls faster.
 *
 * Three kinds of lines: along coordinates from a few points, rays in random directions, and the direction, if there is one, in which no
 * gradient points (a ridge that goes on for ever). */
#ifndef DILATE_STAGE_PROBE_TAILS_H
#define DILATE_STAGE_PROBE_TAILS_H

#include "base/random.h"
#include "target/particles.h"

/* TAILS_FAR: it falls, but only much farther out than the points lie. */
typedef enum tail_verdict { TAILS_PROPER, TAILS_LINE, TAILS_RAYS, TAILS_RIDGE, TAILS_FAR } tail_verdict;

typedef struct tail_probe {
  tail_verdict verdict;
  size_t coordinate; /* TAILS_LINE, TAILS_FAR: the one along which the density does not fall */
  double sign;       /* and to which side */
  double reach;      /* the distance it was followed to */
} tail_probe;

/* p: evaluated particles on the target.  At most 300 evaluations or so. */
int probe_tails(target *t, const particles *p, stream s, tail_probe *out, dilate_error *err);

#endif
