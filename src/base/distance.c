/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Squared distances of one point from many, by the vector kernels (vmath_products.h), and the least of some values. */
#include "base/distance.h"
#include "base/clones.h"
#include "base/vmath_isa.h"

#include <math.h>

#define BLOCK 16 /* values side by side */

void square_distances(size_t dim, size_t n, size_t ld, const double *x, size_t stride, const double *at, double *distance) {
  vmath_chosen()->distances(dim, n, ld, x, stride, at, distance);
}

/* The first place of `wanted`, looked for a block at a time; n where there is none. */
WIDE_LOOPS static size_t first_place(size_t n, const double *value, double wanted) {
  size_t k = 0;
  for (; k + BLOCK <= n; k += BLOCK) {
    int64_t here = 0;
#pragma omp simd reduction(| : here)
    for (size_t i = 0; i < BLOCK; i++) here |= value[k + i] == wanted;
    if (here) break;
  }
  while (k < n && value[k] != wanted) k++;
  return k;
}

WIDE_LOOPS static double least_value(size_t n, const double *value) {
  double least[BLOCK], smallest = INFINITY;
  size_t k = 0;
  for (size_t i = 0; i < BLOCK; i++) least[i] = INFINITY;
  for (; k + BLOCK <= n; k += BLOCK)
#pragma omp simd
    for (size_t i = 0; i < BLOCK; i++) least[i] = value[k + i] < least[i] ? value[k + i] : least[i];
  for (; k < n; k++) least[0] = value[k] < least[0] ? value[k] : least[0];
  for (size_t i = 0; i < BLOCK; i++) smallest = least[i] < smallest ? least[i] : smallest;
  return smallest;
}

size_t least_of(size_t n, const double *value) {
  const size_t place = first_place(n, value, least_value(n, value));
  return place < n ? place : 0;
}
