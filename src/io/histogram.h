/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How one parameter's draws are spread: a range to plot over, and histograms as densities. */
#ifndef DILATE_IO_HISTOGRAM_H
#define DILATE_IO_HISTOGRAM_H

#include "io/svg.h"

enum { HISTOGRAM_BINS = 48, HISTOGRAM_RANK_BINS = 20 };

/* An axis over the values value[i*stride], i < n: over all of them, or over the middle 99 % where that is less than a third of the whole.
 * `room` has space for n values. */
svg_axis histogram_axis(const double *value, size_t stride, size_t n, double *room, double from, double to);
double histogram_top(const double density[HISTOGRAM_BINS]);

/* How many bins the ranks of so many draws an island fill well, at most HISTOGRAM_RANK_BINS. */
size_t histogram_rank_bins(size_t draws);
/* density[island*bins + bin]: of the ranks of an island's draws among all of them, 1 on average.  Value of draw k of an island:
 * value[(island*draws + k)*stride].  0 (and nothing written for no draws), or -1 when memory ran out. */
int histogram_ranks(const double *value, size_t stride, size_t islands, size_t draws, size_t bins, double *density);
/* How far from 1 the densities may lie when the islands, each of so many effective draws, are of one law: beyond it lies one of all
 * islands * bins with probability 0.05. */
double histogram_rank_band(size_t islands, size_t bins, double effective);

#endif
