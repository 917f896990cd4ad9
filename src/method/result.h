/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The result of a run: methods fill the first part, result_finish() derives the rest. */
#ifndef DILATE_METHOD_RESULT_H
#define DILATE_METHOD_RESULT_H

#include "method/run.h"
#include "stats/summary.h"
#include "target/share.h"

struct dilate_result {
  /* Filled by result_create() from the run. */
  size_t dim, n_out, islands, groups, draws; /* islands: those that are finished */
  int spread;                                /* 1: x and value have the rows from `first` on alone, `held` of them; else first is 0 */
  size_t first, held;
  uint64_t seed;
  const char *method;
  char **name; /* n_out */
  /* Filled by the method; rows = islands * draws. */
  double *x;       /* held x dim, row-major */
  double *logp;    /* rows */
  size_t *cluster; /* rows: lineage of the draw, < clusters; NULL: every draw is its own */
  size_t clusters;
  size_t *chain; /* rows: chain of its bridge that the draw was taken from; NULL for methods without lineages */
  int complete;
  double log_z, log_z_se, log_z_df;   /* NaN: not estimated */
  double se_lineages, se_islands;     /* of log Z, from within and from between the islands; NaN: not known */
  double pareto_k;                    /* of the weights that log Z is made of; NaN: not known */
  double log_z_bound, log_z_bound_se; /* lower bound of log Z; NaN: none */
  int *mode;                          /* rows */
  size_t modes;
  int modes_countable;
  double *peak;      /* modes x dim */
  double *peak_logp; /* modes */
  double
      *mode_excess; /* modes: variance of the weight beyond the clusters' (between groups, groups - 1 degrees of freedom); 0 by default */
  double unseen_mass;
  /* Derived by result_finish(). */
  double *value;                             /* held x n_out; x itself where the target has no transform */
  double *mode_weight, *mode_se, *mode_mean; /* modes; mode_mean: modes x n_out */
  size_t *mode_draws;
  dilate_parameter *parameter; /* n_out */
  uint64_t evaluations, gradients;
  double seconds;
  char **warning;
  size_t warnings;
  dilate_trace *trace;
  size_t traces;
};

/* islands finished islands of options.draws draws, of which with `spread` each rank has its own rows; every array allocated, every draw its
 * own cluster, no modes, log Z NaN. */
int result_create(const run *r, size_t islands, int spread, dilate_result **out, dilate_error *err);
/* Memory for lineages and chains, zeroed. */
int result_set_lineages(dilate_result *result, dilate_error *err);
/* Memory for `modes` modes (peak, peak_logp, weights ...). */
int result_set_modes(dilate_result *result, size_t modes, dilate_error *err);
/* Natural-scale values, parameter table, mode weights and means, with errors by the account (NULL: that of the clusters); copies trace,
 * warnings and counters from the run. */
int result_finish(dilate_result *result, const run *r, const summary_account *account, dilate_error *err);

#endif
