/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws as images, a row a method.  Pixels of one shade are one path; white ones are left out. */
#include "bench/paths_figure.h"
#include "io/svg.h"

#include <stdlib.h>

#define SIDE   8   /* pixels of an image */
#define PIXEL  4.6 /* its side in the figure */
#define PITCH  46.0
#define SHADES 16

static void draw_shade(FILE *stream, const paths_run *r, paths_panel at, int shade) {
  const char digit = "0123456789abcdef"[shade];
  const int grey = 255 - shade * 255 / (SHADES - 1);
  fprintf(stream, "<path style=\"fill:#%02x%02x%02x\" d=\"", (unsigned)grey, (unsigned)grey, (unsigned)grey);
  for (size_t i = 0; i < r->images; i++)
    for (size_t j = 0; j < PATHS_PIXELS; j++)
      if (r->image[i][j] == digit)
        fprintf(stream, "M%.1f %.1fh%.1fv%.1fh-%.1fz", at.x + PITCH * (double)i + PIXEL * (double)(j % SIDE),
                at.y + PIXEL * (double)(j / SIDE), PIXEL, PIXEL, PIXEL);
  fputs("\"/>\n", stream);
}

static void draw_row(FILE *stream, const paths_runs *runs, const paths_grid *grid, size_t i, const paths_method *method) {
  char title[PATHS_TITLE_SIZE];
  char line[192];
  const paths_run *const r = paths_first_run(runs, method);
  const paths_summary found = paths_summarise(runs, method, PATHS_FOUND), tv = paths_summarise(runs, method, PATHS_TV);
  const paths_summary astray = paths_summarise(runs, method, PATHS_ASTRAY);
  size_t digits = 0;
  for (size_t k = 0; k < r->shares; k++) digits += r->share[k] > 0;
  const int used = snprintf(line, sizeof line, "%.0f of the 1797 images found, %.1f %% astray", found.mean, astray.mean);
  if (found.mean >= 0.5)
    snprintf(line + used, sizeof line - (size_t)used, "; %zu of the ten digits, their shares %.2f off", digits, tv.mean);
  const paths_panel at = paths_panel_open(stream, grid, i, paths_title(runs, method, title), line);
  for (int shade = 1; shade < SHADES; shade++) draw_shade(stream, r, at, shade);
  for (size_t k = 0; k < r->images; k++)
    fprintf(stream, "<rect class=\"frame\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", at.x + PITCH * (double)k, at.y,
            SIDE * PIXEL, SIDE * PIXEL);
}

void paths_draw_images(FILE *stream, const paths_runs *runs) {
  const paths_method *list[16];
  const size_t n = paths_shown(runs, 1, 0, list);
  const paths_grid grid = {.columns = 1, .panels = n, .width = PITCH * PATHS_IMAGES_MAX, .height = SIDE * PIXEL, .below = 10};
  char title[192];
  snprintf(title, sizeof title, "%s: twenty draws of each method", runs->row->title);
  paths_figure_open(stream, &grid, title,
                    "Of one run; pixels below 0 are white, above 1 black. Figures: means over the seeds; \"off\": total variation.");
  for (size_t i = 0; i < n; i++) draw_row(stream, runs, &grid, i, list[i]);
  paths_figure_close(stream);
}
