/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a model holds; for the files model*.c only. */
#ifndef DILATE_TARGET_MODEL_H
#define DILATE_TARGET_MODEL_H

#include "base/status.h"
#include "target/places.h"
#include "target/transform.h"

#define MODEL_BLOCK   64  /* points handed to a batch callback at once, at most */
#define MODEL_EXTREME 100 /* of a constrained parameter's coordinates: within exp(-100) of an edge, or as far out */

/* One parameter: an array of blocks of one kind, in which the array's index runs fastest on the natural scale. */
typedef struct model_part {
  char *name;
  const transform *transform;
  dilate_block block;
  size_t copies;         /* blocks */
  size_t dim;            /* unconstrained values of one of them; they follow one another */
  size_t natural, place; /* where the natural and the unconstrained values begin among those of all parameters */
} model_part;

struct dilate_model {
  dilate_target natural; /* complete; names are not ours */
  dilate_target target;  /* params: this */
  size_t count;
  model_part *part;
  char **names; /* target.n_out */
  places *places;
  size_t largest, scratch; /* of all parts: values of a block, doubles to pull one back */
};

/* model_declare.c: checks the declarations and makes the parts of them; dim and natural.dim are then known. */
int model_declare(dilate_model *m, const dilate_declaration *declarations, size_t count, dilate_error *err);
/* The names of all natural values, in order, and those of the derived ones behind them; target.n_out is known.  DILATE_ENOMEM. */
int model_name(dilate_model *m, const dilate_declaration *declarations);

/* model_evaluate.c: the callbacks of the target, and their scratch. */
size_t model_work_doubles(const dilate_model *m);
int model_point(size_t dim, const double *u, double *logp, double *grad, void *params);
int model_batch(size_t dim, size_t n, size_t ld, const double *u, double *logp, double *grad, void *params);
int model_constrain(size_t dim, const double *u, double *out, void *params);

#endif
