/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Doubts: what the parts of the default sampler know against their own answer.  Each finding is a test with a small probability of a false
 * alarm, and becomes a warning that says what happened, why it matters and what to try. */
#ifndef DILATE_METHOD_DOUBTS_H
#define DILATE_METHOD_DOUBTS_H

#include "method/bridge_group.h"
#include "method/doubts_target.h"
#include "method/result.h"
#include "stats/modes.h"
#include "stats/pareto.h"

/* ---- of a group (doubts.c) ---- */

/* Once it has finished. */
int doubt_rounds(const bridge_group *g, run *r, dilate_error *err);
/* Of the bridge that draws come from: too few temperatures, heavy tails of weights, islands that disagree.  *pareto_k is raised to the
 * largest of its weights' (NaN: none so far). */
int doubt_bridge(const bridge_group *g, run *r, double *pareto_k, dilate_error *err);

/* The heaviest tail of all temperatures' weights in which one weight matters, by k less its allowance for chance, and the temperature that
 * it leads to. */
typedef struct heaviest_tail {
  pareto_tail tail;
  double beta;
  double largest; /* k of all temperatures, whether a weight matters or not */
} heaviest_tail;
int doubt_heaviest_tail(const bridge *b, heaviest_tail *out); /* non-zero when out of memory */
/* Standard deviation of the islands' log Zhat, and the probability that chance puts them so far apart, given their own variances. */
int doubt_islands(const bridge *b, double *probability, double *apart); /* non-zero when out of memory */

/* ---- of the modes (doubts_modes.c) ---- */

/* Warns of modes whose shares differ between groups, or else islands, by more than chance; of modes that a group had missed before the
 * groups were merged, or that no reference covers; of explorations that were cut short.  group: all of them, as they explored; last: those
 * that the draws come from, `group` itself or the merged one. */
int doubt_modes(bridge_group *const *group, size_t groups, bridge_group *const *last, size_t count, double log_z,
                const dilate_result *draws, const modes *found, run *r, dilate_error *err);

/* ---- of places (doubts_places.c) ---- */

/* Warns of mass that the draws lack: about peaks that explored particles had climbed, or that far looks around the draws come upon.  The
 * target is evaluated in the user's coordinates.  Arguments as above. */
int doubt_places(bridge_group *const *group, size_t groups, bridge_group *const *last, size_t count, double log_z,
                 const dilate_result *draws, const modes *found, run *r, dilate_error *err);

#endif
