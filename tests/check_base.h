/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the base layer's test program, one a file. */
#ifndef DILATE_TESTS_CHECK_BASE_H
#define DILATE_TESTS_CHECK_BASE_H

#include <check.h>

TCase *linalg_tests(void);
TCase *random_tests(void);
TCase *sort_tests(void);
TCase *team_tests(void);
TCase *vmath_tests(void);
TCase *tile_kernel_tests(void);

#endif
