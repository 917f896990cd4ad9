/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The test cases of the distances between samples, one file each, and what they share. */
#ifndef DILATE_TESTS_DIAG_CASES_H
#define DILATE_TESTS_DIAG_CASES_H

#include "dilate.h"

#include <check.h>
#include <gsl/gsl_rng.h>

TCase *diag_sliced_case(void);    /* sliced W2 and KS */
TCase *diag_kernels_case(void);   /* the median, MMD, energy distance, kernel Stein discrepancy */
TCase *diag_transport_case(void); /* Sinkhorn */
TCase *diag_common_case(void);    /* what holds for all: equivariance, threads, refusals; mode weights */

/* The distances between two samples, for tests that hold for each of them. */
typedef int (*diag_distance)(size_t dim, size_t n, const double *x, size_t m, const double *y, const dilate_distance_options *options,
                             double *out, dilate_error *err);
typedef struct diag_entry {
  const char *name;
  diag_distance distance;
  int turns;    /* a rotation of both samples does not change it */
  double power; /* it grows by scale^power when both samples are scaled */
} diag_entry;
enum { DIAG_ALL = 6 };
extern const diag_entry diag_all[DIAG_ALL];

/* The distance, which must be there. */
double diag_value(diag_distance distance, size_t dim, size_t n, const double *x, size_t m, const double *y,
                  const dilate_distance_options *options);
int diag_mmd(size_t dim, size_t n, const double *x, size_t m, const double *y, const dilate_distance_options *options, double *out,
             dilate_error *err);
/* The default options. */
dilate_distance_options diag_defaults(void);
/* count normal numbers of the given standard deviation. */
void diag_normals(gsl_rng *rng, size_t count, double sd, double *out);
gsl_rng *diag_rng(unsigned long seed);

/* How many standard errors the mean of n values is from `truth`. */
double diag_z(size_t n, const double *value, double truth);
/* A mean of 100 values or more is farther away than this with probability below 2e-8 by the t distribution. */
#define DIAG_Z_LIMIT 6.0

#endif
