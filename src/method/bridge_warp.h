/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The coordinates that a group moves in: where its reference stays poor, is there a better one in coordinates that straighten the sample?
 * Only the first group asks, so that all references are comparable; what it takes, all go on in. */
#ifndef DILATE_METHOD_BRIDGE_WARP_H
#define DILATE_METHOD_BRIDGE_WARP_H

#include "method/bridge_group.h"

/* Whether the group's reference of this round is poor enough, and other coordinates have not been tried too often. */
int warp_worth_trying(const bridge_group *g);
/* The group's reference of this round, as `task` says.  Where it is poor, the sample is straightened, a reference is fitted there, and
 * these coordinates are taken if that is clearly better: then the group begins its rounds again, and the target's warp is the group's. */
int warp_fit(bridge_group *g, run *r, const reference_task *task, dilate_error *err);

#endif
