/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bare cost of a target: its callback called straight, at given points. */
#ifndef BENCH_SPEED_COST_H
#define BENCH_SPEED_COST_H

#include "dilate.h"

/* Seconds of a point call without and with gradient (the same where the target has none): medians of turns, at n points given row by row,
 * in tiles where there is a batch callback. */
void target_cost(const dilate_target *target, size_t n, const double *x, double *density, double *gradient);

#endif
