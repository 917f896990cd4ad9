/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Warps: invertible changes of coordinates x = T(z) in which a target is closer to a Gaussian.  What samples the target then moves in z, on
 * the density pi~(T(z)) |dT/dz|, and knows nothing of it.
 *
 * A warp is a list of layers, x = T_1(T_2(... z)); each is one idea:
 *
 *   linear       x = A z: the axes along which a conditional layer can then work
 *   conditional  location and log scale of some coordinates depend on one of them, t = x_h - centre, and their location on others, too:
 *                x_j = m_j(t) + sum_k w_jk x_k + exp(s_j(t)) z_j; m_j a parabola and s_j a line, or both lines with bends, or of a
 *                Gaussian whose precision and precision times mean are sums of terms exp(rate t), of t or of several such t.  With the
 *                right numbers a funnel, a banana, a hierarchical model in its centred form are a Gaussian (Papaspiliopoulos, Roberts &
 *                Skold 2007; Gorinova, Moore & Hoffman 2020, there found by optimisation, here by regression)
 *   surface      given two of the coordinates all others are Gaussian, with means, scales and correlations that are parabolic surfaces
 *                over the two: a process whose length scale and amplitude are unknown
 *   marginal     every coordinate by a monotone rational-quadratic spline (Gregory & Delbourgo 1982; Durkan et al. 2019) */
#ifndef DILATE_TARGET_WARP_H
#define DILATE_TARGET_WARP_H

#include "target/target.h"

#define WARP_LAYERS_MAX     12
#define WARP_LINEAR_DIM_MAX 64
#define WARP_BENDS          3  /* of a line */
#define WARP_KNOTS          40 /* of a spline */
#define WARP_TERMS          3  /* beside the constant one */
#define WARP_NATURAL        (2 * (WARP_TERMS + 1))
#define WARP_SURFACE        6 /* terms of a surface over t and u: 1, t, t^2, u, t u, u^2 */

/* How a positive parameter, of which a term is a power, comes of its free coordinate: by exp, or by softplus(x) = log(1 + exp(x)). */
typedef enum warp_link { WARP_EXP, WARP_SOFTPLUS } warp_link;

/* f = exp(rate t), t = u - centre held inside [low, high], u = the logarithm of the positive parameter that x_hyper stands for. */
typedef struct warp_term {
  size_t hyper;
  warp_link link;
  double centre, low, high, rate;
} warp_term;

/* u of x, and its derivative. */
double warp_log_link(warp_link link, double x, double *slope);

/* Beyond [low, high] of t - centre the dependence stays what it is there. */
typedef struct warp_conditional {
  size_t hyper, parents;
  double centre, low, high;
  unsigned char *depends;                 /* dim: 1 for coordinates that depend on t; neither hyper nor a parent does */
  double bend[WARP_BENDS];                /* where lines are bent: values of t */
  double *constant;                       /* dim: the constant term of m */
  double *linear, *quadratic, *log_scale; /* dim: slopes of m and s, half the curvature of m */
  double *bend_linear, *bend_log_scale;   /* dim x WARP_BENDS: what the slopes of m and s gain at each bend */
  size_t terms;                           /* of natural parameters: */
  warp_term term[WARP_TERMS];
  double *natural;          /* dim x WARP_NATURAL: coefficients of 1, f_1, f_2, .. in exp(-2 s_j), then in m_j exp(-2 s_j); */
  unsigned char *naturally; /* dim: 1 where those are used instead of all others */
  size_t *parent;           /* dim places: coordinates k of the sum */
  double *weight;           /* dim x dim: w_jk at [j*dim + the place of k among the parents] */
} warp_conditional;

/* t = (x_h - centre)/unit of the first coordinate h and u = (x_h - centre)/unit - slope t of the second, each held inside [low, high].
 * Coefficients of surfaces: of m_j and s_j at [j*WARP_SURFACE], of w_jk, k > j, at [(j*dim + k)*WARP_SURFACE]. */
typedef struct warp_surface {
  size_t hyper[2];
  double centre[2], unit[2], slope, low[2], high[2];
  double *location, *log_scale; /* dim x WARP_SURFACE */
  double *weight;               /* dim x dim x WARP_SURFACE */
} warp_surface;

/* Coordinate j has knots z[j*WARP_KNOTS + k] -> x[...] with the derivative slope[...]; outside them it is a straight line.  Coordinates
 * with used[j] = 0 stay as they are. */
typedef struct warp_marginal {
  unsigned char *used;
  double *z, *x, *slope;
} warp_marginal;

/* matrix: A, inverse: of A, dim x dim each; at most WARP_LINEAR_DIM_MAX dimensions. */
typedef struct warp_linear {
  double *matrix, *inverse, log_det; /* log |det A| */
} warp_linear;

typedef struct warp_layer {
  enum { WARP_CONDITIONAL, WARP_MARGINAL, WARP_LINEAR, WARP_SURFACES } kind;
  warp_linear linear;
  warp_conditional conditional;
  warp_marginal marginal;
  warp_surface surface;
} warp_layer;

struct warp {
  size_t dim, layers;
  warp_layer layer[WARP_LAYERS_MAX];
};

warp *warp_create(size_t dim);                 /* the identity; NULL when out of memory */
warp *warp_copy(const warp *w, size_t layers); /* of its first layers; NULL when out of memory */
void warp_free(warp *w);                       /* NULL is allowed */
/* A zeroed layer at the inner end, to be filled by the caller; NULL when out of memory, full, or of too many dimensions. */
warp_conditional *warp_add_conditional(warp *w);
warp_marginal *warp_add_marginal(warp *w);
warp_linear *warp_add_linear(warp *w);
warp_surface *warp_add_surface(warp *w);
void warp_drop_last(warp *w);
/* The innermost layer if it is a marginal one, else NULL; w may be NULL. */
const warp_marginal *warp_last_marginal(const warp *w);

/* Whether there is a surface layer; w may be NULL. */
int warp_has_surfaces(const warp *w);

/* A warp of `dim` dimensions, or none; what is read is the caller's to free. */
void warp_archive(archive *a, size_t dim, warp **w);

/* Marks in hyper (dim) the coordinates on which others depend. */
void warp_mark_hypers(const warp *w, unsigned char *hyper);

/* n points, coordinate-major, in place: z to x; log_det (n, may be NULL) is increased by log |dx/dz|. */
void warp_forward(const warp *w, size_t n, size_t ld, double *x, double *log_det);
/* x to z in place; grad (same ld, may be NULL): derivatives of f(x) to those of f(x(z)) + log |dx/dz|.  log_det as in warp_forward. */
void warp_backward(const warp *w, size_t n, size_t ld, double *x, double *grad, double *log_det);

void warp_layer_backward(const warp_layer *l, size_t dim, size_t n, size_t ld, double *x, double *grad, double *log_det);

/* Of a surface layer: t and u of n points, not held; the terms there; whether coordinate j is one of the two. */
void warp_surface_place(const warp_surface *s, size_t n, size_t ld, const double *x, double *t, double *u);
void warp_surface_terms(size_t n, const double *t, const double *u, double *const term[WARP_SURFACE]);
static inline int warp_surface_hyper(const warp_surface *s, size_t j) {
  return j == s->hyper[0] || j == s->hyper[1];
}

/* Plain loops over points, of several kinds: t <- x - centre held inside [low, high], inside: 1 where it was (t may be x); y += by x; and
 * x <- by x. */
void warp_hold(size_t n, const double *x, double centre, double low, double high, double *t, double *inside);
void warp_add_multiple(size_t n, double by, const double *x, double *y);
void warp_multiply(size_t n, const double *by, double *x);

/* One layer by its kind (warp_linear.c, warp_conditional.c, warp_marginal.c, warp_surface.c). */
void warp_linear_forward(const warp_linear *l, size_t dim, size_t n, size_t ld, double *x, double *log_det);
void warp_linear_backward(const warp_linear *l, size_t dim, size_t n, size_t ld, double *x, double *grad, double *log_det);
void warp_conditional_forward(const warp_conditional *c, size_t dim, size_t n, size_t ld, double *x, double *log_det);
void warp_conditional_backward(const warp_conditional *c, size_t dim, size_t n, size_t ld, double *x, double *grad, double *log_det);
void warp_marginal_forward(const warp_marginal *m, size_t dim, size_t n, size_t ld, double *x, double *log_det);
void warp_marginal_backward(const warp_marginal *m, size_t dim, size_t n, size_t ld, double *x, double *grad, double *log_det);
void warp_surface_forward(const warp_surface *s, size_t dim, size_t n, size_t ld, double *x, double *log_det);
void warp_surface_backward(const warp_surface *s, size_t dim, size_t n, size_t ld, double *x, double *grad, double *log_det);

#endif
