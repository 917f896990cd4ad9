/* Mixtures and points for the tests of the mixture layer, and the definition of the density written down plainly. */
#ifndef DILATE_TESTS_MIXTURE_CASES_H
#define DILATE_TESTS_MIXTURE_CASES_H

#include "mixture/em.h"
#include <gsl/gsl_rng.h>

#define FAMILIES 3

/* A prepared mixture with random weights, means within +-spread, and covariances of eigenvalues of order one.  twins: every location also
 * bears a second component, 1.7 times as wide. */
mixture *mixture_random(gsl_rng *rng, mixture_family family, size_t dim, size_t locations, double spread, int twins);

/* log q(x) by forward substitution and long double sums; grad and share (components) may be NULL. */
double mixture_plain(const mixture *q, const double *x, double *grad, double *share);

/* Points of a mixture with the gradients of its log-density, and the component of each; all memory is the caller's to free. */
typedef struct sample {
  fit_points points;
  double *x, *grad;
  size_t *component;
} sample;
sample sample_create(size_t dim, size_t n);
sample sample_from(gsl_rng *rng, const mixture *q, size_t n);
void sample_destroy(sample *s);

/* log q at the points of a sample; free with memory_free. */
double *sample_log_density(const sample *s, const mixture *q);

#endif
