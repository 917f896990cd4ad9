/* SPDX-License-Identifier: GPL-3.0-or-later */
/* phi4: a scalar field on an 8 x 8 periodic lattice, in its ordered phase,
 *
 *   log f = sum over sites of 2 kappa phi (phi_right + phi_down) - phi^2 - lambda (phi^2 - 1)^2,  kappa = 0.3, lambda = 0.5.
 * f(phi) = f(-phi), so that the mean field is positive with probability 1/2 exactly.  Site (row, column) is coordinate 8 row + column. */
#include "families.h"
#include "options.h"
#include "support.h"

#include <string.h>

#define SIDE   8
#define SITES  (SIDE * SIDE)
#define KAPPA  0.3
#define LAMBDA 0.5

static inline void phi4_chunk(size_t dim, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  (void)dim;
  (void)params;
  double sum[BUILTIN_CHUNK] = {0};
  for (size_t site = 0; site < SITES; site++) {
    const size_t row = site / SIDE * SIDE, column = site % SIDE;
    const double *const phi = x + site * ld, *const right = x + (row + (column + 1) % SIDE) * ld;
    const double *const left = x + (row + (column + SIDE - 1) % SIDE) * ld;
    const double *const down = x + (site + SIDE) % SITES * ld, *const up = x + (site + SITES - SIDE) % SITES * ld;
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
      const double s = phi[i] * phi[i];
      sum[i] += 2 * KAPPA * phi[i] * (right[i] + down[i]) - s - LAMBDA * ((s - 1) * (s - 1));
    }
    if (grad == NULL) continue;
    double *const g = grad + site * ld;
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++)
      g[i] = 2 * KAPPA * (right[i] + down[i] + left[i] + up[i]) - 2 * phi[i] - 4 * LAMBDA * (phi[i] * (phi[i] * phi[i] - 1));
  }
  memcpy(logp, sum, sizeof sum);
}

BUILTIN_CALLBACKS(phi4_chunk)

static size_t phi4_component(const builtin *self, const double *x) {
  double sum = 0;
  for (size_t j = 0; j < self->target.dim; j++) sum += x[j];
  return sum > 0;
}

static int phi4_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  (void)data_path;
  static const double weight[] = {0.5, 0.5};
  const int status = builtin_options_read(&builtin_phi4, text, NULL, 0, err);
  if (status < 0) return status;
  out->components = 2;
  out->component_weight = weight;
  out->component = phi4_component;
  builtin_set_target(out, (size_t)SITES, phi4_chunk_callbacks);
  return DILATE_OK;
}

const builtin_type builtin_phi4 = {
    .name = "phi4",
    .summary = "lattice field theory on 8 x 8 sites, two phases",
    .options = "",
    .truth = "P(mean field > 0) = 1/2 exactly; log Z about 24.58 by Monte Carlo",
    .create = phi4_create,
};
