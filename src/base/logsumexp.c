/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log sum exp with the largest term taken out.  Where that term is not finite nothing is taken out, and the plain sum is right:
 * 0 and so -inf when every term is -inf, +inf or NaN when there is one. */
#include "base/logsumexp.h"
#include "base/vmath.h"
#include "base/vmath_isa.h"

#include <math.h>

#define BLOCK 64 /* terms at a time on the stack */

static double shift_of(double largest) {
  return isfinite(largest) ? largest : 0;
}

double log_sum_exp(size_t n, const double *x) {
  double largest = -INFINITY, sum = 0, block[BLOCK];
  for (size_t i = 0; i < n; i++) largest = x[i] > largest ? x[i] : largest;
  const double shift = shift_of(largest);
  for (size_t begin = 0; begin < n; begin += BLOCK) {
    const size_t size = n - begin < BLOCK ? n - begin : BLOCK;
    for (size_t i = 0; i < size; i++) block[i] = x[begin + i] - shift;
    vmath_exp(size, block, block);
    for (size_t i = 0; i < size; i++) sum += block[i];
  }
  return sum == 0 ? (double)-INFINITY : shift + log(sum);
}

double log_add_exp(double a, double b) {
  const double high = a > b ? a : b, low = a > b ? b : a;
  if (low == -INFINITY || high == INFINITY) return isnan(low) ? low : high;
  return high + log1p(exp(low - high));
}

double log_mean_exp(size_t n, const double *x) {
  return n == 0 ? (double)-INFINITY : log_sum_exp(n, x) - log((double)n);
}

void log_sum_exp_columns(size_t k, size_t n, size_t ld, double *c, double *lse) {
  vmath_chosen()->columns(k, n, ld, c, lse);
}
