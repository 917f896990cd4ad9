/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the calibration, and what is asked of it. */
#include "bench/calibration.h"

#include "bench/support.h"
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MEDIANS 20000 /* simulated for a limit */

const double level_list[LEVELS] = {0,   0.005, 0.01, 0.025, 0.05, 0.1,  0.15, 0.2,  0.25, 0.3,  0.35, 0.4, 0.45,
                                   0.5, 0.55,  0.6,  0.65,  0.7,  0.75, 0.8,  0.85, 0.9,  0.95, 0.99, 1};

static size_t size_index(size_t draws) {
  for (size_t s = 0; s < SIZES; s++)
    if (size_list[s] == draws) return s;
  give_up("%zu draws are not calibrated", draws);
}

static measure_kind kind_named(const char *name) {
  for (int k = MEASURE_SLICED_W2; k <= MEASURE_SHARES; k++)
    if (strcmp(measure_name((measure_kind)k), name) == 0) return (measure_kind)k;
  return MEASURE_NONE;
}

static calibration_entry *find(const calibration *c, const row *law, measure_kind kind) {
  for (size_t i = 0; i < c->n; i++)
    if (c->entry[i].law == law && c->entry[i].kind == kind) return &c->entry[i];
  return NULL;
}

static calibration_entry *find_or_add(calibration *c, const row *law, measure_kind kind) {
  calibration_entry *const e = find(c, law, kind);
  if (e != NULL) return e;
  c->entry[c->n] = (calibration_entry){.law = law, .kind = kind};
  return &c->entry[c->n++];
}

void calibration_read(const char *folder, calibration *out) {
  char path[4096], line[4096], *field[CSV_FIELDS];
  FILE *const file = csv_open(folder, "calibration.csv", path, sizeof path);
  *out = (calibration){.entry = ALLOCATE(calibration_entry, row_count * MEASURES_MAX)};
  size_t n;
  while ((n = csv_fields(file, line, sizeof line, field)) > 0) {
    const row *const law = row_named(field[0]);
    if (n != 3 + LEVELS) give_up("%s: a line of %zu fields where there should be %d", path, n, 3 + LEVELS);
    const measure_kind kind = kind_named(field[1]);
    if (law == NULL || kind == MEASURE_NONE) continue; /* the heading, or a row that is no more */
    double *const quantile = find_or_add(out, law, kind)->quantile[size_index((size_t)csv_number(path, field[2]))];
    for (size_t l = 0; l < LEVELS; l++) quantile[l] = csv_number(path, field[3 + l]);
  }
  fclose(file);
}

void calibration_free(calibration *c) {
  free(c->entry);
  *c = (calibration){0};
}

const calibration_entry *calibration_find(const calibration *c, const row *r, measure_kind kind) {
  const row *const law = r->law != NULL ? row_named(r->law) : r;
  const calibration_entry *const e = find(c, law, kind);
  if (e == NULL) give_up("%s: no calibration of %s: run accuracy --calibrate --rows %s", r->name, measure_name(kind), law->name);
  return e;
}

/* Simulated from the stored quantiles with a fixed seed: about 1 % of the 20,000 medians lie beyond. */
double calibration_median_limit(const calibration_entry *e, size_t draws, size_t seeds) {
  const double *const quantile = e->quantile[size_index(draws)];
  double *const value = ALLOCATE(double, seeds), *const median = ALLOCATE(double, MEDIANS);
  uint64_t *const work = ALLOCATE(uint64_t, 2 * MEDIANS);
  gsl_rng *const rng = gsl_rng_alloc(gsl_rng_mt19937);
  if (rng == NULL) give_up("out of memory");
  for (size_t m = 0; m < MEDIANS; m++) {
    for (size_t i = 0; i < seeds; i++) value[i] = interpolate(LEVELS, level_list, quantile, gsl_rng_uniform(rng));
    median[m] = median_of(seeds, value);
  }
  sort_ascending(MEDIANS, median, work);
  const double limit = median[MEDIANS * 99 / 100];
  gsl_rng_free(rng);
  free(work);
  free(median);
  free(value);
  return limit;
}

double calibration_largest(const calibration_entry *e) {
  return e->quantile[0][LEVELS - 1];
}

double calibration_worth(const calibration_entry *e, double value) {
  double median[SIZES];
  for (size_t s = 0; s < SIZES; s++) median[s] = interpolate(LEVELS, level_list, e->quantile[s], 0.5);
  if (!isfinite(value)) return 0;
  if (value >= median[0]) return (double)size_list[0] * pow(median[0] / value, 2);
  if (value <= median[SIZES - 1]) return (double)size_list[SIZES - 1] * pow(median[SIZES - 1] / value, 2);
  size_t s = 1;
  while (value < median[s]) s++;
  const double t = log(median[s - 1] / value) / log(median[s - 1] / median[s]);
  return (double)size_list[s - 1] * pow((double)size_list[s] / (double)size_list[s - 1], t);
}
