/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page: a section a target, its table and its figures.  Light, without scripts; wide tables scroll. */
#include "bench/paths_page.h"

#include "bench/paths_figure.h"
#include "bench/support.h"
#include "io/format.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Paths and samplers side by side</title>\n<style>\n"
    "body{margin:0;background:#fff;color:#1c2430;font:16px/1.5 Helvetica,Arial,sans-serif}main{max-width:1000px;margin:0 auto;padding:24px "
    "16px "
    "48px}h1{font-size:1.7rem}h2{font-size:1.3rem;margin:44px 0 8px;padding-top:14px;border-top:1px solid #d9dee5}p{max-width:75ch}"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.82rem;font-variant-numeric:tabular-nums}"
    "table th,table td{padding:4px 9px;text-align:right;border-bottom:1px solid #d9dee5;white-space:nowrap}"
    "table th{color:#5b6675}table th:first-child,table td:first-child{text-align:left}svg{max-width:100%;height:auto;margin-top:16px}\n"
    "</style>\n</head>\n<body>\n<main>\n<h1>Paths and samplers side by side</h1>\n";

static const char explanation[] =
    "A column has mean and standard deviation over the seeds. Evaluations are those of the sampler itself, without the search for modes "
    "afterwards. Distances are multiples of what as many exact draws have in the mean (1: as good as exact); the first row has the "
    "distances "
    "of exact draws themselves. A draw is astray where the density is lower than at all but 1 in 10,000 exact draws, and a mode is found "
    "by "
    "a draw that is not. Mode-weight TV: total variation between the shares of the modes and their weights.";

static void describe(FILE *stream, const paths_runs *runs) {
  const paths_target *const t = runs->row;
  size_t seeds = 0;
  for (size_t m = 1; m < paths_method_count; m++) {
    const size_t n = paths_run_count(runs, &paths_method_list[m]);
    seeds = n > seeds ? n : seeds;
  }
  fprintf(stream, "Target %s, %d x %zu draws, %.2g evaluations, %zu seeds.", t->spec, PATHS_ISLANDS, t->draws, (double)t->budget, seeds);
  if (t->effort > 0)
    fprintf(stream, " The bridge has effort %g and groups = %zu: its default needs more than the budget.", t->effort, t->groups);
}

void paths_tables_print(FILE *stream, size_t n, const paths_runs *runs) {
  fprintf(stream, "%s\n\n", explanation);
  for (size_t t = 0; t < n; t++) {
    fprintf(stream, "## %s: %s\n\n", runs[t].row->name, runs[t].row->title);
    describe(stream, &runs[t]);
    fputs("\n\n", stream);
    paths_table_print(stream, &runs[t], 0);
  }
}

/* The figures of the kinds asked for, of those that the target has. */
static void draw(FILE *stream, const paths_runs *runs, unsigned kinds) {
  builtin target;
  dilate_error err;
  dilate_error_init(&err);
  if (builtin_create(runs->row->spec, NULL, &target, &err) < 0) give_up("%s: %s", runs->row->name, err.message);
  if (kinds & PATHS_PARTICLES) paths_draw_particles(stream, runs, &target);
  if (kinds & PATHS_WEIGHTS) paths_draw_weights(stream, runs, &target);
  if (kinds & PATHS_FUNNEL) paths_draw_funnel(stream, runs);
  if (kinds & PATHS_IMAGES) paths_draw_images(stream, runs);
  builtin_destroy(&target);
}

void paths_page_print(FILE *stream, size_t n, const paths_runs *runs) {
  fprintf(stream, "%s<p>%s</p>\n", head, explanation);
  for (size_t t = 0; t < n; t++) {
    fputs("<h2>", stream);
    html_escape(stream, runs[t].row->title);
    fputs("</h2>\n<p>", stream);
    describe(stream, &runs[t]);
    fputs("</p>\n<div class=\"scroll\">\n", stream);
    paths_table_print(stream, &runs[t], 1);
    fputs("</div>\n", stream);
    draw(stream, &runs[t], runs[t].row->figures);
  }
  fputs("</main>\n</body>\n</html>\n", stream);
}

void paths_figure_print(FILE *stream, const paths_runs *runs) {
  const unsigned all = runs->row->figures;
  draw(stream, runs, all & (~all + 1)); /* the first */
}
