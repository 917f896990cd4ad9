/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diagnostics of Markov chains whose draws stand in the order in which they were made (Vehtari, Gelman, Simpson, Carpenter & Buerkner 2021,
 * "Rank-normalization, folding, and localization"), with the conventions of R's package posterior: chains are split in halves, the middle
 * draw of an odd number left out; a split chain of fewer than three draws has no ESS; values that are all the same have neither ESS nor
 * R-hat.
 *
 * x[c*n + i] is draw i of chain c.  Values that are not finite make everything NaN. */
#ifndef DILATE_STATS_CHAINS_H
#define DILATE_STATS_CHAINS_H

#include "stats/summary.h"

typedef struct chains_scratch {
  size_t chains, n;
  summary_scratch rank; /* of what splitting leaves */
  double *sorted;       /* all of a parameter's values, in order, once they are loaded */
  double *value;        /* a function of them; scratch of sorting */
  double *split;        /* what splitting leaves of it */
  double *mean;         /* of each split chain */
  double *covariance, *rho, *transform;
} chains_scratch;

int chains_scratch_create(size_t chains, size_t n, chains_scratch *s); /* DILATE_ENOMEM; s is then empty */
void chains_scratch_clear(chains_scratch *s);

/* Every member of *out but name and struct_size. */
void chains_parameter(const double *x, chains_scratch *s, dilate_parameter *out);

#endif
