/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums over points of products of columns, of which least squares is made: the kernels of columns_body.h, once for every instruction set.
 *
 * A column has a value a point, and n, here, is a multiple of COLUMN_STEP (an `ld` of particles): beyond the last point a column is 0, or
 * finite where its weight is 0. */
#ifndef DILATE_STAGE_COLUMNS_H
#define DILATE_STAGE_COLUMNS_H

#include <stddef.h>

#define COLUMN_STEP 8

typedef struct column_kernels {
  const char *name;
  /* product (m x m, symmetric): sum over points of weight column_r column_c; scaled (m x n): the columns times the weight. */
  void (*products)(size_t n, size_t m, const double *const *column, const double *weight, double *scaled, double *product);
  /* out = sum over the m columns of by_k column_k. */
  void (*combine)(size_t n, size_t m, const double *const *column, const double *by, double *out);
  /* variance = 1/precision, and rest = x - product/precision; both 0 from point `end` on. */
  void (*natural)(size_t n, size_t end, const double *x, const double *precision, const double *product, double *variance, double *rest);
  /* sum: of rest^2/variance, score^2 variance and rest score. */
  void (*squares)(size_t n, const double *rest, const double *score, const double *variance, const double *weight, double sum[3]);
} column_kernels;

/* Those of the instruction set in use. */
const column_kernels *columns_chosen(void);

#endif
