/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One group of the default sampler: its own exploration, its own rounds of reference and pilot bridge, its own final bridge for its islands
 * (manual, sections 3 to 7). */
#ifndef DILATE_METHOD_BRIDGE_GROUP_H
#define DILATE_METHOD_BRIDGE_GROUP_H

#include "method/run.h"
#include "stage/bridge.h"
#include "stage/explore.h"
#include "stage/reference.h"
#include "target/warp.h"

#define GROUP_ROUNDS_MAX 7 /* five rounds, and room for two surprises */

typedef enum group_phase { GROUP_EXPLORE, GROUP_SETTLE, GROUP_FIT, GROUP_PILOT, GROUP_TUNE, GROUP_FINAL, GROUP_DONE } group_phase;

typedef struct bridge_group {
  group_phase phase;
  unsigned number;
  size_t islands;
  explore explore;
  sample sample;
  reference *tried[GROUP_ROUNDS_MAX]; /* one a round */
  double log_z[GROUP_ROUNDS_MAX];     /* of the pilot of that round */
  size_t round, pilots, best;         /* best: index of the reference to go on with */
  double best_cost;
  mixture *joined;  /* instead of the best: several references joined, or NULL */
  double least_ess; /* of the temperatures of the bridge that runs */
  size_t stuck;     /* rounds in a row that did not improve */
  int surprises;    /* final bridges that met weights their plan did not expect */
  bridge *bridge;   /* the one that runs, or the final one */
  bridge_plan plan; /* settled by the tuning bridge, or the pilot of the same reference */
  bridge_plan pilot_plan[GROUP_ROUNDS_MAX];
  int rounds_disagree;
  int hasty;            /* set by the caller: the target has no draws, and the first reference will do */
  int hopeless;         /* no fit came near the target: the bridge has to do it all */
  size_t settled_again; /* times that the first round's sample was */
  double settled_cost;  /* what its reference cost before the last time */
  size_t straightened;  /* times that other coordinates were tried */
  int no_marginals;     /* the marginals of all coordinates promised nothing */
  warp *warp;           /* coordinates that this group has learnt and all go on in (the first group only), or NULL */
  mixture *plain;       /* with it: the reference before, in the user's coordinates */
} bridge_group;

int group_create(const run *r, unsigned number, size_t islands, bridge_group **out, dilate_error *err);
int group_new(unsigned number, size_t islands, bridge_group **out, dilate_error *err); /* one that has nothing yet */
/* A group that has its reference already, of that cost: q is the group's from now on, also on failure. */
int group_create_joined(unsigned number, size_t islands, mixture *q, double cost, bridge_group **out, dilate_error *err);
void group_free(bridge_group *g); /* NULL is allowed */
/* Group `number`, or none; what is read is the caller's to free, after a failure, too. */
void group_archive(archive *a, const run *r, unsigned number, size_t islands, bridge_group **g);
/* What the bridge of its phase, or the final one once that is over, is created with. */
bridge_settings group_bridge_settings(const bridge_group *g, const run *r);
/* One step; records it in the run.  DILATE_CONTINUE, DILATE_OK when the final bridge has its states, or a failure. */
int group_step(bridge_group *g, run *r, dilate_error *err);
const mixture *group_reference(const bridge_group *g); /* what the final bridge starts from */
/* The references of several groups joined, each with an equal share: the caller's to free.  NULL when out of memory. */
mixture *group_join_references(bridge_group *const *group, size_t count);
/* Tells streams of rounds apart, before and after straightening. */
unsigned group_round_number(const bridge_group *g);
const particles *group_particles(const bridge_group *g, size_t *n);

#endif
