/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the target layer's test program, one a file. */
#ifndef DILATE_TESTS_CHECK_TARGET_H
#define DILATE_TESTS_CHECK_TARGET_H

#include <check.h>

TCase *evaluate_tests(void);
TCase *plugin_tests(void);
TCase *stan_tests(void);
TCase *transform_tests(void);
TCase *transform_edges_tests(void);
TCase *transform_stan_tests(void);
TCase *warp_tests(void);
TCase *warped_tests(void);

#endif
