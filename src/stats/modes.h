/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Modes: clusters of draws by basin of ascent; two are one when the density along the segment between their peaks never falls below e^-1 of
 * the lower end (manual, section 9). */
#ifndef DILATE_STATS_MODES_H
#define DILATE_STATS_MODES_H

#include "base/factor.h"
#include "target/parted.h"

#define MODES_MAX 256

typedef struct modes {
  size_t count;      /* listed, at most MODES_MAX */
  int countable;     /* 0: more than can be listed */
  double *peak;      /* count x dim, row-major */
  double *peak_logp; /* count */
  int *of;           /* n: mode of each draw, -1 where it is not listed; modes are in order of their shares */
} modes;

/* draws: evaluated points (log-density and gradient); where they are apart, all ranks find the same.  metric[i] < metrics (NULL: all 0)
 * names a factor metric_c[metric[i]], of that form (a lower one dim x dim, row-major), of the local covariance at draw i, the scale of
 * ascents and of distances; draws with the same metric lie near one another.  At most `budget` evaluations are spent. */
int modes_find(target *t, const parted *draws, const size_t *metric, size_t metrics, factor_form form, const double *const *metric_c,
               size_t budget, modes *out, dilate_error *err);
void modes_clear(modes *m);
/* Of n draws in `dim` dimensions; nothing where none were looked for. */
void modes_archive(archive *a, size_t dim, size_t n, modes *m);

#endif
