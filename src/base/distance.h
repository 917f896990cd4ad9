/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Squared distances of one point from many that are kept coordinate-major, and the nearest of them. */
#ifndef DILATE_BASE_DISTANCE_H
#define DILATE_BASE_DISTANCE_H

#include <stddef.h>

/* distance[k] = sum over j, in order, of (x[j*ld + k] - at[j*stride])^2 for k < n. */
void square_distances(size_t dim, size_t n, size_t ld, const double *x, size_t stride, const double *at, double *distance);
/* Place of the smallest of n > 0 values, the first of equal ones, NaN left out; 0 where all are NaN. */
size_t least_of(size_t n, const double *value);

#endif
