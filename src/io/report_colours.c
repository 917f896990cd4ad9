/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mode's colour, the same in every figure: the heaviest have a colour and a shape of their own, the others are grey. */
#include "io/report_parts.h"

#include "io/format.h"

const char *report_colour(size_t mode, report_class out) {
  if (mode < SVG_COLOURS)
    snprintf(out, sizeof(report_class), "c%zu", mode % SVG_COLOURS);
  else
    snprintf(out, sizeof(report_class), "cx");
  return out;
}

void report_swatch(FILE *stream, size_t mode) {
  report_class colour;
  fprintf(stream, "<span class=\"swatch %s m%zu\"></span>", report_colour(mode, colour), mode < SVG_COLOURS ? mode % 4 : 0);
}

void report_legend(FILE *stream, const outcome *o) {
  const size_t modes = dilate_result_mode_count(o->result);
  if (modes < 2) return;
  fputs("<ul class=\"legend\">", stream);
  for (size_t i = 0; i < modes && i < SVG_COLOURS; ++i) {
    text weight;
    fputs("<li>", stream);
    report_swatch(stream, i);
    fprintf(stream, "mode %zu (%s)</li>", i + 1, text_percent(outcome_mode(o, i).weight, weight));
  }
  if (modes > SVG_COLOURS) {
    fputs("<li>", stream);
    report_swatch(stream, SVG_COLOURS);
    fprintf(stream, "the other %zu</li>", modes - SVG_COLOURS);
  }
  fputs("</ul>\n", stream);
}
