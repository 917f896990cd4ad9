/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table: a line a way to sample a posterior, the worst figure over the seeds; costs are medians. */
#include "bench/posteriordb_table.h"

#include "bench/support.h"
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static size_t passes(const entry *e, const line *l) {
  size_t n = 0;
  for (size_t i = 0; i < l->n; i++) n += (size_t)run_passes(&l->run[i], &e->truth, NULL, 0);
  return n;
}

int posteriordb_ok(size_t n, const entry *entries) {
  for (size_t i = 0; i < n; i++)
    for (int id = LINE_C; id <= LINE_STAN; id++)
      if (passes(&entries[i], &entries[i].line[id]) < entries[i].line[id].n) return 0;
  return 1;
}

/* ---- Figures of all seeds ---- */

static double field(const run *r, size_t offset) {
  double value;
  memcpy(&value, (const char *)r + offset, sizeof value);
  return value;
}

static double largest(const line *l, size_t offset) {
  double most = -INFINITY;
  for (size_t i = 0; i < l->n; i++) most = fmax(most, field(&l->run[i], offset));
  return most;
}

static double smallest(const line *l, size_t offset) {
  double least = INFINITY;
  for (size_t i = 0; i < l->n; i++) least = fmin(least, field(&l->run[i], offset));
  return least;
}

static double median_each(const line *l, size_t offset) {
  double *const x = ALLOCATE(double, l->n);
  for (size_t i = 0; i < l->n; i++) x[i] = field(&l->run[i], offset) / l->run[i].bulk;
  const double median = median_of(l->n, x);
  free(x);
  return median;
}

static double log_z_error(const entry *e, const line *l) {
  double most = 0;
  for (size_t i = 0; i < l->n; i++) most = fmax(most, fabs(l->run[i].log_z - e->truth.log_z));
  return most;
}

/* ---- The table ---- */

static void print_line(FILE *file, const entry *e, line_id id) {
  static const char *const names[LINES] = {"libdilate, C", "libdilate, Stan", "NUTS, Stan"};
  const line *const l = &e->line[id];
  fprintf(file, "| %s | %s |", e->model->name, names[id]);
  if (id == LINE_NUTS)
    fputs(" - |", file);
  else
    fprintf(file, " %.3f (%g) |", log_z_error(e, l), e->truth.tolerance);
  fprintf(file, " %.1f, %.1f, %.1f, %.1f |", largest(l, offsetof(run, mean.value)), largest(l, offsetof(run, sd.value)),
          largest(l, offsetof(run, q5.value)), largest(l, offsetof(run, q95.value)));
  fprintf(file, " %.4f | %.0f |", largest(l, offsetof(run, rhat.value)), smallest(l, offsetof(run, ess.value)));
  if (id != LINE_NUTS && e->truth.modes == 2)
    fprintf(file, " %.4f |", largest(l, offsetof(run, share)));
  else
    fputs(" |", file);
  fprintf(file, " %.1f | %.3g |", median_each(l, offsetof(run, evaluations)), 1e3 * median_each(l, offsetof(run, seconds)));
  if (id == LINE_NUTS)
    fprintf(file, " %zu of %zu |\n", passes(e, l), l->n);
  else
    fprintf(file, " %s |\n", passes(e, l) == l->n ? "pass" : "**FAIL**");
}

static void print_failures(FILE *file, const entry *e, line_id id) {
  const line *const l = &e->line[id];
  char why[256];
  if (l->absent != NULL) fprintf(file, "- %s, %s: %s\n", e->model->name, line_name(id), l->absent);
  for (size_t i = 0; i < l->n; i++)
    if (!run_passes(&l->run[i], &e->truth, why, sizeof why))
      fprintf(file, "- %s, %s, seed %llu: %s not kept\n", e->model->name, line_name(id), (unsigned long long)l->run[i].seed, why);
}

void posteriordb_print(FILE *file, size_t n, const entry *entries) {
  fprintf(file,
          "| posterior | sampler, model | log Z, error | mean, sd, 5 %%, 95 %%: errors / their se (%g, %g, %g, %g) | R-hat (%g) | ESS (%d) "
          "| mode from 1/2 (%g) | evaluations | CPU ms | |\n| --- | --- | --- | --- | --: | --: | --: | --: | --: | --- |\n",
          MOMENT_LIMIT, MOMENT_LIMIT, QUANTILE_LIMIT, QUANTILE_LIMIT, RHAT_LIMIT, ESS_LIMIT, SHARE_LIMIT);
  for (size_t i = 0; i < n; i++)
    for (int id = 0; id < LINES; id++)
      if (entries[i].line[id].n > 0) print_line(file, &entries[i], (line_id)id);
  fputs("\nThe worst of all seeds; evaluations and CPU are medians, for each draw of the least effective sample size of a bulk, NUTS' "
        "warm-up "
        "included.\n\n",
        file);
  for (size_t i = 0; i < n; i++)
    for (int id = 0; id < LINES; id++) print_failures(file, &entries[i], (line_id)id);
}
