/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distances of n draws from a fixed exact sample, along fixed directions.
 *
 * A direction is a unit vector in coordinates that are divided by the exact sample's standard deviations, from its mean, so that a
 * distance changes neither with a target's place nor with the scales of its coordinates. */
#ifndef BENCH_SLICED_H
#define BENCH_SLICED_H

#include <stddef.h>
#include <stdint.h>

#define SLICED_DIRECTIONS 64

typedef enum sliced_kind {
  SLICED_RANDOM, /* 64 directions, uniform on the sphere, from a fixed seed */
  SLICED_FIRST,  /* the first coordinate */
  SLICED_EVEN    /* the coordinates 0, 2, 4, ... */
} sliced_kind;

/* What n draws are compared with in W2: each sorted draw takes 1/n of the exact sample, of which only mean and variance matter. */
typedef struct sliced_cells {
  size_t n;
  double *mean;     /* directions x n */
  double *variance; /* directions: mean over the cells of the variance within */
} sliced_cells;

typedef struct sliced {
  size_t dim, directions, size;
  double *matrix; /* dim x directions: the unit vectors' coordinates, divided by the standard deviations */
  double *offset; /* directions: the projection of the mean */
  double *sorted; /* directions x size: the exact sample's projections, ascending */
} sliced;

/* [in] x: the exact sample, size x dim, row-major. */
void sliced_make(sliced *s, sliced_kind kind, size_t dim, size_t size, const double *x);
void sliced_free(sliced *s);
void sliced_cells_make(const sliced *s, size_t n, sliced_cells *out);
void sliced_cells_free(sliced_cells *c);

/* [in] x: n points, row-major.  [out] projection: of point i along direction d at [d*n + i]. */
void sliced_project(const sliced *s, size_t n, const double *x, double *projection);

/* Of the first n of each direction's ld projections.  [in] work: 3n numbers. */
double sliced_w2(const sliced *s, const sliced_cells *cells, size_t ld, const double *projection, uint64_t *work);
double sliced_kolmogorov(const sliced *s, size_t n, size_t ld, const double *projection, uint64_t *work);

#endif
