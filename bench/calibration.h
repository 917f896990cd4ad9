/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the measures are for exact draws: for each law, measure and number of draws the quantiles of 2000 replicates, stored in
 * bench/calibration.csv. */
#ifndef BENCH_CALIBRATION_H
#define BENCH_CALIBRATION_H

#include "bench/accuracy_measure.h"

#define LEVELS     25
#define REPLICATES 2000
extern const double level_list[LEVELS]; /* 0 to 1 */

typedef struct calibration_entry {
  const row *law;
  measure_kind kind;
  double quantile[SIZES][LEVELS]; /* of the replicates; the last is the largest of them */
} calibration_entry;

typedef struct calibration {
  size_t n;
  calibration_entry *entry;
} calibration;

void calibration_read(const char *folder, calibration *out);
void calibration_free(calibration *c);
/* Ends the program where the row's law has no entry for the measure. */
const calibration_entry *calibration_find(const calibration *c, const row *r, measure_kind kind);

/* The 99 % quantile of the median of `seeds` replicates of `draws` exact draws, draws of size_list. */
double calibration_median_limit(const calibration_entry *e, size_t draws, size_t seeds);
/* The largest of the replicates of 1000 draws. */
double calibration_largest(const calibration_entry *e);
/* How many exact draws have `value` as their median: log n is interpolated in the log of the median; beyond, n^-1/2 is the law. */
double calibration_worth(const calibration_entry *e, double value);

/* Computes the entries of the selected rows anew, and writes the file with the other entries as they were. */
void calibration_write(const char *folder, const char *rows, int threads);

#endif
