/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many threads a parallel loop takes: as many as it was given, or one where threads are at work already, the caller's own or those of a
 * loop around it, so that nested loops never ask for more threads than the outermost has.
 *
 * A loop that may run inside one of ours, as those of a fit do when fits run side by side, is a team_loop(): there its steps are tasks,
 * which threads that have nothing left to do take over.  Whoever opens the loop around it says so, for a region of the caller's is none of
 * our team's. */
#ifndef DILATE_BASE_TEAM_H
#define DILATE_BASE_TEAM_H

#include <omp.h>
#include <stddef.h>

/* threads 0: one. */
static inline int team_size(size_t threads) {
  return omp_in_parallel() || threads == 0 ? 1 : (int)threads;
}

typedef struct thread_team {
  size_t threads; /* 0: one */
  int within;     /* 1: the loop runs inside one of ours that so many threads were asked for */
} thread_team;

/* The team of what runs inside a parallel loop of team_size(threads) that is about to begin. */
static inline thread_team team_within(thread_team t) {
  return (thread_team){t.threads, t.within || team_size(t.threads) > 1};
}

/* body(state, i, thread) for all i < n, in any order and at once; thread < the team's threads: what it has for itself. */
void team_loop(thread_team t, size_t n, void (*body)(void *state, size_t i, size_t thread), void *state);

#endif
