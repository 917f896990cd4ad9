/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Doing the runs.  All (row, seed) are shared out among the threads in order; a row's exact sample is made by the first that needs it
 * and freed by the last. */
#include "bench/accuracy_work.h"

#include "bench/support.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* A row at work. */
typedef struct bench {
  omp_lock_t lock;
  builtin target;
  yardstick yardstick;
  int ready;
  size_t left;
} bench;

static void bench_open(bench *b, const row *r) {
  omp_set_lock(&b->lock);
  if (!b->ready) yardstick_make(r, &b->target, &b->yardstick);
  b->ready = 1;
  omp_unset_lock(&b->lock);
}

static void bench_close(bench *b) {
  omp_set_lock(&b->lock);
  if (--b->left == 0) yardstick_free(&b->yardstick);
  omp_unset_lock(&b->lock);
}

/* Appends to the text, which has the given size. */
static void add_measure(const calibration *c, const row *r, measure_kind kind, double value, char *text, size_t size) {
  const size_t used = strlen(text);
  if (measure_is_calibrated(kind))
    snprintf(text + used, size - used, "  %s worth %.0f", measure_name(kind), calibration_worth(calibration_find(c, r, kind), value));
  else
    snprintf(text + used, size - used, "  %s %.3g", measure_name(kind), value);
}

static void print_progress(const calibration *c, const row *r, const run *one) {
  char text[512];
  snprintf(text, sizeof text, "%-22s seed %2llu  log Z %.4f +- %.4f", r->name, (unsigned long long)one->seed, one->log_z, one->log_z_se);
  const size_t used = strlen(text);
  if (!isnan(one->log_z_truth)) snprintf(text + used, sizeof text - used, " error %+.4f", run_log_z_error(one));
  for (size_t m = 0; m < MEASURES_MAX && r->measures[m].kind != MEASURE_NONE; m++)
    add_measure(c, r, r->measures[m].kind, one->value[m], text, sizeof text);
  fprintf(stderr, "%s  %.0fk evaluations, %.1f s%s%s%s\n", text, (double)one->evaluations / 1e3, one->seconds,
          one->warnings > 0 ? ", warned" : "", one->failure != NULL ? ", FAILED: " : "", one->failure != NULL ? one->failure : "");
}

/* Rows and targets are made before any work, so that a target that is not there is known at once. */
static bench *prepare(const work *w, size_t *n, row_runs **runs) {
  bench *const benches = ALLOCATE(bench, row_count);
  const size_t seeds = (size_t)(w->last_seed - w->first_seed + 1);
  *runs = ALLOCATE(row_runs, row_count);
  *n = 0;
  for (size_t r = 0; r < row_count; r++) {
    dilate_error err;
    if (!row_selected(&row_list[r], w->rows)) continue;
    dilate_error_init(&err);
    if (builtin_create(row_list[r].target, NULL, &benches[*n].target, &err) < 0) give_up("%s: %s", row_list[r].name, err.message);
    omp_init_lock(&benches[*n].lock);
    benches[*n].left = seeds;
    (*runs)[(*n)++] = (row_runs){.row = &row_list[r], .n = seeds, .run = ALLOCATE(run, seeds)};
  }
  return benches;
}

void work_do(const work *w, size_t *n, row_runs **runs) {
  bench *const benches = prepare(w, n, runs);
  const size_t seeds = (size_t)(w->last_seed - w->first_seed + 1);
#pragma omp parallel for num_threads(w->threads) schedule(dynamic, 1)
  for (size_t i = 0; i < *n * seeds; i++) {
    bench *const b = &benches[i / seeds];
    const row *const r = (*runs)[i / seeds].row;
    run *const one = &(*runs)[i / seeds].run[i % seeds];
    bench_open(b, r);
    run_make(&b->yardstick, w->folder, w->first_seed + i % seeds, one);
    print_progress(w->calibration, r, one);
    bench_close(b);
  }
  for (size_t i = 0; i < *n; i++) {
    omp_destroy_lock(&benches[i].lock);
    builtin_destroy(&benches[i].target);
  }
  free(benches);
}
