/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Marginals: a histogram per parameter, each mode's draws in its colour, with the median and the middle 90 % under it. */
#include "io/report_parts.h"

#include "io/format.h"
#include <math.h>
#include <stdlib.h>

enum { WIDTH = 300, HEIGHT = 172, LEFT = 12, RIGHT = 288, TOP = 6, BASE = 134, INTERVAL = 141, BOTTOM = 148 };

static double clip(const svg_axis *x, double value) {
  return svg_place(x, fmin(fmax(value, x->low), x->high));
}

static void draw_interval(FILE *stream, const svg_axis *x, const dilate_parameter *p) {
  if (!isfinite(p->q5) || !isfinite(p->q50) || !isfinite(p->q95)) return;
  svg_line(stream, clip(x, p->q5), INTERVAL, clip(x, p->q95), INTERVAL, "whisker");
  fprintf(stream, "<circle class=\"median\" cx=\"%.1f\" cy=\"%d\" r=\"4\"/>\n", clip(x, p->q50), INTERVAL);
}

static void draw_parameter(FILE *stream, const outcome *o, size_t j, const row_columns *draws, double *room) {
  const dilate_parameter p = outcome_parameter(o, j);
  const double *const value = draws->value + draws->at[0];
  const svg_axis x = histogram_axis(value, draws->stride, outcome_rows(o), room, LEFT, RIGHT);
  report_stack stack;
  report_stack_count(o, value, draws->stride, &x, &stack);
  const svg_axis y = {.low = 0, .high = fmax(1.02 * report_stack_top(&stack), 1e-300), .from = BASE, .to = TOP};
  svg_axis_below(stream, &x, BOTTOM, TOP, 4, 1);
  report_stack_draw(stream, &stack, &x, &y);
  draw_interval(stream, &x, &p);
}

static void describe(const dilate_parameter *p, char *out, size_t room) {
  text q5, q50, q95;
  report_label name;
  snprintf(out, room, "Histogram of %s: median %s, 5 %% quantile %s, 95 %% quantile %s", report_cut(p->name, name), text_short(p->q50, q50),
           text_short(p->q5, q5), text_short(p->q95, q95));
}

static int write_figure(FILE *stream, const outcome *o, size_t j, double *room) {
  dilate_parameter p = outcome_parameter(o, j);
  char description[320];
  text mean, sd;
  row_columns draws;
  const int status = columns_begin(o->result, o->spread, 1, &j, &draws);
  p.name = dilate_result_name(o->result, j);
  describe(&p, description, sizeof description);
  fputs("<figure><figcaption><b>", stream);
  report_name(stream, p.name);
  fprintf(stream, "</b> <span>mean %s, sd %s</span></figcaption>", text_with_error(p.mean, p.mcse, mean), text_short(p.sd, sd));
  svg_begin(stream, WIDTH, HEIGHT, 220, description);
  if (status == 0) draw_parameter(stream, o, j, &draws, room);
  svg_end(stream);
  fputs("</figure>\n", stream);
  columns_end(&draws);
  return status;
}

static int write(FILE *stream, const outcome *o) {
  size_t chosen[REPORT_MARGINALS];
  const size_t shown = report_choose(o, report_between_modes, REPORT_MARGINALS, chosen);
  double *room = malloc(outcome_rows(o) * sizeof *room);
  int status = 0;
  if (!room) return -1;
  fprintf(stream, "<p>All draws%s. Under each histogram the median and the range from the 5 %% to the 95 %% quantile.",
          dilate_result_mode_count(o->result) > 1 ? ", in the colours of their modes" : "");
  report_between_modes_shown(stream, o, shown);
  fputs("</p>\n", stream);
  report_legend(stream, o);
  fputs("<div class=\"figures\">\n", stream);
  for (size_t k = 0; k < shown && status == 0; ++k) status = write_figure(stream, o, chosen[k], room);
  fputs("</div>\n", stream);
  free(room);
  return status;
}

static int present(const outcome *o) {
  return outcome_rows(o) > 0;
}

const report_section report_marginals = {"marginals", "Marginals", present, write};
