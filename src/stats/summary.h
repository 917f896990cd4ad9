/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Summaries of draws: quantiles, rank-normalised R-hat (Vehtari et al. 2021), and standard errors.
 *
 * Draws of an island stand in random order, so errors do not come from autocorrelation: a method gives an account of what it knows of the
 * variance of a mean.  That of clusters takes all draws that descend from one ancestor as one: between clusters draws are independent,
 * within one anything goes. */
#ifndef DILATE_STATS_SUMMARY_H
#define DILATE_STATS_SUMMARY_H

#include "base/status.h"

double summary_mean(size_t n, const double *x);
double summary_variance(size_t n, const double *x);                /* n - 1 in the denominator */
double summary_quantile(size_t n, const double *sorted, double p); /* Hyndman & Fan's type 7 */
/* The median of |x|, no NaN; sorted: 2n numbers of scratch. */
double summary_median_size(size_t n, const double *x, double *sorted);

#define SUMMARY_TOGETHER 8

/* How the variances of the means of columns of n draws are known, of SUMMARY_TOGETHER columns at most; it may write to what it points to,
 * where every thread of a loop over columns has a part of its own. */
typedef struct summary_account {
  void (*variances)(void *state, size_t n, size_t columns, const double *const *x, double *variance); /* NaN: it cannot be said */
  void *state;
} summary_account;

/* Variance of the mean of x from its clusters: sum_c (sum_{i in c} (x_i - mean))^2 / n^2 * C/(C-1), C clusters, cluster[i] < clusters.
 * cluster NULL: every value is one of its own, and work is not needed. */
double summary_cluster_variance(size_t n, const double *x, const size_t *cluster, size_t clusters, double *work /* clusters */);

/* The account of clusters. */
typedef struct summary_clusters {
  const size_t *cluster; /* or NULL */
  size_t clusters;
  double *work;   /* clusters, of each thread; not needed without */
  size_t threads; /* at least one */
} summary_clusters;

summary_account summary_account_clusters(summary_clusters *of);
/* Of one column. */
double summary_account_variance(const summary_account *account, size_t n, const double *x);

/* n times variance over (n times the variance of the mean), at most n; n where x is constant, 1 where the account cannot say. */
double summary_ess(size_t n, const double *x, const summary_account *account);

/* Rank-normalised R-hat over `chains` chains of n values each (x[c*n + i]): the larger of the bulk and the folded one.  Not split: draws
 * stand in random order.  NaN for constant values.  Allocates; NaN when out of memory. */
double summary_rhat(size_t chains, size_t n, const double *x);
/* The potential scale reduction of values as they are: infinite where chains do not move at different places. */
double summary_plain_rhat(size_t chains, size_t n, const double *z);

/* What the lines of any number of parameters, of n values each, take. */
typedef struct summary_scratch {
  double *sorted, *folded, *z, *score; /* n; score: of each rank among n */
  double *below;                       /* 3 n: whether values are below quantiles */
  uint32_t *order, *folded_order;
} summary_scratch;

int summary_scratch_create(size_t n, summary_scratch *s); /* DILATE_ENOMEM; s is then empty */
void summary_scratch_clear(summary_scratch *s);
/* Finite values: in order into s->sorted, their normal scores into s->z, in the places of the values. */
void summary_rank(size_t n, const double *x, summary_scratch *s);

/* NaN everywhere but in struct_size and name. */
void summary_clear(dilate_parameter *out);
/* The three quantiles of n > 0 values in order. */
void summary_quantiles(size_t n, const double *sorted, dilate_parameter *out);

/* One parameter's line: mean, sd, quantiles and their errors, rhat, ess_bulk (rank-normalised values), ess_tail (smaller of those of the
 * 5 % and 95 % indicators); mcse and mcse_sd are the account's own errors, which may be less than those of independent draws.  x has
 * chains*n values, and s was made for so many; name is not touched, and pareto_k is NaN. */
void summary_parameter(size_t chains, size_t n, const double *x, const summary_account *account, summary_scratch *s, dilate_parameter *out);

/* Half width of the 95 % interval over 2: multiplies a standard error with df degrees of freedom so that +-2 of the product is a 95 %
 * interval. */
double summary_t_factor(double df);

/* Standard error, with t quantiles folded in so that +-2 of it is a 95 % interval, of a variance `within` (df degrees of freedom) and an
 * excess that was seen between `blocks` blocks.  Three blocks or more: the quantile at Satterthwaite's (1946) degrees of freedom of the
 * sum. Two: the excess counts as it is, since at one degree of freedom a quantile would be six times too wide as often as it is right, and
 * blocks that differ by more than that are not averaged.  *total_df: Satterthwaite's, if not NULL. */
double summary_error(double within, double df, double excess, size_t blocks, double *total_df);

#endif
