/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gauss: one ill-conditioned Gaussian, log f = -(x - m)' Q diag(1/e) Q' (x - m) / 2, not normalised.
 *
 * Eigenvalues e_j = cond^(j/(dim-1)); mean m_j = 3 cos(j + 1), j from 0.  The rotation is the product Q = H_0 H_1 H_2 of Householder
 * reflections H_r = I - 2 v v'/(v'v) with v_j = cos((r + 1)(j + 1)): fixed, dense, and applied in 6 dim products.  Convolved with a
 * Gaussian of standard deviation sigma it has the eigenvalues e_j + sigma^2 and the same integral. */
#include "families.h"
#include "options.h"
#include "support.h"

#include <gsl/gsl_randist.h>
#include <stdlib.h>

#define REFLECTIONS 3

typedef struct gauss {
  double mean[BUILTIN_DIM_MAX], precision[BUILTIN_DIM_MAX]; /* precision: 1/e_j */
  double axis[REFLECTIONS][BUILTIN_DIM_MAX];                /* unit vectors */
  double log_height;                                        /* at the mean: 0 but for the convolved law */
  dilate_batch_fn batch;
} gauss;

static inline void reflect(size_t dim, const double *axis, size_t n, size_t ld, double *z) {
  double dot[BUILTIN_CHUNK] = {0};
  for (size_t j = 0; j < dim; j++)
#pragma omp simd
    for (size_t i = 0; i < n; i++) dot[i] += axis[j] * z[j * ld + i];
  for (size_t j = 0; j < dim; j++)
#pragma omp simd
    for (size_t i = 0; i < n; i++) z[j * ld + i] -= 2 * axis[j] * dot[i];
}

/* z <- Q z */
static inline void rotate(const gauss *g, size_t dim, size_t n, size_t ld, double *z) {
  for (size_t r = REFLECTIONS; r-- > 0;) reflect(dim, g->axis[r], n, ld, z);
}

/* z <- Q' z */
static inline void rotate_back(const gauss *g, size_t dim, size_t n, size_t ld, double *z) {
  for (size_t r = 0; r < REFLECTIONS; r++) reflect(dim, g->axis[r], n, ld, z);
}

static inline void gauss_chunk(size_t dim, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  const gauss *const g = params;
  double z[BUILTIN_DIM_MAX * BUILTIN_CHUNK], sum[BUILTIN_CHUNK] = {0};
  for (size_t j = 0; j < dim; j++)
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) z[j * BUILTIN_CHUNK + i] = x[j * ld + i] - g->mean[j];
  rotate_back(g, dim, BUILTIN_CHUNK, BUILTIN_CHUNK, z);
  for (size_t j = 0; j < dim; j++)
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
      const double scaled = z[j * BUILTIN_CHUNK + i] * g->precision[j];
      sum[i] += z[j * BUILTIN_CHUNK + i] * scaled;
      z[j * BUILTIN_CHUNK + i] = -scaled;
    }
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) logp[i] = g->log_height - 0.5 * sum[i];
  if (grad == NULL) return;
  rotate(g, dim, BUILTIN_CHUNK, BUILTIN_CHUNK, z);
  for (size_t j = 0; j < dim; j++)
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) grad[j * ld + i] = z[j * BUILTIN_CHUNK + i];
}

BUILTIN_CALLBACKS(gauss_chunk)

static int gauss_convolve(size_t dim, double sigma, size_t n, size_t ld, const double *x, double *logp, double *score, void *params) {
  const gauss *const g = params;
  gauss wider = *g;
  for (size_t j = 0; j < dim; j++) {
    wider.precision[j] = sigma == 0 ? g->precision[j] : 1 / (1 / g->precision[j] + sigma * sigma);
    wider.log_height += 0.5 * log(wider.precision[j] / g->precision[j]);
  }
  return g->batch(dim, n, ld, x, logp, score, &wider);
}

static void gauss_draw(const builtin *self, gsl_rng *rng, double *x) {
  const gauss *const g = self->data;
  const size_t dim = self->target.dim;
  for (size_t j = 0; j < dim; j++) x[j] = gsl_ran_gaussian_ziggurat(rng, 1) / sqrt(g->precision[j]);
  rotate(g, dim, 1, 1, x);
  for (size_t j = 0; j < dim; j++) x[j] += g->mean[j];
}

static void set_axis(size_t dim, size_t r, double *axis) {
  double square = 0;
  for (size_t j = 0; j < dim; j++) {
    axis[j] = cos((double)((r + 1) * (j + 1)));
    square += axis[j] * axis[j];
  }
  for (size_t j = 0; j < dim; j++) axis[j] /= sqrt(square);
}

static int gauss_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  (void)data_path;
  size_t dim = 10;
  double cond = 1e4;
  const builtin_option options[] = {{"dim", OPTION_COUNT, &dim, 1, BUILTIN_DIM_MAX, NULL}, {"cond", OPTION_REAL, &cond, 1, 1e12, NULL}};
  const int status = builtin_options_read(&builtin_gauss, text, options, 2, err);
  if (status < 0) return status;
  gauss *const g = calloc(1, sizeof *g);
  if (g == NULL) return builtin_no_memory(err, builtin_gauss.name);
  out->data = g;
  out->destroy = builtin_free_data;
  out->log_z = 0.5 * (double)dim * BUILTIN_LOG_2PI;
  for (size_t j = 0; j < dim; j++) {
    const double log_eigenvalue = dim > 1 ? log(cond) * (double)j / (double)(dim - 1) : 0;
    g->mean[j] = 3 * cos((double)(j + 1));
    g->precision[j] = exp(-log_eigenvalue);
    out->log_z += 0.5 * log_eigenvalue;
  }
  for (size_t r = 0; r < REFLECTIONS; r++) set_axis(dim, r, g->axis[r]);
  out->draw = gauss_draw;
  builtin_set_target(out, dim, gauss_chunk_callbacks);
  out->target.convolve = gauss_convolve;
  g->batch = out->target.batch;
  return DILATE_OK;
}

const builtin_type builtin_gauss = {
    .name = "gauss",
    .summary = "one Gaussian, rotated, eigenvalues from 1 to cond",
    .options = "dim=10, cond=1e4",
    .truth = "log Z = dim/2 log(2 pi) + dim/4 log(cond); exact draws",
    .create = gauss_create,
};
