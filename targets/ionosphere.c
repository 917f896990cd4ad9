/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ionosphere: Bayesian logistic regression, log f(w) = sum_n [ y_n e_n - log(1 + exp e_n) ] + sum_j log N(w_j | 0, 1), e = X w.
 *
 * X has a column of ones first (its weight has the same prior), then the features, each standardised by its mean and population
 * standard deviation; a constant feature becomes zeros.  A file of one's own has the features first and the label, -1 or 0 against 1,
 * last. */
#include "families.h"
#include "options.h"
#include "support.h"
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK      8   /* rows that are gone over together */
#define LOG_BLOCKS 100 /* blocks whose factors 1 + exp(-|e|) <= 2 are multiplied before a logarithm is taken: 2^800 is a number */

typedef struct regression {
  size_t observations, dim;
  double *design; /* of each block of rows all features in turn: blocks x dim x BLOCK, with rows of zeros up to a whole block */
  double *label;  /* 0 or 1 */
  char **names;
  builtin_array array; /* the labels */
} regression;

/* The predictors e = X w of a block of rows, e[row*BUILTIN_CHUNK + i]. */
static inline void predict(size_t dim, const double *design, size_t ld, const double *x, double *e) {
  double sum[BLOCK][BUILTIN_CHUNK] = {{0}};
  for (size_t j = 0; j < dim; j++)
    for (size_t row = 0; row < BLOCK; row++)
#pragma omp simd
      for (size_t i = 0; i < BUILTIN_CHUNK; i++) sum[row][i] += design[j * BLOCK + row] * x[j * ld + i];
  memcpy(e, sum, sizeof sum);
}

/* Adds y e - max(e, 0) to logp and multiplies product by 1 + exp(-|e|), for the log(1 + exp e) that is to be subtracted; e becomes the
 * derivative y - 1/(1 + exp(-e)), 0 in the rows beyond the last. */
static inline void add_rows(size_t rows, const double *label, double *e, double *logp, double *product) {
  double decay[BLOCK * BUILTIN_CHUNK];
  builtin_decay_rows(BLOCK, e, decay);
  for (size_t row = 0; row < rows; row++)
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
      const double at = e[row * BUILTIN_CHUNK + i], d = decay[row * BUILTIN_CHUNK + i];
      logp[i] += label[row] * at - (at > 0 ? at : 0);
      product[i] *= 1 + d;
      e[row * BUILTIN_CHUNK + i] = label[row] - builtin_logistic_of(at, d);
    }
}

/* Adds the block's part of the gradient, X' e. */
static inline void add_gradient(size_t dim, const double *design, const double *e, size_t ld, double *grad) {
  for (size_t j = 0; j < dim; j++) {
    double sum[BUILTIN_CHUNK];
    memcpy(sum, grad + j * ld, sizeof sum);
    for (size_t row = 0; row < BLOCK; row++)
#pragma omp simd
      for (size_t i = 0; i < BUILTIN_CHUNK; i++) sum[i] += design[j * BLOCK + row] * e[row * BUILTIN_CHUNK + i];
    memcpy(grad + j * ld, sum, sizeof sum);
  }
}

static inline void subtract_log(double *product, double *logp) {
  dilate_vector_log(BUILTIN_CHUNK, product, product);
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    logp[i] -= product[i];
    product[i] = 1;
  }
}

/* The prior, and the gradient's begin. */
static inline void begin(size_t dim, size_t ld, const double *x, double *logp, double *grad) {
  double square[BUILTIN_CHUNK] = {0};
  for (size_t j = 0; j < dim; j++)
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
      square[i] += x[j * ld + i] * x[j * ld + i];
      if (grad != NULL) grad[j * ld + i] = -x[j * ld + i];
    }
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) logp[i] = -0.5 * (square[i] + (double)dim * BUILTIN_LOG_2PI);
}

static inline void regression_chunk(size_t dim, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  const regression *const r = params;
  double e[BLOCK * BUILTIN_CHUNK], product[BUILTIN_CHUNK];
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) product[i] = 1;
  begin(dim, ld, x, logp, grad);
  for (size_t first = 0; first < r->observations; first += BLOCK) {
    const size_t left = r->observations - first;
    predict(dim, r->design + first * dim, ld, x, e);
    add_rows(left < BLOCK ? left : BLOCK, r->label + first, e, logp, product);
    if (grad != NULL) add_gradient(dim, r->design + first * dim, e, ld, grad);
    if (first / BLOCK % LOG_BLOCKS == LOG_BLOCKS - 1) subtract_log(product, logp);
  }
  subtract_log(product, logp);
}

BUILTIN_CALLBACKS(regression_chunk)

static void regression_destroy(builtin *self) {
  regression *const r = self->data;
  free(r->design);
  free(r->label);
  free(r->names);
  free(r);
}

/* Feature j of an observation. */
static double *entry(const regression *r, size_t row, size_t j) {
  return r->design + (row / BLOCK * r->dim + j) * BLOCK + row % BLOCK;
}

/* Column j of the table, standardised, becomes column j + 1 of the design. */
static void standardise(const builtin_table *table, size_t j, regression *r) {
  const double count = (double)table->rows;
  double mean = 0, square = 0;
  for (size_t i = 0; i < table->rows; i++) mean += table->value[i * table->columns + j] / count;
  for (size_t i = 0; i < table->rows; i++) {
    const double from_mean = table->value[i * table->columns + j] - mean;
    square += from_mean * from_mean / count;
  }
  const double sd = sqrt(square);
  const int constant = sd <= 1e-12 * fabs(mean); /* what rounding leaves of a constant column is no spread */
  for (size_t i = 0; i < table->rows; i++) *entry(r, i, j + 1) = constant ? 0 : (table->value[i * table->columns + j] - mean) / sd;
}

static int fill(const builtin_table *table, const char *file, regression *r, dilate_error *err) {
  if (table->columns < 2) return builtin_fail(err, DILATE_EINVAL, "%s: one column where ionosphere needs features and a label", file);
  r->observations = table->rows;
  r->dim = table->columns; /* the label's column makes room for the intercept */
  r->design = calloc((r->observations + BLOCK - 1) / BLOCK * BLOCK * r->dim, sizeof *r->design);
  r->label = malloc(r->observations * sizeof *r->label);
  r->names = builtin_names_new(r->dim);
  if (r->design == NULL || r->label == NULL || r->names == NULL) return builtin_no_memory(err, builtin_ionosphere.name);
  for (size_t i = 0; i < r->observations; i++) {
    const double label = table->value[(i + 1) * table->columns - 1];
    if (label != -1 && label != 0 && label != 1)
      return builtin_fail(err, DILATE_EINVAL, "%s, row %zu: label %g where -1, 0 or 1 is needed", file, i + 1, label);
    r->label[i] = label > 0;
    *entry(r, i, 0) = 1;
  }
  snprintf(r->names[0], BUILTIN_NAME_SIZE, "intercept");
  for (size_t j = 0; j + 1 < r->dim; j++) {
    standardise(table, j, r);
    snprintf(r->names[j + 1], BUILTIN_NAME_SIZE, "beta[%zu]", j + 1);
  }
  return DILATE_OK;
}

static int ionosphere_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  static const char own[] = "ionosphere.csv";
  int status = builtin_options_read(&builtin_ionosphere, text, NULL, 0, err);
  if (status < 0) return status;
  builtin_table table = {0};
  status = data_path != NULL ? builtin_table_read(data_path, &table, err) : builtin_table_read_own(own, &table, err);
  if (status < 0) return status;
  regression *const r = calloc(1, sizeof *r);
  if (r != NULL) {
    out->data = r;
    out->destroy = regression_destroy;
    status = fill(&table, data_path != NULL ? data_path : own, r, err);
    r->array = (builtin_array){"y", 1, 1, {r->observations}, r->label};
    out->arrays = 1;
    out->array = &r->array;
    builtin_set_target(out, r->dim, regression_chunk_callbacks);
    out->target.names = (const char *const *)r->names;
    if (data_path == NULL) out->log_z = -111.6106; /* +- 0.0030: Newton's mode, preconditioned HMC, bridge sampling */
  } else {
    status = builtin_no_memory(err, builtin_ionosphere.name);
  }
  builtin_table_free(&table);
  return status;
}

const builtin_type builtin_ionosphere = {
    .name = "ionosphere",
    .summary = "logistic regression, 351 radar returns, 35 weights; --data: features, then a label -1 or 1",
    .options = "",
    .truth = "log Z = -111.6106 +- 0.0030 with its own data",
    .takes_data = 1,
    .create = ionosphere_create,
};
