/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ranks that are threads of one process, for the tests: the exchange is a copy between two barriers. */
#ifndef DILATE_TESTS_THREAD_RANKS_H
#define DILATE_TESTS_THREAD_RANKS_H

#include "dilate.h"

#define THREAD_RANKS_MAX 4

typedef struct rank_job {
  dilate_ranks ranks; /* to be put into the options */
  dilate_result *result;
  dilate_error err;
  int status;
  void *scene; /* the caller's */
} rank_job;

/* Runs job(&jobs[rank]) on a thread for each rank, and waits for all.  A rank whose job ends is gone: what the others exchange then fails,
 * unless they are done, too.  spoilt: number of an exchange from which rank 1's block does not reach rank 0; SIZE_MAX: none. */
void thread_ranks_run(size_t count, void (*job)(rank_job *job), void *scene, size_t spoilt, rank_job *jobs);
/* Of the calling thread; 0 in any other. */
size_t thread_rank(void);

#endif
