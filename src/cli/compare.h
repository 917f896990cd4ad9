/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of `dilate compare`: the command line, the samples, what is measured. */
#ifndef DILATE_CLI_COMPARE_H
#define DILATE_CLI_COMPARE_H

#include "cli/subject.h"
#include "io/compared.h"
#include "io/draws.h"
#include <gsl/gsl_rng.h>

/* Rows of a sample at most, evenly spaced ones, where all pairs are looked at. */
enum { COMPARE_PAIRS = 4000 };

typedef struct compare_arguments {
  const char *a, *b, *target, *data; /* b, target, data: NULL where they were not given */
  dilate_distance_options options;
  int json, help;
} compare_arguments;

/* Both samples, their columns in one order, and the target when there is one. */
typedef struct compare_samples {
  draws_table a, b;
  subject target;
  int by_position;
  gsl_rng rng; /* of exact draws; without a state where the target has none */
} compare_samples;

/* On failure, too, *out needs compare_close(). */
int compare_open(const compare_arguments *request, compare_samples *out, failure *f);
void compare_close(compare_samples *s);

/* rows exact draws, to be freed; NULL when out of memory. */
double *compare_exact(const compare_samples *s, size_t rows);
/* At most `most` evenly spaced rows, in a copy to be freed; *rows is how many.  NULL when out of memory. */
double *compare_thin(size_t width, size_t *rows, const double *value, size_t most);

/* Fills everything of *out but the samples' names.  out->parameter is to be freed. */
int compare_measure(const compare_samples *s, const dilate_distance_options *options, compared *out, failure *f);
/* The measures of one sample against the target: first[0] its KSD, first[2] the total variation of its mode weights. */
int compare_with_target(const subject *target, size_t rows, const double *value, const dilate_distance_options *options,
                        compared_value *first, failure *f);
/* Notes what the library said; a failure when memory ran out. */
int compare_note(int status, const dilate_error *err, compared_value *v, failure *f);

#endif
