/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figures of bench/paths: small multiples, a panel a method. */
#ifndef BENCH_PATHS_FIGURE_H
#define BENCH_PATHS_FIGURE_H

#include "bench/paths_table.h"
#include "targets/targets.h"

/* Where panels stand: `columns` side by side, each `width` by `height`, with room above for two lines of text. */
typedef struct paths_grid {
  size_t columns, panels;
  double width, height, left, below; /* left, below: room for ticks */
} paths_grid;

/* A panel's upper left corner. */
typedef struct paths_panel {
  double x, y;
} paths_panel;

#define PATHS_PANEL_HEAD 44.0

/* Methods to show: those with runs (with = 1: and those that cannot serve the target), exact draws too when asked for. */
size_t paths_shown(const paths_runs *runs, int exact, int unserved, const paths_method **list);

void paths_figure_open(FILE *stream, const paths_grid *grid, const char *title, const char *note);
void paths_figure_close(FILE *stream);
/* The i-th panel with its head: the method's title, and a line under it. */
paths_panel paths_panel_open(FILE *stream, const paths_grid *grid, size_t i, const char *title, const char *line);
void paths_panel_frame(FILE *stream, const paths_grid *grid, paths_panel at);
/* "no closed form", and no more. */
void paths_panel_unserved(FILE *stream, const paths_grid *grid, paths_panel at);

/* Draws in the plane on contours of the density. */
void paths_draw_particles(FILE *stream, const paths_runs *runs, const builtin *target);
/* Shares of the components in falling order of their weights: mean, least and most over the seeds. */
void paths_draw_weights(FILE *stream, const paths_runs *runs, const builtin *target);
/* Histogram of the funnel's v, mean over the seeds, and its normal density. */
void paths_draw_funnel(FILE *stream, const paths_runs *runs);
/* Rows of images. */
void paths_draw_images(FILE *stream, const paths_runs *runs);

#endif
