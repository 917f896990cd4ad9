/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rank histograms (Vehtari et al. 2021): all draws are ranked together, and where the islands are of one law each has its ranks spread
 * uniformly.  Equal values share their ranks evenly. */
#include "io/histogram.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

typedef struct ranked {
  double value;
  size_t island;
} ranked;

static int ascending(const void *a, const void *b) {
  const double x = ((const ranked *)a)->value, y = ((const ranked *)b)->value;
  return (x > y) - (x < y);
}

/* First rank of a bin. */
static size_t bin_begin(size_t bin, size_t bins, size_t n) {
  return (bin * n + bins - 1) / bins;
}

/* Ranks from `first` to before `end` are of equal draws. */
static void share_out(const ranked *draw, size_t first, size_t end, size_t bins, size_t n, double *density) {
  for (size_t i = first; i < end; ++i)
    for (size_t bin = first * bins / n; bin < bins; ++bin) {
      const size_t from = bin_begin(bin, bins, n), to = bin_begin(bin + 1, bins, n);
      const size_t low = from > first ? from : first, high = to < end ? to : end;
      if (low >= high) break;
      density[draw[i].island * bins + bin] += (double)(high - low) / (double)(end - first);
    }
}

size_t histogram_rank_bins(size_t draws) {
  const size_t bins = draws / 5;
  return bins < 2 ? 2 : bins > HISTOGRAM_RANK_BINS ? HISTOGRAM_RANK_BINS : bins;
}

int histogram_ranks(const double *value, size_t stride, size_t islands, size_t draws, size_t bins, double *density) {
  const size_t n = islands * draws;
  if (n == 0 || bins == 0) return 0;
  ranked *draw = malloc(n * sizeof *draw);
  if (!draw) return -1;
  for (size_t i = 0; i < n; ++i) draw[i] = (ranked){isnan(value[i * stride]) ? INFINITY : value[i * stride], i / draws};
  qsort(draw, n, sizeof *draw, ascending);
  for (size_t k = 0; k < islands * bins; ++k) density[k] = 0;
  for (size_t first = 0, end; first < n; first = end) {
    for (end = first + 1; end < n && draw[end].value == draw[first].value;) ++end;
    share_out(draw, first, end, bins, n, density);
  }
  for (size_t k = 0; k < islands * bins; ++k) {
    const size_t size = bin_begin(k % bins + 1, bins, n) - bin_begin(k % bins, bins, n);
    if (size > 0) density[k] *= (double)islands / (double)size;
  }
  free(draw);
  return 0;
}

double histogram_rank_band(size_t islands, size_t bins, double effective) {
  const double share = 1 / (double)bins;
  return gsl_cdf_ugaussian_Qinv(0.025 / (double)(islands * bins)) * sqrt((1 - share) / (share * effective) * (1 - 1 / (double)islands));
}
