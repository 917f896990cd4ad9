/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generalised Pareto fit of a tail: see pareto.h. */
#include "stats/pareto.h"

#include <float.h>
#include <gsl/gsl_sort.h>
#include <math.h>

#define TAIL_MIN      25 /* fewer exceedances say nothing */
#define SAMPLE_MIN    5  /* the same of a sample's own tail */
#define GRID_MIN      30 /* points of the quadrature over theta: so many and sqrt(count) */
#define GRID_MAX      512
#define PRIOR_COUNT   10 /* the weakly informative prior of Vehtari et al.: k = 0.5 with the weight of so many exceedances */
#define PRIOR_K       0.5
#define PRIOR_STRETCH 3.0 /* of Zhang & Stephens' prior of theta */

/* mean log(1 - theta x): the k that is most likely given theta. */
static double shape_given(size_t n, const double *x, double theta) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += log1p(-theta * x[i]);
  return sum / (double)n;
}

/* The place of the lower quartile of n values in order. */
static size_t quartile(size_t n) {
  return (size_t)((double)n / 4 + 0.5) - 1;
}

/* Posterior mean of theta = -k/sigma under Zhang & Stephens' prior, by quadrature over their grid; x ascends, x[n - 1] > 0. */
static double posterior_theta(size_t n, const double *x) {
  const size_t grid = GRID_MIN + (size_t)fmin(sqrt((double)n), GRID_MAX - GRID_MIN);
  const double low = fmax(x[quartile(n)], DBL_MIN);
  double theta[GRID_MAX], fit[GRID_MAX], most = -INFINITY, sum = 0, mean = 0;
  for (size_t j = 0; j < grid; j++) {
    theta[j] = 1 / x[n - 1] + (1 - sqrt((double)grid / ((double)j + 0.5))) / (PRIOR_STRETCH * low);
    const double k = shape_given(n, x, theta[j]);
    fit[j] = (double)n * (log(-theta[j] / k) - k - 1);
    if (isfinite(fit[j])) most = fmax(most, fit[j]);
  }
  for (size_t j = 0; j < grid; j++) {
    const double weight = isfinite(fit[j]) ? exp(fit[j] - most) : 0;
    sum += weight;
    mean += weight * theta[j];
  }
  return sum > 0 ? mean / sum : NAN;
}

/* k given the count exceedances x, which ascend from above 0, drawn towards the prior's. */
static double shape_of(size_t count, const double *x) {
  const double k = shape_given(count, x, posterior_theta(count, x)), n = (double)count;
  return (n * k + PRIOR_COUNT * PRIOR_K) / (n + PRIOR_COUNT);
}

pareto_tail pareto_fit(size_t n, double *weight) {
  pareto_tail tail = {.k = -INFINITY, .count = (size_t)fmin(0.2 * (double)n, 3 * sqrt((double)n))};
  if (tail.count < TAIL_MIN) return tail;
  gsl_sort(weight, 1, n);
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += weight[i];
  tail.share = sum > 0 ? weight[n - 1] / sum : 0;
  double *x = weight + n - tail.count;
  const double threshold = weight[n - tail.count - 1];
  for (size_t i = 0; i < tail.count; i++) x[i] -= threshold;
  if (!(x[tail.count - 1] > 10 * DBL_EPSILON * threshold)) return tail;
  const double k = shape_of(tail.count, x);
  if (isnan(k)) return tail;
  tail.k = k;
  tail.se = (1 + fmax(0, tail.k)) / sqrt((double)tail.count);
  return tail;
}

/* Values in a tail of n: a fifth of few, 3 sqrt(n) of many. */
static size_t tail_length(size_t n) {
  return (size_t)(n > 225 ? ceil(3 * sqrt((double)n)) : floor((double)n / 5));
}

double pareto_of_tails(size_t n, const double *sorted, double *work) {
  const size_t count = tail_length(n);
  double most = -INFINITY;
  if (count < SAMPLE_MIN) return NAN;
  for (int upper = 0; upper < 2; upper++) {
    for (size_t i = 0; i < count; i++)
      work[i] = upper ? sorted[n - count + i] - sorted[n - count - 1] : sorted[count] - sorted[count - 1 - i];
    const double k = work[quartile(count)] > 0 && work[count - 1] > work[0] ? shape_of(count, work) : (double)NAN;
    if (isnan(k)) return NAN;
    most = fmax(most, k);
  }
  return most;
}
