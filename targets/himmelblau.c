/* SPDX-License-Identifier: GPL-3.0-or-later */
/* himmelblau: log f = -((x^2 + y - 11)^2 + (x + y^2 - 7)^2) / 10, four modes of equal height, one in each quadrant. */
#include "families.h"
#include "options.h"
#include "support.h"

static inline void himmelblau_chunk(size_t dim, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  (void)dim;
  (void)params;
  const double *const y = x + ld;
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    const double a = x[i] * x[i] + y[i] - 11, b = x[i] + y[i] * y[i] - 7;
    logp[i] = -0.1 * (a * a + b * b);
  }
  if (grad == NULL) return;
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    const double a = x[i] * x[i] + y[i] - 11, b = x[i] + y[i] * y[i] - 7;
    grad[i] = -0.2 * (2 * a * x[i] + b);
    grad[ld + i] = -0.2 * (a + 2 * b * y[i]);
  }
}

BUILTIN_CALLBACKS(himmelblau_chunk)

static size_t himmelblau_component(const builtin *self, const double *x) {
  (void)self;
  return (x[0] > 0 ? 2u : 0u) + (x[1] > 0 ? 1u : 0u);
}

/* Rejection from the square (-7, 7)^2, beyond which f stays below exp(-100); f is at most 1. */
static void himmelblau_draw(const builtin *self, gsl_rng *rng, double *x) {
  double logp;
  do {
    x[0] = 14 * gsl_rng_uniform(rng) - 7;
    x[1] = 14 * gsl_rng_uniform(rng) - 7;
    self->target.logp(2, x, &logp, NULL, self->data);
  } while (gsl_rng_uniform_pos(rng) > exp(logp));
}

static int himmelblau_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  (void)data_path;
  /* Quadrants (-,-), (-,+), (+,-), (+,+); like log Z by two-dimensional quadrature. */
  static const double weight[] = {0.150050574663, 0.205930814314, 0.291589819687, 0.352428791336};
  const int status = builtin_options_read(&builtin_himmelblau, text, NULL, 0, err);
  if (status < 0) return status;
  out->log_z = 1.4953194935;
  out->components = 4;
  out->component_weight = weight;
  out->component = himmelblau_component;
  out->draw = himmelblau_draw;
  builtin_set_target(out, 2, himmelblau_chunk_callbacks);
  return DILATE_OK;
}

const builtin_type builtin_himmelblau = {
    .name = "himmelblau",
    .summary = "four modes of equal height and unequal width in the plane",
    .options = "",
    .truth = "log Z = 1.4953195; shares of the quadrants; exact draws",
    .create = himmelblau_create,
};
