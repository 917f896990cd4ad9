/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shares of the components on a logarithmic axis, in falling order of the true weights: grey bars the weights, dots the means over the
 * seeds, lines from the least to the most.  A component without a draw in any run is a red ring on the axis. */
#include "bench/paths_figure.h"
#include "io/svg.h"

#include <math.h>
#include <stdlib.h>

#define LEAST 1e-4
#define MOST  1.0

typedef struct weights {
  const paths_runs *runs;
  paths_grid grid;
  size_t n;
  double weight[PATHS_SHARES_MAX];
  size_t order[PATHS_SHARES_MAX]; /* by weight, the largest first */
} weights;

static void sort(weights *w) {
  for (size_t k = 0; k < w->n; k++) {
    size_t at = k;
    for (; at > 0 && w->weight[w->order[at - 1]] < w->weight[k]; at--) w->order[at] = w->order[at - 1];
    w->order[at] = k;
  }
}

static double place(const svg_axis *axis, double share) {
  return svg_place(axis, fmin(fmax(share, LEAST), MOST));
}

static void draw_component(FILE *stream, const weights *w, const paths_method *method, size_t k, const svg_axis *y, double x,
                           double width) {
  double sum = 0, least = INFINITY, most = 0;
  size_t n = 0;
  for (size_t i = 0; i < w->runs->n; i++) {
    const paths_run *const r = &w->runs->run[i];
    if (r->method != method || r->shares != w->n) continue;
    sum += r->share[k];
    least = fmin(least, r->share[k]);
    most = fmax(most, r->share[k]);
    n++;
  }
  const double top = place(y, w->weight[k]);
  fprintf(stream, "<rect class=\"truth\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", x, top, width, y->from - top);
  if (n == 0) return;
  if (most > 0) svg_line(stream, x + width / 2, place(y, least), x + width / 2, place(y, most), "range");
  fprintf(stream, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.6\"/>\n", most > 0 ? "mean" : "none", x + width / 2,
          place(y, sum / (double)n));
}

static void draw_ticks(FILE *stream, const weights *w, const svg_axis *y, paths_panel at) {
  static const double tick[] = {1e-4, 1e-3, 1e-2, 1e-1, 1};
  static const char *const words[] = {"0", "0.1 %", "1 %", "10 %", "100 %"};
  for (size_t t = 0; t < 5; t++) {
    const double height = svg_place(y, tick[t]);
    svg_line(stream, at.x, height, at.x + w->grid.width, height, "grid");
    svg_text(stream, at.x - 5, height + 4, "tick end", words[t]);
  }
}

static void draw_panel(FILE *stream, const weights *w, size_t i, const paths_method *method) {
  char title[PATHS_TITLE_SIZE];
  char line[128] = "";
  const paths_summary found = paths_summarise(w->runs, method, PATHS_FOUND), tv = paths_summarise(w->runs, method, PATHS_TV);
  if (tv.n > 0) snprintf(line, sizeof line, "modes found: %.3g, weights %.3f off", found.mean, tv.mean);
  const paths_panel at = paths_panel_open(stream, &w->grid, i, paths_title(w->runs, method, title), line);
  if (tv.n == 0) {
    paths_panel_unserved(stream, &w->grid, at);
    return;
  }
  const svg_axis y = {.low = LEAST, .high = MOST, .from = at.y + w->grid.height, .to = at.y, .logarithmic = 1};
  const double pitch = w->grid.width / (double)w->n;
  draw_ticks(stream, w, &y, at);
  for (size_t k = 0; k < w->n; k++)
    draw_component(stream, w, method, w->order[k], &y, at.x + pitch * (double)k + 0.15 * pitch, 0.7 * pitch);
  paths_panel_frame(stream, &w->grid, at);
}

void paths_draw_weights(FILE *stream, const paths_runs *runs, const builtin *target) {
  const paths_method *list[16];
  char title[192];
  weights w = {.runs = runs};
  const size_t n = paths_shown(runs, 1, 0, list);
  w.grid = (paths_grid){.columns = 2, .panels = n, .width = 410, .height = 150, .left = 42, .below = 12};
  w.n = paths_weights(runs->row, target, w.weight);
  sort(&w);
  snprintf(title, sizeof title, "%s: weights of the modes", runs->row->title);
  paths_figure_open(stream, &w.grid, title,
                    "Grey: shares of exact draws, in falling order. Dots: means over the seeds, lines from the least to the most. Red "
                    "rings: never found.");
  for (size_t i = 0; i < n; i++) draw_panel(stream, &w, i, list[i]);
  paths_figure_close(stream);
}
