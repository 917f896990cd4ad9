/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Squared distances of one point from many, by the vector kernels (vmath_products.h), and the least of some values. */
#include "base/distance.h"
#include "base/vmath_isa.h"

#include <math.h>

#define BLOCK 8 /* values side by side */

void square_distances(size_t dim, size_t n, size_t ld, const double *x, size_t stride, const double *at, double *distance) {
  vmath_chosen()->distances(dim, n, ld, x, stride, at, distance);
}

size_t least_of(size_t n, const double *value) {
  double least[BLOCK], smallest = INFINITY;
  size_t k = 0;
  for (size_t i = 0; i < BLOCK; i++) least[i] = INFINITY;
  for (; k + BLOCK <= n; k += BLOCK)
    for (size_t i = 0; i < BLOCK; i++) least[i] = value[k + i] < least[i] ? value[k + i] : least[i];
  for (; k < n; k++) least[0] = value[k] < least[0] ? value[k] : least[0];
  for (size_t i = 0; i < BLOCK; i++) smallest = least[i] < smallest ? least[i] : smallest;
  for (k = 0; k < n; k++)
    if (value[k] == smallest) return k;
  return 0;
}
