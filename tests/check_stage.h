/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of the stage layer's test program. */
#ifndef DILATE_TESTS_CHECK_STAGE_H
#define DILATE_TESTS_CHECK_STAGE_H

#include <check.h>

Suite *evidence_suite(void);
Suite *means_suite(void);
Suite *errors_suite(void);
Suite *explore_suite(void);
Suite *reference_suite(void);
Suite *bridge_suite(void);
Suite *heavy_suite(void);
Suite *islands_suite(void);
Suite *rounds_suite(void);
Suite *straighten_suite(void);
Suite *surface_suite(void);
Suite *rotation_suite(void);
Suite *columns_suite(void);
Suite *parents_suite(void);
Suite *marginals_suite(void);
Suite *screen_suite(void);
Suite *hints_suite(void);

#endif
