/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parameter table, with bars for R-hat and the effective sample sizes, and what is suspicious marked. */
#include "io/report_parts.h"

#include "io/format.h"
#include <math.h>

static void write_number(FILE *stream, const char *number) {
  fprintf(stream, "<td>%s</td>", number);
}

/* A number over a bar whose full length is `full`; not finite: a dash. */
static void write_gauge(FILE *stream, const char *format, double value, double filled, int flagged) {
  text number;
  if (!isfinite(value)) {
    write_number(stream, "-");
    return;
  }
  snprintf(number, sizeof number, format, value);
  fprintf(stream, "<td%s>%s<span class=\"gauge\" style=\"--v:%.2f\"></span></td>", flagged ? " class=\"flag\"" : "", number,
          fmin(fmax(filled, 0), 1));
}

static void write_row(FILE *stream, const outcome *o, size_t j) {
  const dilate_parameter p = outcome_parameter(o, j);
  const double rows = (double)outcome_rows(o), least = report_ess_low(o->result);
  text number;
  fputs("<tr><th scope=\"row\"><span>", stream);
  report_name(stream, dilate_result_name(o->result, j));
  fputs("</span></th>", stream);
  write_number(stream, text_with_error(p.mean, p.mcse, number));
  write_number(stream, text_short(p.mcse, number));
  write_number(stream, text_short(p.sd, number));
  write_number(stream, text_short(p.q5, number));
  write_number(stream, text_short(p.q50, number));
  write_number(stream, text_short(p.q95, number));
  write_gauge(stream, "%.3f", p.rhat, (p.rhat - 1) / (2 * (REPORT_RHAT_HIGH - 1)), p.rhat > REPORT_RHAT_HIGH);
  write_gauge(stream, "%.0f", p.ess_bulk, p.ess_bulk / rows, p.ess_bulk < least);
  write_gauge(stream, "%.0f", p.ess_tail, p.ess_tail / rows, p.ess_tail < least);
  fputs("</tr>\n", stream);
}

static int write(FILE *stream, const outcome *o) {
  const size_t count = dilate_result_n_out(o->result), shown = count < REPORT_PARAMETERS ? count : REPORT_PARAMETERS;
  fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of the parameters\"><table><thead><tr>"
        "<th scope=\"col\">parameter</th>",
        stream);
  static const char *const column[] = {"mean", "mcse", "sd", "5 %", "50 %", "95 %", "R-hat", "ESS bulk", "ESS tail"};
  for (size_t k = 0; k < sizeof column / sizeof *column; ++k) fprintf(stream, "<th scope=\"col\">%s</th>", column[k]);
  fputs("</tr></thead><tbody>\n", stream);
  for (size_t j = 0; j < shown; ++j) write_row(stream, o, j);
  fputs("</tbody></table></div>\n<p class=\"note\">", stream);
  if (count > shown) fprintf(stream, "The first %zu of %zu parameters; summary.json has all. ", shown, count);
  fprintf(stream,
          "mcse: the standard error of the mean that comes from having finitely many draws. Bars: R-hat from 1 to 1.02, effective sample "
          "sizes from 0 to the %zu draws. Marked: R-hat above %.2f, fewer than %.0f effective draws.</p>\n",
          outcome_rows(o), REPORT_RHAT_HIGH, report_ess_low(o->result));
  return 0;
}

static int present(const outcome *o) {
  return outcome_rows(o) > 0;
}

const report_section report_parameters = {"parameters", "Parameters", present, write};
