/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metric S, learnt from steps: with dx the moves and dg the changes of gradient, S Cov(dg) S = Cov(dx) (Seyboldt, Carlson &
 * Carpenter's Fisher-divergence metric).  Exact for a Gaussian after about d pairs, however far from equilibrium. */
#ifndef DILATE_STAGE_METRIC_H
#define DILATE_STAGE_METRIC_H

#include "target/particles.h"

typedef struct metric {
  size_t dim;
  double *s, *c, *c_inverse;   /* S, its lower Cholesky factor, the factor's inverse: dim x dim each */
  double *move_sum, *grad_sum; /* exponentially forgotten sums of dx dx' and dg dg', each pair scaled by 1/|dx|_S^2 */
  double pairs;                /* their effective number */
  double *work, *trial;        /* scratch of metric_update */
  double *whitened;            /* of metric_observe: dim x PARTICLE_TILE */
} metric;

int metric_create(size_t dim, metric *m); /* the identity; non-zero when out of memory */
void metric_clear(metric *m);
/* As far as it is there. */
void metric_archive(archive *a, metric *m);
/* Nothing more is to be learnt: s, c and c_inverse are left. */
void metric_end(metric *m);
/* S = A A' for a lower triangular A: starts afresh from it.  Non-zero when A is singular. */
int metric_set_factor(metric *m, const double *a);
/* Forgets the pairs, keeps S. */
void metric_forget(metric *m);
/* Takes the pairs from -> to whose proposals were accepted with more than 0.2 from above the log-density `floor`.  pair: scratch of from's
 * shape. */
void metric_observe(metric *m, const particles *from, const particles *to, const double *acceptance, double floor, particles *pair);
/* New S from the pairs: full once there are more than 2 dim, else diagonal; too few pairs leave it alone.  Returns the factor by which the
 * typical squared scale grew (1: unchanged), by which step sizes are to be divided. */
double metric_update(metric *m);

#endif
