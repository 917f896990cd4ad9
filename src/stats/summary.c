/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments, quantiles and errors of draws in random order.
 *
 * Rank-normalisation, R-hat and the tail ESS follow Vehtari, Gelman, Simpson, Carpenter & Buerkner (2021), with the variance of an account
 * in the place of autocorrelation; the variance of clusters is Liang & Zeger's (1986) with the C/(C-1) correction. */
#include "stats/summary.h"

#include "base/linalg.h"
#include "base/memory.h"
#include "base/sort.h"
#include "stats/quantile_error.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <omp.h>

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

double summary_median_size(size_t n, const double *x, double *sorted) {
  for (size_t i = 0; i < n; i++) sorted[i] = fabs(x[i]);
  sort_order(n, sorted, sorted, NULL, sorted + n, NULL);
  return summary_quantile(n, sorted, 0.5);
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

/* The same where every value is a cluster of its own. */
static double independent_variance(size_t n, const double *x) {
  if (n < 2) return NAN;
  const double mean = summary_mean(n, x);
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (x[i] - mean) * (x[i] - mean);
  return sum / ((double)n * (double)n) * (double)n / (double)(n - 1);
}

double summary_cluster_variance(size_t n, const double *x, const size_t *cluster, size_t clusters, double *work) {
  if (!cluster) return independent_variance(n, x);
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

static void clusters_variances(void *state, size_t n, size_t columns, const double *const *x, double *variance) {
  const summary_clusters *of = state;
  const size_t thread = (size_t)omp_get_thread_num() % of->threads;
  double *work = of->cluster ? of->work + thread * of->clusters : NULL;
  for (size_t c = 0; c < columns; c++) variance[c] = summary_cluster_variance(n, x[c], of->cluster, of->clusters, work);
}

summary_account summary_account_clusters(summary_clusters *of) {
  return (summary_account){clusters_variances, of};
}

double summary_account_variance(const summary_account *account, size_t n, const double *x) {
  double variance;
  account->variances(account->state, n, 1, &x, &variance);
  return variance;
}

static double ess_by(size_t n, const double *x, double of_mean) {
  if (is_constant(n, x)) return (double)n;
  if (isnan(of_mean)) return 1;
  const double ess = summary_variance(n, x) / of_mean;
  return ess < (double)n ? ess : (double)n;
}

double summary_ess(size_t n, const double *x, const summary_account *account) {
  return ess_by(n, x, summary_account_variance(account, n, x));
}

/* ---- Ranks ---- */

/* Phi^-1((rank - 3/8) / (n + 1/4)). */
static double normal_score(size_t n, double rank) {
  return gsl_cdf_ugaussian_Pinv((rank - 0.375) / ((double)n + 0.25));
}

int summary_scratch_create(size_t n, summary_scratch *s) {
  *s = (summary_scratch){.sorted = NEW(double, n),
                         .folded = NEW(double, n),
                         .z = NEW(double, n),
                         .score = NEW(double, n),
                         .below = NEW2(double, 3, n),
                         .order = NEW(uint32_t, n),
                         .folded_order = NEW(uint32_t, n)};
  if (!s->sorted || !s->folded || !s->z || !s->score || !s->below || !s->order || !s->folded_order) {
    summary_scratch_clear(s);
    return DILATE_ENOMEM;
  }
  for (size_t i = 0; i < n; i++) s->score[i] = normal_score(n, (double)(i + 1));
  return DILATE_OK;
}

void summary_scratch_clear(summary_scratch *s) {
  memory_free(s->sorted);
  memory_free(s->folded);
  memory_free(s->z);
  memory_free(s->score);
  memory_free(s->below);
  memory_free(s->order);
  memory_free(s->folded_order);
  *s = (summary_scratch){0};
}

/* z: the normal scores of sorted numbers, ties at their average rank, in the places that they were sorted from. */
static void rank_normalise(size_t n, const double *sorted, const uint32_t *order, const double *score, double *z) {
  for (size_t begin = 0, end; begin < n; begin = end) {
    for (end = begin + 1; end < n && sorted[end] == sorted[begin];) end++;
    const double value = end == begin + 1 ? score[begin] : normal_score(n, 0.5 * (double)(begin + 1 + end));
    for (size_t k = begin; k < end; k++) z[order[k]] = value;
  }
}

/* Distances from the median, in rising order: those below it and those above it are in order, and are merged. */
static void fold(size_t n, summary_scratch *s) {
  const double median = 0.5 * (s->sorted[(n - 1) / 2] + s->sorted[n / 2]);
  size_t above = 0, below;
  while (above < n && s->sorted[above] < median) above++;
  below = above;
  for (size_t k = 0; k < n; k++) {
    const double left = below > 0 ? fabs(s->sorted[below - 1] - median) : (double)INFINITY;
    const size_t next = below > 0 && (above == n || left <= fabs(s->sorted[above] - median)) ? --below : above++;
    s->folded[k] = fabs(s->sorted[next] - median);
    s->folded_order[k] = s->order[next];
  }
}

double summary_plain_rhat(size_t chains, size_t n, const double *z) {
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

/* The larger of the bulk and the folded R-hat of sorted values with their normal scores in s->z, which is overwritten. */
static double rhat(size_t chains, size_t n, summary_scratch *s) {
  const size_t all = chains * n;
  if (chains < 2 || n < 2 || s->sorted[0] == s->sorted[all - 1]) return NAN;
  const double bulk = summary_plain_rhat(chains, n, s->z);
  fold(all, s);
  rank_normalise(all, s->folded, s->folded_order, s->score, s->z);
  return fmax(bulk, summary_plain_rhat(chains, n, s->z)); /* fmax passes over the NaN of constant folded values */
}

void summary_rank(size_t n, const double *x, summary_scratch *s) {
  sort_order(n, x, s->sorted, s->order, s->folded, s->folded_order);
  rank_normalise(n, s->sorted, s->order, s->score, s->z);
}

double summary_rhat(size_t chains, size_t n, const double *x) {
  summary_scratch s;
  if (!all_finite(chains * n, x) || summary_scratch_create(chains * n, &s)) return NAN;
  summary_rank(chains * n, x, &s);
  const double value = rhat(chains, n, &s);
  summary_scratch_clear(&s);
  return value;
}

/* ---- One parameter ---- */

/* Standard error of the mean; where the account cannot say, all draws are worth one. */
static double error_of_mean(size_t n, const double *x, double sd, double variance) {
  if (is_constant(n, x)) return sd / sqrt((double)n);
  return isnan(variance) ? sd : sqrt(variance);
}

void summary_clear(dilate_parameter *out) {
  out->mean = out->mcse = out->sd = out->q5 = out->q50 = out->q95 = out->rhat = out->ess_bulk = out->ess_tail = NAN;
  out->mcse_sd = out->mcse_q5 = out->mcse_q50 = out->mcse_q95 = out->pareto_k = NAN;
}

void summary_quantiles(size_t n, const double *sorted, dilate_parameter *out) {
  out->q5 = summary_quantile(n, sorted, 0.05);
  out->q50 = summary_quantile(n, sorted, 0.5);
  out->q95 = summary_quantile(n, sorted, 0.95);
}

/* Standard error of the standard deviation, by the delta method: that of the mean square deviation over twice the deviation. */
static double error_of_sd(size_t n, const double *square, double variance) {
  return is_constant(n, square) ? 0 : sqrt(variance / summary_mean(n, square)) / 2;
}

/* The columns that a line wants the account's variances of. */
enum { VALUES, SCORES, BELOW_Q5, BELOW_Q50, BELOW_Q95, SQUARES, COLUMNS };
_Static_assert(COLUMNS <= SUMMARY_TOGETHER, "they are asked for at once");

/* Made of ranked values; column: those of x, and of scratch. */
static void fill_columns(size_t n, const double *x, const dilate_parameter *p, summary_scratch *s, const double **column) {
  const double limit[] = {p->q5, p->q50, p->q95};
  column[VALUES] = x;
  column[SCORES] = s->z;
  for (size_t q = 0; q < 3; q++) {
    double *const below = s->below + q * n;
    for (size_t i = 0; i < n; i++) below[i] = x[i] <= limit[q];
    column[BELOW_Q5 + q] = below;
  }
  for (size_t i = 0; i < n; i++) s->folded[i] = (x[i] - p->mean) * (x[i] - p->mean); /* which is free until rhat() */
  column[SQUARES] = s->folded;
}

static void fill_errors(size_t n, const double *const *column, const double *variance, const double *sorted, dilate_parameter *out) {
  const double low = ess_by(n, column[BELOW_Q5], variance[BELOW_Q5]), high = ess_by(n, column[BELOW_Q95], variance[BELOW_Q95]);
  out->mcse = error_of_mean(n, column[VALUES], out->sd, variance[VALUES]);
  out->ess_bulk = ess_by(n, column[SCORES], variance[SCORES]);
  out->ess_tail = fmin(low, high);
  out->mcse_q5 = quantile_error(n, sorted, 0.05, low);
  out->mcse_q50 = quantile_error(n, sorted, 0.5, ess_by(n, column[BELOW_Q50], variance[BELOW_Q50]));
  out->mcse_q95 = quantile_error(n, sorted, 0.95, high);
  out->mcse_sd = error_of_sd(n, column[SQUARES], variance[SQUARES]);
}

void summary_parameter(size_t chains, size_t n, const double *x, const summary_account *account, summary_scratch *s,
                       dilate_parameter *out) {
  const size_t all = chains * n;
  const double *column[COLUMNS];
  double variance[COLUMNS];
  summary_clear(out);
  if (!all || !all_finite(all, x)) return;
  summary_rank(all, x, s);
  out->mean = summary_mean(all, x);
  out->sd = all > 1 ? sqrt(summary_variance(all, x)) : (double)NAN;
  summary_quantiles(all, s->sorted, out);
  fill_columns(all, x, out, s, column);
  account->variances(account->state, all, COLUMNS, column, variance);
  fill_errors(all, column, variance, s->sorted, out);
  out->rhat = rhat(chains, n, s);
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
