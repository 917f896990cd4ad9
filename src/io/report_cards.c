/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The headline: log evidence, modes, draws and cost, and the known truth beside them. */
#include "io/report_parts.h"

#include "io/format.h"
#include <math.h>

static void card(FILE *stream, const char *value, const char *name) {
  fprintf(stream, "<div class=\"card\"><b>%s</b><span>%s</span></div>\n", value, name);
}

/* Value and two standard errors to the digits that the error leaves. */
static void write_evidence(FILE *stream, double log_z, double se) {
  text value, error, low, high;
  fprintf(stream,
          "<div class=\"card wide\"><b>%s &#177; %s</b><span>log evidence with its standard error; 95 %% interval %s to %s</span></div>\n",
          text_with_error(log_z, se, value), text_with_error(se, se, error), text_with_error(log_z - 2 * se, se, low),
          text_with_error(log_z + 2 * se, se, high));
}

static void write_bound(FILE *stream, double bound, double se) {
  text value, error;
  fprintf(stream,
          "<div class=\"card wide\"><b>at least %s &#177; %s</b><span>log evidence: a lower bound with its standard error</span></div>\n",
          text_with_error(bound, se, value), text_with_error(se, se, error));
}

static void write_evidence_card(FILE *stream, const dilate_result *result) {
  double log_z = NAN, bound = NAN, se = NAN, df = NAN;
  if (dilate_result_log_z(result, &log_z, &se, &df) == DILATE_OK && isfinite(log_z))
    write_evidence(stream, log_z, se);
  else if (dilate_result_log_z_bound(result, &bound, &se) == DILATE_OK && isfinite(bound))
    write_bound(stream, bound, se);
  else
    fprintf(stream, "<div class=\"card wide\"><b>not estimated</b><span>log evidence%s</span></div>\n",
            dilate_result_complete(result) ? ": this method moves particles without weighing them" : ": the run was stopped too early");
}

static void write_mode_card(FILE *stream, const dilate_result *result) {
  const size_t modes = dilate_result_mode_count(result);
  if (modes)
    fprintf(stream, "<div class=\"card\"><b>%zu%s</b><span>%s found</span></div>\n", modes,
            dilate_result_modes_countable(result) ? "" : " or more", modes == 1 ? "mode" : "modes");
  else
    card(stream, "not listed", "modes");
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

void report_cards(FILE *stream, const outcome *o) {
  const dilate_result *result = o->result;
  text number;
  fputs("<div class=\"cards\">\n", stream);
  write_evidence_card(stream, result);
  write_mode_card(stream, result);
  fprintf(stream, "<div class=\"card\"><b>%zu &#215; %zu</b><span>islands &#215; draws</span></div>\n", dilate_result_islands(result),
          dilate_result_draws(result));
  card(stream, text_count(dilate_result_evaluations(result, NULL), number), "evaluations of the density");
  card(stream, text_seconds(dilate_result_seconds(result), number), "time");
  if (o->truth) write_truth_card(stream, o->truth);
  fputs("</div>\n", stream);
}
