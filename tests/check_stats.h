/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of the stats layer's test program. */
#ifndef DILATE_TESTS_CHECK_STATS_H
#define DILATE_TESTS_CHECK_STATS_H

#include <check.h>

Suite *chains_suite(void);
Suite *modes_suite(void);

#endif
