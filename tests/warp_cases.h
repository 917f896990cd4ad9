/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Layers of a warp with random numbers in them, for the tests of warps and of targets under them. */
#ifndef DILATE_TESTS_WARP_CASES_H
#define DILATE_TESTS_WARP_CASES_H

#include <gsl/gsl_rng.h>

#include "target/warp.h"

/* One coordinate that others depend on; of three and more coordinates, about a third are parents and at least one is. */
warp_conditional *random_conditional(warp *w, gsl_rng *rng);
/* All coordinates but the second; knots from about -3 to 3. */
warp_marginal *random_marginal(warp *w, gsl_rng *rng);
/* Two coordinates that all others depend on. */
warp_surface *random_surface(warp *w, gsl_rng *rng);
warp_linear *random_linear(warp *w, gsl_rng *rng);

#endif
