/* SPDX-License-Identifier: GPL-3.0-or-later */
/* edges: a support with hard edges, half its mass uniform on [0, 1]^2, half at x = 3 + |n_1|, y = n_2 with standard normal n.
 *
 * The density is 1/2 on the square, exp(-((x - 3)^2 + y^2) / 2) / (2 pi) where x >= 3, and 0 elsewhere. */
#include "families.h"
#include "options.h"
#include "support.h"

#include <gsl/gsl_randist.h>

#define EDGE 3.0

static inline void edges_chunk(size_t dim, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  (void)dim;
  (void)params;
  const double *const y = x + ld;
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    const int in_square = x[i] >= 0 && x[i] <= 1 && y[i] >= 0 && y[i] <= 1, in_half_plane = x[i] >= EDGE;
    const double u = x[i] - EDGE;
    logp[i] = in_half_plane ? -0.5 * (u * u + y[i] * y[i]) - BUILTIN_LOG_2PI : in_square ? log(0.5) : -INFINITY;
    if (grad == NULL) continue;
    grad[i] = in_half_plane ? -u : 0;
    grad[ld + i] = in_half_plane ? -y[i] : 0;
  }
}

BUILTIN_CALLBACKS(edges_chunk)

static size_t edges_component(const builtin *self, const double *x) {
  (void)self;
  return x[0] < EDGE ? 0 : 1;
}

static void edges_draw(const builtin *self, gsl_rng *rng, double *x) {
  (void)self;
  if (gsl_rng_uniform(rng) < 0.5) {
    x[0] = gsl_rng_uniform(rng);
    x[1] = gsl_rng_uniform(rng);
  } else {
    x[0] = EDGE + fabs(gsl_ran_gaussian_ziggurat(rng, 1));
    x[1] = gsl_ran_gaussian_ziggurat(rng, 1);
  }
}

static int edges_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  (void)data_path;
  static const double weight[] = {0.5, 0.5};
  const int status = builtin_options_read(&builtin_edges, text, NULL, 0, err);
  if (status < 0) return status;
  out->log_z = 0;
  out->components = 2;
  out->component_weight = weight;
  out->component = edges_component;
  out->draw = edges_draw;
  builtin_set_target(out, 2, edges_chunk_callbacks);
  return DILATE_OK;
}

const builtin_type builtin_edges = {
    .name = "edges",
    .summary = "a uniform square and half a Gaussian: the density is 0 beyond their edges",
    .options = "",
    .truth = "log Z = 0; two parts of weight 1/2; exact draws",
    .create = edges_create,
};
