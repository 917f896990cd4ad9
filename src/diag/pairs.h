/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions of the distances of all pairs of draws.  No matrix is kept: distances are recomputed, a tile at a time, so memory is O(n). */
#ifndef DILATE_DIAG_PAIRS_H
#define DILATE_DIAG_PAIRS_H

#include "diag/draw_set.h"

#define PAIR_TILE 256

/* square[k] = |a_i - b_(from + k)|^2 for k < count. */
void pair_squares(const draw_set *a, size_t i, const draw_set *b, size_t from, size_t count, double *square);
/* The sum of count numbers, in an order of its own that does not depend on anything else. */
double pair_sum(size_t count, const double *value);

/* In place: squared distances -> a function of them, with one parameter. */
typedef void (*pair_function)(size_t count, double *square, double scale);
/* The sum of f over all pairs (i, j) of a and b; threads share out the rows of a, whose sums (row: a->n numbers) are added in order. */
double pair_total(const draw_set *a, const draw_set *b, pair_function f, double scale, size_t threads, double *row);

/* The median of the distances of all pairs of two draws of the pooled sample (y->n may be 0); the lower one of an even number.  Exact, and
 * independent of the order of the draws.  DILATE_EDOMAIN when it is 0, or there is no pair. */
int pair_median(const draw_set *x, const draw_set *y, size_t threads, double *median, dilate_error *err);
/* bandwidth, or the median where it is 0. */
int pair_bandwidth(const draw_set *x, const draw_set *y, const dilate_distance_options *set, double *bandwidth, dilate_error *err);

#endif
