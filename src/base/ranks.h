/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several processes at one run: what all of them know of one another.
 *
 * Control flow is the same on every rank, and only work is shared, so that all ranks come to the same meetings in the same order.  At a
 * meeting each shows a note, all of one size: that it is well, which meeting it takes this for and what it is about to send, and what it
 * has to add to the common counts.  A rank that failed comes to whatever meeting the others are at, and takes the run to its end on all of
 * them, with its own message; so does one that took another way.  After that there are no meetings any more. */
#ifndef DILATE_BASE_RANKS_H
#define DILATE_BASE_RANKS_H

#include "base/status.h"

typedef struct rank_set rank_set;

typedef struct rank_note {
  uint64_t number, subject; /* of the meeting, set by ranks_meet(); what is about to be done: the same on all ranks */
  int64_t status;           /* negative: this rank failed */
  int64_t code;             /* that a callback of this rank returned to abort, or 0 */
  int64_t value;            /* to be decided on */
  int64_t cut;              /* this rank gives up the step at hand */
  uint64_t count[4];        /* to be added up */
  uint64_t bad_changed, bad_number;
} rank_note;

/* *out stays NULL where there is but one. */
int ranks_create(const dilate_ranks *user, rank_set **out, dilate_error *err);
void ranks_free(rank_set *r); /* NULL is allowed */

size_t ranks_count(const rank_set *r); /* 1 for NULL */
size_t ranks_own(const rank_set *r);   /* 0 for NULL */
/* Whether there is somebody to meet: not for NULL, nor after a failure, nor in a step that a rank has given up. */
int ranks_meeting(const rank_set *r);
/* 0, or the failure that ended the meetings. */
int ranks_status(const rank_set *r, dilate_error *err);
/* The code of the callback that ended them; 0: none did. */
int ranks_code(const rank_set *r);

/* One meeting.  The notes of all ranks, in their order, good until the next one; NULL when a rank failed or was lost (see
 * ranks_status()), or has given up the step.
 * message: where own->status is negative. */
const rank_note *ranks_meet(rank_set *r, const rank_note *own, const char *message);
/* Blocks of bytes[rank] (multiples of 8) of all ranks, one behind the other in `all`, where each has written its own.  Only right after a
 * meeting that agreed on them.  Non-zero on failure. */
int ranks_gather(rank_set *r, const size_t *bytes, void *all);

/* Scratch that belongs to the ranks: one size for each, and room for so many bytes (NULL: out of memory). */
size_t *ranks_bytes(rank_set *r);
void *ranks_room(rank_set *r, size_t bytes);

/* A meeting before there are ranks, or in the place of the first one, which the others come to, where this rank gets no further: a failure
 * where it is one on any of them; else the status. */
int ranks_tell(const dilate_ranks *user, int status, dilate_error *err);

/* At the end of a step: whether any rank has given it up; meetings go on.  status and message: how it went here, where it was not cut. */
int ranks_cut(rank_set *r, int own, int status, const char *message);

/* Rank 0's answer; our own where meetings have ended.  cut: this rank has given up the step at hand. */
int ranks_decide(rank_set *r, int own, int cut);

#endif
