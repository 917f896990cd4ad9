/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorting doubles in linear time, and a few of them alone. */
#ifndef DILATE_BASE_SORT_H
#define DILATE_BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

/* sorted: the n < 2^32 numbers of x (no NaN) in rising order, -0 before 0; order[k]: which of x the k-th is, equal ones in their order in
 * x. sorted may be x itself.  work, order_work: n entries of scratch each; order and order_work may both be NULL: not needed. */
void sort_order(size_t n, const double *x, double *sorted, uint32_t *order, double *work, uint32_t *order_work);

/* found[k]: the number at place[k] < n, were those of x (no NaN) sorted; places rise.  x comes back in another order. */
void sort_select(size_t n, double *x, size_t count, const size_t *place, double *found);

#endif
