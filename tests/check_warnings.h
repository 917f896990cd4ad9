/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of the warnings' test program. */
#ifndef DILATE_TESTS_CHECK_WARNINGS_H
#define DILATE_TESTS_CHECK_WARNINGS_H

#include <check.h>

Suite *warned_runs_suite(void);

#endif
