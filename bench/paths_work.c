/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A target at a time; its runs are shared out among the threads in order.  Nothing depends on how many there are. */
#include "bench/paths_work.h"

#include "bench/arguments.h"
#include "bench/paths_json.h"
#include "bench/support.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EXACT_RUNS 20 /* independent sets of exact draws, whatever the seeds */

static void print_progress(const paths_target *t, const paths_run *r) {
  fprintf(stderr, "%-14s %-14s seed %2llu", t->name, r->method->name, (unsigned long long)r->seed);
  if (r->steps > 0) fprintf(stderr, "  %zu steps", r->steps);
  if (r->samples > 0) fprintf(stderr, " of %zu samples", r->samples);
  for (size_t m = 0; m < PATHS_MEASURES; m++)
    if (!isnan(r->value[m])) fprintf(stderr, "  %s %.4g", paths_measure_list[m].key, r->value[m]);
  fprintf(stderr, "%s%s\n", r->failure != NULL ? "  FAILED: " : "", r->failure != NULL ? r->failure : "");
}

/* The runs to do, still empty. */
static void list_runs(const paths_work *w, paths_runs *out) {
  const size_t seeds = (size_t)(w->last_seed - w->first_seed + 1);
  out->run = ALLOCATE(paths_run, EXACT_RUNS + paths_method_count * seeds);
  for (size_t m = 0; m < paths_method_count; m++) {
    const paths_method *const method = &paths_method_list[m];
    const int exact = method == PATHS_EXACT;
    if (!exact && (!arguments_selected(method->name, w->methods) || !paths_can_serve(method, out->row))) continue;
    for (size_t k = 0; k < (exact ? EXACT_RUNS : seeds); k++)
      out->run[out->n++] = (paths_run){.method = method, .seed = (exact ? 1 : w->first_seed) + k};
  }
}

static void do_target(const paths_work *w, const builtin *target, paths_runs *out) {
  paths_yardstick y;
  list_runs(w, out);
  paths_yardstick_make(out->row, target, &y);
#pragma omp parallel for num_threads(w->threads) schedule(dynamic, 1)
  for (size_t i = 0; i < out->n; i++) {
    const paths_run asked = out->run[i];
    const int shown = asked.seed == (asked.method == PATHS_EXACT ? 1 : w->first_seed);
    paths_run_make(&y, asked.method, asked.seed, shown, &out->run[i]);
    print_progress(out->row, &out->run[i]);
  }
  paths_yardstick_free(&y);
}

void paths_work_do(const paths_work *w, size_t *n, paths_runs **runs) {
  *runs = ALLOCATE(paths_runs, paths_target_count);
  *n = 0;
  for (size_t t = 0; t < paths_target_count; t++) {
    const paths_target *const row = &paths_target_list[t];
    dilate_error err;
    builtin target;
    dilate_error_init(&err);
    if (!arguments_selected(row->name, w->targets)) continue;
    if (builtin_create(row->spec, NULL, &target, &err) < 0) {
      fprintf(stderr, "%s is left out: %s\n", row->name, err.message);
      continue;
    }
    (*runs)[*n].row = row;
    do_target(w, &target, &(*runs)[(*n)++]);
    builtin_destroy(&target);
    if (w->json != NULL) paths_save(w->json, *n, *runs);
  }
}

void paths_runs_free(size_t n, paths_runs *runs) {
  for (size_t t = 0; t < n; t++) {
    for (size_t i = 0; i < runs[t].n; i++) paths_run_release(&runs[t].run[i]);
    free(runs[t].run);
  }
  free(runs);
}
