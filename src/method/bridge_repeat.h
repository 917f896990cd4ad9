/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Repeats of the final bridges, for a user who asks for a standard error of log Z: every group's bridge again, by the same plan from the
 * same reference, with fresh streams, so that each repeat has E[Zhat given q] = Z and all may be averaged. */
#ifndef DILATE_METHOD_BRIDGE_REPEAT_H
#define DILATE_METHOD_BRIDGE_REPEAT_H

#include "method/bridge_error.h"
#include "method/bridge_group.h"

#define REPEATS_MAX 64

typedef struct repeats {
  island_evidence *island; /* what the finished repeats' islands say, block by group in the list */
  size_t islands, room;
  size_t finished, next;  /* repeats of all groups; the group whose turn it is */
  bridge *bridge;         /* the one that runs, or NULL */
  uint64_t started, cost; /* evaluations when this repeat began; that the last one took */
} repeats;

void repeats_clear(repeats *all);
/* Of the groups in the list, which are there already. */
void repeats_archive(archive *a, bridge_group *const *group, size_t count, repeats *all);
/* At the end of a repeat, or before the first: 1 when there is to be another, 0 when log Z is as precise as asked, or else, with a
 * warning, when there cannot be one; or a failure.  spare: evaluations that must be left afterwards. */
int repeats_decide(repeats *all, double se, uint64_t spare, run *r, dilate_error *err);
/* One temperature.  DILATE_CONTINUE, DILATE_OK when all groups were repeated once more, or a failure. */
int repeats_step(repeats *all, bridge_group *const *group, size_t count, run *r, dilate_error *err);

#endif
