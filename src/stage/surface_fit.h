/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Surfaces over two given coordinates, fitted to a sample with scores.
 *
 * Given t, let x_j be Gaussian about m_j(t) + sum_(k > j) w_jk(t) x_k with variance v_j = exp(2 s_j(t)).  Where no other coordinate depends
 * on x_j its score is g_j = -(x_j - m_j - sum_k w_jk x_k)/v_j, at every point, whether the sample is in equilibrium or not.  So the
 * surfaces are those with the least sum of (x_j - m_j - sum_k w_jk x_k + v_j g_j)^2/v_j, Fisher's divergence in units of the variance:
 * Gauss-Newton steps, each a linear regression.  Then x_j is taken out, the scores of the others become those given x_j's own z_j,
 * g_k + w_jk g_j, and so on with the next. */
#ifndef DILATE_STAGE_SURFACE_FIT_H
#define DILATE_STAGE_SURFACE_FIT_H

#include "stage/least_squares.h"
#include "target/particles.h"
#include "target/warp.h"

#define SURFACE_LINE 3 /* terms without the second coordinate */

/* What one thread fits with; arrays over points are columns (columns.h) of p's ld. */
typedef struct surface_fitter {
  const particles *p;
  const column_kernels *kernels;
  size_t terms;        /* of surfaces: 1, of one Gaussian; SURFACE_LINE; or all */
  size_t hyper[2];     /* hyper[1] = dim: there is none */
  warp_surface ground; /* t and u, all else NULL */
  double *t;           /* their values: 2 columns */
  double *term;        /* WARP_SURFACE columns, */
  double *product;     /* their products with coordinates (dim x WARP_SURFACE columns), */
  double *score_term;  /* and with a score (WARP_SURFACE columns) */
  double *score;       /* dim columns: of what is left, given the z that have been taken out */
  double *rest, *log_scale, *variance, *weight, *response;
  least_squares fit;   /* of the regression at hand */
  double *coefficient; /* of the last coordinate: location, a weight after the other; then log scale */
} surface_fitter;

int surface_fitter_create(const particles *p, surface_fitter *f); /* non-zero when out of memory; to be cleared in any case */
void surface_fitter_clear(surface_fitter *f);
/* What surfaces of so many terms over h explain more than one Gaussian does: half the logs of the factors by which the scores' unexplained
 * shares get smaller, in all; -INFINITY where the points do not tell.  out (may be NULL; all terms): its coefficients. */
double surface_gain(surface_fitter *f, const size_t h[2], size_t terms, int steps, warp_surface *out);

#endif
