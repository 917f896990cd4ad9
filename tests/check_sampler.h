/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of the sampler's test program, and the small runs that they share. */
#ifndef DILATE_TESTS_CHECK_SAMPLER_H
#define DILATE_TESTS_CHECK_SAMPLER_H

#include <check.h>

#include "dilate.h"

Suite *arguments_suite(void);
Suite *finish_suite(void);
Suite *runs_suite(void);
Suite *stops_suite(void);
Suite *troubles_suite(void);

/* Two normals in the plane, shares 0.7 and 0.3, standard deviation 1, at (-4, 0) and (4, 2), times exp(0.5).  params is not used. */
#define PAIR_LOG_Z 0.5
int pair_logp(size_t dim, const double *x, double *logp, double *grad, void *params);
dilate_target pair_target(void);

/* 4 islands of 64 draws in 2 groups, one thread. */
dilate_options small_options(const char *method);

/* Runs to the end; the status must be DILATE_OK. */
dilate_result *sample(const dilate_target *target, const dilate_options *options);

/* The same draws, log-densities, modes and log evidence, bit for bit. */
void assert_same_result(const dilate_result *a, const dilate_result *b);
/* The same tables of modes and parameters, and unseen mass. */
void assert_same_numbers(const dilate_result *a, const dilate_result *b);
/* The same counts of evaluations, warnings, and records, bit for bit. */
void assert_same_records(const dilate_result *a, const dilate_result *b);
/* Every accessor agrees with the shape; draws and log-densities are finite and in the support. */
void assert_valid_result(const dilate_result *result);
/* Some warning contains the text. */
int has_warning(const dilate_result *result, const char *text);

#endif
