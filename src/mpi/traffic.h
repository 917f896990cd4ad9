/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each stage of a run sent and received, and the memory that it took, for the cost model of the manual ("On many machines"). */
#ifndef DILATE_MPI_TRAFFIC_H
#define DILATE_MPI_TRAFFIC_H

#include "dilate.h"

#include <stdio.h>

void traffic_begin(const dilate_ranks *ranks);
/* After a step: what went by in it belongs to the stage that it was of. */
void traffic_watch(const dilate_progress *progress);
/* By rank 0, one line a stage: its steps and evaluations, its exchanges, the bytes that all ranks together received, and the processor time
 * outside exchanges, of the busiest rank and of all.  Before them the peak memory in kB, of the largest rank and of all. */
void traffic_write(FILE *to);

#endif
