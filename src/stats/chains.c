/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ESS and R-hat of split chains: see chains.h.
 *
 * ESS = m n / tau for m chains of n draws, tau = -1 + 2 sum_t rho_t, with rho_t = 1 - (W - mean autocovariance at t) / var+ from within and
 * between the chains, summed while the sums of neighbours are positive and made to fall (Geyer's initial monotone sequence, 1992).  Draws
 * that are better than independent ones are believed up to tau = 1/log10(m n). */
#include "stats/chains.h"

#include <math.h>

#include "base/memory.h"
#include "base/sort.h"
#include "stats/autocovariance.h"
#include "stats/pareto.h"
#include "stats/quantile_error.h"

#define ESS_LEAST_DRAWS 3 /* of a split chain */

/* ---- Scratch ---- */

/* What splitting makes of chains of n draws: a chain of one draw stays. */
static size_t split_chains(const chains_scratch *s) {
  return s->n > 1 ? 2 * s->chains : s->chains;
}
static size_t split_draws(const chains_scratch *s) {
  return s->n > 1 ? s->n / 2 : s->n;
}
static size_t split_all(const chains_scratch *s) {
  return split_chains(s) * split_draws(s);
}

int chains_scratch_create(size_t chains, size_t n, chains_scratch *s) {
  *s = (chains_scratch){.chains = chains, .n = n};
  const size_t all = chains * n;
  s->sorted = NEW(double, all);
  s->value = NEW(double, all);
  s->split = NEW(double, all);
  s->mean = NEW2(double, 2, chains);
  s->covariance = NEW(double, split_draws(s));
  s->rho = NEW2(double, 2, split_draws(s));
  s->transform = NEW(double, autocovariance_work(split_draws(s)));
  const int failed = !s->sorted || !s->value || !s->split || !s->mean || !s->covariance || !s->rho || !s->transform;
  if (!failed && summary_scratch_create(split_all(s), &s->rank) == DILATE_OK) return DILATE_OK;
  chains_scratch_clear(s);
  return DILATE_ENOMEM;
}

void chains_scratch_clear(chains_scratch *s) {
  summary_scratch_clear(&s->rank);
  memory_free(s->sorted);
  memory_free(s->value);
  memory_free(s->split);
  memory_free(s->mean);
  memory_free(s->covariance);
  memory_free(s->rho);
  memory_free(s->transform);
  *s = (chains_scratch){0};
}

/* ---- Split chains ---- */

/* s->split: the first and the second half of each chain. */
static void split(const double *x, chains_scratch *s) {
  const size_t half = split_draws(s), later = s->n - half;
  double *to = s->split;
  for (size_t c = 0; c < s->chains; c++) {
    for (size_t i = 0; i < half; i++) *to++ = x[c * s->n + i];
    for (size_t i = 0; i < half && s->n > 1; i++) *to++ = x[c * s->n + later + i];
  }
}

/* Their normal scores, in the places of the values. */
static void rank_split(chains_scratch *s) {
  summary_rank(split_all(s), s->split, &s->rank);
  for (size_t i = 0; i < split_all(s); i++) s->split[i] = s->rank.z[i];
}

static int cannot_be_said(size_t n, const double *x) {
  int constant = 1;
  for (size_t i = 0; i < n; i++) {
    if (!isfinite(x[i])) return 1;
    constant = constant && x[i] == x[0];
  }
  return constant;
}

/* How far values are from 0 does not matter to their autocovariances, but to the digits of these.  Returns the mean. */
static double centre(size_t n, double *x) {
  const double mean = summary_mean(n, x);
  for (size_t i = 0; i < n; i++) x[i] -= mean;
  return mean;
}

/* Nor does their unit, but to what overflows or vanishes when it is squared.  Divides by the largest size, and returns it. */
static double take_unit(size_t n, double *x) {
  double unit = 0;
  for (size_t i = 0; i < n; i++) unit = fmax(unit, fabs(x[i]));
  for (size_t i = 0; i < n && unit > 0; i++) x[i] /= unit;
  return unit;
}

/* Autocovariances, mean over chains, into s->covariance. */
static void mean_covariance(size_t chains, size_t n, chains_scratch *s) {
  double *own = s->rho + n;
  for (size_t t = 0; t < n; t++) s->covariance[t] = 0;
  for (size_t c = 0; c < chains; c++) {
    s->mean[c] = summary_mean(n, s->split + c * n);
    autocovariance(n, s->split + c * n, own, s->transform);
    for (size_t t = 0; t < n; t++) s->covariance[t] += own[t] / (double)chains;
  }
}

/* Autocorrelations in pairs while their sums are positive, into rho; returns the lag at which the last pair begins.  within: the mean
 * variance of a chain; all: the variance of the mixture of the chains. */
static size_t positive_pairs(size_t n, const double *covariance, double within, double all, double *rho) {
  size_t t = 0;
  double even = 1, odd = 1 - (within - covariance[1]) / all;
  for (size_t k = 0; k < n; k++) rho[k] = 0;
  rho[0] = even;
  rho[1] = odd;
  while (t + 5 < n && even + odd > 0) {
    t += 2;
    even = 1 - (within - covariance[t]) / all;
    odd = 1 - (within - covariance[t + 1]) / all;
    if (!(even + odd >= 0)) continue;
    rho[t] = even;
    rho[t + 1] = odd;
  }
  if (even > 0) rho[t] = even;
  return t;
}

/* Sums of pairs never rise. */
static void make_monotone(size_t last, double *rho) {
  for (size_t t = 2; t + 2 <= last; t += 2)
    if (rho[t] + rho[t + 1] > rho[t - 2] + rho[t - 1]) rho[t] = rho[t + 1] = (rho[t - 2] + rho[t - 1]) / 2;
}

/* Of s->split as it stands. */
static double ess_of_split(chains_scratch *s) {
  const size_t chains = split_chains(s), n = split_draws(s);
  if (n < ESS_LEAST_DRAWS || cannot_be_said(chains * n, s->split)) return NAN;
  centre(chains * n, s->split);
  take_unit(chains * n, s->split);
  mean_covariance(chains, n, s);
  const double draws = (double)(chains * n), within = s->covariance[0] * (double)n / (double)(n - 1);
  const double all = s->covariance[0] + (chains > 1 ? summary_variance(chains, s->mean) : 0);
  const size_t last = positive_pairs(n, s->covariance, within, all, s->rho);
  make_monotone(last, s->rho);
  double tau = s->rho[last] - 1;
  for (size_t t = 0; t < (last ? last : 1); t++) tau += 2 * s->rho[t];
  return draws / fmax(tau, 1 / log10(draws));
}

/* ESS of the mean of the values as they are. */
static double ess_mean(const double *x, chains_scratch *s) {
  split(x, s);
  return ess_of_split(s);
}

/* ESS of the rank-normalised values. */
static double ess_bulk(const double *x, chains_scratch *s) {
  if (cannot_be_said(s->chains * s->n, x)) return NAN;
  split(x, s);
  rank_split(s);
  return ess_of_split(s);
}

/* ESS of a quantile, that of the indicator of x <= quantile; sorted: all values in order. */
static double ess_quantile(const double *x, const double *sorted, double p, chains_scratch *s) {
  const size_t all = s->chains * s->n;
  if (cannot_be_said(all, x)) return NAN;
  const double quantile = summary_quantile(all, sorted, p);
  for (size_t i = 0; i < all; i++) s->value[i] = x[i] <= quantile;
  return ess_mean(s->value, s);
}

/* ---- R-hat ---- */

static double rhat_of_split(chains_scratch *s) {
  rank_split(s);
  return cannot_be_said(split_all(s), s->split) ? (double)NAN : summary_plain_rhat(split_chains(s), split_draws(s), s->split);
}

/* The larger of the R-hats of rank-normalised values and of rank-normalised distances from the median. */
static double larger_rhat(const double *x, const double *sorted, chains_scratch *s) {
  const size_t all = s->chains * s->n;
  if (s->n < 2 || cannot_be_said(all, x)) return NAN;
  const double median = 0.5 * (sorted[(all - 1) / 2] + sorted[all / 2]);
  split(x, s);
  const double bulk = rhat_of_split(s);
  for (size_t i = 0; i < all; i++) s->value[i] = fabs(x[i] - median);
  split(s->value, s);
  const double folded = rhat_of_split(s);
  return isnan(bulk) || isnan(folded) ? (double)NAN : fmax(bulk, folded);
}

/* ---- One parameter ---- */

/* Monte Carlo standard error of the standard deviation, by the delta method. */
static double mcse_sd(const double *x, double mean, chains_scratch *s) {
  const size_t all = s->chains * s->n;
  double square = 0, fourth = 0;
  for (size_t i = 0; i < all; i++) s->value[i] = x[i] - mean;
  const double unit = take_unit(all, s->value);
  for (size_t i = 0; i < all; i++) {
    s->value[i] *= s->value[i];
    square += s->value[i] / (double)all;
  }
  for (size_t i = 0; i < all; i++) fourth += s->value[i] * s->value[i] / (double)all;
  return unit * sqrt((fourth - square * square) / ess_mean(s->value, s) / square / 4);
}

/* The mean and the deviation with the digits that a second pass gives. */
static void fill_moments(const double *x, chains_scratch *s, dilate_parameter *out) {
  const size_t all = s->chains * s->n;
  for (size_t i = 0; i < all; i++) s->value[i] = x[i];
  out->mean = centre(all, s->value);
  out->mean += centre(all, s->value);
  const double unit = take_unit(all, s->value);
  out->sd = all > 1 ? unit * sqrt(summary_variance(all, s->value)) : (double)NAN;
}

static void fill_errors(const double *x, chains_scratch *s, dilate_parameter *out) {
  const size_t all = s->chains * s->n;
  const double *sorted = s->sorted, low = ess_quantile(x, sorted, 0.05, s), high = ess_quantile(x, sorted, 0.95, s);
  out->rhat = larger_rhat(x, sorted, s);
  out->ess_bulk = ess_bulk(x, s);
  out->ess_tail = isnan(low) || isnan(high) ? (double)NAN : fmin(low, high);
  out->mcse = out->sd / sqrt(ess_mean(x, s));
  out->mcse_sd = mcse_sd(x, out->mean, s);
  out->mcse_q5 = quantile_error(all, sorted, 0.05, low);
  out->mcse_q50 = quantile_error(all, sorted, 0.5, ess_quantile(x, sorted, 0.5, s));
  out->mcse_q95 = quantile_error(all, sorted, 0.95, high);
  out->pareto_k = pareto_of_tails(all, sorted, s->value);
}

void chains_parameter(const double *x, chains_scratch *s, dilate_parameter *out) {
  const size_t all = s->chains * s->n;
  summary_clear(out);
  for (size_t i = 0; i < all; i++)
    if (!isfinite(x[i])) return;
  if (!all) return;
  sort_order(all, x, s->sorted, NULL, s->value, NULL);
  summary_quantiles(all, s->sorted, out);
  fill_moments(x, s, out);
  fill_errors(x, s, out);
}
