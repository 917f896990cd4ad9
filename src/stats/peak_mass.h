/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much mass is about a local maximum: the Gaussian of the curvature there, by differences of gradients, as importance samples. */
#ifndef DILATE_STATS_PEAK_MASS_H
#define DILATE_STATS_PEAK_MASS_H

#include "base/random.h"
#include "target/particles.h"

#define PEAK_DRAWS 256

/* PEAK_DRAWS draws from the Gaussian, with their log-densities under the target; log_weight[i] = log pi~ - log of the Gaussian. */
typedef struct peak_sample {
  particles draws;
  double *log_weight;
  double *root; /* dim x dim: lower Cholesky factor L of the Gaussian's precision */
} peak_sample;

/* [in] peak: dim; scale: dim, a first guess of the widths along the coordinates, which may be off by any factor.  *proper: 0 where the
 * point is no maximum with finite curvature, and the sample is then empty.  A few evaluations a coordinate.  DILATE_ENOMEM. */
int peak_sample_create(target *t, stream s, const double *peak, const double *scale, peak_sample *out, int *proper, dilate_error *err);
void peak_sample_clear(peak_sample *p);
/* Evaluations that it takes at most. */
uint64_t peak_sample_cost(const target *t);

/* log of the mean weight, and its relative standard error. */
double peak_log_mass(const peak_sample *p, double *error);
/* Of n points, row-major, how many are about the peak: where |L'(x - peak)|^2 is not far above its mean. */
size_t peak_count(const peak_sample *p, const double *peak, size_t n, const double *x);

#endif
