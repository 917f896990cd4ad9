/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Timing.  What is compared is measured in turns, so that whatever slows the machine slows all of it. */
#ifndef BENCH_SPEED_CLOCK_H
#define BENCH_SPEED_CLOCK_H

#include "bench/speed_figures.h"

/* Something to be timed: `work` does `amount` units of it. */
typedef struct rival {
  char name[FIGURE_NAME];
  void (*work)(void *state);
  void *state;
  double amount;
} rival;

typedef struct pace {
  size_t repeats; /* at least 7: turns of all rivals */
  double least;   /* seconds that one takes in a turn, at least */
} pace;

/* Nanoseconds of processor time for one unit of each rival's work, a value a turn. */
void race(const pace *p, size_t n, rival *rivals, figures *out);

/* Seconds that a million normals of gsl_ran_gaussian_ziggurat on gsl_rng_mt19937 take: the unit of the tables.  Median of `repeats`. */
double unit_seconds(size_t repeats);

#endif
