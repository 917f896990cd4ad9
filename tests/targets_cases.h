/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The test cases of the built-in targets, one file each, and what they share. */
#ifndef DILATE_TESTS_TARGETS_CASES_H
#define DILATE_TESTS_TARGETS_CASES_H

#include "targets/targets.h"

#include <check.h>

TCase *targets_density_case(void);  /* gradients, batch against point, extremes: every target */
TCase *targets_batch_case(void);    /* batches: bits, and densities by independent routes */
TCase *targets_truth_case(void);    /* log Z and moments by quadrature, closed forms, reference values */
TCase *targets_models_case(void);   /* brownian32 and seeds by independent routes */
TCase *targets_draw_case(void);     /* exact samplers */
TCase *targets_galaxies_case(void); /* the galaxies posterior by independent routes */
TCase *targets_digits_case(void);   /* the digits: density, convolution and data by independent routes */
TCase *targets_paths_case(void);    /* scores of every path on every target */
TCase *targets_options_case(void);  /* specifications, data files and every error message */

/* Every built-in target, in several shapes. */
#define TARGETS_SPECS 37
extern const char *const targets_specs[TARGETS_SPECS];

/* builtin_create that must succeed.  Without a data file, digits has that of targets_digits_file(). */
builtin targets_make(const char *spec, const char *data_path);
/* A point where the density is not negligible: an exact draw, or one near the posterior. */
void targets_typical_point(const builtin *b, gsl_rng *rng, double *x);
gsl_rng *targets_rng(unsigned long seed);
/* The point callback's log-density (-inf where it says outside). */
double targets_logp(const builtin *b, const double *x, double *grad);
/* Twenty images of random pixels, in the format of digits: the real ones need not be installed. */
const char *targets_digits_file(void);
/* Fails unless the gradient is that of differences at ten points, and batch, point and density alone agree. */
void targets_check_gradient(const builtin *b);
void targets_check_batch(const builtin *b);
/* The largest z-score of Stein's identities for draws that are multiplied by stretch. */
double targets_stein_score(const builtin *b, int draws, double stretch, gsl_rng *rng);
/* Writes text to a new file of the temporary folder; path has room for 64 bytes. */
void targets_write_file(const char *text, char *path);

#endif
