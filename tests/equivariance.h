/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs on a density that was moved: y = A x + t, and a constant added to the log-density.  The answers are taken back to x, averaged over
 * seeds, and compared in units of the errors that the runs report themselves. */
#ifndef DILATE_TESTS_EQUIVARIANCE_H
#define DILATE_TESTS_EQUIVARIANCE_H

#include "dilate.h"

#define EQUIVARIANCE_DIM   10
#define EQUIVARIANCE_PARTS 4

/* Gaussians with diagonal covariances, times exp(log_z); parts that do not overlap, so that each is a mode. */
typedef struct blobs {
  size_t dim, parts;
  double log_z, weight[EQUIVARIANCE_PARTS], mean[EQUIVARIANCE_PARTS][3], sd[EQUIVARIANCE_PARTS][3];
} blobs;

extern const blobs three_blobs; /* 3-d, one of them narrow, none with equal coordinates */
extern const blobs one_blob;    /* d = 1 */
extern const blobs two_blobs;   /* d = 1 */

dilate_target blobs_target(const blobs *b);
size_t blobs_nearest(const blobs *b, const double *x); /* the part whose mean is nearest, in its standard deviations */

/* The law of A x + t and the constant; what each callback uses can be spoilt on its own. */
typedef struct moved {
  const dilate_target *base;
  double matrix[EQUIVARIANCE_DIM][EQUIVARIANCE_DIM];  /* A */
  double inverse[EQUIVARIANCE_DIM][EQUIVARIANCE_DIM]; /* takes a point back */
  double pull[EQUIVARIANCE_DIM][EQUIVARIANCE_DIM];    /* its transpose takes a gradient of x to one of y: the inverse, when right */
  double shift[EQUIVARIANCE_DIM];
  double log_jacobian; /* log |det A|, taken off the log-density */
  double constant;     /* added to it */
} moved;

/* y = scale x + shift in every coordinate. */
moved moved_by(const dilate_target *base, double scale, double shift);
/* Rotations in the planes of each pair of neighbouring coordinates, about 0. */
moved moved_by_rotation(const dilate_target *base, double angle);
/* Coordinate j of x becomes coordinate j + 1 of y, the last the first. */
moved moved_by_permutation(const dilate_target *base);
dilate_target moved_target(moved *m);
void moved_back(const moved *m, const double *y, double *x);

/* Averages over seeds, on x's scale, each with its error from the errors that the runs reported. */
typedef struct estimate {
  double value, error;
} estimate;
typedef struct answers {
  size_t dim, parts;
  unsigned unfit; /* runs whose modes are not the parts, one each */
  estimate log_z, weight[EQUIVARIANCE_PARTS], mean[3];
} answers;

/* Runs on the moved density with seeds first, first + 1, ...; the constant is taken off log Z. */
answers answers_of(const blobs *b, moved *m, unsigned first, unsigned seeds);
/* The largest difference in units of its error; infinite when a run on either side is unfit. */
double answers_distance(const answers *a, const answers *b);

#endif
