/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Leader clustering in one pass over the points (Hartigan 1975, section 3.2), each to its nearest leader.
 *
 * Leaders are kept coordinate-major like the points, so that a point's distances from a block of them are taken at once. */
#include "stats/leader.h"

#include "base/distance.h"

#define BLOCK 64 /* leaders whose distances are held on the stack */

/* The leader nearest to the point, the first of equal ones, within `square` of it; else `clusters`. */
static size_t nearest_leader(size_t dim, size_t clusters, size_t n, const double *leaders, size_t ld, const double *point, double square) {
  double distance[BLOCK], best = square;
  size_t nearest = clusters;
  for (size_t begin = 0; begin < clusters; begin += BLOCK) {
    const size_t count = clusters - begin < BLOCK ? clusters - begin : BLOCK;
    square_distances(dim, count, n, leaders + begin, ld, point, distance);
    const size_t k = least_of(count, distance);
    if (!(distance[k] < best || (distance[k] <= best && nearest == clusters))) continue;
    best = distance[k];
    nearest = begin + k;
  }
  return nearest;
}

size_t leader_cluster(size_t dim, size_t n, size_t ld, const double *u, double radius, size_t *label, size_t *leader, double *work) {
  size_t clusters = 0;
  for (size_t i = 0; i < n; i++) {
    label[i] = nearest_leader(dim, clusters, n, work, ld, u + i, radius * radius);
    if (label[i] < clusters) continue;
    for (size_t j = 0; j < dim; j++) work[j * n + clusters] = u[j * ld + i];
    if (leader) leader[clusters] = i;
    clusters++;
  }
  return clusters;
}
