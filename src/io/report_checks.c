/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checks of a run in one glance: each figure, the limit it should keep, and what it says. */
#include "io/report_parts.h"

#include "io/format.h"
#include <math.h>

typedef enum verdict { FAILED, PASSED, NOTED } verdict;

static void begin(FILE *stream, verdict v, const char *name, const char *value) {
  static const char *const style[] = {"fail", "pass", "remark"}, *const words[] = {"look here", "passed", "note"},
                           *const mark[] = {"!", "&#10003;", "i"};
  fprintf(stream, "<li class=\"%s\"><span class=\"mark\" role=\"img\" aria-label=\"%s\">%s</span><b>%s %s</b><span>", style[v], words[v],
          mark[v], name, value);
}

/* What the library, which knows the chance of each figure, did not warn of deserves a remark only. */
static verdict judge(const outcome *o, int kept) {
  return kept ? PASSED : dilate_result_warning_count(o->result) ? FAILED : NOTED;
}

static void end(FILE *stream) {
  fputs("</span></li>\n", stream);
}

/* " (name)" of the worst parameter where there are several. */
static void write_worst(FILE *stream, const outcome *o, size_t j) {
  if (dilate_result_n_out(o->result) < 2) return;
  fputs(" (", stream);
  report_name(stream, dilate_result_name(o->result, j));
  fputs(")", stream);
}

static void check_rhat(FILE *stream, const outcome *o) {
  size_t worst;
  text number;
  if (!report_choose(o, report_disagreement, 1, &worst)) return;
  const double rhat = outcome_parameter(o, worst).rhat;
  if (!isfinite(rhat)) return;
  const verdict v = judge(o, rhat <= REPORT_RHAT_HIGH);
  snprintf(number, sizeof number, "%.3f", rhat);
  begin(stream, v, "Largest R-hat", number);
  fprintf(stream,
          v == PASSED   ? "at most %.2f: islands agree"
          : v == FAILED ? "above %.2f: islands disagree; compare with another seed or more islands"
                        : "above %.2f, as few draws can be by chance; take more",
          REPORT_RHAT_HIGH);
  write_worst(stream, o, worst);
  end(stream);
}

static void check_ess(FILE *stream, const outcome *o) {
  size_t worst;
  text number;
  if (!report_choose(o, report_poverty, 1, &worst)) return;
  const double ess = -report_poverty(o, worst), least = report_ess_low(o->result);
  if (!isfinite(ess)) return;
  snprintf(number, sizeof number, "%.0f", ess);
  begin(stream, judge(o, ess >= least), "Smallest effective sample size", number);
  fprintf(stream,
          ess >= least ? "at least %.0f, 100 an island" : "below %.0f, 100 an island: its mean and quantiles are rough; take more draws",
          least);
  write_worst(stream, o, worst);
  end(stream);
}

static void check_evidence(FILE *stream, const outcome *o) {
  double log_z = NAN, se = NAN, df = NAN;
  text number;
  if (dilate_result_log_z(o->result, &log_z, &se, &df) != DILATE_OK || !isfinite(df)) return;
  snprintf(number, sizeof number, df < 100 ? "%.3g" : "%.0f", df);
  begin(stream, judge(o, df >= REPORT_DF_LOW), "Degrees of freedom of log Z's error", number);
  fprintf(stream,
          df >= REPORT_DF_LOW ? "at least %.0f: the error itself is known"
                              : "below %.0f: the error is known to an order of magnitude; take more islands or draws",
          REPORT_DF_LOW);
  end(stream);
}

static void check_modes(FILE *stream, const outcome *o) {
  const double unseen = dilate_result_unseen_mass(o->result);
  const int passed = unseen <= REPORT_UNSEEN_HIGH;
  text number;
  if (isfinite(unseen)) {
    begin(stream, judge(o, passed), "Unseen mass", text_percent(unseen, number));
    fputs(passed ? "share of the target in modes not found: at most 1 %"
                 : "share of the target in modes not found: take more groups or effort",
          stream);
    end(stream);
  }
  if (dilate_result_modes_countable(o->result)) return;
  begin(stream, NOTED, "Modes", "uncountable");
  fputs("new ones kept appearing; judge the run by its parameters", stream);
  end(stream);
}

void report_checks(FILE *stream, const outcome *o) {
  if (outcome_rows(o) == 0) return;
  fputs("<h2 class=\"small\">Checks</h2>\n<ul class=\"checks\">\n", stream);
  check_rhat(stream, o);
  check_ess(stream, o);
  check_evidence(stream, o);
  check_modes(stream, o);
  fputs("</ul>\n", stream);
}
