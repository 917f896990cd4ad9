/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report.html: headline, verdict, then a section per file.  Text from the user and from the target is escaped; there is no script. */
#include "io/report.h"

#include "io/format.h"
#include "io/report_parts.h"
#include <inttypes.h>
#include <math.h>

static void write_head(FILE *stream, const outcome *o) {
  fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>",
        stream);
  html_escape(stream, o->target);
  fputs(" sampled by dilate</title>\n<style>\n", stream);
  for (size_t i = 0; report_style[i]; ++i) fputs(report_style[i], stream);
  fputs("</style></head>\n<body><main>\n<h1>", stream);
  html_escape(stream, o->target);
  fprintf(stream, "</h1>\n<p class=\"soft\">%zu-dimensional density, method %s, seed %" PRIu64 ", libdilate %s (%s)</p>\n",
          dilate_result_dim(o->result), dilate_result_method(o->result), dilate_result_seed(o->result), dilate_version(), dilate_isa());
}

static void write_evidence_card(FILE *stream, const dilate_result *result) {
  double log_z = NAN, se = NAN, df = NAN;
  text value, error, low, high;
  if (dilate_result_log_z(result, &log_z, &se, &df) != DILATE_OK || isnan(log_z)) {
    fputs("<div class=\"card wide\"><b>not estimated</b><span>log evidence</span></div>\n", stream);
    return;
  }
  fprintf(stream, "<div class=\"card wide\"><b>%s &plusmn; %s</b><span>log evidence; 95 %% interval %s to %s</span></div>\n",
          text_with_error(log_z, se, value), text_with_error(se, se, error), text_with_error(log_z - 2 * se, se, low),
          text_with_error(log_z + 2 * se, se, high));
}

static void write_mode_card(FILE *stream, const outcome *o) {
  const dilate_result *result = o->result;
  const size_t modes = dilate_result_mode_count(result);
  fprintf(stream, "<div class=\"card\"><b>%zu%s</b><span>%s found</span></div>\n", modes,
          dilate_result_modes_countable(result) ? "" : " or more", modes == 1 ? "mode" : "modes");
}

static void write_truth_card(FILE *stream, const truth *t) {
  text number;
  fputs("<div class=\"card wide\"><b>", stream);
  if (isfinite(t->log_z)) fprintf(stream, "log Z %.6g", t->log_z);
  if (isfinite(t->log_z) && t->modes) fputs(", ", stream);
  if (t->modes) fprintf(stream, "%zu of %zu modes", t->modes_found, t->modes);
  fputs("</b><span>the known truth", stream);
  if (isfinite(t->mode_tv)) fprintf(stream, "; total variation of the mode weights %s", text_short(t->mode_tv, number));
  fputs("</span></div>\n", stream);
}

static void write_cards(FILE *stream, const outcome *o) {
  const dilate_result *result = o->result;
  text number;
  fputs("<div class=\"cards\">\n", stream);
  write_evidence_card(stream, result);
  write_mode_card(stream, o);
  fprintf(stream, "<div class=\"card\"><b>%zu &times; %zu</b><span>islands &times; draws</span></div>\n", dilate_result_islands(result),
          dilate_result_draws(result));
  fprintf(stream, "<div class=\"card\"><b>%s</b><span>evaluations of the density</span></div>\n",
          text_count(dilate_result_evaluations(result, NULL), number));
  fprintf(stream, "<div class=\"card\"><b>%s</b><span>time</span></div>\n", text_seconds(dilate_result_seconds(result), number));
  if (o->truth) write_truth_card(stream, o->truth);
  fputs("</div>\n", stream);
}

static void write_verdict(FILE *stream, const dilate_result *result) {
  const size_t warnings = dilate_result_warning_count(result);
  if (!dilate_result_complete(result))
    fputs("<div class=\"verdict bad\"><b>Partial result.</b> The run was stopped before its end; what follows is what it had by "
          "then.</div>\n",
          stream);
  if (warnings == 0) {
    fputs("<div class=\"verdict good\"><b>No warnings.</b> Nothing in this run gave reason to distrust it.</div>\n", stream);
    return;
  }
  fprintf(stream, "<div class=\"verdict bad\"><b>%zu %s: read before use</b><ul>\n", warnings, warnings == 1 ? "warning" : "warnings");
  for (size_t i = 0; i < warnings; ++i) {
    fputs("<li>", stream);
    html_escape(stream, dilate_result_warning(result, i));
    fputs("</li>\n", stream);
  }
  fputs("</ul></div>\n", stream);
}

int report_write(FILE *stream, const outcome *o) {
  write_head(stream, o);
  write_verdict(stream, o->result);
  write_cards(stream, o);
  report_modes(stream, o);
  if (report_pairs(stream, o) || report_marginals(stream, o) || report_path(stream, o)) return -1;
  report_parameters(stream, o);
  report_diagnostics(stream, o);
  fputs("<footer>Draws: <code>draws.csv</code>. Every number of this page: <code>summary.json</code>.</footer>\n</main></body></html>\n",
        stream);
  return 0;
}
