/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modes: weights with their 95 % intervals, and what tells each from the rest, the parameters whose mean in the mode lies farthest
 * from the mean of all draws, in standard deviations of all draws. */
#include "io/report_parts.h"

#include "io/format.h"
#include <math.h>

enum { TOLD = 3, BAR_WIDTH = 180, BAR_HEIGHT = 16, OFFSET_WIDTH = 120, OFFSET_HEIGHT = 10 };
#define OFFSET_LEAST 0.25 /* standard deviations: what is nearer is no distinction */

typedef struct mode_scales {
  double weight, offset; /* the largest of each, where bars end */
} mode_scales;

/* The TOLD parameters of largest offset, the largest first; returns how many are worth telling. */
static size_t choose_offsets(const outcome *o, const dilate_mode *mode, size_t chosen[TOLD], double offset[TOLD]) {
  size_t n = 0;
  for (size_t j = 0; j < dilate_result_n_out(o->result); ++j) {
    const double one = report_offset(o, mode, j);
    size_t at = n;
    while (at > 0 && fabs(one) > fabs(offset[at - 1])) --at;
    if (at >= TOLD || fabs(one) < OFFSET_LEAST) continue;
    if (n < TOLD) ++n;
    for (size_t i = n - 1; i > at; --i) offset[i] = offset[i - 1], chosen[i] = chosen[i - 1];
    offset[at] = one;
    chosen[at] = j;
  }
  return n;
}

static mode_scales find_scales(const outcome *o) {
  mode_scales s = {0, OFFSET_LEAST};
  for (size_t i = 0; i < dilate_result_mode_count(o->result); ++i) {
    const dilate_mode mode = outcome_mode(o, i);
    size_t chosen[TOLD];
    double offset[TOLD];
    s.weight = fmax(s.weight, fmax(mode.weight, mode.weight + 2 * mode.weight_se));
    if (choose_offsets(o, &mode, chosen, offset)) s.offset = fmax(s.offset, fabs(offset[0]));
  }
  if (!(s.weight > 0)) s.weight = 1;
  return s;
}

static void write_weight_bar(FILE *stream, const dilate_mode *mode, size_t i, double largest) {
  const svg_axis axis = {.low = 0, .high = largest, .from = 0, .to = BAR_WIDTH};
  report_class colour;
  fprintf(stream, "<svg viewBox=\"0 0 %d %d\" class=\"bar %s\" aria-hidden=\"true\"><rect y=\"3\" width=\"%.1f\" height=\"10\"/>",
          BAR_WIDTH, BAR_HEIGHT, report_colour(i, colour), svg_place(&axis, mode->weight));
  if (mode->weight_se > 0) {
    const double low = svg_place(&axis, fmax(0, mode->weight - 2 * mode->weight_se)),
                 high = svg_place(&axis, mode->weight + 2 * mode->weight_se);
    svg_line(stream, low, BAR_HEIGHT / 2.0, high, BAR_HEIGHT / 2.0, "whisker");
  }
  fputs("</svg>", stream);
}

static void write_offset_bar(FILE *stream, double offset, size_t i, double largest) {
  const svg_axis axis = {.low = -largest, .high = largest, .from = 1, .to = OFFSET_WIDTH - 1};
  const double zero = OFFSET_WIDTH / 2.0, at = svg_place(&axis, offset);
  report_class colour;
  fprintf(stream,
          "<svg viewBox=\"0 0 %d %d\" class=\"offset %s\" aria-hidden=\"true\"><rect x=\"%.1f\" y=\"2\" width=\"%.1f\" height=\"6\"/>",
          OFFSET_WIDTH, OFFSET_HEIGHT, report_colour(i, colour), fmin(zero, at), fabs(at - zero));
  svg_line(stream, zero, 0, zero, OFFSET_HEIGHT, "axis");
  fputs("</svg>", stream);
}

static void write_offset(FILE *stream, const outcome *o, const dilate_mode *mode, size_t j, double offset) {
  text number;
  fputs("<span><b>", stream);
  report_name(stream, dilate_result_name(o->result, j));
  fprintf(stream, "</b> %s, %s (%s%.1f sd)</span></li>", offset > 0 ? "high" : "low", text_short(mode->mean[j], number),
          offset > 0 ? "+" : "&#8722;", fabs(offset));
}

static void write_distinction(FILE *stream, const outcome *o, const dilate_mode *mode, size_t i, const mode_scales *scales) {
  size_t chosen[TOLD];
  double offset[TOLD];
  const size_t n = choose_offsets(o, mode, chosen, offset);
  if (n == 0) {
    fputs("<p class=\"soft\">No parameter's mean lies 0.25 sd or more from that of all draws.</p>", stream);
    return;
  }
  fputs("<ul class=\"offsets\">", stream);
  for (size_t k = 0; k < n; ++k) {
    fputs("<li>", stream);
    write_offset_bar(stream, offset[k], i, scales->offset);
    write_offset(stream, o, mode, chosen[k], offset[k]);
  }
  fputs("</ul>", stream);
}

/* The error is left out where it is none: of a single mode. */
static void write_weight(FILE *stream, const dilate_mode *mode) {
  text weight, error;
  const int certain = !(mode->weight_se > 1e-9);
  fprintf(stream, "<div><b>%s</b>", certain ? text_short(mode->weight, weight) : text_with_error(mode->weight, mode->weight_se, weight));
  if (!certain) fprintf(stream, " &#177; %s", text_with_error(2 * mode->weight_se, 2 * mode->weight_se, error));
  fputs("</div>", stream);
}

static void write_mode(FILE *stream, const outcome *o, size_t i, const mode_scales *scales) {
  const dilate_mode mode = outcome_mode(o, i);
  text number;
  fputs("<li><div class=\"mode-name\">", stream);
  report_swatch(stream, i);
  fprintf(stream, "Mode %zu</div><div class=\"mode-weight\">", i + 1);
  write_weight(stream, &mode);
  write_weight_bar(stream, &mode, i, scales->weight);
  fprintf(stream, "<div class=\"soft\">%zu draws; peak log-density %s</div></div><div>", mode.draws, text_short(mode.log_density, number));
  if (dilate_result_mode_count(o->result) > 1) write_distinction(stream, o, &mode, i, scales);
  fputs("</div></li>\n", stream);
}

static void write_list(FILE *stream, const outcome *o, size_t from, size_t to, const mode_scales *scales) {
  fputs("<ol class=\"modes\">\n", stream);
  for (size_t i = from; i < to; ++i) write_mode(stream, o, i, scales);
  fputs("</ol>\n", stream);
}

static void write_others(FILE *stream, const outcome *o, size_t from, const mode_scales *scales) {
  const size_t count = dilate_result_mode_count(o->result);
  double sum = 0;
  text share;
  for (size_t i = from; i < count; ++i) sum += outcome_mode(o, i).weight;
  fprintf(stream, "<details><summary>Modes %zu to %zu: %s of the weight</summary>\n", from + 1, count, text_percent(sum, share));
  write_list(stream, o, from, count, scales);
  fputs("</details>\n", stream);
}

static int write(FILE *stream, const outcome *o) {
  const size_t count = dilate_result_mode_count(o->result), shown = count <= REPORT_MODES + 2 ? count : REPORT_MODES;
  if (count == 0) {
    fputs("<p>No modes are listed for this run.</p>\n", stream);
    return 0;
  }
  fputs("<p>Draws that climb to the same peak; peaks with hardly a dip between them are one. Each weight is given with two standard errors",
        stream);
  fputs(count > 1 ? ", and beside it what sets the mode apart: parameters' means in it against those of all draws, in standard deviations "
                    "of all draws.</p>\n"
                  : ".</p>\n",
        stream);
  const mode_scales scales = find_scales(o);
  write_list(stream, o, 0, shown, &scales);
  if (count > shown) write_others(stream, o, shown, &scales);
  if (!dilate_result_modes_countable(o->result)) fputs("<p class=\"note\">There are more modes than can be listed.</p>\n", stream);
  return 0;
}

static int present(const outcome *o) {
  return outcome_rows(o) > 0;
}

const report_section report_modes = {"modes", "Modes", present, write};
