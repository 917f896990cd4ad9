/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The logistic function 1 / (1 + exp(-u)) and its logarithm, exact at both ends.  That of its complement is logistic(-u). */
#ifndef DILATE_TARGET_LOGISTIC_H
#define DILATE_TARGET_LOGISTIC_H

#include <math.h>

static inline double log_logistic(double u) {
  return u > 0 ? -log1p(exp(-u)) : u - log1p(exp(u));
}

static inline double logistic(double u) {
  return u > 0 ? 1 / (1 + exp(-u)) : exp(u) / (1 + exp(u));
}

#endif
