/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Warnings: those of the run, and those that the finished table and the target's counters give rise to.  Each says what happened, why it
 * matters and what to try. */
#include "method/warnings.h"

#include "base/memory.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#define RHAT_LIMIT    1.01 /* Vehtari et al. 2021 */
#define ESS_LOWEST    50   /* an island; below it errors are hardly known, */
#define ESS_SHARE     0.25 /* unless these are most of the draws that were asked for */
#define WARNINGS_HERE 7    /* that this file may add */

__attribute__((format(printf, 3, 4))) static int warn(dilate_result *result, dilate_error *err, const char *format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  result->warning[result->warnings] = memory_copy_text(text);
  if (!result->warning[result->warnings]) return error_memory(err, "result_fill_warnings");
  result->warnings++;
  return 0;
}

static int warn_partial(dilate_result *result, dilate_error *err) {
  if (result->complete) return 0;
  return warn(result, err, "the run was stopped before its end: this is what it had by then, and not yet the target's; let it run longer");
}

/* What R-hat must exceed before it says more than noise: sound islands of e independent draws each have e (R-hat^2 - 1) (m - 1) about
 * chi-square with m - 1 degrees of freedom, and the worst of all parameters is above this with probability 0.001. */
static double rhat_limit(const dilate_result *result, const dilate_parameter *p) {
  const double df = (double)result->islands - 1, each = fmin(p->ess_bulk, p->ess_tail) / (double)result->islands;
  const double noise = gsl_cdf_chisq_Qinv(0.001 / (double)result->n_out, df) / df;
  return fmax(RHAT_LIMIT, sqrt(1 + noise / fmax(1, each)));
}

static int warn_rhat(dilate_result *result, dilate_error *err) {
  size_t worst = 0, high = 0;
  for (size_t j = 0; j < result->n_out; j++) {
    const dilate_parameter *p = &result->parameter[j];
    if (isnan(p->rhat) || p->rhat <= rhat_limit(result, p)) continue;
    if (!high++ || p->rhat > result->parameter[worst].rhat) worst = j;
  }
  if (!high) return 0;
  return warn(
      result, err,
      "R-hat of %s is %.3f, and too high for %zu of %zu parameters: the islands do not agree, so their draws are not yet those of the "
      "target; try more islands, or another parametrisation",
      result->name[worst], result->parameter[worst].rhat, high, result->n_out);
}

static int warn_ess(dilate_result *result, dilate_error *err) {
  const double rows = (double)(result->islands * result->draws);
  size_t worst = 0;
  for (size_t j = 0; j < result->n_out; j++)
    if (result->parameter[j].ess_bulk < result->parameter[worst].ess_bulk) worst = j;
  const double ess = result->parameter[worst].ess_bulk;
  if (!(ess < ESS_LOWEST * (double)result->islands && ess < ESS_SHARE * rows)) return 0;
  return warn(
      result, err,
      "the %.0f draws of %s are worth only %.0f independent ones: its errors are large and themselves uncertain; try more draws, or "
      "another parametrisation",
      rows, result->name[worst], ess);
}

static int warn_not_finite(dilate_result *result, dilate_error *err) {
  size_t broken = 0;
  while (broken < result->n_out && isfinite(result->parameter[broken].mean)) broken++;
  if (!result->islands || broken == result->n_out) return 0;
  return warn(result, err,
              "the values of %s are not finite at some draws, so it has no summary; look at the target's constrain callback at "
              "extreme points",
              result->name[broken]);
}

/* "(x, y, z)", cut short after eight coordinates. */
static void point_text(size_t dim, const double *x, size_t size, char *text) {
  size_t used = 0;
  for (size_t j = 0; j < dim && j < 8 && used < size; j++)
    used += (size_t)snprintf(text + used, size - used, "%s%.6g", j ? ", " : "(", x[j]);
  if (used < size) snprintf(text + used, size - used, dim > 8 ? ", ...)" : ")");
}

static int warn_target(dilate_result *result, const run *r, dilate_error *err) {
  const target_counts counts = target_count(r->target);
  const double *bad = target_first_bad(r->target);
  char where[256] = "an unknown point";
  if (bad) point_text(result->dim, bad, sizeof where, where);
  int status = 0;
  if (counts.bad_density)
    status =
        warn(result, err,
             "%llu log-densities were NaN or +Inf and were taken as outside the support, the first offending point is %s: mass there is "
             "lost; check the target at that point",
             (unsigned long long)counts.bad_density, where);
  if (!status && counts.bad_gradient)
    status = warn(result, err,
                  "%llu gradients were not finite at a finite log-density and their points were rejected, the first offending point is %s: "
                  "mass there is lost; check the gradient at that point",
                  (unsigned long long)counts.bad_gradient, where);
  if (!status && !target_has_gradient(r->target))
    status = warn(result, err,
                  "the target has no gradient: finite differences were used, 2 dim evaluations each, which is slower and less exact; give "
                  "one, by hand or by automatic differentiation");
  return status;
}

int result_fill_warnings(dilate_result *result, const run *r, dilate_error *err) {
  result->warning = NEW(char *, r->warning_count + WARNINGS_HERE);
  if (!result->warning) return error_memory(err, "result_fill_warnings");
  int status = warn_partial(result, err);
  for (size_t i = 0; i < r->warning_count && !status; i++) status = warn(result, err, "%s", r->warning[i]);
  if (!status) status = warn_target(result, r, err);
  if (!status) status = warn_not_finite(result, err);
  if (!status) status = warn_rhat(result, err);
  if (!status) status = warn_ess(result, err);
  return status;
}
