/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Leader clustering in one pass over the points (Hartigan 1975, section 3.2), each to its nearest leader.
 *
 * Leaders are kept coordinate-major like the points, so that a point's distances from a block of them are taken at once.  Of a block of
 * points those from the leaders that there are before it are taken side by side, those from what the block itself adds one after the other.
 */
#include "stats/leader.h"

#include <stdint.h>

#include "base/distance.h"
#include "base/team.h"

#define BLOCK  64    /* leaders whose distances are held on the stack */
#define POINTS 256   /* of a block */
#define SMALL  65536 /* distances times dimensions: too few to wake other threads for */
#define NONE   SIZE_MAX

/* The leaders: coordinate j of leader k at place[j*n + k]. */
typedef struct leaders {
  size_t dim, n;
  const double *place;
} leaders;

/* The nearest leader so far, and its distance squared: at most the radius where there is none. */
typedef struct nearest {
  size_t leader;
  double square;
} nearest;

/* Goes on to the leaders from `first` to before `end`; of equally near ones the first is taken. */
static void look_on(const leaders *l, size_t first, size_t end, const double *point, size_t ld, nearest *to) {
  double distance[BLOCK];
  for (size_t begin = first; begin < end; begin += BLOCK) {
    const size_t count = end - begin < BLOCK ? end - begin : BLOCK;
    square_distances(l->dim, count, l->n, l->place + begin, ld, point, distance);
    const size_t k = least_of(count, distance);
    if (!(distance[k] < to->square || (distance[k] <= to->square && to->leader == NONE))) continue;
    *to = (nearest){begin + k, distance[k]};
  }
}

size_t leader_cluster(size_t threads, size_t dim, size_t n, size_t ld, const double *u, double radius, size_t *label, size_t *leader,
                      double *work) {
  const leaders l = {dim, n, work};
  nearest to[POINTS];
  size_t clusters = 0;
  for (size_t begin = 0; begin < n; begin += POINTS) {
    const size_t count = n - begin < POINTS ? n - begin : POINTS, known = clusters;
#pragma omp parallel for schedule(static) num_threads(team_size(count *known *dim < SMALL ? 1 : threads))
    for (size_t i = 0; i < count; i++) {
      to[i] = (nearest){NONE, radius * radius};
      look_on(&l, 0, known, u + begin + i, ld, &to[i]);
    }
    for (size_t i = 0; i < count; i++) {
      const double *const point = u + begin + i;
      look_on(&l, known, clusters, point, ld, &to[i]);
      label[begin + i] = to[i].leader == NONE ? clusters : to[i].leader;
      if (to[i].leader != NONE) continue;
      for (size_t j = 0; j < dim; j++) work[j * n + clusters] = point[j * ld];
      if (leader) leader[clusters] = begin + i;
      clusters++;
    }
  }
  return clusters;
}
