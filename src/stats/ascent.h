/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ascent of points to local maxima of the target, each in a metric of its own. */
#ifndef DILATE_STATS_ASCENT_H
#define DILATE_STATS_ASCENT_H

#include "base/factor.h"
#include "target/particles.h"

/* points: evaluated, those of one metric side by side; metric[i] names the factor metric_c[metric[i]], of that form, at point i.  Each is
 * moved uphill until its gradient is negligible in its metric or it cannot rise, as on the edge of a hard support.  *spent is increased by
 * the evaluations, and stays within `budget`. */
int ascend(target *t, particles *points, const size_t *metric, factor_form form, const double *const *metric_c, size_t budget,
           size_t *spent, dilate_error *err);

#endif
