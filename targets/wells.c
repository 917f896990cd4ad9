/* SPDX-License-Identifier: GPL-3.0-or-later */
/* double_well2 and manywell32: products of the double well f(t) = exp(-(t^4 - 6 t^2 - t/2)), not normalised.
 *
 * double_well2 is f(x) f(y); manywell32 is sixteen pairs f(x[2p]) exp(-x[2p+1]^2 / 2) with 2^16 modes (Noe et al. 2019; Midgley et
 * al. 2023).  Of one factor, by adaptive quadrature: log Z = 9.374541173869 and P(t > 0) = 0.844307096211. */
#include "families.h"
#include "options.h"
#include "support.h"

#include <gsl/gsl_randist.h>

#define FACTOR_LOG_Z 9.374541173869
#define RIGHT        0.844307096211
#define PAIRS        16

static double well(double t) {
  const double s = t * t;
  return -(s * (s - 6)) + 0.5 * t;
}

static double well_slope(double t) {
  return t * (12 - 4 * (t * t)) + 0.5;
}

static inline void double_well_chunk(size_t dim, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  (void)params;
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) logp[i] = 0;
  for (size_t j = 0; j < dim; j++)
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) logp[i] += well(x[j * ld + i]);
  for (size_t j = 0; grad != NULL && j < dim; j++)
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) grad[j * ld + i] = well_slope(x[j * ld + i]);
}

BUILTIN_CALLBACKS(double_well_chunk)

static inline void manywell_chunk(size_t dim, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  (void)params;
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) logp[i] = 0;
  for (size_t j = 0; j < dim; j += 2) {
    const double *const t = x + j * ld, *const v = t + ld;
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) logp[i] += well(t[i]) - 0.5 * (v[i] * v[i]);
  }
  for (size_t j = 0; grad != NULL && j < dim; j += 2) {
    const double *const t = x + j * ld, *const v = t + ld;
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
      grad[j * ld + i] = well_slope(t[i]);
      grad[(j + 1) * ld + i] = -v[i];
    }
  }
}

BUILTIN_CALLBACKS(manywell_chunk)

/* Rejection from the uniform law on (-4, 4), beyond which f is below exp(-150); log f stays below 9.9. */
static double well_draw(gsl_rng *rng) {
  double t;
  do t = 8 * gsl_rng_uniform(rng) - 4;
  while (gsl_rng_uniform_pos(rng) > exp(well(t) - 9.9));
  return t;
}

static void double_well_draw(const builtin *self, gsl_rng *rng, double *x) {
  for (size_t j = 0; j < self->target.dim; j++) x[j] = well_draw(rng);
}

static void manywell_draw(const builtin *self, gsl_rng *rng, double *x) {
  for (size_t j = 0; j < self->target.dim; j += 2) {
    x[j] = well_draw(rng);
    x[j + 1] = gsl_ran_gaussian_ziggurat(rng, 1);
  }
}

static size_t double_well_component(const builtin *self, const double *x) {
  (void)self;
  return (x[0] > 0 ? 2u : 0u) + (x[1] > 0 ? 1u : 0u);
}

static int double_well_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  (void)data_path;
  static const double weight[] = {(1 - RIGHT) * (1 - RIGHT), (1 - RIGHT) * RIGHT, RIGHT * (1 - RIGHT), RIGHT * RIGHT};
  const int status = builtin_options_read(&builtin_double_well2, text, NULL, 0, err);
  if (status < 0) return status;
  out->log_z = 2 * FACTOR_LOG_Z;
  out->components = 4;
  out->component_weight = weight;
  out->component = double_well_component;
  out->draw = double_well_draw;
  builtin_set_target(out, 2, double_well_chunk_callbacks);
  return DILATE_OK;
}

static int manywell_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  (void)data_path;
  const int status = builtin_options_read(&builtin_manywell32, text, NULL, 0, err);
  if (status < 0) return status;
  out->log_z = PAIRS * (FACTOR_LOG_Z + 0.5 * BUILTIN_LOG_2PI);
  out->draw = manywell_draw;
  builtin_set_target(out, (size_t)2 * PAIRS, manywell_chunk_callbacks);
  return DILATE_OK;
}

const builtin_type builtin_double_well2 = {
    .name = "double_well2",
    .summary = "product of two double wells, four modes",
    .options = "",
    .truth = "log Z = 18.7490823; shares of the quadrants; exact draws",
    .create = double_well_create,
};

const builtin_type builtin_manywell32 = {
    .name = "manywell32",
    .summary = "sixteen double wells and sixteen normals, 65536 modes",
    .options = "",
    .truth = "log Z = 164.6956753; P(x[1] > 0) = 0.8443071; exact draws",
    .create = manywell_create,
};
