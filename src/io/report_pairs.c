/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pair plots: a triangle of scatters coloured by mode, with each parameter's histogram on the diagonal. */
#include "io/report_parts.h"

#include <math.h>
#include <stdlib.h>

enum { LEFT = 64, BOTTOM = 36, GAP = 10, POINTS = 1000, NAME = 18 };

typedef struct triangle {
  const outcome *o;
  size_t chosen[REPORT_PAIRS], n;
  double cell;
  svg_axis across[REPORT_PAIRS]; /* placed as columns */
  row_columns draws;             /* of the chosen */
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
    t->across[j] = histogram_axis(t->cloud.value + t->draws.at[j], t->cloud.stride, t->cloud.n, room, left, left + t->cell - GAP);
  }
  free(room);
  return 0;
}

static size_t tick_count(const triangle *t) {
  return t->cell < 200 ? 3 : 5;
}

static void draw_diagonal(FILE *stream, const triangle *t, size_t j) {
  const svg_axis *x = &t->across[j], place = as_row(t, j);
  report_stack stack;
  report_label name;
  report_stack_count(t->o, t->cloud.value + t->draws.at[j], t->cloud.stride, x, &stack);
  const svg_axis height = {.low = 0, .high = fmax(report_stack_top(&stack), 1e-300), .from = place.from, .to = place.to + NAME};
  svg_axis_below(stream, x, place.from, place.to + NAME, tick_count(t), j + 1 == t->n);
  report_stack_draw(stream, &stack, x, &height);
  svg_text(stream, (x->from + x->to) / 2, place.to + 8, "label middle", report_cut(dilate_result_name(t->o->result, t->chosen[j]), name));
}

static void draw_pair(FILE *stream, const triangle *t, size_t row, size_t column) {
  const svg_axis down = as_row(t, row), *across = &t->across[column];
  svg_axis_below(stream, across, down.from, down.to, tick_count(t), row + 1 == t->n);
  svg_axis_left(stream, &down, across->from, across->to, tick_count(t), column == 0);
  svg_scatter(stream, across, &down, &t->cloud, t->draws.at[column], t->draws.at[row]);
}

static void draw_triangle(FILE *stream, const triangle *t) {
  const double side = (double)t->n * t->cell;
  svg_begin(stream, LEFT + side, side + BOTTOM - GAP, 0.75 * (LEFT + side),
            "Scatter plots of pairs of parameters, coloured by mode; the diagonal repeats their histograms");
  for (size_t row = 0; row < t->n; ++row) {
    for (size_t column = 0; column < row; ++column) draw_pair(stream, t, row, column);
    draw_diagonal(stream, t, row);
  }
  svg_end(stream);
}

static int write_chosen(FILE *stream, const outcome *o, triangle *t) {
  const size_t rows = outcome_rows(o), modes = dilate_result_mode_count(o->result);
  t->cloud = (svg_cloud){
      .value = t->draws.value, .of = modes ? dilate_result_mode(o->result) : NULL, .n = rows, .stride = t->draws.stride, .limit = POINTS};
  if (place_columns(t) != 0) return -1;
  if (rows > POINTS)
    fprintf(stream, "<p>%d of the draws, evenly taken", POINTS);
  else
    fputs("<p>All draws", stream);
  fprintf(stream, "%s%s.", modes > 1 ? ", in the colours of their modes" : "",
          modes > SVG_COLOURS ? "; those of lighter modes are grey" : "");
  report_between_modes_shown(stream, o, t->n);
  fputs("</p>\n", stream);
  report_legend(stream, o);
  draw_triangle(stream, t);
  return 0;
}

static int write(FILE *stream, const outcome *o) {
  triangle t = {.o = o};
  t.n = report_choose(o, report_between_modes, REPORT_PAIRS, t.chosen);
  t.cell = fmin(250, floor((1040 - LEFT) / (double)t.n));
  int status = columns_begin(o->result, o->spread, t.n, t.chosen, &t.draws);
  if (status == 0) status = write_chosen(stream, o, &t);
  columns_end(&t.draws);
  return status;
}

static int present(const outcome *o) {
  return outcome_rows(o) > 0 && dilate_result_n_out(o->result) > 1;
}

const report_section report_pairs = {"pairs", "Pairs", present, write};
