/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Combining the islands' evidence: see bridge_error.h. */
#include "method/bridge_error.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#include "stats/summary.h"

#define STANDS_OUT     9.0  /* times its own variance: three standard errors */
#define ISLANDS_CHANCE 0.05 /* of taking sound islands for unsound ones */
#define BLOCKS_CHANCE  0.05 /* the same of blocks' weights of modes */

double excess_variance(size_t blocks, const double *value, double within) {
  if (blocks < 2) return 0;
  return fmax(0, summary_variance(blocks, value) / (double)blocks - within);
}

/* Whether a ratio of variances, of df degrees of freedom, is more than chance. */
static int is_excess(double ratio, double df) {
  return gsl_cdf_chisq_Q(ratio * df, df) < BLOCKS_CHANCE;
}

void excess_variances(size_t modes, size_t blocks, const double *within, const double *between, double *excess) {
  const double df = (double)blocks - 1;
  double all_within = 0, all_between = 0, square = 0;
  for (size_t m = 0; m < modes; m++) {
    all_within += within[m];
    all_between += between[m];
    square += within[m] * within[m];
  }
  const double ratio = all_within > 0 ? all_between / all_within : 0, independent = square > 0 ? all_within * all_within / square - 1 : 0;
  const double pooled_excess = ratio > 1 && is_excess(ratio, df * fmax(1, independent)) ? ratio - 1 : 0;
  for (size_t m = 0; m < modes; m++) {
    const int pooled = blocks == 2 && modes > 2 && !(between[m] > STANDS_OUT * within[m]);
    const double own = fmax(0, between[m] - within[m]);
    const int told = own > 0 && (!(within[m] > 0) || is_excess(between[m] / within[m], df));
    excess[m] = pooled ? pooled_excess * within[m] : told ? own : 0;
  }
}

/* Mean of Zhat relative to exp(most) over the islands of a block (block = blocks: all of them). */
static double mean_relative(size_t islands, const island_evidence *island, double most, size_t block, size_t blocks) {
  double sum = 0;
  size_t n = 0;
  for (size_t i = 0; i < islands; i++)
    if (block == blocks || island[i].block == block) {
      sum += exp(island[i].log_z - most);
      n++;
    }
  return n ? sum / (double)n : 0;
}

/* Variance of the mean of the islands' Zhat over its square, from their spread. */
static double spread_of_islands(size_t islands, const island_evidence *island, double most, double mean) {
  const double n = (double)islands;
  double square = 0;
  for (size_t i = 0; i < islands; i++) {
    const double d = exp(island[i].log_z - most) / mean - 1;
    square += d * d;
  }
  return islands < 2 ? (double)NAN : square / (n * (n - 1));
}

/* What the spread between all islands shows beyond `within`, where it is more than chance: chains that move less than they seem to. */
static double excess_of_islands(size_t islands, double variance, double within, double df) {
  if (islands < 3 || !(within > 0)) return 0;
  return gsl_cdf_fdist_Q(variance / within, (double)islands - 1, fmin(fmax(df, 1), 1e6)) < ISLANDS_CHANCE ? variance - within : 0;
}

evidence_total evidence_combine(size_t islands, const island_evidence *island, size_t blocks) {
  double most = -INFINITY, square = 0, within = 0, quartic = 0, value[EVIDENCE_BLOCKS_MAX] = {0}, n = (double)islands;
  for (size_t i = 0; i < islands; i++) most = fmax(most, island[i].log_z);
  if (islands == 0 || most == -INFINITY) return (evidence_total){NAN, NAN, NAN, 0, 0, NAN, NAN};
  double mean = mean_relative(islands, island, most, blocks, blocks);
  for (size_t i = 0; i < islands; i++) {
    double z = exp(island[i].log_z - most), part = z * z * island[i].variance / (n * n * mean * mean);
    square += z * z;
    within += part;
    quartic += part * part / island[i].df;
  }
  for (size_t b = 0; b < blocks; b++) value[b] = mean_relative(islands, island, most, b, blocks) / mean;
  double within_df = quartic > 0 ? within * within / quartic : INFINITY, df;
  double apart = spread_of_islands(islands, island, most, mean);
  double excess = excess_variance(blocks, value, within), other = excess_of_islands(islands, apart, within, within_df);
  double spread = blocks > 1 && within > 0 ? sqrt(summary_variance(blocks, value) / ((double)blocks * within)) : 0;
  double se = summary_error(within, within_df, fmax(excess, other), other > excess ? islands : blocks, &df);
  return (evidence_total){.log_z = most + log(mean),
                          .se = se,
                          .df = df,
                          .effective = n * mean * mean / square,
                          .spread = spread,
                          .se_lineages = sqrt(within),
                          .se_islands = sqrt(apart)};
}
