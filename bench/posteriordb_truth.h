/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of the posteriors: bench/truth/posteriordb, its reference draws' figures, log Z and points. */
#ifndef BENCH_POSTERIORDB_TRUTH_H
#define BENCH_POSTERIORDB_TRUTH_H

#include "dilate.h"

#include <stddef.h>

#define REFERENCE_PARAMETERS 32

/* Of one parameter; the *_se are standard errors, of mean, sd and the shares of the reference draws below the two quantiles. */
typedef struct reference_parameter {
  char name[32];
  double mean, sd, kurtosis, q5, q95, mean_se, sd_se, q5_se, q95_se;
} reference_parameter;

typedef struct reference {
  size_t n;
  reference_parameter parameter[REFERENCE_PARAMETERS];
  double log_z, tolerance;
  size_t modes;
} reference;

/* The program ends where the files in folder (bench/truth/posteriordb) have no such posterior. */
void reference_read(const char *folder, const char *posterior, reference *out);
/* NULL: there is none of this name. */
const reference_parameter *reference_named(const reference *r, const char *name);

/* The target against the stored log-densities and gradients at five points, computed by automatic differentiation: the largest difference,
 * relative to 1 and the value.  [out] *points: how many there were. */
double points_error(const char *folder, const char *posterior, const dilate_target *target, size_t *points);

#endif
