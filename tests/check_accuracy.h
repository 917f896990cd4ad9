/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of the accuracy table's test program. */
#ifndef DILATE_TESTS_CHECK_ACCURACY_H
#define DILATE_TESTS_CHECK_ACCURACY_H

#include <check.h>

Suite *verdicts_suite(void);

#endif
