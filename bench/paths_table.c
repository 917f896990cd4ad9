/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row a method, a column a measure that any run has: mean and standard deviation over the seeds.  Distances are multiples of the mean
 * that exact draws have; the exact draws' own row has the distances themselves. */
#include "bench/paths_table.h"

#include "bench/support.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CELL 96

/* ---- Over the seeds ---- */

paths_summary paths_summarise(const paths_runs *runs, const paths_method *method, paths_measure measure) {
  double *const value = ALLOCATE(double, runs->n);
  paths_summary s = {.mean = NAN, .sd = NAN};
  for (size_t i = 0; i < runs->n; i++)
    if (runs->run[i].method == method && !isnan(runs->run[i].value[measure])) value[s.n++] = runs->run[i].value[measure];
  s.mean = mean_of(s.n, value);
  s.sd = sd_of(s.n, value);
  free(value);
  return s;
}

size_t paths_run_count(const paths_runs *runs, const paths_method *method) {
  size_t n = 0;
  for (size_t i = 0; i < runs->n; i++) n += runs->run[i].method == method;
  return n;
}

const paths_run *paths_first_run(const paths_runs *runs, const paths_method *method) {
  for (size_t i = 0; i < runs->n; i++)
    if (runs->run[i].method == method) return &runs->run[i];
  return NULL;
}

const char *paths_title(const paths_runs *runs, const paths_method *method, char out[PATHS_TITLE_SIZE]) {
  const paths_run *const first = paths_first_run(runs, method);
  const char *scores = "";
  if (method->cost == PATHS_COST_WALK && first != NULL) scores = first->samples > 0 ? ", Monte Carlo" : ", closed form";
  if (method->evidence && method->cost == PATHS_COST_OWN && runs->row->effort > 0)
    snprintf(out, PATHS_TITLE_SIZE, "bridge (effort %g, %zu group%s)", runs->row->effort, runs->row->groups,
             runs->row->groups > 1 ? "s" : "");
  else
    snprintf(out, PATHS_TITLE_SIZE, "%s%s", method->title, scores);
  return out;
}

/* How many of the method's runs did not fail. */
static size_t ended(const paths_runs *runs, const paths_method *method) {
  size_t n = 0;
  for (size_t i = 0; i < runs->n; i++) n += runs->run[i].method == method && runs->run[i].failure == NULL;
  return n;
}

/* A distance is told only where exact draws have it too. */
static int has_measure(const paths_runs *runs, paths_measure measure) {
  const paths_summary exact = paths_summarise(runs, PATHS_EXACT, measure);
  if (paths_measure_list[measure].distance) return exact.n > 0 && exact.n == paths_run_count(runs, PATHS_EXACT);
  for (size_t i = 0; i < runs->n; i++)
    if (!isnan(runs->run[i].value[measure])) return 1;
  return 0;
}

/* ---- Cells ---- */

static const char *number(double value, int digits, char *out) {
  if (fabs(value) >= 1e5)
    snprintf(out, CELL, "%.1e", value);
  else
    snprintf(out, CELL, "%.*f", digits, value);
  return out;
}

static void mean_and_sd(paths_summary s, double unit, int digits, char *out) {
  char mean[CELL], sd[CELL];
  if (s.n > 1)
    snprintf(out, CELL, "%.44s ± %.44s", number(s.mean / unit, digits, mean), number(s.sd / unit, digits, sd));
  else
    number(s.mean / unit, digits, out);
}

/* Digits of a multiple: about three in all. */
static int digits_of(double multiple) {
  return multiple < 10 ? 2 : multiple < 100 ? 1 : 0;
}

/* A distance that some run has not reached is not told: the mean of the others would flatter. */
static void cell(const paths_runs *runs, const paths_method *method, paths_measure measure, char *out) {
  const paths_measure_kind *const kind = &paths_measure_list[measure];
  const paths_summary s = paths_summarise(runs, method, measure);
  const int exact = method == PATHS_EXACT;
  if (measure == PATHS_LOG_Z && !method->evidence)
    snprintf(out, CELL, "%s", exact ? "–" : "not estimated");
  else if (s.n == 0 || (kind->distance && s.n < ended(runs, method)))
    snprintf(out, CELL, "–");
  else if (kind->distance && !exact) {
    const double floor = paths_summarise(runs, PATHS_EXACT, measure).mean;
    mean_and_sd(s, floor, digits_of(s.mean / floor), out);
  } else
    mean_and_sd(s, measure == PATHS_EVALUATIONS ? 1000 : 1, kind->digits, out);
}

/* The method, how many of its runs failed, and the steps of its first run. */
static void label(const paths_runs *runs, const paths_method *method, char *out) {
  const size_t failed = paths_run_count(runs, method) - ended(runs, method);
  const paths_run *const first = paths_first_run(runs, method);
  char title[PATHS_TITLE_SIZE];
  int used = snprintf(out, PATHS_TITLE_SIZE, "%s", paths_title(runs, method, title));
  if (first->samples > 0)
    used += snprintf(out + used, CELL, ", %zu steps of %zu samples", first->steps, first->samples);
  else if (first->steps > 0)
    used += snprintf(out + used, CELL, ", %zu steps", first->steps);
  if (failed > 0) snprintf(out + used, CELL / 2, " (%zu of %zu failed)", failed, paths_run_count(runs, method));
}

/* ---- Tables ---- */

typedef struct style {
  const char *open, *next, *close;
} style;
static const style markdown = {"| ", " | ", " |\n"};
static const style html_head = {"<tr><th>", "</th><th>", "</th></tr>\n"}, html_row = {"<tr><td>", "</td><td>", "</td></tr>\n"};

static void print_heads(FILE *stream, const paths_runs *runs, const style *s) {
  fprintf(stream, "%smethod", s->open);
  for (size_t m = 0; m < PATHS_MEASURES; m++)
    if (has_measure(runs, (paths_measure)m)) fprintf(stream, "%s%s", s->next, paths_measure_list[m].title);
  fputs(s->close, stream);
}

static void print_rule(FILE *stream, const paths_runs *runs) {
  fputs("| --- |", stream);
  for (size_t m = 0; m < PATHS_MEASURES; m++)
    if (has_measure(runs, (paths_measure)m)) fputs(" --: |", stream);
  fputs("\n", stream);
}

static void print_row(FILE *stream, const paths_runs *runs, const paths_method *method, const style *s) {
  char text[4 * CELL];
  if (paths_run_count(runs, method) == 0) {
    fprintf(stream, "%s%s%s%s", s->open, method->title, s->next, "no closed form");
    for (size_t m = 1; m < PATHS_MEASURES; m++)
      if (has_measure(runs, (paths_measure)m)) fprintf(stream, "%s–", s->next);
    fputs(s->close, stream);
    return;
  }
  label(runs, method, text);
  fprintf(stream, "%s%s", s->open, text);
  for (size_t m = 0; m < PATHS_MEASURES; m++) {
    if (!has_measure(runs, (paths_measure)m)) continue;
    cell(runs, method, (paths_measure)m, text);
    fprintf(stream, "%s%s", s->next, text);
  }
  fputs(s->close, stream);
}

void paths_table_print(FILE *stream, const paths_runs *runs, int html) {
  fputs(html ? "<table>\n<thead>" : "", stream);
  print_heads(stream, runs, html ? &html_head : &markdown);
  if (html)
    fputs("</thead>\n", stream);
  else
    print_rule(stream, runs);
  for (size_t m = 0; m < paths_method_count; m++) {
    const paths_method *const method = &paths_method_list[m];
    if (paths_run_count(runs, method) > 0 || !paths_can_serve(method, runs->row))
      print_row(stream, runs, method, html ? &html_row : &markdown);
  }
  fputs(html ? "</table>\n" : "\n", stream);
}
