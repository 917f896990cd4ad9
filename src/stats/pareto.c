/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generalised Pareto fit of a tail: see pareto.h. */
#include "stats/pareto.h"

#include <float.h>
#include <gsl/gsl_sort.h>
#include <math.h>

#define TAIL_MIN      25 /* fewer exceedances say nothing */
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

/* Posterior mean of theta = -k/sigma under Zhang & Stephens' prior, by quadrature over their grid; x ascends, x[n - 1] > 0. */
static double posterior_theta(size_t n, const double *x) {
  const size_t grid = GRID_MIN + (size_t)fmin(sqrt((double)n), GRID_MAX - GRID_MIN);
  const double quartile = fmax(x[(size_t)((double)n / 4 + 0.5) - 1], DBL_MIN);
  double theta[GRID_MAX], fit[GRID_MAX], most = -INFINITY, sum = 0, mean = 0;
  for (size_t j = 0; j < grid; j++) {
    theta[j] = 1 / x[n - 1] + (1 - sqrt((double)grid / ((double)j + 0.5))) / (PRIOR_STRETCH * quartile);
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

pareto_tail pareto_fit(size_t n, double *weight) {
  pareto_tail tail = {.k = -INFINITY, .count = (size_t)fmin(0.2 * (double)n, 3 * sqrt((double)n))};
  if (tail.count < TAIL_MIN) return tail;
  gsl_sort(weight, 1, n);
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += weight[i];
  tail.share = sum > 0 ? weight[n - 1] / sum : 0;
  double *x = weight + n - tail.count;
  const double threshold = weight[n - tail.count - 1], count = (double)tail.count;
  for (size_t i = 0; i < tail.count; i++) x[i] -= threshold;
  if (!(x[tail.count - 1] > 10 * DBL_EPSILON * threshold)) return tail;
  const double k = shape_given(tail.count, x, posterior_theta(tail.count, x));
  if (isnan(k)) return tail;
  tail.k = (count * k + PRIOR_COUNT * PRIOR_K) / (count + PRIOR_COUNT);
  tail.se = (1 + fmax(0, tail.k)) / sqrt(count);
  return tail;
}
