/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments, quantiles and errors of draws in random order.
 *
 * Rank-normalisation, R-hat and the tail ESS follow Vehtari, Gelman, Simpson, Carpenter & Buerkner (2021), with the variance of an account
 * in the place of autocorrelation; the variance of clusters is Liang & Zeger's (1986) with the C/(C-1) correction. */
#include "stats/summary.h"

#include "base/memory.h"
#include "base/sort.h"

#include <gsl/gsl_cdf.h>
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

int summary_space_create(size_t n, summary_space *s) {
  *s = (summary_space){.n = n,
                       .sorted = NEW(double, n),
                       .z = NEW(double, n),
                       .normal = NEW(double, n),
                       .order = NEW(size_t, n),
                       .folded_order = NEW(size_t, n),
                       .work = NEW(uint64_t, sort_work(n))};
  if (!s->sorted || !s->z || !s->normal || !s->order || !s->folded_order || !s->work) {
    summary_space_clear(s);
    return DILATE_ENOMEM;
  }
  for (size_t k = 0; k < n; k++) s->normal[k] = NAN;
  return 0;
}

void summary_space_clear(summary_space *s) {
  memory_free(s->sorted);
  memory_free(s->z);
  memory_free(s->normal);
  memory_free(s->order);
  memory_free(s->folded_order);
  memory_free(s->work);
  *s = (summary_space){0};
}

/* Phi^-1((rank - 3/8) / (n + 1/4)) */
static double normal_of(size_t n, double rank) {
  return gsl_cdf_ugaussian_Pinv((rank - 0.375) / ((double)n + 0.25));
}

/* s->z: the normals of the ranks, ties at their average rank; order: the permutation that sorts x.  What a rank without ties has is the
 * same for all columns, and is kept. */
static void rank_normalise(const double *x, const size_t *order, summary_space *s) {
  for (size_t begin = 0, end; begin < s->n; begin = end) {
    for (end = begin + 1; end < s->n && x[order[end]] == x[order[begin]];) end++;
    if (end == begin + 1 && isnan(s->normal[begin])) s->normal[begin] = normal_of(s->n, (double)end);
    const double value = end == begin + 1 ? s->normal[begin] : normal_of(s->n, 0.5 * (double)(begin + 1 + end));
    for (size_t k = begin; k < end; k++) s->z[order[k]] = value;
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

static int all_finite(size_t n, const double *x) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(x[i])) return 0;
  return 1;
}

/* folded[i] = |x_i - median| and the order that sorts them, merged from both sides of the median in the order that sorts x. */
static void fold(const double *x, summary_space *s, double *folded) {
  const size_t n = s->n, *order = s->order;
  const double median = 0.5 * (x[order[(n - 1) / 2]] + x[order[n / 2]]);
  size_t above = 0, taken = 0;
  for (size_t i = 0; i < n; i++) folded[i] = fabs(x[i] - median);
  while (above < n && x[order[above]] < median) above++;
  for (size_t below = above; taken < n;) {
    const int upper = above < n && (below == 0 || folded[order[above]] < folded[order[below - 1]]);
    s->folded_order[taken++] = upper ? order[above++] : order[--below];
  }
}

/* The larger of the bulk R-hat and that of folded values, given the order that sorts x and s->z, its ranks' normals, which are overwritten;
 * folded: a value each. */
static double rhat(size_t chains, size_t n, const double *x, summary_space *s, double *folded) {
  if (chains < 2 || n < 2 || is_constant(chains * n, x) || !all_finite(chains * n, x)) return NAN;
  const double bulk = plain_rhat(chains, n, s->z);
  fold(x, s, folded);
  rank_normalise(folded, s->folded_order, s);
  return fmax(bulk, plain_rhat(chains, n, s->z)); /* fmax passes over the NaN of constant folded values */
}

static void rank(const double *x, summary_space *s) {
  sort_order(s->n, x, s->order, s->work);
  rank_normalise(x, s->order, s);
}

double summary_rhat(size_t chains, size_t n, const double *x) {
  summary_space s;
  if (summary_space_create(chains * n, &s)) return NAN;
  rank(x, &s);
  const double value = rhat(chains, n, x, &s, s.sorted);
  summary_space_clear(&s);
  return value;
}

/* ---- One parameter ---- */

/* Standard error of the mean; where the account cannot say, all draws are worth one. */
static double error_of_mean(size_t n, const double *x, double sd, const summary_account *account) {
  if (is_constant(n, x)) return sd / sqrt((double)n);
  const double variance = account->variance(account->state, n, x);
  return isnan(variance) ? sd : sqrt(variance);
}

/* ESS of the indicator of x <= limit. */
static double indicator_ess(const double *x, double limit, const summary_account *account, summary_space *s) {
  for (size_t i = 0; i < s->n; i++) s->z[i] = x[i] <= limit;
  return summary_ess(s->n, s->z, account);
}

static void describe(const double *x, const summary_account *account, summary_space *s, dilate_parameter *out) {
  const size_t n = s->n;
  for (size_t i = 0; i < n; i++) s->sorted[i] = x[s->order[i]];
  out->mean = summary_mean(n, x);
  out->sd = n > 1 ? sqrt(summary_variance(n, x)) : NAN;
  out->mcse = error_of_mean(n, x, out->sd, account);
  out->q5 = summary_quantile(n, s->sorted, 0.05);
  out->q50 = summary_quantile(n, s->sorted, 0.5);
  out->q95 = summary_quantile(n, s->sorted, 0.95);
  out->ess_bulk = summary_ess(n, s->z, account);
}

int summary_parameter(size_t chains, size_t n, const double *x, const summary_account *account, summary_space *s, dilate_parameter *out) {
  const size_t all = chains * n;
  out->mean = out->mcse = out->sd = out->q5 = out->q50 = out->q95 = out->rhat = out->ess_bulk = out->ess_tail = NAN;
  if (!all || !all_finite(all, x)) return 0;
  summary_space own = {0};
  if (!s && summary_space_create(all, &own)) return DILATE_ENOMEM;
  summary_space *use = s ? s : &own;
  rank(x, use);
  describe(x, account, use, out);
  out->rhat = rhat(chains, n, x, use, use->sorted);
  out->ess_tail = fmin(indicator_ess(x, out->q5, account, use), indicator_ess(x, out->q95, account, use));
  summary_space_clear(&own);
  return 0;
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
