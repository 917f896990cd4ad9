/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shape of the upper tail of importance weights: the k of a generalised Pareto law fitted to the largest of them (Vehtari, Simpson, Gelman,
 * Yao & Gabry 2024, "Pareto smoothed importance sampling"; the fit is that of Zhang & Stephens 2009).  Their mean has a variance only below
 * k = 1/2, and above 0.7 no sample of a practical size tells it. */
#ifndef DILATE_STATS_PARETO_H
#define DILATE_STATS_PARETO_H

#include <stddef.h>

typedef struct pareto_tail {
  double k;     /* -inf where the tail is too short, or its weights are all the same */
  double se;    /* asymptotic standard error of k, (1 + k)/sqrt(count) */
  double share; /* of the largest weight in their sum */
  size_t count; /* weights in the tail: min(n/5, 3 sqrt(n)) */
} pareto_tail;

/* Of n non-negative weights, which are sorted in place. */
pareto_tail pareto_fit(size_t n, double *weight);

/* The larger k of the two tails of a sample, as R's packages loo and posterior have it for a parameter's values: moments up to 1/k are
 * finite.  sorted: n values in order; work: n.  NaN where a tail has fewer than five values, or many of them are the
 * same. */
double pareto_of_tails(size_t n, const double *sorted, double *work);

#endif
