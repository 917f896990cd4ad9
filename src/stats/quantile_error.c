/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Monte Carlo error of a quantile: see quantile_error.h. */
#include "stats/quantile_error.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* Where an ESS is so large that the Beta law is a normal one, to all digits that matter, GSL's function would take long. */
#define ESS_NORMAL 1e5

/* Of n places 1/n apart, how many have less than p of a Beta(a, b) law below them, at most n - 1: by halving, since GSL's inverse calls its
 * error handler where it does not converge. */
static size_t places_below(size_t n, double p, double a, double b) {
  size_t low = 0, high = n;
  if (a + b > ESS_NORMAL) {
    const double mean = a / (a + b), share = mean + gsl_cdf_ugaussian_Pinv(p) * sqrt(mean * (1 - mean) / (a + b + 1));
    return (size_t)fmin((double)n - 1, fmax(0, share * (double)n));
  }
  while (high - low > 1) {
    const size_t middle = low + (high - low) / 2;
    if (gsl_cdf_beta_P((double)middle / (double)n, a, b) < p)
      low = middle;
    else
      high = middle;
  }
  return low;
}

double quantile_error(size_t n, const double *sorted, double p, double ess) {
  if (!n || !isfinite(ess)) return NAN;
  const double a = ess * p + 1, b = ess * (1 - p) + 1, below = 0.1586553; /* one standard error of a normal law */
  const size_t low = places_below(n, below, a, b), high = places_below(n, 1 - below, a, b);
  return (sorted[high] - sorted[low > 0 ? low - 1 : 0]) / 2;
}
