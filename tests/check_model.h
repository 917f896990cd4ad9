/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of the models' test program. */
#ifndef DILATE_TESTS_CHECK_MODEL_H
#define DILATE_TESTS_CHECK_MODEL_H

#include <check.h>

Suite *model_refusals_suite(void);
Suite *model_runs_suite(void);

#endif
