/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Marginals: a small figure per parameter, all draws as bars, each island as a line over them. */
#include "io/report_parts.h"

#include "io/format.h"
#include "io/histogram.h"
#include <math.h>
#include <stdlib.h>

enum { WIDTH = 300, HEIGHT = 170, LEFT = 8, RIGHT = 292, BOTTOM = 146, TOP = 8, ISLANDS = 8 };

static void island_density(const outcome *o, size_t j, size_t island, const svg_axis *x, double *density) {
  const size_t draws = dilate_result_draws(o->result), stride = dilate_result_n_out(o->result);
  histogram_count(dilate_result_values(o->result) + island * draws * stride + j, stride, draws, x, density);
  histogram_smooth(density);
}

static void draw_islands(FILE *stream, const outcome *o, size_t j, size_t islands, const svg_axis *x, const svg_axis *y) {
  double density[HISTOGRAM_BINS], middle[HISTOGRAM_BINS];
  const double width = (x->high - x->low) / HISTOGRAM_BINS;
  for (size_t b = 0; b < HISTOGRAM_BINS; ++b) middle[b] = x->low + ((double)b + 0.5) * width;
  for (size_t island = 0; island < islands; ++island) {
    island_density(o, j, island, x, density);
    svg_curve(stream, x, y, middle, density, HISTOGRAM_BINS, "island");
  }
}

static void draw_quantile(FILE *stream, const svg_axis *x, double value, const char *style) {
  if (!(value >= x->low && value <= x->high)) return;
  const double at = svg_place(x, value);
  svg_line(stream, at, BOTTOM, at, TOP, style);
}

static void draw_parameter(FILE *stream, const outcome *o, size_t j, double *room) {
  const size_t rows = outcome_rows(o), stride = dilate_result_n_out(o->result), all = dilate_result_islands(o->result);
  const size_t islands = all < 2 ? 0 : all < ISLANDS ? all : ISLANDS;
  const double *value = dilate_result_values(o->result) + j;
  const dilate_parameter p = outcome_parameter(o, j);
  const svg_axis x = histogram_axis(value, stride, rows, room, LEFT, RIGHT);
  double density[HISTOGRAM_BINS], one[HISTOGRAM_BINS];
  histogram_count(value, stride, rows, &x, density);
  double top = histogram_top(density);
  for (size_t island = 0; island < islands; ++island) {
    island_density(o, j, island, &x, one);
    top = fmax(top, histogram_top(one));
  }
  const svg_axis y = {.low = 0, .high = fmax(1.02 * top, 1e-300), .from = BOTTOM, .to = TOP};
  svg_axis_below(stream, &x, BOTTOM, TOP, 4, 1);
  svg_bars(stream, &x, &y, density, HISTOGRAM_BINS, "fill");
  draw_islands(stream, o, j, islands, &x, &y);
  draw_quantile(stream, &x, p.q5, "quantile");
  draw_quantile(stream, &x, p.q50, "median");
  draw_quantile(stream, &x, p.q95, "quantile");
}

int report_marginals(FILE *stream, const outcome *o) {
  const size_t width = dilate_result_n_out(o->result), shown = width < REPORT_MARGINALS ? width : REPORT_MARGINALS;
  if (outcome_rows(o) == 0) return 0;
  double *room = malloc(outcome_rows(o) * sizeof *room);
  if (!room) return -1;
  fputs("<h2>Marginals</h2>\n<p>Bars: all draws. Thin lines: each island alone; they should lie on top of one another. Solid upright line: "
        "the "
        "median; dashed: the 5 % and 95 % quantiles.</p>\n<div class=\"grid-of-figures\">\n",
        stream);
  for (size_t j = 0; j < shown; ++j) {
    const char *name = dilate_result_name(o->result, j);
    fputs("<div><h3>", stream);
    html_escape(stream, name);
    fputs("</h3>", stream);
    svg_begin(stream, WIDTH, HEIGHT, 220, name);
    draw_parameter(stream, o, j, room);
    svg_end(stream);
    fputs("</div>\n", stream);
  }
  fputs("</div>\n", stream);
  if (width > shown) fprintf(stream, "<p class=\"note\">The first %zu of %zu parameters are shown.</p>\n", shown, width);
  free(room);
  return 0;
}
