/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All rows, one run after the other, so that each has a processor to itself. */
#include "bench/posteriordb_work.h"

#include "bench/arguments.h"
#include "bench/support.h"
#include <math.h>
#include <stdlib.h>

const char *line_name(line_id id) {
  static const char *const names[LINES] = {"c", "stan", "nuts"};
  return names[id];
}

static void print_progress(const entry *e, line_id id, const run *r) {
  char why[256];
  const int ok = run_passes(r, &e->truth, why, sizeof why);
  fprintf(stderr, "%-28s %-4s seed %llu", e->model->name, line_name(id), (unsigned long long)r->seed);
  if (!isnan(r->log_z)) fprintf(stderr, "  log Z %+.4f +- %.4f", r->log_z - e->truth.log_z, r->log_z_se);
  fprintf(stderr, "  mean %.1f sd %.1f 5 %% %.1f 95 %% %.1f  R-hat %.4f  ESS %.0f (%s)", r->mean.value, r->sd.value, r->q5.value,
          r->q95.value, r->rhat.value, r->ess.value, r->ess.name);
  fprintf(stderr, "  %.0fk evaluations, %.2f s%s%s%s\n", r->evaluations / 1e3, r->seconds, r->warnings > 0 ? ", warned" : "",
          ok ? "" : ", NOT KEPT: ", ok ? "" : why);
}

static line *line_start(const posteriordb_work *w, entry *e, line_id id) {
  line *const l = &e->line[id];
  l->n = (size_t)(w->last_seed - w->first_seed + 1);
  l->run = ALLOCATE(run, l->n);
  return l;
}

/* A wrong density is known before any run. */
static void check_points(const posteriordb_work *w, const entry *e, line_id id, const dilate_target *target) {
  size_t points;
  const double error = points_error(w->folder, e->model->name, target, &points);
  if (!(error < POINTS_LIMIT) || points == 0)
    give_up("%s, %s: the density is off by %.2g at one of %zu points", e->model->name, line_name(id), error, points);
}

static void run_ours(const posteriordb_work *w, entry *e, line_id id, const dilate_target *target) {
  check_points(w, e, id, target);
  line *const l = line_start(w, e, id);
  for (size_t i = 0; i < l->n; i++) {
    run_make(target, &e->truth, w->first_seed + i, &l->run[i]);
    print_progress(e, id, &l->run[i]);
  }
}

static void run_nuts(const posteriordb_work *w, entry *e, const char *object, const char *data, const dilate_target *target) {
  e->line[LINE_NUTS].absent = nuts_missing(w);
  if (e->line[LINE_NUTS].absent != NULL) return;
  line *const l = line_start(w, e, LINE_NUTS);
  for (size_t i = 0; i < l->n; i++) {
    nuts_make(w, object, data, target, &e->truth, w->first_seed + i, &l->run[i]);
    print_progress(e, LINE_NUTS, &l->run[i]);
  }
}

static int wanted(const posteriordb_work *w, line_id id) {
  return arguments_selected(line_name(id), w->lines);
}

static void do_c(const posteriordb_work *w, entry *e) {
  dilate_target target;
  model_open(e->model, w->folder, &target);
  run_ours(w, e, LINE_C, &target);
  model_close(e->model, &target);
}

static void do_stan(const posteriordb_work *w, entry *e) {
  char object[8192], data[8192];
  dilate_plugin *plugin;
  dilate_error err;
  dilate_error_init(&err);
  e->line[LINE_STAN].absent = e->line[LINE_NUTS].absent = stan_make(w, e->model->name, object, sizeof object);
  if (e->line[LINE_STAN].absent != NULL) return;
  snprintf(data, sizeof data, "%s/%s.json", w->folder, e->model->data);
  if (dilate_plugin_load(object, data, &plugin, &err) != DILATE_OK) give_up("%s: %s", object, err.message);
  if (wanted(w, LINE_STAN)) run_ours(w, e, LINE_STAN, dilate_plugin_target(plugin));
  if (wanted(w, LINE_NUTS)) run_nuts(w, e, object, data, dilate_plugin_target(plugin));
  dilate_plugin_free(plugin);
}

entry *entries_start(const posteriordb_work *w, size_t *n) {
  entry *const entries = ALLOCATE(entry, 16);
  *n = 0;
  for (size_t i = 0; model_list[i] != NULL; i++) {
    if (!arguments_selected(model_list[i]->name, w->rows)) continue;
    entries[*n].model = model_list[i];
    reference_read(w->folder, model_list[i]->name, &entries[*n].truth);
    ++*n;
  }
  return entries;
}

void posteriordb_do(const posteriordb_work *w, size_t *n, entry **entries) {
  *entries = entries_start(w, n);
  for (size_t i = 0; i < *n; i++) {
    entry *const e = &(*entries)[i];
    if (wanted(w, LINE_C)) do_c(w, e);
    if (wanted(w, LINE_STAN) || wanted(w, LINE_NUTS)) do_stan(w, e);
  }
}

void entries_free(size_t n, entry *entries) {
  for (size_t i = 0; i < n; i++)
    for (int id = 0; id < LINES; id++) {
      line *const l = &entries[i].line[id];
      for (size_t s = 0; s < l->n; s++) run_release(&l->run[s]);
      free(l->run);
    }
  free(entries);
}
