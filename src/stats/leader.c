/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Leader clustering in one pass over the points (Hartigan 1975, section 3.2), each to its nearest leader.
 *
 * Leaders are kept as rows, so that a squared distance is summed over contiguous memory and given up once it exceeds the best. */
#include "stats/leader.h"

#include <math.h>

#define BLOCK 16 /* coordinates between two looks at whether a distance is too long already */

/* Squared distance of rows a and b, or something above `limit` when it exceeds that. */
static double squared_distance(size_t dim, const double *a, const double *b, double limit) {
  double sum = 0;
  for (size_t begin = 0; begin < dim && sum <= limit; begin += BLOCK) {
    const size_t end = dim - begin < BLOCK ? dim : begin + BLOCK;
    for (size_t j = begin; j < end; j++) sum += (a[j] - b[j]) * (a[j] - b[j]);
  }
  return sum;
}

size_t leader_cluster(size_t dim, size_t n, size_t ld, const double *u, double radius, size_t *label, size_t *leader, double *work) {
  size_t clusters = 0;
  for (size_t i = 0; i < n; i++) {
    /* The point goes to where it will stay if it becomes a leader. */
    double *point = work + clusters * dim;
    for (size_t j = 0; j < dim; j++) point[j] = u[j * ld + i];
    double best = radius * radius;
    label[i] = clusters;
    for (size_t k = 0; k < clusters; k++) {
      const double distance = squared_distance(dim, work + k * dim, point, best);
      if (distance < best || (distance <= best && label[i] == clusters)) {
        best = distance;
        label[i] = k;
      }
    }
    if (label[i] < clusters) continue;
    if (leader) leader[clusters] = i;
    clusters++;
  }
  return clusters;
}
