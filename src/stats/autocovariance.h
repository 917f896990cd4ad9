/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Autocovariances of a series, all lags at once. */
#ifndef DILATE_STATS_AUTOCOVARIANCE_H
#define DILATE_STATS_AUTOCOVARIANCE_H

#include <stddef.h>

/* Doubles of scratch for a series of n values. */
size_t autocovariance_work(size_t n);

/* out[t] = sum_(i < n - t) (x_i - mean)(x_(i+t) - mean) / n, t < n. */
void autocovariance(size_t n, const double *x, double *out, double *work);

#endif
