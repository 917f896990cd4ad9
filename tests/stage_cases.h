/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gaussian mixtures as laws of which everything is known: targets, exact draws, closed-form distribution functions.  For the tests of the
 * bridge's kernels and of the stages. */
#ifndef DILATE_TESTS_STAGE_CASES_H
#define DILATE_TESTS_STAGE_CASES_H

#include "mixture/mixture.h"
#include "target/particles.h"

#include <gsl/gsl_rng.h>

#define LAW_DIM 16 /* coordinates, at most */

/* Prepared mixtures.  All covariances are correlated; in the shared family they are one, in the full family they differ in size and shape.
 */
mixture *law_gaussian(size_t dim, double place, double size);
/* Three modes about the origin, shares 0.5, 0.3, 0.2, that overlap enough for chains to change mode. */
mixture *law_close(size_t dim, mixture_family family);
/* Two components at one place, of sizes 1 and 3, shares 0.4 and 0.6: every chain may belong to either. */
mixture *law_nested(size_t dim);
/* Four modes of unit covariance at distance `apart` from the origin, shares 0.1, 0.2, 0.3, 0.4, all moved by `shift` and then scaled. */
mixture *law_four(size_t dim, double apart, double shift, double scale);

/* exp(log_z) m(x)^(1/beta) q(x)^(1 - 1/beta): the target whose geometric bridge from q is at m when it has come to beta > 0.
 * q NULL or beta 1: exp(log_z) m(x). */
typedef struct law {
  const mixture *m, *q;
  double beta, log_z;
} law;
dilate_target law_target(law *l);

void law_draw(const mixture *m, gsl_rng *rng, double *x);
/* Exact draws into all of p (not evaluated). */
void law_fill(const mixture *m, gsl_rng *rng, particles *p);
/* Distribution functions of three projections (the first coordinate, the last, the sum) at x: uniform on (0, 1) when x follows m. */
#define LAW_UNIFORMS 3
void law_uniforms(const mixture *m, const double *x, double u[LAW_UNIFORMS]);
/* The largest Kolmogorov-Smirnov statistic of the projections of p against m (KS_LIMIT in densities.h). */
double law_distance(const mixture *m, const particles *p);

/* An open target for some threads; asserts that it opens. */
target *target_open(const dilate_target *user, size_t threads);
target *target_open_logp(size_t dim, dilate_logp_fn logp, void *params, size_t threads);

#endif
