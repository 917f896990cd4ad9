/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What exploration learns from a batch: which particles are lost, the clusters of their modes, the new centre, shape and scale, and
 * whether the batch was quiet, that is brought nothing new. */
#ifndef DILATE_STAGE_RECENTRE_H
#define DILATE_STAGE_RECENTRE_H

#include "stage/explore.h"

#define RECENTRE_QUIET 3 /* quiet batches in a row that end the exploration, at an effort of 1 */

/* Takes e->now in as batch number e->batches. */
void recentre(explore *e);
/* Doubles of scratch for at most n particles. */
size_t recentre_work(size_t dim, size_t n);
/* kept[i] = 1 unless particle i is lost: outside the support, or L < median(upper half of L) - 5 dim - 50.  Returns how many are kept;
 * work: 2n doubles. */
size_t recentre_keep(size_t dim, size_t n, const double *logp, unsigned char *kept, double *work);

#endif
