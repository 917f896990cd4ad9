/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A histogram in layers: all draws, those of each mode in its colour.  Layers are drawn from the highest down, each from the base, so that
 * what is seen of each is its own part. */
#include "io/report_parts.h"

/* Draws of no listed mode are grey, unless there are no modes to tell them from. */
static size_t layer_of(const outcome *o, size_t row) {
  if (dilate_result_mode_count(o->result) == 0) return 0;
  const int mode = dilate_result_mode(o->result)[row];
  return mode >= 0 && mode < SVG_COLOURS ? (size_t)mode : SVG_COLOURS;
}

void report_stack_count(const outcome *o, const double *value, size_t stride, const svg_axis *axis, report_stack *out) {
  const size_t rows = outcome_rows(o);
  const double width = (axis->high - axis->low) / HISTOGRAM_BINS;
  *out = (report_stack){0};
  for (size_t i = 0; i < rows; ++i) {
    const double at = (value[i * stride] - axis->low) / width;
    if (at >= 0 && at < HISTOGRAM_BINS) out->layer[layer_of(o, i)][(size_t)at] += 1 / ((double)rows * width);
  }
  for (size_t k = 1; k <= SVG_COLOURS; ++k)
    for (size_t b = 0; b < HISTOGRAM_BINS; ++b) out->layer[k][b] += out->layer[k - 1][b];
}

double report_stack_top(const report_stack *stack) {
  return histogram_top(stack->layer[SVG_COLOURS]);
}

static int is_empty(const report_stack *stack, size_t k) {
  for (size_t b = 0; b < HISTOGRAM_BINS; ++b)
    if (stack->layer[k][b] > (k ? stack->layer[k - 1][b] : 0)) return 0;
  return 1;
}

void report_stack_draw(FILE *stream, const report_stack *stack, const svg_axis *x, const svg_axis *y) {
  for (size_t k = SVG_COLOURS + 1; k-- > 0;) {
    report_class colour;
    char style[24];
    if (is_empty(stack, k)) continue;
    snprintf(style, sizeof style, "layer %s", report_colour(k, colour));
    svg_bars(stream, x, y, stack->layer[k], HISTOGRAM_BINS, style);
  }
}
