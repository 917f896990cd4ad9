/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How one parameter's draws are spread. */
#include "io/histogram.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

svg_axis histogram_axis(const double *value, size_t stride, size_t n, double *room, double from, double to) {
  size_t finite = 0;
  for (size_t i = 0; i < n; ++i)
    if (isfinite(value[i * stride])) room[finite++] = value[i * stride];
  if (finite == 0) return svg_axis_over(0, 1, 0, from, to);
  qsort(room, finite, sizeof *room, ascending);
  const size_t cut = finite / 200;
  const double low = room[cut], high = room[finite - 1 - cut];
  if (3 * (high - low) < room[finite - 1] - room[0]) return svg_axis_over(low, high, 0.05, from, to);
  return svg_axis_over(room[0], room[finite - 1], 0.02, from, to);
}

double histogram_top(const double density[HISTOGRAM_BINS]) {
  double top = 0;
  for (size_t b = 0; b < HISTOGRAM_BINS; ++b) top = fmax(top, density[b]);
  return top;
}
