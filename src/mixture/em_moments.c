/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean and scatter of one component: the points that it has a share in are gathered, coordinate by coordinate, times the roots of their
 * shares, so that the scatter is a product of a matrix and itself transposed.  Most points have no share in most components. */
#include "mixture/em_state.h"

#include "base/clones.h"
#include "base/linalg.h"
#include "base/vmath.h"
#include "mixture/mixture_isa.h"

#include <string.h>

enum { PARTS = 8 }; /* of a sum: in so many places at once, whatever the width of a vector */

size_t em_find_members(size_t n, const double *share, uint32_t *member, double *kept) {
  return em_sums_of(vmath_chosen())->members(n, share, member, kept);
}

static double total_of(const double part[PARTS]) {
  return ((part[0] + part[4]) + (part[1] + part[5])) + ((part[2] + part[6]) + (part[3] + part[7]));
}

/* u = the members' values of one coordinate; returns their sum by shares.  member: NULL where all points are. */
WIDE_LOOPS static double gather(size_t count, const uint32_t *restrict member, const double *restrict share, const double *restrict x,
                                double *restrict u) {
  double part[PARTS] = {0}, rest = 0;
  const size_t whole = count - count % PARTS;
  if (member)
    for (size_t a = 0; a < count; a++) u[a] = x[member[a]];
  else
    memcpy(u, x, count * sizeof *u);
  for (size_t a = 0; a < whole; a += PARTS)
#pragma omp simd
    for (size_t p = 0; p < PARTS; p++) part[p] += share[a + p] * u[a + p];
  for (size_t a = whole; a < count; a++) rest += share[a] * u[a];
  return total_of(part) + rest;
}

/* u = root (u - mean); returns the sum of squares. */
WIDE_LOOPS static double centre(size_t count, const double *restrict root, double mean, double *restrict u) {
  double part[PARTS] = {0}, rest = 0;
  const size_t whole = count - count % PARTS;
#pragma omp simd
  for (size_t a = 0; a < count; a++) u[a] = root[a] * (u[a] - mean);
  for (size_t a = 0; a < whole; a += PARTS)
#pragma omp simd
    for (size_t p = 0; p < PARTS; p++) part[p] += u[a + p] * u[a + p];
  for (size_t a = whole; a < count; a++) rest += u[a] * u[a];
  return total_of(part) + rest;
}

void em_moments(const em_state *s, size_t k, size_t ld, const double *x, em_scratch *t, double *mean, double *c) {
  const size_t dim = s->dim, n = s->n, count = em_find_members(n, s->share + k * n, t->member, t->kept);
  if (c) vmath_root(count, t->kept, t->root);
  for (size_t j = 0; j < dim; j++) {
    double *const u = t->gathered + (c && s->family == MIXTURE_FULL ? j * n : 0);
    mean[j] = gather(count, count < n ? t->member : NULL, t->kept, x + j * ld, u) / s->total[k];
    if (!c) continue;
    const double squares = centre(count, t->root, mean[j], u);
    if (s->family == MIXTURE_DIAGONAL) c[j] = squares;
  }
  if (c && s->family != MIXTURE_DIAGONAL) symmetric_product(dim, count, n, t->gathered, 0, c);
}
