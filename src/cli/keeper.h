/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps a run's state in its folder while it lasts: when, and what to do when that cannot be done. */
#ifndef DILATE_CLI_KEEPER_H
#define DILATE_CLI_KEEPER_H

#include "dilate.h"
#include "io/checkpoint.h"

#define KEEPER_SECONDS 60.0 /* unless the user says otherwise; then there is nothing before the run has lasted so long */
#define KEEPER_NEVER   (-1.0)

typedef struct keeper {
  const char *folder; /* NULL: nothing is kept; the same on all processes of a run */
  double seconds;     /* between two states; 0: one before each step */
  int at_once;        /* the first one before the first step: from then on the run can be resumed */
  checkpoint_turn turn;
  double last; /* when the last was tried, or the run began */
  size_t kept;
  int lost; /* one could not be kept: the user has been told */
} keeper;

/* place: the folder, or NULL. */
keeper keeper_begin(const char *place, double seconds, int at_once, checkpoint_turn turn);
/* Before the first step: the state that at_once asks for.  Fails when it cannot be kept; after that the run goes on without, and *told, a
 * line that says so, is not empty, once. */
int keeper_first(keeper *k, dilate_sampler *sampler, failure *f);
/* Before a step: keeps the state when it is time. */
void keeper_offer(keeper *k, dilate_sampler *sampler, failure *told);
/* The run was stopped: keeps what there is, unless nothing was kept so far, or its last step was given up in its midst. */
void keeper_stop(keeper *k, dilate_sampler *sampler, failure *told);

#endif
