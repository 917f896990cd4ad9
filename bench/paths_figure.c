/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the figures have in common: sheet, panels, style. */
#include "bench/paths_figure.h"

#include "io/format.h"
#include "io/svg.h"

#define GAP    18.0
#define TOP    62.0 /* room for the figure's own title and note */
#define MARGIN 12.0

static const char style[] =
    "text{font-family:Helvetica,Arial,sans-serif;fill:#222}.title{font-size:17px;font-weight:bold}.note{font-size:12.5px;fill:#555}"
    ".head{font-size:14px;font-weight:bold}.line{font-size:12px;fill:#444}.tick{font-size:11px;fill:#666}.middle{text-anchor:middle}"
    ".end{text-anchor:end}path{fill:none}.grid{stroke:#e8e8e8;stroke-width:1}.axis,.frame{stroke:#999;stroke-width:1;fill:none}"
    ".contour{stroke:#8a8a8a;stroke-width:.7}.dot,.astray{stroke:#1f5fa8;stroke-width:2.6;stroke-linecap:round;stroke-opacity:.65}"
    ".astray{stroke:#d1432b;stroke-opacity:.8}.truth{fill:#cfd6df}.range{stroke:#1f5fa8;stroke-width:1.2}.mean{fill:#1f5fa8}"
    ".none{fill:#fff;stroke:#d1432b;stroke-width:1.3}.bars{fill:#9dbbe0}.curve{stroke:#111;stroke-width:1.4}";

static double width_of(const paths_grid *g) {
  return 2 * MARGIN + (double)g->columns * (g->left + g->width) + (double)(g->columns - 1) * GAP;
}

static double height_of(const paths_grid *g) {
  const size_t rows = (g->panels + g->columns - 1) / g->columns;
  return TOP + (double)rows * (PATHS_PANEL_HEAD + g->height + g->below) + MARGIN;
}

size_t paths_shown(const paths_runs *runs, int exact, int unserved, const paths_method **list) {
  size_t n = 0;
  for (size_t m = exact ? 0 : 1; m < paths_method_count; m++) {
    const paths_method *const method = &paths_method_list[m];
    const int none = !paths_can_serve(method, runs->row);
    if (paths_run_count(runs, method) > 0 || (unserved && none)) list[n++] = method;
  }
  return n;
}

void paths_figure_open(FILE *stream, const paths_grid *grid, const char *title, const char *note) {
  const double width = width_of(grid), height = height_of(grid);
  fprintf(stream,
          "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" role=\"img\">\n<title>",
          width, height, width, height);
  html_escape(stream, title);
  fprintf(stream, "</title>\n<style>%s</style>\n<rect width=\"%.0f\" height=\"%.0f\" fill=\"#fff\"/>\n", style, width, height);
  svg_text(stream, MARGIN, 26, "title", title);
  svg_text(stream, MARGIN, 46, "note", note);
}

void paths_figure_close(FILE *stream) {
  fputs("</svg>\n", stream);
}

paths_panel paths_panel_open(FILE *stream, const paths_grid *grid, size_t i, const char *title, const char *line) {
  const size_t row = i / grid->columns, column = i % grid->columns;
  const paths_panel at = {MARGIN + (double)column * (grid->left + grid->width + GAP) + grid->left,
                          TOP + (double)row * (PATHS_PANEL_HEAD + grid->height + grid->below) + PATHS_PANEL_HEAD};
  svg_text(stream, at.x, at.y - 23, "head", title);
  svg_text(stream, at.x, at.y - 7, "line", line);
  return at;
}

void paths_panel_frame(FILE *stream, const paths_grid *grid, paths_panel at) {
  fprintf(stream, "<rect class=\"frame\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", at.x, at.y, grid->width, grid->height);
}

void paths_panel_unserved(FILE *stream, const paths_grid *grid, paths_panel at) {
  paths_panel_frame(stream, grid, at);
  svg_text(stream, at.x + grid->width / 2, at.y + grid->height / 2, "line middle", "this target has no closed form");
}
