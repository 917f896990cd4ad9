/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What bench/speed measures: figures by name, each with the values of its repeats, into JSON and out of it.
 *
 * A name has its parts between points: "micro.normals.10", "whole.gmm40.seconds".  Values are costs: less is better. */
#ifndef BENCH_SPEED_FIGURES_H
#define BENCH_SPEED_FIGURES_H

#include <stddef.h>

#define FIGURE_NAME 96

typedef enum figure_kind {
  FIGURE_REPEATS, /* values are repeats of one measurement */
  FIGURE_SEEDS,   /* values belong to seeds, the same in every file: compared one by one */
  FIGURE_FACT     /* no cost: an error, a number of dimensions; never compared */
} figure_kind;

typedef struct figure {
  char name[FIGURE_NAME];
  char unit[16]; /* "s" and "ns" are processor time, "wall s" the clock on the wall; "bytes", "calls", "" */
  figure_kind kind;
  size_t n;
  double *value;
} figure;

typedef struct figures {
  size_t n, room;
  figure *figure;
} figures;

/* One more value of the figure of that name, which is made where there is none yet. */
void figures_add(figures *all, figure_kind kind, const char *unit, double value, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void figures_free(figures *all);

/* NULL: there is none. */
const figure *figures_find(const figures *all, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Median of the values; NaN where there is no such figure. */
double figures_median(const figures *all, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* 1.4826 times the median distance from the median: a standard deviation that strays do not spoil.  0 of a single value. */
double robust_spread(size_t n, const double *x);
/* a's values over b's, the i-th over the i-th: what was taken in turns is compared turn by turn.  To be freed. */
double *figure_ratios(const figure *a, const figure *b, size_t *n);
/* Their median; NaN where either is NULL. */
double figures_ratio(const figure *a, const figure *b);

/* Everything in one file, one figure a line. */
void figures_save(const char *path, const figures *all);
void figures_load(const char *path, figures *all);

#endif
