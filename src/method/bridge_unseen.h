/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The result's unseen mass: which modes of the draws did each group's exploration fall into? */
#ifndef DILATE_METHOD_BRIDGE_UNSEEN_H
#define DILATE_METHOD_BRIDGE_UNSEEN_H

#include "method/bridge_group.h"
#include "method/result.h"

/* Fills out->unseen_mass from the explorations of all groups and the modes of the draws; NaN where either cannot be counted.  An explored
 * particle is in the mode of the draw nearest to it, if its log-density is one that the mode's draws have.  w: the coordinates in which all
 * groups but the first explored, or NULL.  Costs no evaluations of the target. */
int bridge_unseen(bridge_group *const *group, size_t groups, const warp *w, const run *r, dilate_result *out, dilate_error *err);

#endif
