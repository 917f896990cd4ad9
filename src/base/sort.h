/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order that sorts doubles. */
#ifndef DILATE_BASE_SORT_H
#define DILATE_BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

/* order: the permutation for which x[order[k]] rises; equal values stay in order, -0 comes before 0, NaN at an end.
 * work: sort_work(n) words. */
size_t sort_work(size_t n);
void sort_order(size_t n, const double *x, size_t *order, uint64_t *work);

#endif
