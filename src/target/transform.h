/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a transform is: a row of functions.  A family of them is a file, transform.c has the table. */
#ifndef DILATE_TARGET_TRANSFORM_H
#define DILATE_TARGET_TRANSFORM_H

#include "dilate.h"

#define TRANSFORM_TOLERANCE 1e-8 /* of sums, lengths, diagonals and symmetry, as in Stan */

/* A matrix is as good as singular where a row's own part of its variance is less: no decomposition tells it from rounding any more. */
#define TRANSFORM_SINGULAR 1e-13

#define TRANSFORM_READS_LOWER 1u
#define TRANSFORM_READS_UPPER 2u

typedef struct transform {
  const char *name; /* for messages: "a simplex" */
  size_t rank;      /* of what is transformed as one: 0 each value, 1 a vector, 2 a square matrix */
  size_t smallest;  /* values of a vector, rows of a matrix */
  unsigned bounds;  /* TRANSFORM_READS_* */
  size_t (*dim)(size_t size);
  double (*constrain)(const dilate_block *block, const double *u, double *x); /* returns log |dx/du| */
  /* Whether x is finite and not on an edge, where the block's edges are easily told. */
  int (*inside)(const dilate_block *block, const double *x);
  /* Whether x, which is inside, tells u from an edge; NULL: always. */
  int (*resolved)(const dilate_block *block, const double *u, const double *x);
  /* x is inside; 0 when it breaks the constraint all the same. */
  int (*unconstrain)(const dilate_block *block, const double *x, double *u);
  /* scratch: transform_scratch(block) doubles. */
  void (*pull_back)(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u, double *scratch);
} transform;

/* transform_scalar.c */
extern const transform transform_free, transform_lower, transform_upper, transform_interval;
/* transform_vector.c */
extern const transform transform_ordered, transform_positive_ordered, transform_simplex, transform_unit_vector;
/* transform_covariance.c, transform_correlation.c */
extern const transform transform_cholesky_covariance, transform_covariance, transform_cholesky_correlation, transform_correlation;

/* NULL: there is no such constraint; they are numbered from 0 to transform_count() - 1. */
const transform *transform_of(dilate_constraint constraint);
size_t transform_count(void);
/* NULL: the block has no meaning. */
const transform *transform_find(const dilate_block *block);
/* Doubles that pulling back a block takes. */
size_t transform_scratch(const dilate_block *block);

/* The dim of a block that is as free as it has values. */
size_t transform_dim_same(size_t size);
/* Rows of a square matrix of so many values; 0 when there is none. */
size_t transform_rows(size_t size);
int transform_all_finite(size_t n, const double *x);

#endif
