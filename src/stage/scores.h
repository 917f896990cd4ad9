/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One regression of the scores of several coordinates on all of them.
 *
 * Let x be Gaussian with precision C_0 + sum_k f_k C_k and precision times mean Q_0 + sum_k f_k Q_k, the terms f_k known at every point.
 * Then the scores g = Q - P x are linear in the entries of the C_k and Q_k: exact for such a model, wherever the points are.  Points weigh
 * 1/(1 + sum_k f_k)^2.  Products of columns are made a pair of terms at a time, (f_k x)(f_l x)' being x x' with other weights. */
#ifndef DILATE_STAGE_SCORES_H
#define DILATE_STAGE_SCORES_H

#include "stage/columns.h"
#include "target/particles.h"
#include "target/warp.h"

typedef struct scores {
  size_t count, n, alive; /* coordinates; length of columns; points with a finite log-density */
  const column_kernels *kernels;
  double *x, *g;               /* columns: count coordinates and, after them, 1; count scores */
  const double **column;       /* of x */
  double *weight, *part, *sum; /* columns: of the points; with terms; of what is left */
  double *scaled;              /* columns times a weight */
  double *equations;           /* m + count rows of m: the normal equations' factor, then a row a score */
  double *block, *solution;    /* of two terms' products; of one score */
} scores;

int scores_create(size_t dim, size_t points, scores *s); /* non-zero when out of memory; to be cleared in any case */
void scores_clear(scores *s);
/* From now on regressions are of these coordinates of these points. */
void scores_take(scores *s, const particles *p, size_t count, const size_t *coordinate);
/* Coefficients of a score are (terms + 1)(count + 1) numbers, a row of C_0, an entry of Q_0, a row of C_1, and so on; they are solved for
 * by scores_solve(), valid until the next call.  Non-zero when the points do not tell. */
int scores_regress(scores *s, size_t terms, const double *const *f);
const double *scores_solve(scores *s, size_t terms, size_t coordinate);
/* What the regression leaves unexplained: the mean over coordinates of the logs of the shares; NaN where the points do not tell. */
double scores_unexplained(scores *s, size_t terms, const double *const *f);

#endif
