/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unseen mass from modes that were caught once: see unseen.h. */
#include "stats/unseen.h"

#include <math.h>

double unseen_mass(size_t modes, const double *weight, size_t groups, const size_t *count) {
  double once = 0, by_one = 0;
  for (size_t m = 0; m < modes; m++) {
    size_t particles = 0, finders = 0;
    for (size_t g = 0; g < groups; g++) {
      particles += count[g * modes + m];
      finders += count[g * modes + m] > 0;
    }
    if (particles <= 1) once += weight[m];
    if (finders <= 1) by_one += weight[m];
  }
  return fmin(1, groups > 1 ? fmax(once, by_one / (double)groups) : once);
}
