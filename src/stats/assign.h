/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The representatives that were chosen among the draws, and which of them each draw is most like. */
#ifndef DILATE_STATS_ASSIGN_H
#define DILATE_STATS_ASSIGN_H

#include "stats/grouped.h"

typedef struct representatives {
  size_t count;
  size_t *draw;         /* the draw that each is */
  size_t *metric;       /* of that draw; in rising order */
  particles start, end; /* where each was, and what it reached */
} representatives;

/* nearest[i], on all ranks: the representative most like draw i, ASSIGN_NONE where the draw has no density.  Non-zero when out of memory.
 */
#define ASSIGN_NONE (-1)
int assign_draws(const grouped *g, const representatives *r, size_t threads, int *nearest);

#endif
