/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Squared distances of one point from many: see distance.h.
 *
 * Points go by BLOCK, whose sums stay in registers over all coordinates.  Each is summed in the coordinates' order, so that it is the same
 * number as a plain loop's. */
#include "base/distance.h"

#include <math.h>

#define BLOCK 8

static inline double square(double a) {
  return a * a;
}

static void block_distances(size_t dim, size_t ld, const double *x, size_t stride, const double *at, double *distance) {
  double a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
  for (size_t j = 0; j < dim; j++) {
    const double *row = x + j * ld, own = at[j * stride];
    a += square(row[0] - own);
    b += square(row[1] - own);
    c += square(row[2] - own);
    d += square(row[3] - own);
    e += square(row[4] - own);
    f += square(row[5] - own);
    g += square(row[6] - own);
    h += square(row[7] - own);
  }
  const double sum[BLOCK] = {a, b, c, d, e, f, g, h};
  for (size_t k = 0; k < BLOCK; k++) distance[k] = sum[k];
}

void square_distances(size_t dim, size_t n, size_t ld, const double *x, size_t stride, const double *at, double *distance) {
  size_t k = 0;
  for (; k + BLOCK <= n; k += BLOCK) block_distances(dim, ld, x + k, stride, at, distance + k);
  for (; k < n; k++) {
    double sum = 0;
    for (size_t j = 0; j < dim; j++) sum += square(x[j * ld + k] - at[j * stride]);
    distance[k] = sum;
  }
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
