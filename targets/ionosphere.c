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

typedef struct regression {
  size_t observations, dim;
  double *design; /* observations x dim, row-major */
  double *label;  /* 0 or 1 */
  char **names;
} regression;

static void regression_chunk(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  const regression *const r = params;
  for (size_t i = 0; i < n; i++) logp[i] = -0.5 * (double)dim * BUILTIN_LOG_2PI;
  for (size_t j = 0; j < dim; j++)
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
      logp[i] -= 0.5 * (x[j * ld + i] * x[j * ld + i]);
      if (grad != NULL) grad[j * ld + i] = -x[j * ld + i];
    }
  for (size_t row = 0; row < r->observations; row++) {
    const double *const feature = r->design + row * dim;
    double e[BUILTIN_CHUNK] = {0};
    for (size_t j = 0; j < dim; j++)
#pragma omp simd
      for (size_t i = 0; i < n; i++) e[i] += feature[j] * x[j * ld + i];
    for (size_t i = 0; i < n; i++) {
      logp[i] += r->label[row] * e[i] - builtin_softplus(e[i]);
      e[i] = r->label[row] - builtin_logistic(e[i]);
    }
    for (size_t j = 0; grad != NULL && j < dim; j++)
#pragma omp simd
      for (size_t i = 0; i < n; i++) grad[j * ld + i] += feature[j] * e[i];
  }
}

BUILTIN_CALLBACKS(regression_chunk)

static void regression_destroy(builtin *self) {
  regression *const r = self->data;
  free(r->design);
  free(r->label);
  free(r->names);
  free(r);
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
  for (size_t i = 0; i < table->rows; i++)
    r->design[i * r->dim + j + 1] = constant ? 0 : (table->value[i * table->columns + j] - mean) / sd;
}

static int fill(const builtin_table *table, const char *file, regression *r, dilate_error *err) {
  if (table->columns < 2) return builtin_fail(err, DILATE_EINVAL, "%s: one column where ionosphere needs features and a label", file);
  r->observations = table->rows;
  r->dim = table->columns; /* the label's column makes room for the intercept */
  r->design = malloc(r->observations * r->dim * sizeof *r->design);
  r->label = malloc(r->observations * sizeof *r->label);
  r->names = builtin_names_new(r->dim);
  if (r->design == NULL || r->label == NULL || r->names == NULL) return builtin_no_memory(err, builtin_ionosphere.name);
  for (size_t i = 0; i < r->observations; i++) {
    const double label = table->value[(i + 1) * table->columns - 1];
    if (label != -1 && label != 0 && label != 1)
      return builtin_fail(err, DILATE_EINVAL, "%s, row %zu: label %g where -1, 0 or 1 is needed", file, i + 1, label);
    r->label[i] = label > 0;
    r->design[i * r->dim] = 1;
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
    builtin_set_target(out, r->dim, regression_chunk_point, regression_chunk_batch);
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
