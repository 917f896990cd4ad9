/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small dense linear algebra on row-major d x d matrices and on coordinate-major tiles (row j = coordinate j of n particles, leading
 * dimension ld), so that a tile is a d x n row-major matrix.  No allocation, no GSL error handler: what could fail returns non-zero. */
#ifndef DILATE_BASE_LINALG_H
#define DILATE_BASE_LINALG_H

#include <stddef.h>

int all_finite(size_t n, const double *x);
/* In place: the mean of a and its transpose, symmetric to the last bit. */
void symmetrise(size_t d, double *a);

/* In place: symmetric a -> lower Cholesky factor, upper part zeroed.  Non-zero when a is not positive definite (or not finite). */
int cholesky(size_t d, double *a);
/* The same of a plus a ridge of 1e-10 of its diagonal: for normal equations that may be nearly singular. */
int cholesky_ridge(size_t d, double *a);
/* ci = c^-1, both lower triangular. */
void lower_inverse(size_t d, const double *c, double *ci);
/* x <- (C C')^-1 x for lower triangular C. */
void cholesky_solve(size_t d, const double *c, double *x);
double lower_log_det(size_t d, const double *c); /* sum of the logs of the diagonal */
/* Tiles, in place: x <- C x and x <- C' x for lower triangular C. */
void lower_times(size_t d, const double *c, size_t n, size_t ld, double *x);
void lower_transpose_times(size_t d, const double *c, size_t n, size_t ld, double *x);
/* y = A x for any d x d A (y and x distinct, same ld). */
void matrix_times(size_t d, const double *a, size_t n, size_t ld, const double *x, double *y);
/* matrix_times() and lower_times() of many points, blocks of them side by side. */
void matrix_times_all(size_t threads, size_t d, const double *a, size_t n, size_t ld, const double *x, double *y);
void lower_times_all(size_t threads, size_t d, const double *c, size_t n, size_t ld, double *x);
/* c = keep c + x x' of n points; c is d x d, symmetric. */
void symmetric_product(size_t d, size_t n, size_t ld, const double *x, double keep, double *c);
/* c = x diag(w) x' / sum(w) about mean m (NULL: 0), all of the n points (w NULL: ones); c is d x d, symmetric. */
void weighted_covariance(size_t d, size_t n, size_t ld, const double *x, const double *w, const double *m, double *c);
/* Its diagonal about 0. */
void weighted_squares(size_t d, size_t n, size_t ld, const double *x, const double *w, double *squares);
void weighted_mean(size_t d, size_t n, size_t ld, const double *x, const double *w, double *m);

/* Eigenvalues (ascending) and vectors (columns of v) of symmetric a; work: symmetric_eigen_work(d) doubles. */
size_t symmetric_eigen_work(size_t d);
void symmetric_eigen(size_t d, const double *a, double *values, double *v, double *work);

/* The S with S Cg S = Cx: the geometric mean of Cx and Cg^-1 (Seyboldt, Carlson & Carpenter, nutpie's Fisher-divergence metric).
 * Scaled by the diagonals first; what is smaller than 1e-12 of the scale, a pivot of Cg or an eigenvalue, is raised to that.  Non-zero when
 * the input is not finite. */
size_t geometric_mean_work(size_t d);
int geometric_mean(size_t d, const double *cx, const double *cg, double *s, double *work);

#endif
