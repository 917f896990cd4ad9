/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making the calibration: 2000 replicates of each law's exact draws, each with a generator of its own seed, so that the file does not
 * depend on the number of threads.  The replicates of 1000 and 2500 draws are the beginnings of those of 4000. */
#include "bench/calibration.h"
#include "bench/support.h"

#include <stdlib.h>

#define FIRST_SEED 1000 /* beyond that of the fixed exact sample */

/* value[(m*SIZES + s)*REPLICATES + replicate] of measure m at size s. */
static void replicate(const yardstick *y, size_t number, points *p, double *x, double *value) {
  const size_t n = size_list[SIZES - 1], dim = y->target->target.dim;
  gsl_rng *const rng = gsl_rng_alloc(gsl_rng_mt19937);
  if (rng == NULL) give_up("out of memory");
  gsl_rng_set(rng, FIRST_SEED + number);
  for (size_t i = 0; i < n; i++) y->target->draw(y->target, rng, x + i * dim);
  gsl_rng_free(rng);
  points_set(y, n, x, p);
  for (size_t m = 0; m < MEASURES_MAX; m++)
    for (size_t s = 0; s < SIZES && measure_is_calibrated(y->row->measures[m].kind); s++)
      value[(m * SIZES + s) * REPLICATES + number] = yardstick_measure(y, y->row->measures[m].kind, size_list[s], p);
}

static void replicate_all(const yardstick *y, int threads, double *value) {
#pragma omp parallel num_threads(threads)
  {
    points p;
    points_make(y, size_list[SIZES - 1], &p);
    double *const x = ALLOCATE(double, size_list[SIZES - 1] * y->target->target.dim);
#pragma omp for schedule(dynamic, 16)
    for (size_t i = 0; i < REPLICATES; i++) replicate(y, i, &p, x, value);
    free(x);
    points_free(&p);
  }
}

/* Sorts the replicates and keeps their quantiles, those of the levels between two replicates linearly. */
static void keep_quantiles(double *value, double quantile[LEVELS]) {
  uint64_t *const work = ALLOCATE(uint64_t, 2 * REPLICATES);
  sort_ascending(REPLICATES, value, work);
  for (size_t l = 0; l < LEVELS; l++) {
    const double place = level_list[l] * (REPLICATES - 1);
    const size_t i = place < REPLICATES - 1 ? (size_t)place : REPLICATES - 2;
    quantile[l] = value[i] + (place - (double)i) * (value[i + 1] - value[i]);
  }
  free(work);
}

static void calibrate_row(const row *r, int threads, calibration_entry entry[MEASURES_MAX]) {
  builtin target;
  dilate_error err;
  yardstick y;
  dilate_error_init(&err);
  if (builtin_create(r->target, NULL, &target, &err) < 0) give_up("%s: %s", r->name, err.message);
  yardstick_make(r, &target, &y);
  double *const value = ALLOCATE(double, (size_t)MEASURES_MAX *SIZES *REPLICATES);
  replicate_all(&y, threads, value);
  for (size_t m = 0; m < MEASURES_MAX; m++) {
    entry[m] = (calibration_entry){.law = r, .kind = r->measures[m].kind};
    for (size_t s = 0; s < SIZES && measure_is_calibrated(entry[m].kind); s++)
      keep_quantiles(value + (m * SIZES + s) * REPLICATES, entry[m].quantile[s]);
  }
  free(value);
  yardstick_free(&y);
  builtin_destroy(&target);
}

static void print_entry(FILE *file, const calibration_entry *e) {
  for (size_t s = 0; s < SIZES; s++) {
    fprintf(file, "%s,%s,%zu", e->law->name, measure_name(e->kind), size_list[s]);
    for (size_t l = 0; l < LEVELS; l++) fprintf(file, ",%.6g", e->quantile[s][l]);
    fputc('\n', file);
  }
}

static void print_heading(FILE *file) {
  fprintf(file, "# Made by bench/accuracy --calibrate: quantiles of %d replicates of each measure for exact draws.\n", REPLICATES);
  fprintf(file, "row,measure,draws");
  for (size_t l = 0; l < LEVELS; l++) fprintf(file, ",q%g", level_list[l]);
  fputc('\n', file);
}

static int is_calibrated(const row *r) {
  return r->law == NULL && measure_is_calibrated(r->measures[0].kind);
}

/* The file is replaced after every row, so that what is interrupted keeps what it has. */
static void print_all(const char *path, const calibration *c) {
  FILE *const file = open_output(path);
  print_heading(file);
  for (size_t r = 0; r < row_count; r++)
    for (size_t i = 0; i < c->n; i++)
      if (c->entry[i].law == &row_list[r]) print_entry(file, &c->entry[i]);
  close_output(file, path);
}

/* Takes the row's new entries in the place of its old ones. */
static void replace(calibration *c, const row *r, const calibration_entry entry[MEASURES_MAX]) {
  size_t kept = 0;
  for (size_t i = 0; i < c->n; i++)
    if (c->entry[i].law != r) c->entry[kept++] = c->entry[i];
  c->n = kept;
  for (size_t m = 0; m < MEASURES_MAX; m++)
    if (measure_is_calibrated(entry[m].kind)) c->entry[c->n++] = entry[m];
}

void calibration_write(const char *folder, const char *rows, int threads) {
  calibration c;
  char path[4096];
  snprintf(path, sizeof path, "%s/calibration.csv", folder);
  FILE *const old = fopen(path, "r");
  if (old == NULL)
    print_all(path, &(calibration){0});
  else
    fclose(old);
  calibration_read(folder, &c);
  for (size_t r = 0; r < row_count; r++) {
    if (!is_calibrated(&row_list[r]) || !row_selected(&row_list[r], rows)) continue;
    calibration_entry entry[MEASURES_MAX];
    fprintf(stderr, "calibrating %s\n", row_list[r].name);
    calibrate_row(&row_list[r], threads, entry);
    replace(&c, &row_list[r], entry);
    print_all(path, &c);
  }
  calibration_free(&c);
}
