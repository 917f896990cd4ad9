/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Do the groups agree?  Equal evidence is not enough: two groups that each missed another mode of the same weight have it too. */
#ifndef DILATE_METHOD_BRIDGE_AGREE_H
#define DILATE_METHOD_BRIDGE_AGREE_H

#include "method/bridge_error.h"
#include "method/bridge_group.h"

#define AGREE_EFFECTIVE_MIN 0.8 /* effective share of the islands */
#define AGREE_SPREAD_MAX    3.0 /* spread of the groups' evidence over its own error */
#define AGREE_SPREAD_FIRM   2.0 /* above it the groups are merged too, as a precaution that is not worth a warning */
#define AGREE_SPREAD_LEAST                                                                                                                 \
  0.02                       /* difference of the groups' log Z below which a spread of any size is worth nothing: their error covers it */
#define AGREE_BARE_MAX  0.1  /* share of one group's states that another group's reference leaves bare */
#define AGREE_BARE_FIRM 0.02 /* above it the groups are merged too */

/* The largest share, over all pairs of groups, of one group's final states at which pi~/Z is more than a hundred times the other group's
 * reference.  Costs no evaluations of the target. */
int agree_bare_share(bridge_group *const *group, size_t groups, double log_z, double *share, dilate_error *err);

typedef enum agreement { GROUPS_AGREE, GROUPS_LOOSE /* merge them */, GROUPS_DISAGREE /* merge them, and say so */ } agreement;

/* Whether the groups agree, by all three.  Where no group has a reference that comes near the target, the spread is that of the bridges,
 * and joining the references would not mend it. */
agreement agree_groups(bridge_group *const *group, size_t groups, const evidence_total *total, double bare);

#endif
