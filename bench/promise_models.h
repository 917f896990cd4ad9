/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The models of simulation-based calibration: priors that can be drawn from, data given the parameters, posteriors on the unconstrained
 * scale, quantities whose ranks are looked at, and a twin whose draws are wrong on purpose. */
#ifndef BENCH_PROMISE_MODELS_H
#define BENCH_PROMISE_MODELS_H

#include "base/random.h"
#include "dilate.h"

#define MODEL_DIM_MAX    16
#define MODEL_DATA_MAX   64
#define MODEL_QUANTITIES 5

typedef struct sbc_model {
  const char *name, *what;
  size_t dim;
  const char *quantity[MODEL_QUANTITIES];
  const char *twin; /* what is wrong with it */
  /* x: dim; data: as many as the model has. */
  void (*draw)(stream s, double *x, double *data);
  double (*log_posterior)(const double *x, const double *data, double *grad); /* up to a constant; grad may be NULL */
  void (*quantities)(const double *x, const double *data, double *out);
  /* Spoils n draws, rows of dim values; returns how many are left. */
  size_t (*spoil)(stream s, size_t n, double *x);
} sbc_model;

extern const sbc_model *const sbc_model_list[]; /* ends with NULL */

/* The posterior as a target; `data` must live as long.  model and data are its params. */
typedef struct sbc_posterior {
  const sbc_model *model;
  double data[MODEL_DATA_MAX];
} sbc_posterior;
dilate_target sbc_target(sbc_posterior *p);

#endif
