/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pair plots: a triangle of scatters coloured by mode, with each parameter's histogram on the diagonal. */
#include "io/report_parts.h"

#include "io/histogram.h"
#include <math.h>
#include <stdlib.h>

enum { LEFT = 64, BOTTOM = 44, GAP = 10, POINTS = 1000 };

typedef struct triangle {
  const outcome *o;
  size_t chosen[REPORT_PAIRS], n;
  double cell;
  svg_axis across[REPORT_PAIRS]; /* placed as columns */
  svg_cloud cloud;
} triangle;

static svg_axis as_row(const triangle *t, size_t row) {
  svg_axis axis = t->across[row];
  axis.from = (double)row * t->cell + t->cell - GAP;
  axis.to = (double)row * t->cell + GAP;
  return axis;
}

static int place_columns(triangle *t) {
  double *room = malloc(t->cloud.n * sizeof *room);
  if (!room) return -1;
  for (size_t j = 0; j < t->n; ++j) {
    const double left = LEFT + (double)j * t->cell;
    t->across[j] = histogram_axis(t->cloud.value + t->chosen[j], t->cloud.stride, t->cloud.n, room, left, left + t->cell - GAP);
  }
  free(room);
  return 0;
}

static size_t tick_count(const triangle *t) {
  return t->cell < 200 ? 3 : 5;
}

static void draw_diagonal(FILE *stream, const triangle *t, size_t j) {
  double density[HISTOGRAM_BINS];
  histogram_count(t->cloud.value + t->chosen[j], t->cloud.stride, t->cloud.n, &t->across[j], density);
  const svg_axis place = as_row(t, j),
                 height = {.low = 0, .high = fmax(histogram_top(density), 1e-300), .from = place.from, .to = place.to + 14};
  svg_axis_below(stream, &t->across[j], place.from, place.to, tick_count(t), j + 1 == t->n);
  svg_bars(stream, &t->across[j], &height, density, HISTOGRAM_BINS, "fill");
  svg_text(stream, (t->across[j].from + t->across[j].to) / 2, place.to + 6, "label middle", dilate_result_name(t->o->result, t->chosen[j]));
}

static void draw_pair(FILE *stream, const triangle *t, size_t row, size_t column) {
  const svg_axis down = as_row(t, row), *across = &t->across[column];
  svg_axis_below(stream, across, down.from, down.to, tick_count(t), row + 1 == t->n);
  svg_axis_left(stream, &down, across->from, across->to, tick_count(t), column == 0);
  svg_scatter(stream, across, &down, &t->cloud, t->chosen[column], t->chosen[row]);
}

static void draw_triangle(FILE *stream, const triangle *t) {
  const double side = (double)t->n * t->cell;
  svg_begin(stream, LEFT + side, side + BOTTOM - GAP, t->n > 2 ? 110 * (double)t->n + LEFT : 300,
            "Pair plots of the draws, coloured by mode");
  for (size_t row = 0; row < t->n; ++row) {
    for (size_t column = 0; column < row; ++column) draw_pair(stream, t, row, column);
    draw_diagonal(stream, t, row);
  }
  svg_end(stream);
}

int report_pairs(FILE *stream, const outcome *o) {
  const size_t rows = outcome_rows(o);
  triangle t = {.o = o};
  t.n = report_choose(o, t.chosen);
  if (rows == 0 || t.n < 2) return 0;
  t.cell = fmin(400, floor((960 - LEFT) / (double)t.n));
  t.cloud = (svg_cloud){.value = dilate_result_values(o->result),
                        .of = dilate_result_mode(o->result),
                        .n = rows,
                        .stride = dilate_result_n_out(o->result),
                        .colours = dilate_result_mode_count(o->result),
                        .limit = POINTS};
  if (place_columns(&t) != 0) return -1;
  fprintf(stream, "<h2>Draws, pair by pair</h2>\n<p>Every point is a draw%s%s.%s</p>\n",
          t.cloud.colours ? ", in the colour of its mode in the table above" : "", rows > POINTS ? " (1000 of them)" : "",
          dilate_result_n_out(o->result) > t.n ? " Shown are the parameters that tell the modes apart best." : "");
  draw_triangle(stream, &t);
  return 0;
}
