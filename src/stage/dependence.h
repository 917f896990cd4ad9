/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How one coordinate of a sample with scores depends on another, by regressions (see straighten.h): location m(t), a parabola or bent lines
 * and a sum over parents; log scale s(t), a line or a bent one. */
#ifndef DILATE_STAGE_DEPENDENCE_H
#define DILATE_STAGE_DEPENDENCE_H

#include "target/particles.h"
#include "target/warp.h"

/* In units of t, coordinate h standardised. */
typedef struct dependence {
  double constant, linear, quadratic, log_scale, bend_linear[WARP_BENDS], bend_log_scale[WARP_BENDS];
  const double *weights;    /* of the parents; valid until the next regression */
  double unexplained, gain; /* share of the score's variance; nats against a line and one scale */
} dependence;

/* Regressions of coordinates of p on t; scratch for the largest. */
typedef struct regression {
  const particles *p;
  double *t;                                            /* n: coordinate h, standardised */
  double mean, sd;                                      /* of coordinate h */
  double bend[WARP_BENDS];                              /* quantiles of t */
  const size_t *parent;                                 /* coordinates */
  size_t parents;                                       /* 0: not in use */
  double *normal, *right, *row, *rest, *scale, *sorted; /* terms x terms, terms, terms, n, n, n */
} regression;

int regression_create(const particles *p, regression *g); /* non-zero when out of memory; to be cleared in any case */
void regression_clear(regression *g);
/* From now on regressions are on coordinate h. */
void regression_set_hyper(regression *g, size_t h);
/* Of coordinate j on t and the parents: a parabola, or bent lines where they explain clearly more. */
dependence depend(regression *g, size_t j);

#endif
