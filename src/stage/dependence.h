/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How one coordinate of a sample with scores depends on another, by regressions (see straighten.h): location m(t), a parabola or bent lines
 * and a sum over parents; log scale s(t), a line or a bent one; or both by natural parameters (natural.c). */
#ifndef DILATE_STAGE_DEPENDENCE_H
#define DILATE_STAGE_DEPENDENCE_H

#include "base/team.h"
#include "stage/least_squares.h"
#include "target/particles.h"
#include "target/warp.h"

/* In units of t, coordinate h standardised. */
typedef struct dependence {
  double constant, linear, quadratic, log_scale, bend_linear[WARP_BENDS], bend_log_scale[WARP_BENDS];
  int naturally;                /* 1: instead of all these, */
  double natural[WARP_NATURAL]; /* natural parameters with the regression's terms */
  const double *weights;        /* of the parents; valid until the next regression */
  double unexplained, gain;     /* share of the score's variance; nats against a line and one scale */
} dependence;

/* A term f = exp(rate t) of natural parameters, t = (u - mean)/sd, u = warp_log_link() of x_hyper. */
typedef struct natural_term {
  size_t hyper;
  warp_link link;
  double mean, sd, rate, *t, *f; /* t, f: their values at the n points */
} natural_term;

#define SPARE_COLUMNS (WARP_TERMS + 3)
#define PARENTS_MAX   3

/* Regressions of coordinates of p on t; scratch for the largest.  Arrays over points are columns (columns.h) of p's ld. */
typedef struct regression {
  const particles *p;
  double *t;               /* coordinate h, standardised */
  double mean, sd;         /* of coordinate h */
  double bend[WARP_BENDS]; /* quantiles of t */
  size_t terms;            /* of natural parameters; 0: these are not tried */
  int rough;               /* 1: weights are not iterated to the end */
  int exact;               /* scores are linear in the terms to within rounding */
  natural_term term[WARP_TERMS];
  double least_unexplained; /* shares of the score's variance below it make no difference to rates */
  const size_t *parent;     /* coordinates */
  size_t parents;           /* 0: not in use */
  const column_kernels *kernels;
  double *one, *square, *beyond; /* columns: 1; t^2; beyond each bend (WARP_BENDS) */
  double *rest;                  /* what is left of a coordinate, */
  double *variance, *weight;     /* its conditional variance as it is, and one over it */
  double *spare;                 /* columns that are used on the way: SPARE_COLUMNS */
  double *values;                /* of the terms: 2 WARP_TERMS columns */
  least_squares fit;             /* of the regression at hand */
  thread_team team;              /* of loops over coordinates */
  struct regression *copy;       /* one a thread, with scratch of its own; NULL: loops take one thread */
  double *each;                  /* 2 dim: what loops find */
} regression;

int regression_create(const particles *p, regression *g); /* non-zero when out of memory; to be cleared in any case */
void regression_clear(regression *g);
/* Loops over coordinates are the team's from now on.  Non-zero when out of memory. */
int regression_share(regression *g, thread_team team);
/* From now on regressions are on coordinate h. */
void regression_set_hyper(regression *g, size_t h);
/* Of coordinate j on t and the parents: natural parameters where there are no parents, or a parabola, or bent lines where each explains
 * clearly more. */
dependence depend(regression *g, size_t j);

#define UNEXPLAINED_LEAST     1e-3 /* share of the score's variance below which nothing more is to be gained */
#define DEPENDENCE_GAIN_LEAST 0.05 /* nats a coordinate, below which its dependence is left alone */
int regression_is_parent(const regression *g, size_t j);
/* What all coordinates but h, the parents and those that terms hang on gain in all; explained (may be NULL): minus half the sum of the logs
 * of what stays unexplained. */
double regression_gain(regression *g, size_t h, double *explained);

/* ---- Shared with natural.c and surface_fit.c ---- */

/* Mean and standard deviation of n numbers; 1 where all are the same. */
void regression_standardise(size_t n, const double *x, double *mean, double *sd);
/* (log |rest| - log |score|)/2 into `value`, and where there is one into `known`: 1; 0 into both elsewhere. */
void regression_log_scales(size_t n, const double *rest, const double *log_score, double *value, double *known);
/* Share of the scaled score's variance that the scaled rest does not explain: 0 for a Gaussian; weight: one over the variance. */
double regression_share_left(size_t ld, const double *rest, const double *score, const double *variance, const double *weight);
/* The same of coordinate j, as g has its rest. */
double regression_unexplained(const regression *g, size_t j);

/* value(state, a regression like g, j, each) for all j, side by side: it sets each[j] and each[dim + j], of 2 dim numbers that are then
 * g->each; one that it does not set is 0. */
void regression_each(regression *g, void (*value)(void *state, regression *g, size_t j, double *each), void *state);

/* Coordinate j given the terms' hyper-coordinates is Gaussian, its precision P and precision times mean Q linear in the terms f_k: then its
 * score g_j = Q(f) - P(f) x_j is linear in all coefficients, at every point.  Such is a coordinate along common axes in a hierarchical
 * model whose group scales are exp(t), and there the dependence holds beyond the sample too. */
dependence depend_naturally(regression *g, size_t j);
/* Settles the terms: the rate of h's with which all other coordinates are explained best, then those of the coordinates marked in `others`
 * (dim) that explain more by `worth` nats.  None where none helps. */
void natural_settle(regression *g, size_t h, const unsigned char *others, double worth);
/* The rates of the terms that there are, found again, each nearby. */
void natural_refine(regression *g);
/* The rates to the last digit, by what is left unexplained however little. */
void natural_polish(regression *g);
/* Another rate for a term; another link, at the same rate in units of the logarithm. */
void natural_set_rate(regression *g, size_t term, double rate);
void natural_set_link(regression *g, size_t term, warp_link link);
/* A term of this power of the positive parameter that the coordinate stands for. */
void natural_set_term(regression *g, size_t term, size_t hyper, warp_link link, double power);
/* Whether coordinate j is one that a term hangs on. */
int natural_is_hyper(const regression *g, size_t j);

#endif
