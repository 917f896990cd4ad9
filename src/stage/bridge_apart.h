/* SPDX-License-Identifier: GPL-3.0-or-later */
/* States of a bridge that stand with several ranks: which are here, and how others are brought to where they are wanted. */
#ifndef DILATE_STAGE_BRIDGE_APART_H
#define DILATE_STAGE_BRIDGE_APART_H

#include "stage/bridge.h"

/* Which of the chains are here. */
shared_loop bridge_chains_here(const bridge *b);
/* Room for the states that are here of the initial draws, or of the chains in all states; of `room` in all. */
size_t bridge_room_here(const bridge *b, size_t room);
/* How many states of the population are here: 0 once they are dropped. */
size_t bridge_states_here(const bridge *b);
/* log pi~/q of the states that are here, layer by layer, to their places among all. */
void bridge_fill_ratios(bridge *b);
/* The chains start at their parents, wherever these are. */
void bridge_copy_parents(bridge *b);
/* States index[k] to the first n places of `to`, on all ranks. */
void bridge_pick_states(const bridge *b, size_t n, const size_t *index, particles *to);

#endif
