/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the islands say together of log Z (manual, section 9). */
#ifndef DILATE_METHOD_BRIDGE_ERROR_H
#define DILATE_METHOD_BRIDGE_ERROR_H

#include <stddef.h>

#define EVIDENCE_BLOCKS_MAX 4096

/* One island's estimate. */
typedef struct island_evidence {
  double log_z, variance, df; /* log Zhat; variance of log Zhat from within the run, its degrees of freedom */
  size_t block;               /* islands of one block share exploration and reference */
} island_evidence;

typedef struct evidence_total {
  double log_z, se, df;
  double effective; /* effective share of the islands: (sum Zhat)^2 / (n sum Zhat^2) */
  double spread;    /* standard deviation of the blocks' Zhat over what the islands' own variances explain */
  /* Plain standard errors, of one standard deviation: from within the islands, by their lineages; and from the spread of their Zhat, as if
   * they knew nothing of one another (NaN: one island). */
  double se_lineages, se_islands;
} evidence_total;

/* log of the mean of Zhat.  Variance: the islands' own, plus any excess over it of the spread between the `blocks` blocks
 * (EVIDENCE_BLOCKS_MAX at most), or between all islands where that is larger and more than chance; summary_error() makes it an error whose
 * +-2 are a 95 % interval. */
evidence_total evidence_combine(size_t islands, const island_evidence *island, size_t blocks);

/* Variance beyond `within` of the mean of `blocks` independent values: max(0, spread/blocks - within). */
double excess_variance(size_t blocks, const double *value, double within);

/* The same for the weights of `modes` modes, whose spread between blocks is that of `between`, where it is more than chance (a chi-square
 * test).  Two blocks say little of one mode; so the ratio of between to within is pooled over the modes, and by itself counts only a mode
 * that stands out: between > 9 within. */
void excess_variances(size_t modes, size_t blocks, const double *within, const double *between, double *excess);

#endif
