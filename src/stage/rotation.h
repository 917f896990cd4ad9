/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Axes along which a sample's dependence on one coordinate falls apart.
 *
 * Let x given t = x_h be Gaussian with precision P(t) = A + f(t) B, as in a hierarchical model whose data give A and whose group scale
 * gives f(t) B, or for a path with an unknown scale.  One matrix V makes all P(t) diagonal at once, V' P V: that of the generalised
 * eigenvectors of P at a low and at a high t.  Along its columns every coordinate has a location and a scale of its own, functions of t.
 * P^-1 at either end is the S with S Cov(g) S = Cov(x), which needs no equilibrium. */
#ifndef DILATE_STAGE_ROTATION_H
#define DILATE_STAGE_ROTATION_H

#include "stage/scores.h"
#include "target/particles.h"
#include "target/warp.h"

typedef struct rotation {
  size_t dim, room, count;           /* of all coordinates; of points at an end, at most; of coordinates that are rotated */
  size_t *block;                     /* count: those coordinates, ascending */
  double *x, *g;                     /* count x room: points and scores of one end */
  double *values, *low, *high, *cov; /* dim; dim x dim each, cov twice */
  double *work;                      /* scratch of all */
  scores scores;                     /* the regression of scores */
  double *further;                   /* axes of rotation_sharpen */
} rotation;

int rotation_create(size_t dim, size_t points, rotation *r); /* non-zero when out of memory; to be cleared in any case */
void rotation_clear(rotation *r);
/* The axes of the coordinates marked in `rotated` (dim; not h itself) for points whose coordinate h is t (n values, standardised), into
 * out; all other coordinates stay.  Returns 0 when there are none: too few points, or no covariance. */
int rotation_find(rotation *r, const particles *p, const double *t, const unsigned char *rotated, warp_linear *out);

/* Once terms f_k are known, the same from one regression of all scores (scores.h), of P(t) = C_0 + sum_k f_k C_k.  p: points in the
 * coordinates of `out`; f[k]: its values, a column (columns.h).  Turns `out` further, so that C_1 and P at the middle become diagonal.
 * Returns 0, and leaves it as it is, where that is not to be had. */
int rotation_sharpen(rotation *r, const particles *p, size_t terms, const double *const *f, const unsigned char *rotated, warp_linear *out);
/* Points whose scores rotation_unexplained() is about, and coordinates. */
void rotation_take(rotation *r, const particles *p, const unsigned char *rotated);
/* What that regression leaves unexplained of the scores: the mean over the rotated coordinates of the logs of the shares; NaN where the
 * points do not tell. */
double rotation_unexplained(rotation *r, size_t terms, const double *const *f);

#endif
