/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mos: ten heavy-tailed components of equal weight, each a product of univariate t densities with 2 degrees of freedom
 * (Blessing et al. 2024, "Beyond ELBOs").  The density of one coordinate is 2^(-3/2) (1 + z^2/2)^(-3/2); its variance is infinite. */
#include "families.h"
#include "options.h"
#include "support.h"
#include "table.h"

#include <gsl/gsl_randist.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMPONENTS 10
#define DIM_MAX    50
#define BLOCK      8 /* coordinates whose logarithms are taken together */

typedef struct mos {
  double weight[COMPONENTS];
  double mean[COMPONENTS][DIM_MAX];
} mos;

/* log p of component k but for its constant, divided by -3/2: sum over j of log(1 + z_j^2 / 2), by a block of coordinates. */
static inline void add_logs(size_t k, const mos *t, size_t dim, size_t ld, const double *x, double *sum) {
  double a[BLOCK * BUILTIN_CHUNK];
  for (size_t first = 0; first < dim; first += BLOCK) {
    const size_t count = dim - first < BLOCK ? dim - first : BLOCK;
    for (size_t j = 0; j < count; j++)
#pragma omp simd
      for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
        const double z = x[(first + j) * ld + i] - t->mean[k][first + j];
        a[j * BUILTIN_CHUNK + i] = 1 + 0.5 * z * z;
      }
    dilate_vector_log(count * BUILTIN_CHUNK, a, a);
    for (size_t j = 0; j < count; j++)
#pragma omp simd
      for (size_t i = 0; i < BUILTIN_CHUNK; i++) sum[i] += a[j * BUILTIN_CHUNK + i];
  }
}

static inline void mos_chunk(size_t dim, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  const mos *const t = params;
  double share[COMPONENTS * BUILTIN_CHUNK], scale[BUILTIN_CHUNK];
  const double constant = -log(COMPONENTS) - 1.5 * log(2) * (double)dim;
  for (size_t k = 0; k < COMPONENTS; k++) {
    double sum[BUILTIN_CHUNK] = {0};
    add_logs(k, t, dim, ld, x, sum);
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) share[k * BUILTIN_CHUNK + i] = constant - 1.5 * sum[i];
  }
  builtin_shares(COMPONENTS, share, logp, scale);
  if (grad == NULL) return;
  for (size_t j = 0; j < dim; j++) {
    double sum[BUILTIN_CHUNK] = {0};
    for (size_t k = 0; k < COMPONENTS; k++)
#pragma omp simd
      for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
        const double z = x[j * ld + i] - t->mean[k][j];
        sum[i] -= share[k * BUILTIN_CHUNK + i] * (3 * z / (2 + z * z));
      }
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) grad[j * ld + i] = sum[i] * scale[i];
  }
}

BUILTIN_CALLBACKS(mos_chunk)

static size_t mos_component(const builtin *self, const double *x) {
  const mos *const t = self->data;
  size_t best = 0;
  double least = INFINITY;
  for (size_t k = 0; k < COMPONENTS; k++) {
    double sum = 0;
    for (size_t j = 0; j < self->target.dim; j++) {
      const double z = x[j] - t->mean[k][j];
      sum += log(1 + 0.5 * z * z);
    }
    if (sum < least) least = sum, best = k;
  }
  return best;
}

static void mos_draw(const builtin *self, gsl_rng *rng, double *x) {
  const mos *const t = self->data;
  const size_t k = gsl_rng_uniform_int(rng, COMPONENTS);
  for (size_t j = 0; j < self->target.dim; j++) x[j] = t->mean[k][j] + gsl_ran_tdist(rng, 2);
}

static int read_means(size_t dim, mos *t, dilate_error *err) {
  char file[32];
  builtin_table means = {0};
  snprintf(file, sizeof file, "mos_means_%zu.csv", dim);
  int status = builtin_table_read_own(file, &means, err);
  if (status == DILATE_OK && (means.rows != COMPONENTS || means.columns != dim))
    status = builtin_fail(err, DILATE_EINVAL, "%s: %zu rows of %zu columns where mos needs %d rows of %zu", file, means.rows, means.columns,
                          COMPONENTS, dim);
  for (size_t k = 0; status == DILATE_OK && k < COMPONENTS; k++) {
    t->weight[k] = 1.0 / COMPONENTS;
    memcpy(t->mean[k], means.value + k * dim, dim * sizeof *means.value);
  }
  builtin_table_free(&means);
  return status;
}

static int mos_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  (void)data_path;
  size_t dim = 2;
  const builtin_option option = {"dim", OPTION_COUNT, &dim, 1, BUILTIN_DIM_MAX, NULL};
  const int status = builtin_options_read(&builtin_mos, text, &option, 1, err);
  if (status < 0) return status;
  if (dim != 2 && dim != 10 && dim != DIM_MAX)
    return builtin_fail(err, DILATE_EINVAL, "mos: dim=%zu: there are means for dim=2, dim=10 and dim=50 only", dim);
  mos *const t = calloc(1, sizeof *t);
  if (t == NULL) return builtin_no_memory(err, builtin_mos.name);
  out->data = t;
  out->destroy = builtin_free_data;
  out->log_z = 0;
  out->components = COMPONENTS;
  out->component_weight = t->weight;
  out->component = mos_component;
  out->draw = mos_draw;
  builtin_set_target(out, dim, mos_chunk_callbacks);
  return read_means(dim, t, err);
}

const builtin_type builtin_mos = {
    .name = "mos",
    .summary = "ten products of t densities with 2 degrees of freedom",
    .options = "dim=2 (or 10, 50)",
    .truth = "log Z = 0; 10 components of equal weight; infinite variances; exact draws",
    .create = mos_create,
};
