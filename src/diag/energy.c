/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Energy distance (Szekely & Rizzo 2013, J. Stat. Plan. Inference 143:1249): the root of 2 E|X-Y| - E|X-X'| - E|Y-Y'| of the two
 * empirical laws (all pairs); in one dimension the root of 2 int (F - G)^2.  It has no scale to choose. */
#include <math.h>

#include "base/memory.h"
#include "diag/pairs.h"

static void length(size_t count, double *square, double scale) {
  (void)scale;
#pragma omp simd
  for (size_t k = 0; k < count; k++) square[k] = sqrt(square[k]);
}

static double mean_length(const draw_set *a, const draw_set *b, size_t threads, double *row) {
  return pair_total(a, b, length, 0, threads, row) / ((double)a->n * (double)b->n);
}

int dilate_distance_energy(size_t dim, size_t n, const double *x, size_t m, const double *y, const dilate_distance_options *options,
                           double *out, dilate_error *err) {
  comparison c;
  int status = comparison_make(dim, n, x, m, y, options, out, &c, err);
  double *row = status ? NULL : NEW(double, n > m ? n : m);
  if (!status && !row) status = error_memory(err, "dilate_distance_energy");
  if (!status) {
    const size_t threads = c.set.threads;
    const double across = mean_length(&c.x, &c.y, threads, row);
    const double within = mean_length(&c.x, &c.x, threads, row) + mean_length(&c.y, &c.y, threads, row);
    status = distance_finish("energy distance", 2 * across - within, out, err);
  }
  memory_free(row);
  comparison_clear(&c);
  return status;
}
