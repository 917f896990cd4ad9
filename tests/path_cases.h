/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of dilate_path share. */
#ifndef DILATE_TESTS_PATH_CASES_H
#define DILATE_TESTS_PATH_CASES_H

#include <check.h>

#include "base/constants.h"
#include "gaussians.h"

/* The path `name` about a centre (NULL: the origin). */
dilate_path_options options_of(const char *name, const double *about, double scale);
dilate_path *open_path(const dilate_target *user, const dilate_path_options *o);
/* One point; score may be NULL. */
void evaluate(dilate_path *p, double lambda, const double *x, double *logp, double *score);
/* The mixture with its own convolution. */
dilate_target mixture_target(gaussians *g);

void assert_close(double a, double b, double tolerance); /* relative above 1 */

Suite *path_arguments_suite(void);

#endif
