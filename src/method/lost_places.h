/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places where mass may be that the draws lack: candidates for doubt_places().
 *
 * They are where explored particles climbed to, and far looks around the draws (stage/far_looks.h), where the target exceeds what the
 * references have there.  Far out in a tail it exceeds it by far at every place alike; so looks are ranked by how much more they exceed it
 * than the middle one of those with a similar log q, and the foremost of them again by how steep the target is: in a basin of width s it is
 * 1/s as steep as around it. */
#ifndef DILATE_METHOD_LOST_PLACES_H
#define DILATE_METHOD_LOST_PLACES_H

#include "method/bridge_group.h"
#include "method/result.h"
#include "stats/modes.h"

#define LOST_BARE  4.605170185988091 /* log 100: pi/Z above q by more leaves a point bare */
#define LOST_PEAKS 64                /* known peaks that candidates may join: those of the heaviest modes */

typedef struct lost_places {
  const dilate_result *draws;
  const modes *found;
  const warp *coordinates; /* of the references, or NULL: the user's */
  const mixture *q;
  double log_z;
  run *run;
  double *centre, *factor; /* of the draws: mean, dim; factor of the covariance, dim x dim; both the caller's */
  particles chosen;        /* candidates in front, then known peaks; n: so many */
} lost_places;

/* log pi - log Z - log q of n points with log-densities, all in the user's coordinates, -inf outside the support; logq may be NULL.
 * Non-zero when out of memory. */
int lost_ratios(const lost_places *v, const particles *p, size_t n, double *ratio, double *logq);
/* Fills the scale of the draws, and v->chosen with candidates, few where draws have no scale; the target is evaluated in the user's
 * coordinates.  v->chosen is the caller's to clear, and has room for LOST_PEAKS more.  Non-zero when out of memory. */
int lost_choose(lost_places *v, bridge_group *const *group, size_t groups);

#endif
