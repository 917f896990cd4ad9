/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Systematic resampling: see resample.h. */
#include "stage/resample.h"

void resample_systematic(size_t n, const double *weight, const size_t *order, double u, size_t count, size_t *parent) {
  double total = 0, sum = 0;
  size_t at = 0, last = 0;
  for (size_t i = 0; i < n; i++) total += weight[order ? order[i] : i];
  for (size_t k = 0; k < count; k++) {
    double mark = total * (((double)k + u) / (double)count);
    while (at < n && sum <= mark) {
      last = order ? order[at] : at;
      sum += weight[last];
      at++;
    }
    parent[k] = last;
  }
}

void resample_shuffle(stream s, size_t n, size_t *index) {
  for (size_t i = n; i-- > 1;) {
    const size_t j = (size_t)(stream_uniform(s, (uint32_t)i, 0, 0) * (double)(i + 1)), swap = index[i];
    index[i] = index[j];
    index[j] = swap;
  }
}
