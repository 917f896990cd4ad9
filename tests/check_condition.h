/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of the conditioned targets' test program. */
#ifndef DILATE_TESTS_CHECK_CONDITION_H
#define DILATE_TESTS_CHECK_CONDITION_H

#include <check.h>

Suite *condition_edges_suite(void);
Suite *condition_refusals_suite(void);
Suite *condition_runs_suite(void);

#endif
