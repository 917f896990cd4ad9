/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Monte Carlo error of a quantile: see quantile_error.h. */
#include "stats/quantile_error.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* Where an ESS is so large that the Beta law is a normal one, to all digits that matter, GSL's function would take long. */
#define ESS_NORMAL 1e5

/* The share of a Beta(a, b) law below which p of it lies, by halving: GSL's inverse calls its error handler where it does not converge. */
static double beta_quantile(double p, double a, double b) {
  double low = 0, high = 1;
  if (a + b > ESS_NORMAL) {
    const double mean = a / (a + b);
    return fmin(1, fmax(0, mean + gsl_cdf_ugaussian_Pinv(p) * sqrt(mean * (1 - mean) / (a + b + 1))));
  }
  for (int k = 0; k < 60; k++) {
    const double middle = 0.5 * (low + high);
    if (gsl_cdf_beta_P(middle, a, b) < p)
      low = middle;
    else
      high = middle;
  }
  return 0.5 * (low + high);
}

double quantile_error(size_t n, const double *sorted, double p, double ess) {
  if (!n || !isfinite(ess)) return NAN;
  const double a = ess * p + 1, b = ess * (1 - p) + 1, below = 0.1586553, all = (double)n; /* one standard error of a normal law */
  const double low = fmax(floor(beta_quantile(below, a, b) * all), 1), high = fmin(ceil(beta_quantile(1 - below, a, b) * all), all);
  return (sorted[(size_t)high - 1] - sorted[(size_t)low - 1]) / 2;
}
