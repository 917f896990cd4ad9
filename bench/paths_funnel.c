/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The funnel's v, whose law is N(0, 3^2): histograms, means over the seeds. */
#include "bench/paths_figure.h"
#include "io/svg.h"

#include <math.h>
#include <stdlib.h>

#define FUNNEL_SD 3.0
#define HIGHEST   0.32 /* density at the top of a panel: more than twice the normal's peak */

/* Densities; returns the share of the draws beyond the axis. */
static double mean_bins(const paths_runs *runs, const paths_method *method, double bin[PATHS_BINS]) {
  const double width = (PATHS_BIN_HIGH - PATHS_BIN_LOW) / PATHS_BINS;
  size_t n = 0;
  double inside = 0;
  for (size_t b = 0; b < PATHS_BINS; b++) bin[b] = 0;
  for (size_t i = 0; i < runs->n; i++) {
    if (runs->run[i].method != method || runs->run[i].bins != PATHS_BINS) continue;
    for (size_t b = 0; b < PATHS_BINS; b++) bin[b] += runs->run[i].bin[b];
    n++;
  }
  for (size_t b = 0; b < PATHS_BINS && n > 0; b++) {
    inside += bin[b] / (double)n;
    bin[b] /= width * (double)n;
  }
  return 1 - inside;
}

static void draw_normal(FILE *stream, const svg_axis *x, const svg_axis *y) {
  double at[101], density[101];
  for (size_t i = 0; i <= 100; i++) {
    at[i] = x->low + (x->high - x->low) * (double)i / 100;
    density[i] = exp(-0.5 * at[i] * at[i] / (FUNNEL_SD * FUNNEL_SD)) / (FUNNEL_SD * 2.5066282746310002);
  }
  svg_curve(stream, x, y, at, density, 101, "curve");
}

static void draw_panel(FILE *stream, const paths_runs *runs, const paths_grid *grid, size_t i, const paths_method *method) {
  char title[PATHS_TITLE_SIZE];
  char line[128] = "";
  double bin[PATHS_BINS];
  const paths_summary ks = paths_summarise(runs, method, PATHS_KS_FIRST);
  const double beyond = mean_bins(runs, method, bin);
  const int used = ks.n > 0 ? snprintf(line, sizeof line, "Kolmogorov's distance %.3f", ks.mean) : 0;
  if (ks.n > 0 && beyond > 0.005) snprintf(line + used, sizeof line - (size_t)used, ", %.0f %% beyond", 100 * beyond);
  const paths_panel at = paths_panel_open(stream, grid, i, paths_title(runs, method, title), line);
  if (ks.n == 0) {
    paths_panel_unserved(stream, grid, at);
    return;
  }
  const svg_axis x = {.low = PATHS_BIN_LOW, .high = PATHS_BIN_HIGH, .from = at.x, .to = at.x + grid->width};
  const svg_axis y = {.low = 0, .high = HIGHEST, .from = at.y + grid->height, .to = at.y};
  svg_axis_below(stream, &x, y.from, at.y, 5, 1);
  svg_bars(stream, &x, &y, bin, PATHS_BINS, "bars");
  draw_normal(stream, &x, &y);
  paths_panel_frame(stream, grid, at);
}

void paths_draw_funnel(FILE *stream, const paths_runs *runs) {
  const paths_method *list[16];
  const size_t n = paths_shown(runs, 1, 1, list);
  const paths_grid grid = {.columns = 3, .panels = n, .width = 280, .height = 150, .left = 12, .below = 28};
  char title[192];
  snprintf(title, sizeof title, "%s: the funnel's v", runs->row->title);
  paths_figure_open(stream, &grid, title,
                    "Bars: draws, mean over the seeds. Curve: the true law, N(0, 3²); v small is the neck, v large the mouth.");
  for (size_t i = 0; i < n; i++) draw_panel(stream, runs, &grid, i, list[i]);
  paths_figure_close(stream);
}
