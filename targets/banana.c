/* SPDX-License-Identifier: GPL-3.0-or-later */
/* banana and rosenbrock: x ~ N(m, s^2), y given x ~ N(c x^2, t^2).
 *
 *   banana      m = 0, s = 2, c = 1/2, t = 1/2, normalised
 *   rosenbrock  log f = -((1 - x)^2 + 100 (y - x^2)^2) / 20, that is m = 1, s^2 = 10, c = 1, t^2 = 1/10 without its constant, so that
 *               Z = 2 pi s t = 2 pi */
#include "families.h"
#include "options.h"
#include "support.h"

#include <gsl/gsl_randist.h>
#include <stdlib.h>

typedef struct banana {
  double centre, width, bend, thickness, constant;
} banana;

static inline void banana_chunk(size_t dim, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  (void)dim;
  const banana *const b = params;
  const double *const y = x + ld;
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    const double z = (x[i] - b->centre) / b->width, e = (y[i] - b->bend * (x[i] * x[i])) / b->thickness;
    logp[i] = b->constant - 0.5 * (z * z + e * e);
  }
  if (grad == NULL) return;
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    const double z = (x[i] - b->centre) / b->width, e = (y[i] - b->bend * (x[i] * x[i])) / b->thickness;
    grad[i] = e * (2 * b->bend * x[i]) / b->thickness - z / b->width;
    grad[ld + i] = -e / b->thickness;
  }
}

BUILTIN_CALLBACKS(banana_chunk)

static void banana_draw(const builtin *self, gsl_rng *rng, double *x) {
  const banana *const b = self->data;
  x[0] = b->centre + gsl_ran_gaussian_ziggurat(rng, b->width);
  x[1] = b->bend * x[0] * x[0] + gsl_ran_gaussian_ziggurat(rng, b->thickness);
}

static int create(const builtin_type *type, banana shape, const char *text, builtin *out, dilate_error *err) {
  const int status = builtin_options_read(type, text, NULL, 0, err);
  if (status < 0) return status;
  banana *const b = malloc(sizeof *b);
  if (b == NULL) return builtin_no_memory(err, type->name);
  *b = shape;
  out->data = b;
  out->destroy = builtin_free_data;
  out->log_z = BUILTIN_LOG_2PI + log(b->width * b->thickness) + b->constant;
  out->draw = banana_draw;
  builtin_set_target(out, 2, banana_chunk_callbacks);
  return DILATE_OK;
}

static int banana_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  (void)data_path;
  /* s t = 1, so that the constant of the normal densities is -log(2 pi). */
  const banana shape = {.centre = 0, .width = 2, .bend = 0.5, .thickness = 0.5, .constant = -BUILTIN_LOG_2PI};
  return create(&builtin_banana, shape, text, out, err);
}

static int rosenbrock_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  (void)data_path;
  const banana shape = {.centre = 1, .width = sqrt(10), .bend = 1, .thickness = sqrt(0.1), .constant = 0};
  return create(&builtin_rosenbrock, shape, text, out, err);
}

const builtin_type builtin_banana = {
    .name = "banana",
    .summary = "x ~ N(0, 2), y ~ N(x^2/2, 1/2)",
    .options = "",
    .truth = "log Z = 0; mean (0, 2), variances 4 and 8.25; exact draws",
    .create = banana_create,
};

const builtin_type builtin_rosenbrock = {
    .name = "rosenbrock",
    .summary = "exp(-((1-x)^2 + 100 (y-x^2)^2)/20)",
    .options = "",
    .truth = "log Z = log(2 pi) = 1.8378771; mean (1, 11), variances 10 and 240.1; exact draws",
    .create = rosenbrock_create,
};
