/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the final bridges to a result: the islands' draws in a fixed random order with their lineages, and the modes among them. */
#ifndef DILATE_METHOD_BRIDGE_DRAWS_H
#define DILATE_METHOD_BRIDGE_DRAWS_H

#include "method/bridge_group.h"
#include "method/result.h"
#include "stats/modes.h"

/* Fills x, logp, cluster, chain of a result made for the islands of the `count` finished groups, which moved in the coordinates of w (or
 * NULL). */
int bridge_draws(bridge_group *const *list, size_t count, const warp *w, const run *r, dilate_result *out, dilate_error *err);
/* Modes of those draws, in the local metrics of the groups' references; or of `plain`, where those stand in other coordinates. */
int bridge_modes(bridge_group *const *list, size_t count, const mixture *plain, const run *r, const dilate_result *draws, size_t budget,
                 modes *found, dilate_error *err);
/* Variance of the modes' weights between groups beyond what the account explains. */
int bridge_mode_excess(size_t groups, const summary_account *account, size_t threads, dilate_result *out, dilate_error *err);

#endif
