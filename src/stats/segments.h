/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of many peaks are one mode: those that a straight segment joins on which the density never falls below e^-1 of the lower end. */
#ifndef DILATE_STATS_SEGMENTS_H
#define DILATE_STATS_SEGMENTS_H

#include "base/factor.h"
#include "target/particles.h"

/* peaks: evaluated points with finite log-densities; metric as in ascend().  mode[i]: index of the highest peak of i's mode, so that
 * mode[mode[i]] == mode[i].  *spent is increased by the evaluations, and stays within `budget`. */
int segments_join(target *t, const particles *peaks, const size_t *metric, factor_form form, const double *const *metric_c, size_t budget,
                  size_t *spent, size_t *mode, dilate_error *err);

#endif
