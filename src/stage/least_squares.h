/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Least squares of a column (columns.h) on others, by their normal equations. */
#ifndef DILATE_STAGE_LEAST_SQUARES_H
#define DILATE_STAGE_LEAST_SQUARES_H

#include "stage/columns.h"

typedef struct least_squares {
  const column_kernels *kernels;
  size_t n;              /* of a column */
  const double **column; /* of a regression, its response last */
  double *right;         /* its coefficients */
  double *normal;        /* scratch: a matrix, and the products that it comes of */
  double *scaled;        /* scratch of column_kernels' products */
} least_squares;

/* For so many columns of n at most.  Non-zero when out of memory; to be cleared in any case. */
int least_squares_create(size_t n, size_t most, least_squares *s);
void least_squares_clear(least_squares *s);
/* product (m x m): of the first m columns, by points' weights. */
void least_squares_products(const least_squares *s, size_t m, const double *weight, double *product);
/* The last of m columns on all before it: coefficients into s->right.  Non-zero when there are none. */
int least_squares_fit(const least_squares *s, size_t m, const double *weight);
/* In place: right <- the solution a of (normal + ridge) a = right, m terms; normal is overwritten.  Non-zero when there is none. */
int least_squares_solve(size_t m, double *normal, double *right);

#endif
