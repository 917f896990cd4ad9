/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run and its comparison.
 *
 * Means and standard deviations: z = difference / sqrt(ours^2 + theirs^2), ours the reported error of the mean, and
 * sd sqrt((kurtosis - 1) / (4 ESS)).  Quantiles are compared as probabilities: the share of our draws below the reference's quantile of
 * level p has the standard error sqrt(p (1 - p) / ESS of the tails), and no density has to be estimated. */
#include "bench/posteriordb_run.h"

#include "bench/default_run.h"
#include "bench/support.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void keep_larger(extreme *e, double value, const char *name) {
  if (value <= e->value) return; /* a NaN is kept */
  e->value = isnan(value) ? INFINITY : value;
  snprintf(e->name, sizeof e->name, "%s", name);
}

static void keep_smaller(extreme *e, double value, const char *name) {
  if (value >= e->value) return;
  e->value = isnan(value) ? 0 : value;
  snprintf(e->name, sizeof e->name, "%s", name);
}

/* What is exact on both sides, as a share of one half by symmetry, differs by nothing or by infinitely many errors. */
static double distance(double ours, double theirs, double our_se, double their_se) {
  const double difference = fabs(ours - theirs);
  return difference > 0 ? difference / hypot(our_se, their_se) : 0;
}

static double share_below(size_t rows, size_t columns, const double *x, size_t column, double value) {
  size_t below = 0;
  for (size_t i = 0; i < rows; i++) below += x[i * columns + column] < value;
  return (double)below / (double)rows;
}

static void compare_parameter(const reference_parameter *t, const dilate_parameter *p, double below5, double below95, run *out) {
  const double tail_se = sqrt(0.05 * 0.95 / p->ess_tail);
  keep_larger(&out->mean, distance(p->mean, t->mean, p->mcse, t->mean_se), t->name);
  keep_larger(&out->sd, distance(p->sd, t->sd, t->sd * sqrt((t->kurtosis - 1) / (4 * p->ess_bulk)), t->sd_se), t->name);
  keep_larger(&out->q5, distance(below5, 0.05, tail_se, t->q5_se), t->name);
  keep_larger(&out->q95, distance(below95, 0.95, tail_se, t->q95_se), t->name);
  keep_larger(&out->rhat, p->rhat, t->name);
  keep_smaller(&out->ess, fmin(p->ess_bulk, p->ess_tail), t->name);
  out->bulk = fmin(out->bulk, p->ess_bulk);
}

void run_compare(const reference *truth, size_t n, const dilate_parameter *p, size_t rows, const double *x, run *out) {
  out->ess.value = out->bulk = INFINITY;
  size_t compared = 0;
  for (size_t j = 0; j < n; j++) {
    const reference_parameter *const t = reference_named(truth, p[j].name);
    if (t == NULL) continue; /* transformed parameters of a Stan program, of which the reference says nothing */
    compare_parameter(t, &p[j], share_below(rows, n, x, j, t->q5), share_below(rows, n, x, j, t->q95), out);
    compared++;
  }
  if (compared != truth->n) give_up("%zu of %zu parameters of the reference are there", compared, truth->n);
}

static void take_modes(const dilate_result *result, run *out) {
  out->modes = dilate_result_mode_count(result);
  if (out->modes < 2) return;
  out->share = 0;
  for (size_t i = 0; i < out->modes; i++) {
    dilate_mode mode = {.struct_size = sizeof mode};
    dilate_result_mode_info(result, i, &mode);
    out->share = fmax(out->share, fabs(mode.weight - 0.5));
  }
}

static void take_report(const dilate_result *result, run *out) {
  double df;
  dilate_result_log_z(result, &out->log_z, &out->log_z_se, &df);
  uint64_t gradients;
  out->evaluations = (double)dilate_result_evaluations(result, &gradients);
  out->gradients = (double)gradients;
  out->warning = copy_warnings(result, &out->warnings);
  take_modes(result, out);
}

static void take_draws(const dilate_result *result, const reference *truth, run *out) {
  const size_t n = dilate_result_n_out(result);
  dilate_parameter *const p = ALLOCATE(dilate_parameter, n);
  for (size_t j = 0; j < n; j++) {
    p[j].struct_size = sizeof *p;
    dilate_result_parameter(result, j, &p[j]);
  }
  run_compare(truth, n, p, dilate_result_islands(result) * dilate_result_draws(result), dilate_result_values(result), out);
  free(p);
}

void run_make(const dilate_target *target, const reference *truth, uint64_t seed, run *out) {
  *out = (run){.seed = seed, .log_z = NAN, .log_z_se = NAN, .share = NAN};
  dilate_result *const result = default_run(target, seed, &out->seconds, &out->failure);
  if (out->failure == NULL) {
    take_report(result, out);
    take_draws(result, truth, out);
  }
  dilate_result_free(result);
}

/* ---- The verdict ---- */

static int asked(int kept, const char *what, char *why, size_t size) {
  if (why != NULL && !kept) {
    const size_t used = strlen(why);
    snprintf(why + used, size - used, "%s%s", used > 0 ? ", " : "", what);
  }
  return kept;
}

/* A sampler that says nothing of log Z is not asked for it; one mode is asked of none, two of a posterior that has them: the share of a
 * mode is NaN where one alone was found. */
int run_passes(const run *r, const reference *truth, char *why, size_t size) {
  if (why != NULL) *why = '\0';
  if (r->failure != NULL) return asked(0, r->failure, why, size);
  int ok = asked(r->mean.value <= MOMENT_LIMIT, "mean", why, size);
  ok &= asked(r->sd.value <= MOMENT_LIMIT, "sd", why, size);
  ok &= asked(r->q5.value <= QUANTILE_LIMIT, "5 %", why, size);
  ok &= asked(r->q95.value <= QUANTILE_LIMIT, "95 %", why, size);
  ok &= asked(r->rhat.value < RHAT_LIMIT, "R-hat", why, size);
  ok &= asked(r->ess.value > ESS_LIMIT, "ESS", why, size);
  if (!isnan(r->log_z)) ok &= asked(fabs(r->log_z - truth->log_z) <= truth->tolerance, "log Z", why, size);
  if (r->modes > 0) ok &= asked(r->modes == truth->modes, "modes", why, size);
  if (r->modes > 0 && truth->modes == 2) ok &= asked(r->share <= SHARE_LIMIT, "shares", why, size);
  return ok;
}

void run_release(run *r) {
  for (size_t i = 0; i < r->warnings; i++) free(r->warning[i]);
  free(r->warning);
  free(r->failure);
  *r = (run){0};
}
