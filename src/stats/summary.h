/* Summaries of draws: quantiles, rank-normalised R-hat (Vehtari et al. 2021), and standard errors from lineages.
 *
 * Draws of an island stand in random order, so errors do not come from autocorrelation but from clusters: all draws that descend from one
 * ancestor of the bridge are one cluster.  Between clusters draws are independent, within one anything goes. */
#ifndef DILATE_STATS_SUMMARY_H
#define DILATE_STATS_SUMMARY_H

#include "base/status.h"

double summary_mean(size_t n, const double *x);
double summary_variance(size_t n, const double *x);                /* n - 1 in the denominator */
double summary_quantile(size_t n, const double *sorted, double p); /* Hyndman & Fan's type 7 */

/* Variance of the mean of x from its clusters: sum_c (sum_{i in c} (x_i - mean))^2 / n^2 * C/(C-1), C clusters, cluster[i] < clusters. */
double summary_cluster_variance(size_t n, const double *x, const size_t *cluster, size_t clusters, double *work /* clusters */);
/* n times variance over (n times the cluster-robust variance of the mean), at most n; n where x is constant. */
double summary_cluster_ess(size_t n, const double *x, const size_t *cluster, size_t clusters, double *work /* clusters */);

/* Rank-normalised R-hat over `chains` chains of n values each (x[c*n + i]): the larger of the bulk and the folded one.  Not split: draws
 * stand in random order.  NaN for constant values.  Allocates; NaN when out of memory. */
double summary_rhat(size_t chains, size_t n, const double *x);

/* One parameter's line: mean, mcse, sd, quantiles, rhat, ess_bulk (rank-normalised values), ess_tail (smaller of those of the 5 % and 95 %
 * indicators).  x has chains*n values; name is not touched.  cluster NULL: every draw its own. */
int summary_parameter(size_t chains, size_t n, const double *x, const size_t *cluster, size_t clusters, dilate_parameter *out);

/* Half width of the 95 % interval over 2: multiplies a standard error with df degrees of freedom so that +-2 of the product is a 95 %
 * interval. */
double summary_t_factor(double df);

/* Standard error, with t quantiles folded in so that +-2 of it is a 95 % interval, of a variance `within` (df degrees of freedom) and an
 * excess that was seen between `blocks` blocks.  Three blocks or more: the quantile at Satterthwaite's (1946) degrees of freedom of the
 * sum. Two: the excess counts as it is, since at one degree of freedom a quantile would be six times too wide as often as it is right, and
 * blocks that differ by more than that are not averaged.  *total_df: Satterthwaite's, if not NULL. */
double summary_error(double within, double df, double excess, size_t blocks, double *total_df);

#endif
