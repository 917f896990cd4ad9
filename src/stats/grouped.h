/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws grouped by their metric, and the metrics corrected by the draws' gradients. */
#ifndef DILATE_STATS_GROUPED_H
#define DILATE_STATS_GROUPED_H

#include "base/factor.h"
#include "target/parted.h"

typedef struct grouped {
  const parted *draws;
  size_t metrics;
  factor_form form;
  double **c;       /* factors, lower ones dim x dim; NULL for a metric without draws */
  uint32_t *member; /* draws with a finite log-density, metric by metric: those of m are */
  size_t *first;    /* member[first[m]] ... member[first[m + 1] - 1] */
  particles origin; /* of each metric: its first draw */
} grouped;

/* metric (NULL: all 0) and factors are those of modes_find(), corrected by the gradients.  Non-zero when out of memory: clear all the same.
 */
int grouped_create(const parted *draws, const size_t *metric, size_t metrics, factor_form form, const double *const *metric_c,
                   size_t threads, grouped *out);
void grouped_clear(grouped *g);

static inline size_t grouped_count(const grouped *g, size_t m) {
  return g->first[m + 1] - g->first[m];
}
/* out[j*ld + i] = (C'g)_j of draw member[i], i < n, which are here, with factor c. */
void grouped_whitened_gradients(const grouped *g, const uint32_t *member, size_t n, const double *c, size_t ld, double *out);

#endif
