/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Monte Carlo error of a quantile. */
#ifndef DILATE_STATS_QUANTILE_ERROR_H
#define DILATE_STATS_QUANTILE_ERROR_H

#include <stddef.h>

/* Monte Carlo standard error of the p-quantile of n values in order, of which as many as `ess` are independent: half the distance of the
 * values between which a Beta(ess p + 1, ess (1 - p) + 1) law puts the middle 68 % (Vehtari et al. 2021).  NaN where ess is not
 * finite. */
double quantile_error(size_t n, const double *sorted, double p, double ess);

#endif
