/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log sum exp, safe at -inf (all -inf gives -inf) and at large arguments. */
#ifndef DILATE_BASE_LOGSUMEXP_H
#define DILATE_BASE_LOGSUMEXP_H

#include <stddef.h>

double log_sum_exp(size_t n, const double *x);
double log_add_exp(double a, double b);
double log_mean_exp(size_t n, const double *x);
/* Columns of a k x n row-major tile: lse[i] = log sum_k exp(c[k*ld + i]); c becomes the shares exp(c - lse), 0 in a column that is all -inf
 * and where c is more than 45 below its column's largest (vmath_columns.h). */
void log_sum_exp_columns(size_t k, size_t n, size_t ld, double *c, double *lse);

#endif
