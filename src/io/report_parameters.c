/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parameter table, suspicious numbers marked and explained in the last column. */
#include "io/report_parts.h"

#include "io/format.h"
#include <math.h>

static void write_number(FILE *stream, const char *number, int flagged) {
  fprintf(stream, "<td%s>%s</td>", flagged ? " class=\"flag\"" : "", number);
}

static void write_remark(FILE *stream, int chains_disagree, int few, double least) {
  if (!chains_disagree && !few) {
    fputs("<td></td>", stream);
    return;
  }
  fputs("<td class=\"words\">", stream);
  if (chains_disagree) fprintf(stream, "R-hat above %.2f: chains disagree", REPORT_RHAT_HIGH);
  if (chains_disagree && few) fputs("; ", stream);
  if (few) fprintf(stream, "fewer than %.0f effective draws", least);
  fputs("</td>", stream);
}

static void write_row(FILE *stream, const dilate_parameter *p, double least) {
  text number;
  const int disagree = p->rhat > REPORT_RHAT_HIGH, bulk_low = p->ess_bulk < least, tail_low = p->ess_tail < least;
  fputs("<tr><td>", stream);
  html_escape(stream, p->name);
  fputs("</td>", stream);
  write_number(stream, text_with_error(p->mean, p->mcse, number), 0);
  write_number(stream, text_short(p->mcse, number), 0);
  write_number(stream, text_short(p->sd, number), 0);
  write_number(stream, text_short(p->q5, number), 0);
  write_number(stream, text_short(p->q50, number), 0);
  write_number(stream, text_short(p->q95, number), 0);
  snprintf(number, sizeof number, isfinite(p->rhat) ? "%.3f" : "-", p->rhat);
  write_number(stream, number, disagree);
  snprintf(number, sizeof number, isfinite(p->ess_bulk) ? "%.0f" : "-", p->ess_bulk);
  write_number(stream, number, bulk_low);
  snprintf(number, sizeof number, isfinite(p->ess_tail) ? "%.0f" : "-", p->ess_tail);
  write_number(stream, number, tail_low);
  write_remark(stream, disagree, bulk_low || tail_low, least);
  fputs("</tr>\n", stream);
}

void report_parameters(FILE *stream, const outcome *o) {
  const size_t count = dilate_result_n_out(o->result), shown = count < REPORT_PARAMETERS ? count : REPORT_PARAMETERS;
  if (outcome_rows(o) == 0) return;
  fputs("<h2>Parameters</h2>\n<div class=\"scroll\"><table><thead><tr><th>parameter</th><th>mean</th><th>mcse</th><th>sd</th><th>5 %</th>"
        "<th>50 %</th><th>95 %</th><th>R-hat</th><th>ESS bulk</th><th>ESS tail</th><th></th></tr></thead><tbody>\n",
        stream);
  for (size_t j = 0; j < shown; ++j) {
    const dilate_parameter p = outcome_parameter(o, j);
    write_row(stream, &p, report_ess_low(o->result));
  }
  fputs("</tbody></table></div>\n", stream);
  if (count > shown)
    fprintf(stream, "<p class=\"note\">The first %zu of %zu parameters are shown; summary.json has all.</p>\n", shown, count);
  fputs("<p class=\"note\"><b>mcse</b>: the standard error of the mean that comes from having finitely many draws. <b>ESS</b>: how many "
        "independent draws would tell as much, in the bulk and in the 5 % tails. <b>R-hat</b>: spread between chains over spread within; "
        "near 1 is necessary, never sufficient.</p>\n",
        stream);
}
