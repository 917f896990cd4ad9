/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run with default options in the calling thread alone. */
#ifndef BENCH_DEFAULT_RUN_H
#define BENCH_DEFAULT_RUN_H

#include "dilate.h"

/* [out] *seconds: of processor; *failure: NULL when it came to its end, else why not, to be freed by free().  The result is to be freed,
 * and may be NULL after a failure. */
dilate_result *default_run(const dilate_target *target, uint64_t seed, double *seconds, char **failure);

/* Copies of the result's warnings, each to be freed by free(), and so is what is returned. */
char **copy_warnings(const dilate_result *result, size_t *count);

#endif
