/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What draws in their order say against themselves, by the limits of Vehtari et al. (2021; 2024 for Pareto k). */
#define _GNU_SOURCE
#include "io/summarised.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

static const double rhat_limit = 1.01, ess_limit = 400, pareto_limit = 0.7;
static const size_t shortest = 6; /* three draws a half */

int summarised_warn(summarised *s, failure *f, const char *format, ...) {
  char **const more = realloc(s->warning, (s->warnings + 1) * sizeof *more);
  if (!more) return fail_with(f, EXIT_RUN, "out of memory");
  s->warning = more;
  va_list arguments;
  va_start(arguments, format);
  const int length = vasprintf(&s->warning[s->warnings], format, arguments);
  va_end(arguments);
  if (length < 0) return fail_with(f, EXIT_RUN, "out of memory");
  ++s->warnings;
  return 0;
}

/* How many parameters a limit is broken by, and the worst of them. */
typedef struct breach {
  size_t count;
  const dilate_parameter *worst;
  double value;
} breach;

/* The figures that are above the limit.  NaN is not. */
static breach find_above(const summarised *s, double limit, double (*figure)(const dilate_parameter *p)) {
  breach out = {0};
  for (size_t j = 0; j < s->parameters; ++j) {
    const double value = figure(&s->parameter[j]);
    if (!(value > limit)) continue;
    if (!out.count++ || value > out.value) {
      out.worst = &s->parameter[j];
      out.value = value;
    }
  }
  return out;
}

static double rhat_of(const dilate_parameter *p) {
  return p->rhat;
}

/* The worse, the larger. */
static double poverty_of(const dilate_parameter *p) {
  return -fmin(p->ess_bulk, p->ess_tail);
}

static double pareto_of(const dilate_parameter *p) {
  return p->pareto_k;
}

static int doubt_finite(summarised *s, failure *f) {
  size_t broken = 0, worst = 0;
  for (size_t j = 0; s->not_finite && j < s->parameters; ++j) {
    if (s->not_finite[j] == 0) continue;
    if (!broken++ || s->not_finite[j] > s->not_finite[worst]) worst = j;
  }
  if (!broken) return 0;
  return summarised_warn(
      s, f,
      "%zu of the %zu values of %s are not finite, and so for %zu of %zu parameters: these have no summary, since one of the other "
      "values would be that of another distribution; look at how the model computes them, or leave them out.",
      s->not_finite[worst], s->chains * s->draws, s->parameter[worst].name, broken, s->parameters);
}

static int doubt_chains(summarised *s, failure *f) {
  if (s->chains > 1) return 0;
  return summarised_warn(
      s, f,
      "there is one chain: R-hat compares its halves, and a mode that it never came to shows nowhere; run four chains from "
      "places far apart, and name all their files.");
}

static int doubt_length(summarised *s, failure *f) {
  if (s->draws >= shortest) return 0;
  return summarised_warn(
      s, f,
      "a chain has %zu draw%s: R-hat and ESS need %zu, so nothing here says whether the chains agree, nor how far off the numbers "
      "are; run longer.",
      s->draws, s->draws == 1 ? "" : "s", shortest);
}

static int doubt_rhat(summarised *s, failure *f) {
  const breach high = find_above(s, rhat_limit, rhat_of);
  if (!high.count) return 0;
  return summarised_warn(
      s, f,
      "R-hat of %s is %.3f, and above %.2f for %zu of %zu parameters: the chains, or their halves, do not agree on the "
      "distribution, so means and quantiles depend on which chain is asked; run longer, look at the chains apart (are they "
      "in different modes?), or try another parametrisation.",
      high.worst->name, high.value, rhat_limit, high.count, s->parameters);
}

static int doubt_ess(summarised *s, failure *f) {
  const breach low = find_above(s, -ess_limit, poverty_of);
  if (!low.count) return 0;
  return summarised_warn(
      s, f,
      "the %zu draws of %s are worth only %.0f independent ones in the %s, and fewer than %.0f for %zu of %zu parameters: "
      "below that errors and R-hat are themselves uncertain; run longer, or try another parametrisation.",
      s->chains * s->draws, low.worst->name, -low.value, low.worst->ess_bulk <= -low.value ? "bulk" : "tails", ess_limit, low.count,
      s->parameters);
}

static int doubt_tails(summarised *s, failure *f) {
  const breach heavy = find_above(s, pareto_limit, pareto_of);
  if (!heavy.count) return 0;
  return summarised_warn(s, f,
                         "the tails of %s have a Pareto k of %.2f, and above %.1f for %zu of %zu parameters: such tails have no finite "
                         "variance, so that mean, sd and their errors do not settle however many draws there are; report quantiles, or a "
                         "transformed parameter.",
                         heavy.worst->name, heavy.value, pareto_limit, heavy.count, s->parameters);
}

static int doubt_divergences(summarised *s, failure *f) {
  if (!s->divergent) return 0;
  return summarised_warn(
      s, f,
      "%zu of %zu transitions diverged: the sampler's steps are too long for some part of the distribution, which the draws "
      "then miss; raise adapt_delta, or try another parametrisation.",
      s->divergent, s->chains * s->draws);
}

static int doubt_order(summarised *s, failure *f) {
  if (!s->own) return 0;
  return summarised_warn(
      s, f,
      "'%s' is of dilate sample, and the summary.json of its run is not beside it: such draws stand in random order, so that "
      "ESS, mcse and R-hat by their order are not the errors of the run; keep both files in one folder.",
      s->first);
}

int summarised_doubt(summarised *s, failure *f) {
  int (*const doubts[])(summarised *, failure *) = {doubt_order, doubt_finite, doubt_chains, doubt_length,
                                                    doubt_rhat,  doubt_ess,    doubt_tails,  doubt_divergences};
  for (size_t k = 0; k < sizeof doubts / sizeof *doubts; ++k)
    if (doubts[k](s, f)) return f->exit_status;
  return 0;
}
