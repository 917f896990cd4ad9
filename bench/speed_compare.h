/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two files of figures, old and new, against each other. */
#ifndef BENCH_SPEED_COMPARE_H
#define BENCH_SPEED_COMPARE_H

#include "bench/speed_figures.h"

#include <stdio.h>

typedef struct change {
  double ratio; /* new over old */
  double noise; /* a standard deviation of that ratio, from the spread of the values */
  int slowed;   /* the ratio exceeds 1 by more than the tolerance and by more than three times the noise */
} change;

/* Of one figure; nanoseconds are taken in ziggurat normals of their own file, where both have them.  Ratio NaN: never compared. */
change change_of(const figures *old, const figures *new, const figure *f, double tolerance);

/* One line a figure common to both; returns how many slowed. */
size_t changes_print(FILE *file, const figures *old, const figures *new, double tolerance);

#endif
