/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums over points of products of columns, of which least squares is made: the kernels of columns_body.h, once for every instruction set.
 *
 * A column has a value a point, and n, here, is a multiple of COLUMN_STEP (an `ld` of particles): beyond the last point a column is 0, or
 * finite where its weight is 0. */
#ifndef DILATE_STAGE_COLUMNS_H
#define DILATE_STAGE_COLUMNS_H

#include <stddef.h>

#define COLUMN_STEP 8
#define FEW_COLUMNS 7

typedef struct column_kernels {
  /* product (m x m, symmetric): sum over points of weight column_r column_c; scaled (m x n): the columns times the weight. */
  void (*products)(size_t n, size_t m, const double *const *column, const double *weight, double *scaled, double *product);
  /* The same of 1 to FEW_COLUMNS columns, which needs no scratch. */
  void (*few_products)(size_t n, size_t m, const double *const *column, const double *weight, double *product);
  /* product[r*ld + c]: sum over points of row_r column_c; row, column: `rows` and `columns` columns, one after the other. */
  void (*rectangle)(size_t n, size_t rows, const double *row, size_t columns, const double *column, double *product, size_t ld);
  /* out = sum over the m columns of by_k column_k. */
  void (*combine)(size_t n, size_t m, const double *const *column, const double *by, double *out);
  /* variance = 1/precision, and rest = x - product/precision; both 0 from point `end` on. */
  void (*natural)(size_t n, size_t end, const double *x, const double *precision, const double *product, double *variance, double *rest);
  /* sum: of rest^2/variance, score^2 variance and rest score. */
  void (*squares)(size_t n, const double *rest, const double *score, const double *variance, const double *weight, double sum[3]);
  /* In place: the lower triangle of the first m of m + more rows of m -> its Cholesky factor L; the others b -> L^-1 b.  Non-zero when
   * there is none. */
  int (*factorise)(size_t m, size_t more, double *a);
} column_kernels;

/* Those of the instruction set in use (vmath_isa()). */
const column_kernels *columns_chosen(void);

/* out = a b, and 1/x, at any n points; out may be one of them. */
void columns_multiply(size_t n, const double *a, const double *b, double *out);
void columns_invert(size_t n, const double *x, double *out);
/* log |x|. */
void columns_log_size(size_t n, const double *x, double *out);

#endif
