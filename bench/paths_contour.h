/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contours of a density in the plane. */
#ifndef BENCH_PATHS_CONTOUR_H
#define BENCH_PATHS_CONTOUR_H

#include "io/svg.h"
#include "targets/targets.h"

/* Line segments where the log-density is `level`, by marching squares, as the data of one SVG path. */
void paths_contour(FILE *stream, const builtin *target, const svg_axis *x, const svg_axis *y, double level);

#endif
