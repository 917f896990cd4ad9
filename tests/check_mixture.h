/* The suites of the mixture layer's test program. */
#ifndef DILATE_TESTS_CHECK_MIXTURE_H
#define DILATE_TESTS_CHECK_MIXTURE_H

#include <check.h>

Suite *ward_suite(void);
Suite *em_suite(void);
Suite *heavy_suite(void);
Suite *isa_suite(void);

#endif
