/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Systematic resampling (Kitagawa 1996): particle i gets floor or ceil of count * weight[i] offspring, its mean exactly that. */
#ifndef DILATE_STAGE_RESAMPLE_H
#define DILATE_STAGE_RESAMPLE_H

#include "base/random.h"

/* weight: n values >= 0 with a positive sum; order: a permutation of 0 .. n-1 in which the cumulative sum runs (NULL: as they stand); u in
 * (0, 1).  [out] parent: `count` indices into weight, in that order. */
void resample_systematic(size_t n, const double *weight, const size_t *order, double u, size_t count, size_t *parent);

/* Brings n indices into a random order: number i of the stream, step 0, chooses for place i. */
void resample_shuffle(stream s, size_t n, size_t *index);

#endif
