/* SPDX-License-Identifier: GPL-3.0-or-later */
/* digits: equal isotropic Gaussians around handwritten digits, log p(x) = log sum_k N(x | m_k, v I) / K, v = sd^2; convolved with a
 * Gaussian of standard deviation sigma, v = sd^2 + sigma^2.
 *
 * The m_k are the 1797 images of 8x8 pixels of the UCI set "Optical Recognition of Handwritten Digits" (Alpaydin, Kaynak 1998), as
 * scikit-learn has them, divided by 16 so that a pixel is from 0 to 1. */
#include "digits.h"
#include "families.h"
#include "options.h"
#include "support.h"
#include "table.h"

#include <gsl/gsl_randist.h>
#include <stdlib.h>

#define DIM     DIGITS_DIM
#define BLOCK   DIGITS_BLOCK
#define LARGEST 16.0 /* of a pixel in the file */

static int digits_convolve(size_t dim, double sigma, size_t n, size_t ld, const double *x, double *logp, double *score, void *params) {
  const digits *const t = params;
  (void)dim;
  for (size_t start = 0; start < n; start += DIGITS_CHUNK) {
    const size_t points = n - start < DIGITS_CHUNK ? n - start : DIGITS_CHUNK;
    t->density(t, t->sd * t->sd + sigma * sigma, points, ld, x + start, logp + start, score != NULL ? score + start : NULL);
  }
  return 0;
}

static int digits_batch(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {
  return digits_convolve(dim, 0, n, ld, x, logp, grad, params);
}

static int digits_point(size_t dim, const double *x, double *logp, double *grad, void *params) {
  digits_batch(dim, 1, 1, x, logp, grad, params);
  return *logp == -INFINITY ? 1 : 0;
}

/* The nearest digit: all have the same weight and spread. */
static size_t digits_component(const builtin *self, const double *x) {
  const digits *const t = self->data;
  size_t best = 0;
  double least = INFINITY;
  for (size_t k = 0; k < t->components; k++) {
    double square = 0;
    for (size_t j = 0; j < DIM; j++) square += (x[j] - t->mean[k * DIM + j]) * (x[j] - t->mean[k * DIM + j]);
    if (square < least) least = square, best = k;
  }
  return best;
}

static void digits_draw(const builtin *self, gsl_rng *rng, double *x) {
  const digits *const t = self->data;
  const size_t k = gsl_rng_uniform_int(rng, t->components);
  for (size_t j = 0; j < DIM; j++) x[j] = t->mean[k * DIM + j] + gsl_ran_gaussian_ziggurat(rng, t->sd);
}

static int check_table(const builtin_table *table, const char *file, dilate_error *err) {
  if (table->columns != DIM + 1)
    return builtin_fail(err, DILATE_EINVAL, "%s: %zu columns where digits needs %d pixels and a label", file, table->columns, DIM);
  for (size_t k = 0; k < table->rows; k++)
    for (size_t j = 0; j < DIM; j++) {
      const double pixel = table->value[k * table->columns + j];
      if (!(pixel >= 0 && pixel <= LARGEST))
        return builtin_fail(err, DILATE_EINVAL, "%s, row %zu: pixel %zu is %g where a number from 0 to %g is needed", file, k + 1, j + 1,
                            pixel, LARGEST);
    }
  return DILATE_OK;
}

static void fill(const builtin_table *table, digits *t) {
  for (size_t k = 0; k < t->components; k++) {
    t->weight[k] = 1 / (double)t->components;
    t->label[k] = table->value[k * table->columns + DIM];
    for (size_t j = 0; j < DIM; j++) t->mean[k * DIM + j] = table->value[k * table->columns + j] / LARGEST;
  }
  for (size_t i = t->components * DIM; i < t->blocks * BLOCK * DIM; i++) t->mean[i] = INFINITY;
}

static int make(const builtin_table *table, double sd, builtin *out, dilate_error *err) {
  const size_t blocks = (table->rows + BLOCK - 1) / BLOCK, means = blocks * BLOCK * DIM;
  digits *const t = calloc(1, sizeof *t + (means + 2 * table->rows) * sizeof *t->mean);
  if (t == NULL) return builtin_no_memory(err, builtin_digits.name);
  t->components = table->rows;
  t->blocks = blocks;
  t->sd = sd;
  t->density = digits_density_for(dilate_isa());
  t->weight = t->mean + means;
  t->label = t->weight + table->rows;
  fill(table, t);
  out->data = t;
  out->destroy = builtin_free_data;
  out->log_z = 0;
  out->components = t->components;
  out->component_weight = t->weight;
  out->component = digits_component;
  out->draw = digits_draw;
  const builtin_callbacks callbacks = {digits_point, digits_batch}; /* for every instruction set: the density knows them */
  builtin_set_target(out, DIM, (const builtin_callbacks[]){callbacks, callbacks, callbacks});
  out->target.convolve = digits_convolve;
  return DILATE_OK;
}

static int digits_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  static const char installed[] = "digits.csv.gz";
  static const char *const folders[] = {"/usr/lib/python3/dist-packages/sklearn/datasets/data", NULL};
  double sd = 0.1;
  const builtin_option option = {"sd", OPTION_REAL, &sd, 0.01, 1e6, NULL};
  int status = builtin_options_read(&builtin_digits, text, &option, 1, err);
  if (status < 0) return status;
  builtin_table table = {0};
  status = data_path != NULL ? builtin_table_read(data_path, &table, err)
                             : builtin_table_read_installed(installed, "python3-sklearn", folders, &table, err);
  if (status == DILATE_OK) status = check_table(&table, data_path != NULL ? data_path : installed, err);
  if (status == DILATE_OK) status = make(&table, sd, out, err);
  builtin_table_free(&table);
  return status;
}

const builtin_type builtin_digits = {
    .name = "digits",
    .summary = "equal Gaussians around 1797 handwritten digits of 8x8 pixels, each from 0 to 1; --data: 64 pixels from 0 to 16, a label",
    .options = "sd=0.1",
    .truth = "log Z = 0; 1797 components of equal weight; exact draws",
    .takes_data = 1,
    .create = digits_create,
};
