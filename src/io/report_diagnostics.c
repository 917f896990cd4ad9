/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The diagnostics: each number, and one sentence on what it means. */
#include "io/report_parts.h"

#include "io/format.h"
#include <math.h>

static void entry(FILE *stream, const char *value, const char *name, const char *meaning) {
  fprintf(stream, "<dt>%s<span>%s</span></dt><dd>%s</dd>\n", value, name, meaning);
}

static void write_evidence(FILE *stream, const dilate_result *result) {
  double log_z = NAN, se = NAN, df = NAN;
  text value, error;
  if (dilate_result_log_z(result, &log_z, &se, &df) == DILATE_OK && isfinite(log_z)) {
    entry(stream, text_with_error(se, se, error), "standard error of log Z",
          "Plus and minus two of these around the log evidence is a 95 % interval; it holds the spread within the islands and any excess "
          "between "
          "the groups.");
    snprintf(value, sizeof value, "%.3g", df);
    entry(stream, value, "its degrees of freedom",
          "How well the standard error itself is known; below about 5, take it as an order of magnitude.");
    return;
  }
  entry(stream, "none", "log evidence",
        dilate_result_complete(result) ? "This method moves particles without weighing them, so it says nothing of the evidence, and the "
                                         "shares of its draws in the modes are "
                                         "not the modes' probabilities. The method bridge estimates both."
                                       : "The run was stopped before there was an estimate.");
}

static void write_chains(FILE *stream, const outcome *o) {
  double rhat = NAN, ess = NAN;
  text number;
  for (size_t j = 0; j < dilate_result_n_out(o->result); ++j) {
    const dilate_parameter p = outcome_parameter(o, j);
    rhat = fmax(rhat, p.rhat);
    ess = fmin(ess, fmin(p.ess_bulk, p.ess_tail));
  }
  snprintf(number, sizeof number, isfinite(rhat) ? "%.3f" : "-", rhat);
  entry(stream, number, "largest R-hat",
        rhat > REPORT_RHAT_HIGH
            ? "Above 1.01: chains disagree. Some of them have not seen all of the target; do not use these draws yet."
            : "Compares the islands with one another; up to 1.01 they agree. Islands can agree and all miss the same mode.");
  snprintf(number, sizeof number, isfinite(ess) ? "%.0f" : "-", ess);
  entry(stream, number, "smallest effective sample size",
        ess < report_ess_low(o->result) ? "Fewer than 100 an island: means and quantiles of that parameter are rough. Take more draws."
                                        : "So many independent draws would know as much about the worst-known parameter.");
}

static void write_modes(FILE *stream, const dilate_result *result) {
  text number;
  const double unseen = dilate_result_unseen_mass(result);
  if (isfinite(unseen))
    entry(
        stream, text_percent(unseen, number), "unseen mass",
        "Estimated share of the target in modes that were not found, from the weight of those that were found only just: by one exploring "
        "particle, or by one group.");
  if (!dilate_result_modes_countable(result))
    entry(stream, "uncountable", "modes", "New modes kept appearing, so there may be more than are listed.");
}

static void write_cost(FILE *stream, const dilate_result *result, size_t rows) {
  uint64_t gradients = 0;
  const uint64_t points = dilate_result_evaluations(result, &gradients);
  text number;
  entry(stream, text_count(points, number), "evaluations",
        "Points at which the log-density was computed in all: exploring, fitting and sampling.");
  entry(stream, text_count(gradients, number), "gradients", "Those of them at which the gradient was computed too.");
  if (rows == 0) return;
  snprintf(number, sizeof number, "%.3g", (double)points / (double)rows);
  entry(stream, number, "evaluations a draw", "The price of one draw, everything included.");
}

void report_diagnostics(FILE *stream, const outcome *o) {
  fputs("<h2>Diagnostics</h2>\n<dl>\n", stream);
  write_evidence(stream, o->result);
  if (outcome_rows(o) > 0) write_chains(stream, o);
  write_modes(stream, o->result);
  write_cost(stream, o->result, outcome_rows(o));
  fputs("</dl>\n", stream);
}
