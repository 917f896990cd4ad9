/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rounds of a group: is the reference good enough, is it still getting better, or is it time to go back? (manual, section 6) */
#ifndef DILATE_METHOD_BRIDGE_ROUNDS_H
#define DILATE_METHOD_BRIDGE_ROUNDS_H

#include "method/bridge_group.h"

/* Costs C of a reference that decide, here and in the sizes of bridges. */
#define COST_PATIENT 1.0 /* above it pilots are larger, and a reference gets a second chance to improve */
#define COST_SINGLE  1.8 /* enough for one component; above it the final bridge is four times larger */
#define COST_HARD    8.0

/* After the fit of round g->round: whether the final bridge may start, and from what.  Sets best, best_cost, joined, rounds_disagree. */
int rounds_judge(bridge_group *g, int *accepted, dilate_error *err);
/* Whether the first round's sample, in coordinates that were learnt, is to be settled again rather than given to a pilot: its reference is
 * poor, and settling has helped. */
int rounds_unsettled(const bridge_group *g, int learnt);
/* A final bridge whose weights degenerate where the tuning one's did not has met a region that the reference leaves bare: its states are
 * one more sample to fit, and the bridge is run again.  (To throw it away, or to keep it as it is, would be to err on one side.)  From a
 * hopeless reference that is no surprise. */
int rounds_surprised(const bridge_group *g);

#endif
