/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The method "diffusion-smc": islands of diffusion sequential Monte Carlo (stage/diffusion.h). */
#ifndef DILATE_METHOD_DIFFUSION_SMC_H
#define DILATE_METHOD_DIFFUSION_SMC_H

#include "method/method.h"
#include "stage/diffusion.h"

typedef struct diffusion_smc {
  diffusion *smc;
  schedule schedule;
  double *centre; /* dim */
  int placed;     /* centre and scale are known */
  int done;       /* the last level was reached */
} diffusion_smc;

#define DIFFUSION_EFFECTIVE_MIN 0.8 /* effective share of the islands below which they do not agree, as for a bridge */

/* log Z: the log of the mean of the islands' Zhat, its error from their spread by the delta method, the t quantile folded in; NaN where one
 * island leaves it unknown, infinite where every Zhat is 0.  effective: share of the islands that Zhat leaves. */
typedef struct diffusion_evidence {
  double log_z, se, df, effective;
  double se_islands; /* the plain standard error, without the quantile */
} diffusion_evidence;

diffusion_evidence diffusion_combine(const diffusion *smc);

/* Entry of the vtable.  Draws: each island's particles, resampled by weight and in random order.  Where the islands do not agree, they are
 * joined as those of a bridge are: every row is drawn from all islands' particles, weighed by Zhat.  Lineages are ancestors at k = K. */
int diffusion_smc_result(void *state, const run *r, dilate_result **out, dilate_error *err);

#endif
