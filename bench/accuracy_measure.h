/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measuring n points of a row's target against its exact draws and its true components. */
#ifndef BENCH_ACCURACY_MEASURE_H
#define BENCH_ACCURACY_MEASURE_H

#include "bench/accuracy_rows.h"
#include "bench/sliced.h"
#include "targets/targets.h"

#define EXACT_DRAWS 100000 /* of the fixed exact sample */
#define SIZES       3
extern const size_t size_list[SIZES]; /* 1000, 2500, 4000: numbers of draws that are calibrated, the last that of a run */

typedef struct yardstick {
  const row *row;
  const builtin *target;
  measure_kind slices; /* the row's measure along directions; MEASURE_NONE: it has none */
  sliced sliced;
  sliced_cells cells[SIZES]; /* for W2 */
  double *share;             /* of the components in the exact sample, where there is one, else their weights; NULL: no components */
} yardstick;

/* Fails the program where a calibrated measure is asked of a target without exact draws. */
void yardstick_make(const row *r, const builtin *target, yardstick *out);
void yardstick_free(yardstick *y);

/* Points made ready to be measured. */
typedef struct points {
  size_t n;
  double *projection; /* directions x n */
  size_t *component;  /* n, or NULL */
  uint64_t *work;
} points;

/* Room for `most` points. */
void points_make(const yardstick *y, size_t most, points *out);
void points_set(const yardstick *y, size_t n, const double *x, points *p);
void points_free(points *p);

/* A calibrated measure of the first n of the points; W2 is quickest for n of size_list. */
double yardstick_measure(const yardstick *y, measure_kind kind, size_t n, const points *p);
/* Counts of the components among the first n. */
void points_count(const yardstick *y, size_t n, const points *p, size_t *count);

#endif
