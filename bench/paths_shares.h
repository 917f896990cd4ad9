/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws counted by component. */
#ifndef BENCH_PATHS_SHARES_H
#define BENCH_PATHS_SHARES_H

#include "bench/paths_measure.h"

/* Fills the shares and the measures FOUND, ASTRAY and TV. */
void paths_count(const paths_yardstick *y, const double *x, paths_run *out);

#endif
