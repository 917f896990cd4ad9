/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several processes of the program at one run, as dilate-mpi has them: the first of them, the leader, talks and writes. */
#ifndef DILATE_CLI_RANKS_H
#define DILATE_CLI_RANKS_H

#include "dilate.h"
#include "io/failure.h"
#include <stdint.h>

/* Said once, before a command runs; without it there is one process.  watch (NULL: nobody): is told the progress after each step. */
void ranks_set(const dilate_ranks *ranks, void (*watch)(const dilate_progress *progress));
const dilate_ranks *ranks_of_run(void); /* NULL: one process */
int ranks_lead(void);                   /* whether this process is the leader */
void ranks_watch(const dilate_progress *progress);

/* One number of every process; the caller's to free.  NULL where there are no others, or they are out of reach. */
int64_t *ranks_numbers(int64_t own);
/* The leader's number on all. */
int ranks_say(int own);
/* How all processes fared, at a place to which they all come: 0, or, where one of them failed, its failure on all. */
int ranks_agree(int status, failure *f);
/* The leader's *size bytes (NULL: it has none) to all others, each of which gets memory for them from malloc(). */
int ranks_spread(void **bytes, size_t *size, failure *f);

#endif
