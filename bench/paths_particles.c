/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Particles in the plane.  The contours hold 99 and 70 % of the mass; a draw where the density is lower than at all but 1 in 10,000 exact
 * draws is red. */
#include "bench/paths_contour.h"
#include "bench/paths_figure.h"
#include "bench/support.h"

#include <math.h>
#include <stdlib.h>

#define EXACT  20000
#define SEED   3
#define ASTRAY 1e-4
#define SIDE   290.0
#define MARGIN 0.06
#define NOTE                                                                                                                               \
  "Contours hold 70 and 99 % of the mass. Red, astray: where next to no exact draw falls (beyond the frame: not shown). Figures: means "   \
  "over the seeds."

typedef struct scene {
  const paths_runs *runs;
  const builtin *target;
  paths_grid grid;
  svg_axis x, y; /* of a panel at the origin */
  double lowest;
} scene;

/* A square that holds the exact draws. */
static void set_axes(const double *exact, scene *s) {
  double low[2], high[2];
  for (size_t j = 0; j < 2; j++) {
    low[j] = high[j] = exact[j];
    for (size_t i = 0; i < EXACT; i++) {
      low[j] = fmin(low[j], exact[2 * i + j]);
      high[j] = fmax(high[j], exact[2 * i + j]);
    }
  }
  const double half = (0.5 + MARGIN) * fmax(high[0] - low[0], high[1] - low[1]);
  const double middle[2] = {0.5 * (low[0] + high[0]), 0.5 * (low[1] + high[1])};
  s->x = svg_axis_over(middle[0] - half, middle[0] + half, 0, 0, s->grid.width);
  s->y = svg_axis_over(middle[1] - half, middle[1] + half, 0, s->grid.height, 0);
}

/* The contours once, for all panels to use. */
static void define_contours(FILE *stream, const scene *s, const double *exact) {
  static const double share[2] = {0.01, 0.3};
  fprintf(stream, "<defs><g id=\"contours-%s\">", s->runs->row->name);
  for (size_t k = 0; k < 2; k++) {
    fputs("<path class=\"contour\" d=\"", stream);
    paths_contour(stream, s->target, &s->x, &s->y, paths_level(s->target, EXACT, exact, share[k]));
    fputs("\"/>\n", stream);
  }
  fputs("</g></defs>\n", stream);
}

static int is_inside(const scene *s, const double *point) {
  return point[0] >= s->x.low && point[0] <= s->x.high && point[1] >= s->y.low && point[1] <= s->y.high;
}

static int is_astray(const scene *s, const double *point) {
  double logp;
  return s->target->target.logp(2, point, &logp, NULL, s->target->target.params) != 0 || !(logp >= s->lowest);
}

/* The points that are astray, or those that are not. */
static void draw_points(FILE *stream, const scene *s, const paths_run *r, int astray) {
  fprintf(stream, "<path class=\"%s\" d=\"", astray ? "astray" : "dot");
  for (size_t i = 0; i < r->points; i++) {
    const double *const point = r->point + 2 * i;
    if (is_inside(s, point) && is_astray(s, point) == astray)
      fprintf(stream, "M%.1f %.1fh0", svg_place(&s->x, point[0]), svg_place(&s->y, point[1]));
  }
  fputs("\"/>\n", stream);
}

/* What the table says, in few words. */
static void describe(const scene *s, const paths_method *method, char *out, size_t size) {
  const paths_summary found = paths_summarise(s->runs, method, PATHS_FOUND), tv = paths_summarise(s->runs, method, PATHS_TV);
  const paths_summary astray = paths_summarise(s->runs, method, PATHS_ASTRAY);
  const int used = snprintf(out, size, "modes found: %.3g, weights %.2f off", found.mean, tv.mean);
  if (astray.mean >= 0.05) snprintf(out + used, size - (size_t)used, ", %.1f %% astray", astray.mean);
}

static void draw_panel(FILE *stream, const scene *s, size_t i, const paths_method *method) {
  char title[PATHS_TITLE_SIZE];
  char line[128] = "";
  const paths_run *const r = paths_first_run(s->runs, method);
  if (r != NULL) describe(s, method, line, sizeof line);
  const paths_panel at = paths_panel_open(stream, &s->grid, i, paths_title(s->runs, method, title), line);
  if (r == NULL) {
    paths_panel_unserved(stream, &s->grid, at);
    return;
  }
  fprintf(stream, "<g transform=\"translate(%.1f %.1f)\"><use href=\"#contours-%s\"/>\n", at.x, at.y, s->runs->row->name);
  for (int astray = 0; astray < 2; astray++) draw_points(stream, s, r, astray);
  fputs("</g>\n", stream);
  paths_panel_frame(stream, &s->grid, at);
  svg_axis x = s->x, y = s->y;
  x.from = at.x;
  x.to = at.x + s->grid.width;
  y.from = at.y + s->grid.height;
  y.to = at.y;
  svg_axis_below(stream, &x, y.from, y.from, 4, 1);
  svg_axis_left(stream, &y, at.x, at.x, 4, 1);
}

void paths_draw_particles(FILE *stream, const paths_runs *runs, const builtin *target) {
  const paths_method *list[16];
  const size_t n = paths_shown(runs, 1, 1, list);
  scene s = {.runs = runs, .target = target, .grid = {.columns = 3, .panels = n, .width = SIDE, .height = SIDE, .left = 26, .below = 24}};
  char title[192];
  double *const exact = paths_exact(target, SEED, EXACT);
  s.lowest = paths_level(target, EXACT, exact, ASTRAY);
  set_axes(exact, &s);
  snprintf(title, sizeof title, "%s: 1000 of each method's draws", runs->row->title);
  paths_figure_open(stream, &s.grid, title, NOTE);
  define_contours(stream, &s, exact);
  for (size_t i = 0; i < n; i++) draw_panel(stream, &s, i, list[i]);
  paths_figure_close(stream);
  free(exact);
}
