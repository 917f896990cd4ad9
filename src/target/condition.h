/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a conditioned target holds; for the files condition*.c only.  A kind of condition is a file: its create function checks and copies,
 * and gives one function that evaluates points. */
#ifndef DILATE_TARGET_CONDITION_H
#define DILATE_TARGET_CONDITION_H

#include "base/memory.h"
#include "base/status.h"
#include "target/places.h"

#define CONDITION_BLOCK 64 /* points evaluated at once, at most */

typedef struct condition_likelihood {
  dilate_logp_fn logp;
  void *params;
  double weight;
} condition_likelihood;

typedef struct condition_linear {
  size_t rows;
  double *a, *y, *noise; /* rows x dim, rows, rows */
  double constant;       /* log-density of y at no residual */
} condition_linear;

typedef struct condition_fixed {
  size_t *coordinate; /* of the prior, for each free coordinate */
  double *point;      /* the prior's dim values: those that are known, 0 where free */
} condition_fixed;

/* At most CONDITION_BLOCK points, by the prior's batch callback if `batch`, else one by its point callback (n = ld = 1); scratch is NULL
 * for a kind that asked for none.  0, or what a callback that aborts returned. */
typedef int (*condition_evaluate_fn)(const dilate_condition *c, int batch, size_t n, size_t ld, const double *x, double *logp, double *grad,
                                     double *scratch);

struct dilate_condition {
  dilate_target prior;  /* complete, but for its names */
  dilate_target target; /* params: this */
  char **names;         /* as many as target.n_out, or NULL */
  places *places;       /* NULL: no scratch is needed */
  condition_evaluate_fn evaluate;
  condition_likelihood likelihood;
  condition_linear linear;
  condition_fixed fixed;
};

/* Checks and copies the prior; the target is the prior's twin, of the same coordinates and names.  out may be NULL, which is refused. */
int condition_create(const dilate_target *prior, condition_evaluate_fn evaluate, dilate_condition **out, dilate_error *err);

/* What a create function returns: its status; on failure *out is freed and NULL. */
int condition_finish(int status, dilate_condition **out);

/* The prior, unconditioned: as condition_evaluate_fn.  What a callback does not write stays NaN. */
int condition_prior(const dilate_condition *c, int batch, size_t n, size_t ld, const double *x, double *logp, double *grad);

/* n finite numbers, or a message that calls them `name`. */
int condition_check_finite(const char *name, size_t n, const double *x, dilate_error *err);

#endif
