/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How one parameter's draws are spread: a range to plot over, and histograms as densities. */
#ifndef DILATE_IO_HISTOGRAM_H
#define DILATE_IO_HISTOGRAM_H

#include "io/svg.h"

enum { HISTOGRAM_BINS = 48 };

/* An axis over the values value[i*stride], i < n: over all of them, or over the middle 99 % where that is less than a third of the whole.
 * `room` has space for n values. */
svg_axis histogram_axis(const double *value, size_t stride, size_t n, double *room, double from, double to);
/* Densities of the values in equal bins over the axis; draws beyond it count in n, so heights compare between histograms. */
void histogram_count(const double *value, size_t stride, size_t n, const svg_axis *axis, double density[HISTOGRAM_BINS]);
/* One pass of the weights 1/4, 1/2, 1/4. */
void histogram_smooth(double density[HISTOGRAM_BINS]);
double histogram_top(const double density[HISTOGRAM_BINS]);

#endif
