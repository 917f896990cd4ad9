/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mode table: weights with their 95 % intervals as bars, and where each mode lies. */
#include "io/report_parts.h"

#include "io/format.h"
#include "io/svg.h"
#include <math.h>

enum { MEANS_SHOWN = 4, BAR_WIDTH = 180, BAR_HEIGHT = 18 };

static double largest_upper_end(const outcome *o, size_t shown) {
  double largest = 0;
  for (size_t i = 0; i < shown; ++i) {
    const dilate_mode mode = outcome_mode(o, i);
    largest = fmax(largest, fmax(mode.weight, mode.weight + 2 * mode.weight_se));
  }
  return largest > 0 ? largest : 1;
}

static void write_bar(FILE *stream, const dilate_mode *mode, size_t i, double largest) {
  const svg_axis axis = {.low = 0, .high = largest, .from = 0, .to = BAR_WIDTH};
  fprintf(stream, "<svg viewBox=\"0 0 %d %d\" style=\"width:%dpx\" class=\"c%zu\" aria-hidden=\"true\">", BAR_WIDTH, BAR_HEIGHT, BAR_WIDTH,
          i % SVG_COLOURS);
  fprintf(stream, "<rect x=\"0\" y=\"4\" width=\"%.1f\" height=\"10\" fill=\"currentColor\" stroke=\"none\" fill-opacity=\".7\"/>",
          svg_place(&axis, mode->weight));
  if (mode->weight_se > 0) {
    const double low = svg_place(&axis, fmax(0, mode->weight - 2 * mode->weight_se)),
                 high = svg_place(&axis, mode->weight + 2 * mode->weight_se);
    svg_line(stream, low, BAR_HEIGHT / 2.0, high, BAR_HEIGHT / 2.0, "whisker");
  }
  fputs("</svg>", stream);
}

static void write_row(FILE *stream, const outcome *o, size_t i, double largest, const size_t *chosen, size_t width) {
  const dilate_mode mode = outcome_mode(o, i);
  text weight, error, number;
  fprintf(stream, "<tr><td><span class=\"swatch c%zu m%zu\"></span>%zu</td><td>%s</td><td>%s</td><td>", i % SVG_COLOURS,
          i / SVG_COLOURS % 4, i + 1, text_with_error(mode.weight, mode.weight_se, weight),
          text_with_error(2 * mode.weight_se, 2 * mode.weight_se, error));
  write_bar(stream, &mode, i, largest);
  fprintf(stream, "</td><td>%zu</td><td>%s</td>", mode.draws, text_short(mode.log_density, number));
  for (size_t j = 0; j < width; ++j) fprintf(stream, "<td>%s</td>", text_short(mode.mean[chosen[j]], number));
  fputs("</tr>\n", stream);
}

static void write_table(FILE *stream, const outcome *o, size_t shown) {
  size_t chosen[REPORT_PAIRS];
  const size_t choice = report_choose(o, chosen), width = choice < MEANS_SHOWN ? choice : MEANS_SHOWN;
  const double largest = largest_upper_end(o, shown);
  fputs("<div class=\"scroll\"><table><thead><tr><th>mode</th><th>weight</th><th>&plusmn; 2 se</th><th class=\"name\">95 % interval</th>"
        "<th>draws</th><th>top log-density</th>",
        stream);
  for (size_t j = 0; j < width; ++j) {
    fputs("<th>mean ", stream);
    html_escape(stream, dilate_result_name(o->result, chosen[j]));
    fputs("</th>", stream);
  }
  fputs("</tr></thead><tbody>\n", stream);
  for (size_t i = 0; i < shown; ++i) write_row(stream, o, i, largest, chosen, width);
  fputs("</tbody></table></div>\n", stream);
}

void report_modes(FILE *stream, const outcome *o) {
  const size_t count = dilate_result_mode_count(o->result), shown = count < REPORT_MODES ? count : REPORT_MODES;
  fputs("<h2>Modes</h2>\n", stream);
  if (count == 0) {
    fputs("<p>No modes are listed for this run.</p>\n", stream);
    return;
  }
  fputs("<p>A mode is a cluster of draws that climb to the same peak; two peaks are one mode when the density between them hardly dips. "
        "The weight is the share of the probability that lies in the mode.</p>\n",
        stream);
  write_table(stream, o, shown);
  if (count > shown) fprintf(stream, "<p class=\"note\">The %zu heaviest of %zu modes are shown.</p>\n", shown, count);
  if (!dilate_result_modes_countable(o->result))
    fputs("<p class=\"note\">New modes kept appearing, so there may be more than are listed; judge the run by its parameters, not by this "
          "table alone.</p>\n",
          stream);
}
