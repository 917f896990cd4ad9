/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The posteriors of posteriordb as densities in C.
 *
 * bench/truth/posteriordb/README.md defines each; bench/stan/NAME.stan is the same model in Stan's language.  Densities are on the
 * unconstrained scale, Jacobians included, every constant kept; names and values on the natural scale are Stan's. */
#ifndef BENCH_POSTERIORDB_MODELS_H
#define BENCH_POSTERIORDB_MODELS_H

#include "bench/json.h"
#include "dilate.h"

typedef struct model model;
struct model {
  const char *name;
  const char *data; /* file in bench/truth/posteriordb, without .json */
  size_t dim, n_out;
  const char *const *names;
  const char *option; /* what open() is told besides, where models share one */
  void *(*open)(const json_t *data, const char *option);
  void (*close)(void *params);
  dilate_logp_fn logp;
  int (*constrain)(size_t dim, const double *x, double *out, void *params);
};

extern const model linear_arK, linear_diamonds, linear_kidscore;
extern const model schools_centered, schools_noncentered;
extern const model garch11;
extern const model mixture_ordered, mixture_unordered;
extern const model gp_pois_regr;

/* All nine, in the order of the table; NULL at the end. */
extern const model *const model_list[];
const model *model_named(const char *name); /* NULL: there is none */

/* Opens the model with its data.  [in] folder: bench/truth.  [out] *target: lives until model_close(). */
void model_open(const model *m, const char *folder, dilate_target *target);
void model_close(const model *m, dilate_target *target);

/* ---- What the densities share ---- */

#define LOG_ROOT_TWO_PI 0.91893853320467274178
#define LOG_PI          1.14472988584940017414

/* A number, or an array of them to be freed, of the data; the program ends where there is none. */
double data_number(const json_t *data, const char *key);
double *data_numbers(const json_t *data, const char *key, size_t *n);

/* What a density returns: 1, outside the support, where the log-density or a derivative (grad may be NULL) is too large for a number. */
int density_status(size_t dim, double logp, const double *grad);
/* log N(x | mean, sd); its derivative with respect to x is added to *slope. */
double normal_log_density(double x, double mean, double sd, double *slope);
/* log density of the Cauchy law of the given scale about 0, likewise. */
double cauchy_log_density(double x, double scale, double *slope);
/* 1 / (1 + exp(-x)), and its log. */
double logistic(double x);
double log_logistic(double x);

#endif
