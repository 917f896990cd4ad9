/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments, quantiles and errors of draws in random order.
 *
 * Rank-normalisation, R-hat and the tail ESS follow Vehtari, Gelman, Simpson, Carpenter & Buerkner (2021), with the variance of an account
 * in the place of autocorrelation; the variance of clusters is Liang & Zeger's (1986) with the C/(C-1) correction. */
#include "stats/summary.h"

#include "base/memory.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <math.h>

double summary_mean(size_t n, const double *x) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += x[i];
  return n ? sum / (double)n : NAN;
}

double summary_variance(size_t n, const double *x) {
  if (n < 2) return NAN;
  const double mean = summary_mean(n, x);
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (x[i] - mean) * (x[i] - mean);
  return sum / (double)(n - 1);
}

double summary_quantile(size_t n, const double *sorted, double p) {
  if (!n) return NAN;
  const double place = (double)(n - 1) * p;
  const size_t below = (size_t)place;
  const double share = place - (double)below;
  if (below + 1 >= n || share == 0) return sorted[below];
  return sorted[below] + share * (sorted[below + 1] - sorted[below]);
}

/* Number of clusters that have a member. */
static size_t count_clusters(size_t n, const size_t *cluster, size_t clusters, double *work) {
  size_t count = 0;
  for (size_t c = 0; c < clusters; c++) work[c] = 0;
  for (size_t i = 0; i < n; i++) {
    if (work[cluster[i]] == 0) count++;
    work[cluster[i]] = 1;
  }
  return count;
}

double summary_cluster_variance(size_t n, const double *x, const size_t *cluster, size_t clusters, double *work) {
  const size_t count = count_clusters(n, cluster, clusters, work);
  if (count < 2) return NAN;
  const double mean = summary_mean(n, x);
  double sum = 0;
  for (size_t c = 0; c < clusters; c++) work[c] = 0;
  for (size_t i = 0; i < n; i++) work[cluster[i]] += x[i] - mean;
  for (size_t c = 0; c < clusters; c++) sum += work[c] * work[c];
  return sum / ((double)n * (double)n) * (double)count / (double)(count - 1);
}

static int is_constant(size_t n, const double *x) {
  for (size_t i = 1; i < n; i++)
    if (x[i] != x[0]) return 0;
  return 1;
}

static double clusters_variance(void *state, size_t n, const double *x) {
  const summary_clusters *of = state;
  return summary_cluster_variance(n, x, of->cluster, of->clusters, of->work);
}

summary_account summary_account_clusters(summary_clusters *of) {
  return (summary_account){clusters_variance, of};
}

double summary_ess(size_t n, const double *x, const summary_account *account) {
  if (is_constant(n, x)) return (double)n;
  const double of_mean = account->variance(account->state, n, x);
  if (isnan(of_mean)) return 1;
  const double ess = summary_variance(n, x) / of_mean;
  return ess < (double)n ? ess : (double)n;
}

/* ---- Ranks ---- */

/* z = Phi^-1((rank - 3/8) / (n + 1/4)), ties at their average rank; order: the permutation that sorts x. */
static void rank_normalise(size_t n, const double *x, const size_t *order, double *z) {
  for (size_t begin = 0, end; begin < n; begin = end) {
    for (end = begin + 1; end < n && x[order[end]] == x[order[begin]];) end++;
    const double rank = 0.5 * (double)(begin + 1 + end);
    const double value = gsl_cdf_ugaussian_Pinv((rank - 0.375) / ((double)n + 0.25));
    for (size_t k = begin; k < end; k++) z[order[k]] = value;
  }
}

/* The potential scale reduction of values as they are. */
static double plain_rhat(size_t chains, size_t n, const double *z) {
  double within = 0, between = 0;
  const double grand = summary_mean(chains * n, z);
  for (size_t c = 0; c < chains; c++) {
    const double mean = summary_mean(n, z + c * n);
    within += summary_variance(n, z + c * n) / (double)chains;
    between += (mean - grand) * (mean - grand) / (double)(chains - 1);
  }
  if (!(within > 0)) return between > 0 ? INFINITY : NAN;
  return sqrt((double)(n - 1) / (double)n + between / within);
}

static double rank_rhat(size_t chains, size_t n, const double *x, size_t *order, double *z) {
  gsl_sort_index(order, x, 1, chains * n);
  rank_normalise(chains * n, x, order, z);
  return plain_rhat(chains, n, z);
}

static int all_finite(size_t n, const double *x) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(x[i])) return 0;
  return 1;
}

/* The larger of the bulk and the folded R-hat; folded, z and order: one entry a value. */
static double rhat(size_t chains, size_t n, const double *x, double *folded, double *z, size_t *order) {
  const size_t all = chains * n;
  if (chains < 2 || n < 2 || is_constant(all, x) || !all_finite(all, x)) return NAN;
  const double bulk = rank_rhat(chains, n, x, order, z);
  const double median = 0.5 * (x[order[(all - 1) / 2]] + x[order[all / 2]]);
  for (size_t i = 0; i < all; i++) folded[i] = fabs(x[i] - median);
  return fmax(bulk, rank_rhat(chains, n, folded, order, z)); /* fmax passes over the NaN of constant folded values */
}

double summary_rhat(size_t chains, size_t n, const double *x) {
  double *folded = NEW2(double, chains, n), *z = NEW2(double, chains, n);
  size_t *order = NEW2(size_t, chains, n);
  const double value = folded && z && order ? rhat(chains, n, x, folded, z, order) : (double)NAN;
  memory_free(folded);
  memory_free(z);
  memory_free(order);
  return value;
}

/* ---- One parameter ---- */

typedef struct scratch {
  double *sorted, *z;
  size_t *order;
} scratch;

static int scratch_create(scratch *s, size_t all) {
  *s = (scratch){NEW(double, all), NEW(double, all), NEW(size_t, all)};
  return s->sorted && s->z && s->order ? 0 : DILATE_ENOMEM;
}

static void scratch_clear(scratch *s) {
  memory_free(s->sorted);
  memory_free(s->z);
  memory_free(s->order);
}

/* Standard error of the mean; where the account cannot say, all draws are worth one. */
static double error_of_mean(size_t n, const double *x, double sd, const summary_account *account) {
  if (is_constant(n, x)) return sd / sqrt((double)n);
  const double variance = account->variance(account->state, n, x);
  return isnan(variance) ? sd : sqrt(variance);
}

/* ESS of the indicator of x <= limit. */
static double indicator_ess(size_t n, const double *x, double limit, const summary_account *account, scratch *s) {
  for (size_t i = 0; i < n; i++) s->z[i] = x[i] <= limit;
  return summary_ess(n, s->z, account);
}

static void describe(size_t n, const double *x, const summary_account *account, scratch *s, dilate_parameter *out) {
  gsl_sort_index(s->order, x, 1, n);
  for (size_t i = 0; i < n; i++) s->sorted[i] = x[s->order[i]];
  out->mean = summary_mean(n, x);
  out->sd = n > 1 ? sqrt(summary_variance(n, x)) : NAN;
  out->mcse = error_of_mean(n, x, out->sd, account);
  out->q5 = summary_quantile(n, s->sorted, 0.05);
  out->q50 = summary_quantile(n, s->sorted, 0.5);
  out->q95 = summary_quantile(n, s->sorted, 0.95);
  rank_normalise(n, x, s->order, s->z);
  out->ess_bulk = summary_ess(n, s->z, account);
  out->ess_tail = fmin(indicator_ess(n, x, out->q5, account, s), indicator_ess(n, x, out->q95, account, s));
}

int summary_parameter(size_t chains, size_t n, const double *x, const summary_account *account, dilate_parameter *out) {
  const size_t all = chains * n;
  out->mean = out->mcse = out->sd = out->q5 = out->q50 = out->q95 = out->rhat = out->ess_bulk = out->ess_tail = NAN;
  if (!all || !all_finite(all, x)) return 0;
  scratch s;
  const int status = scratch_create(&s, all);
  if (!status) {
    describe(all, x, account, &s, out);
    out->rhat = rhat(chains, n, x, s.sorted, s.z, s.order);
  }
  scratch_clear(&s);
  return status;
}

double summary_t_factor(double df) {
  if (df > 1e6) return 0.5 * gsl_cdf_ugaussian_Pinv(0.975);
  return 0.5 * gsl_cdf_tdist_Pinv(0.975, df >= 1 ? df : 1); /* no finite width below one degree of freedom is worth the name */
}

double summary_error(double within, double df, double excess, size_t blocks, double *total_df) {
  const double total = within + excess, excess_df = blocks > 2 ? (double)(blocks - 1) : 1;
  const double inverse = within * within / df + excess * excess / excess_df;
  const double satterthwaite = inverse > 0 ? fmax(1, total * total / inverse) : (double)INFINITY;
  if (total_df) *total_df = satterthwaite;
  if (!(total > 0)) return 0;
  if (blocks > 2) return sqrt(total) * summary_t_factor(satterthwaite);
  const double factor = summary_t_factor(df);
  return sqrt(within * factor * factor + excess);
}
