/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables, in Markdown: a row a target; then the coverage of the reported errors, and the warnings. */
#include "bench/accuracy_table.h"

#include "bench/support.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const row_runs *runs_named(size_t n, const row_runs *runs, const char *name) {
  for (size_t i = 0; name != NULL && i < n; i++)
    if (strcmp(runs[i].row->name, name) == 0) return &runs[i];
  return NULL;
}

void judgement_make(size_t n, const row_runs *runs, const calibration *c, judgement *out) {
  *out = (judgement){.n = n, .runs = runs, .verdict = ALLOCATE(verdict, n), .coverage = ALLOCATE(coverage, n), .ok = 1};
  for (size_t i = 0; i < n; i++) {
    verdict_make(&runs[i], runs_named(n, runs, runs[i].row->twin), c, &out->verdict[i]);
    coverage_make(&runs[i], &out->coverage[i]);
    coverage_add(&out->coverage[i], &out->pooled);
    warnings_add(&runs[i], &out->warnings);
    out->ok &= out->verdict[i].ok && out->coverage[i].ok;
  }
  coverage_close(&out->pooled);
  warnings_close(&out->warnings);
  out->ok &= out->pooled.ok && out->warnings.ok;
}

void judgement_free(judgement *j) {
  free(j->verdict);
  free(j->coverage);
  *j = (judgement){0};
}

static const char *mark(int ok) {
  return ok ? "" : " **!**";
}

static void print_log_z(FILE *file, const row *r, const verdict *v) {
  if (r->rule == LOG_Z_KNOWN)
    fprintf(file, "%.3f, %.3f (%.2f)", v->log_z_median, v->log_z_worst, r->tolerance);
  else if (isnan(v->log_z_sd))
    fputs("-", file);
  else
    fprintf(file, "sd %.3f (%.2f)", v->log_z_sd, r->tolerance);
  if (!isnan(v->chi_square)) fprintf(file, ", chi-square %.0f (%.0f)", v->chi_square, v->chi_square_limit);
  if (v->silent > 0) fprintf(file, ", %zu silent", v->silent);
  fprintf(file, "%s | %.3f |", mark(v->log_z_ok), v->log_z_se);
}

/* "W2 3120 (2500)": the median is worth 3120 exact draws where 2500 are asked for; a worst run that is too bad is shown with its limit. */
static void print_calibrated(FILE *file, const measure *m, const measure_verdict *v) {
  fprintf(file, "%s %.0f (%zu)", measure_name(m->kind), v->worth, m->worth);
  if (!(v->worst <= v->worst_limit)) fprintf(file, ", worst %.3g (%.3g)", v->worst, v->worst_limit);
}

static void print_bounded(FILE *file, const measure *m, const measure_verdict *v) {
  if (m->kind != MEASURE_MISSED)
    fprintf(file, "%s %.3g, %.3g (%g)", measure_name(m->kind), v->median, v->worst, m->median);
  else if (v->beyond > 0)
    fprintf(file, "missed %.0f in %zu runs", v->worst, v->beyond);
  else
    fputs("missed none", file);
}

static void print_measures(FILE *file, const row *r, const verdict *v) {
  for (size_t m = 0; m < MEASURES_MAX && r->measures[m].kind != MEASURE_NONE; m++) {
    fputs(m > 0 ? "; " : " ", file);
    if (measure_is_calibrated(r->measures[m].kind))
      print_calibrated(file, &r->measures[m], &v->measure[m]);
    else
      print_bounded(file, &r->measures[m], &v->measure[m]);
    fputs(mark(v->measure[m].ok), file);
  }
  if (!isnan(v->twins_apart)) fprintf(file, "; twins %.1f se (4)", v->twins_apart);
}

static void print_row(FILE *file, const row_runs *runs, const verdict *v) {
  fprintf(file, "| %s | ", runs->row->name);
  print_log_z(file, runs->row, v);
  print_measures(file, runs->row, v);
  fprintf(file, " | %.0f, %.0f (%.0f)%s", v->evaluations_median / 1e3, v->evaluations_worst / 1e3, runs->row->evaluations / 1e3,
          mark(v->evaluations_ok));
  fprintf(file, " | %.1f | %zu of %zu | ", v->seconds, v->warned, runs->n);
  if (v->failures > 0) fprintf(file, "%zu broke off, ", v->failures);
  fprintf(file, "%s |\n", v->ok ? "pass" : "FAIL");
}

static void print_intervals(FILE *file, const intervals *i) {
  size_t low, high;
  coverage_limits(i->all, &low, &high);
  if (i->all > 0)
    fprintf(file, " %zu of %zu (%zu to %zu) |", i->covered, i->all, low, high);
  else
    fputs(" - |", file);
}

static void print_coverage(FILE *file, const char *name, const coverage *c) {
  fprintf(file, "| %s |", name);
  print_intervals(file, &c->log_z);
  print_intervals(file, &c->weights);
  if (isnan(c->ratio))
    fputs(" - |", file);
  else
    fprintf(file, " %.2f |", c->ratio);
  fprintf(file, " %s |\n", c->ok ? "pass" : "FAIL");
}

static void print_warnings(FILE *file, const warnings *w) {
  fprintf(file, "\nRuns that lost more than 5 %% of the mass: %zu, of which %zu warned (at least 80 %%). ", w->lost, w->lost_warned);
  fprintf(file, "Clean runs: %zu, of which %zu warned (at most 5 %%). %s\n", w->clean, w->clean_warned, w->ok ? "pass" : "FAIL");
}

void table_print(FILE *file, const judgement *j) {
  size_t passed = 0;
  fputs("| target | log Z: median, worst error (tolerance) | se | draws: what they are worth (asked); other | evaluations / 1000: median, "
        "worst (budget) | seconds | warned | |\n| --- | --- | --- | --- | --- | --: | --- | --- |\n",
        file);
  for (size_t i = 0; i < j->n; i++) {
    print_row(file, &j->runs[i], &j->verdict[i]);
    passed += (size_t)j->verdict[i].ok;
  }
  fprintf(file, "\n%zu of %zu rows pass.\n", passed, j->n);
  fputs("\n| intervals of 2 standard errors that cover (99.9 % limits) | log Z | mode weights | median se / sd over seeds (2) | |\n"
        "| --- | --- | --- | --- | --- |\n",
        file);
  for (size_t i = 0; i < j->n; i++) print_coverage(file, j->runs[i].row->name, &j->coverage[i]);
  print_coverage(file, "all", &j->pooled);
  print_warnings(file, &j->warnings);
}
