/* SPDX-License-Identifier: GPL-3.0-or-later */
/* funnel10: Neal's funnel (2003, "Slice sampling", section 8), x_0 ~ N(0, sd 3), x_1 .. x_9 given x_0 ~ N(0, variance exp(x_0)).
 *
 * x_0 below -600, two hundred standard deviations out, counts as outside the support: exp(-x_0/2) would overflow. */
#include "families.h"
#include "options.h"
#include "support.h"

#include <gsl/gsl_randist.h>

#define DIM    10
#define SD     3.0
#define LOWEST -600.0

static inline void funnel_chunk(size_t dim, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  (void)params;
  const double half = 0.5 * (double)(dim - 1), constant = log(SD) + (half + 0.5) * BUILTIN_LOG_2PI;
  double inverse[BUILTIN_CHUNK], square[BUILTIN_CHUNK] = {0};
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) inverse[i] = -0.5 * (x[i] > LOWEST ? x[i] : LOWEST);
  dilate_vector_exp(BUILTIN_CHUNK, inverse, inverse);
  for (size_t j = 1; j < dim; j++)
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
      const double z = x[j * ld + i] * inverse[i];
      square[i] += z * z;
    }
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    const double v = x[i], z = v / SD, sum = -0.5 * (z * z + square[i]) - half * v - constant;
    logp[i] = v < LOWEST ? -INFINITY : sum;
    if (grad != NULL) grad[i] = -z / SD + 0.5 * square[i] - half;
  }
  for (size_t j = 1; grad != NULL && j < dim; j++)
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) grad[j * ld + i] = -x[j * ld + i] * inverse[i] * inverse[i];
}

BUILTIN_CALLBACKS(funnel_chunk)

static void funnel_draw(const builtin *self, gsl_rng *rng, double *x) {
  x[0] = gsl_ran_gaussian_ziggurat(rng, SD);
  for (size_t j = 1; j < self->target.dim; j++) x[j] = gsl_ran_gaussian_ziggurat(rng, exp(0.5 * x[0]));
}

static int funnel_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  (void)data_path;
  const int status = builtin_options_read(&builtin_funnel10, text, NULL, 0, err);
  if (status < 0) return status;
  out->log_z = 0;
  out->draw = funnel_draw;
  builtin_set_target(out, DIM, funnel_chunk_callbacks);
  return DILATE_OK;
}

const builtin_type builtin_funnel10 = {
    .name = "funnel10",
    .summary = "Neal's funnel: x[1] ~ N(0, 3), x[2..10] ~ N(0, variance exp(x[1]))",
    .options = "",
    .truth = "log Z = 0; sd of x[1] is 3; exact draws",
    .create = funnel_create,
};
