/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole runs: what they cost besides their target, and in which stage. */
#include "bench/accuracy_rows.h"
#include "bench/speed_table.h"
#include "bench/support.h"

#include <math.h>
#include <string.h>

#define STAGES 32

static double median_of_row(const figures *all, const row *r, const char *quantity) {
  return figures_median(all, "whole.%s.%s", r->name, quantity);
}

static int is_there(const figures *all, const row *r) {
  return figures_find(all, "whole.%s.seconds", r->name) != NULL;
}

static int any_there(const figures *all) {
  for (size_t r = 0; r < row_count; r++)
    if (is_there(all, &row_list[r])) return 1;
  return 0;
}

/* ---- Costs ---- */

static const char *verdict_word(const figures *all, const row *r) {
  static const char *const words[] = {"FAIL", "pass", ""};
  return words[overhead_verdict(all, r->name)];
}

static void cost_line(FILE *file, const figures *all, const row *r) {
  const double seconds = median_of_row(all, r, "seconds"), target = median_of_row(all, r, "target");
  fprintf(file, "| %s |", r->name);
  cell(file, 0, median_of_row(all, r, "dim"));
  cell(file, 3, seconds);
  cell(file, 1, median_of_row(all, r, "units"));
  cell(file, 0, 1e-3 * median_of_row(all, r, "evaluations"));
  cell(file, 0, median_of_row(all, r, "density-cost"));
  cell(file, 0, median_of_row(all, r, "gradient-cost"));
  cell(file, 3, target);
  cell(file, 3, median_of_row(all, r, "overhead"));
  cell(file, 3, overhead_allowed(all, r->name));
  cell(file, 2, seconds / target);
  cell(file, 1, 0x1p-20 * median_of_row(all, r, "memory"));
  cell(file, 4, median_of_row(all, r, "log-z-error"));
  fprintf(file, " %s |\n", verdict_word(all, r));
}

static void costs_print(FILE *file, const figures *all) {
  fputs("| target | d | CPU s | million normals | evaluations / 1000 | ns a density | ns with gradient | target's own s | overhead s | "
        "allowed |"
        " overhead factor | peak MB | log Z error | |\n"
        "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --- |\n",
        file);
  for (size_t r = 0; r < row_count; r++)
    if (is_there(all, &row_list[r])) cost_line(file, all, &row_list[r]);
  fputc('\n', file);
}

/* ---- Stages ---- */

/* The stage of a name "whole.ROW.stage.STAGE"; NULL for any other. */
static const char *stage_of(const char *name) {
  const char *const at = strstr(name, ".stage.");
  return strncmp(name, "whole.", 6) == 0 && at != NULL ? at + strlen(".stage.") : NULL;
}

/* The stages of all runs, in the order of their first. */
static size_t list_stages(const figures *all, const char *stages[STAGES]) {
  size_t n = 0;
  for (size_t i = 0; i < all->n && n < STAGES; i++) {
    const char *const stage = stage_of(all->figure[i].name);
    size_t s = 0;
    while (stage != NULL && s < n && strcmp(stages[s], stage) != 0) s++;
    if (stage != NULL && s == n) stages[n++] = stage;
  }
  return n;
}

/* Sum over the seeds; 0 where a stage did not occur. */
static double sum_of(const figure *f) {
  return f != NULL ? mean_of(f->n, f->value) * (double)f->n : 0;
}

static void stage_line(FILE *file, const figures *all, const row *r, size_t n, const char *const *stages) {
  const double seconds = sum_of(figures_find(all, "whole.%s.seconds", r->name));
  fprintf(file, "| %s |", r->name);
  for (size_t s = 0; s < n; s++) {
    const double own = sum_of(figures_find(all, "whole.%s.stage.%s", r->name, stages[s])),
                 over = sum_of(figures_find(all, "whole.%s.stage-overhead.%s", r->name, stages[s]));
    if (own > 0)
      fprintf(file, " %.0f (%.0f) |", 100 * own / seconds, 100 * over / seconds);
    else
      fputs(" |", file);
  }
  fputc('\n', file);
}

static void stages_print(FILE *file, const figures *all) {
  const char *stages[STAGES];
  const size_t n = list_stages(all, stages);
  fputs("| % of CPU (of it overhead) |", file);
  for (size_t s = 0; s < n; s++) fprintf(file, " %s |", stages[s]);
  fputs("\n| --- |", file);
  for (size_t s = 0; s < n; s++) fputs(" --: |", file);
  fputc('\n', file);
  for (size_t r = 0; r < row_count; r++)
    if (is_there(all, &row_list[r])) stage_line(file, all, &row_list[r], n, stages);
  fputc('\n', file);
}

void speed_whole_print(FILE *file, const figures *all) {
  if (!any_there(all)) return;
  costs_print(file, all);
  stages_print(file, all);
}
