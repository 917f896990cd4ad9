/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Marching squares: in a cell whose corners are not all on one side of the level, a segment joins the points of its edges where the
 * log-density, taken as linear along them, passes it. */
#include "bench/paths_contour.h"

#include "bench/support.h"
#include <math.h>
#include <stdlib.h>

#define CELLS 140

static double value_at(const svg_axis *axis, size_t i) {
  return axis->low + (axis->high - axis->low) * (double)i / CELLS;
}

/* height: of the (CELLS + 1)^2 corners above the level. */
static void evaluate(const builtin *target, const svg_axis *x, const svg_axis *y, double level, double *height) {
  for (size_t i = 0; i <= CELLS; i++)
    for (size_t j = 0; j <= CELLS; j++) {
      const double point[2] = {value_at(x, i), value_at(y, j)};
      double logp = 0;
      const int outside = target->target.logp(2, point, &logp, NULL, target->target.params);
      height[i * (CELLS + 1) + j] = outside ? -1e30 : fmax(-1e30, logp - level);
    }
}

typedef struct crossing {
  double x, y;
} crossing;

/* Crossings of the cell's edges, in the order of the edges around it: 0, 2 or 4. */
static size_t cross_edges(const double *height, size_t i, size_t j, crossing *out) {
  static const size_t corner[5][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}};
  size_t n = 0;
  for (size_t e = 0; e < 4; e++) {
    const size_t *const p = corner[e], *const q = corner[e + 1];
    const double a = height[(i + p[0]) * (CELLS + 1) + j + p[1]], b = height[(i + q[0]) * (CELLS + 1) + j + q[1]];
    if ((a > 0) == (b > 0)) continue;
    const double t = a / (a - b);
    out[n++] = (crossing){(double)(i + p[0]) + t * ((double)q[0] - (double)p[0]), (double)(j + p[1]) + t * ((double)q[1] - (double)p[1])};
  }
  return n;
}

void paths_contour(FILE *stream, const builtin *target, const svg_axis *x, const svg_axis *y, double level) {
  double *const height = ALLOCATE(double, (CELLS + 1) * (CELLS + 1));
  const double across = (x->to - x->from) / CELLS, down = (y->to - y->from) / CELLS;
  evaluate(target, x, y, level, height);
  for (size_t i = 0; i < CELLS; i++)
    for (size_t j = 0; j < CELLS; j++) {
      crossing at[4];
      const size_t n = cross_edges(height, i, j, at);
      for (size_t k = 0; k + 1 < n; k += 2)
        fprintf(stream, "M%.1f %.1fL%.1f %.1f", x->from + across * at[k].x, y->from + down * at[k].y, x->from + across * at[k + 1].x,
                y->from + down * at[k + 1].y);
    }
  free(height);
}
