/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A free Gaussian, and mixtures in the plane, whose components lie on a sunflower's spiral (Vogel 1979): SPACING standard deviations
 * apart, however many. */
#include "bench/speed_free.h"

#include "base/clones.h"
#include "bench/support.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOG_2PI 1.8378770664093454836
#define SPACING 8.0
#define BLOCK   64
#define MOST    128 /* components */

static void density_row(size_t n, const double *row, double *logp) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) logp[i] -= 0.5 * row[i] * row[i];
}

static void gradient_row(size_t n, const double *row, double *logp, double *grad) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    logp[i] -= 0.5 * row[i] * row[i];
    grad[i] = -row[i];
  }
}

/* As wide as the built-in targets: it is to cost next to nothing. */
WIDE_LOOPS static int free_batch(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  memset(logp, 0, n * sizeof *logp);
  for (size_t j = 0; j < dim; j++) {
    if (grad != NULL)
      gradient_row(n, x + j * ld, logp, grad + j * ld);
    else
      density_row(n, x + j * ld, logp);
  }
  return 0;
}

dilate_target free_target(size_t dim) {
  dilate_target t;
  dilate_target_init(&t);
  t.dim = dim;
  t.batch = free_batch;
  return t;
}

typedef struct spiral {
  size_t components;
  double mean[2][MOST];
} spiral;

static void spiral_block(const spiral *s, size_t n, size_t ld, const double *x, double *logp, double *grad) {
  double sum[BLOCK] = {0}, drift[2][BLOCK] = {{0}}, nearest[BLOCK];
  for (size_t i = 0; i < n; i++) nearest[i] = INFINITY;
  for (size_t k = 0; k < s->components; k++)
    for (size_t i = 0; i < n; i++) nearest[i] = fmin(nearest[i], pow(x[i] - s->mean[0][k], 2) + pow(x[ld + i] - s->mean[1][k], 2));
  for (size_t k = 0; k < s->components; k++)
    for (size_t i = 0; i < n; i++) {
      const double a = s->mean[0][k] - x[i], b = s->mean[1][k] - x[ld + i];
      const double share = exp(0.5 * (nearest[i] - a * a - b * b));
      sum[i] += share;
      drift[0][i] += share * a;
      drift[1][i] += share * b;
    }
  for (size_t i = 0; i < n; i++) logp[i] = log(sum[i] / (double)s->components) - 0.5 * nearest[i] - LOG_2PI;
  for (size_t j = 0; grad != NULL && j < 2; j++)
    for (size_t i = 0; i < n; i++) grad[j * ld + i] = drift[j][i] / sum[i];
}

static int spiral_batch(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {
  (void)dim;
  for (size_t i = 0; i < n; i += BLOCK)
    spiral_block(params, n - i < BLOCK ? n - i : BLOCK, ld, x + i, logp + i, grad != NULL ? grad + i : NULL);
  return 0;
}

static void free_data(builtin *self) {
  free(self->data);
}

static void spiral_create(size_t components, builtin *out) {
  spiral *const s = ALLOCATE(spiral, 1);
  if (components < 1 || components > MOST) give_up("mixture:%zu: 1 to %d components", components, MOST);
  s->components = components;
  for (size_t k = 0; k < components; k++) {
    const double radius = SPACING * sqrt((double)k), angle = 2.39996322972865332 * (double)k;
    s->mean[0][k] = radius * cos(angle);
    s->mean[1][k] = radius * sin(angle);
  }
  dilate_target_init(&out->target);
  out->target.dim = 2;
  out->target.batch = spiral_batch;
  out->target.params = s;
  out->data = s;
  out->destroy = free_data;
}

void speed_target_create(const char *spec, builtin *out) {
  const char *const number = strchr(spec, ':');
  dilate_error err;
  dilate_error_init(&err);
  memset(out, 0, sizeof *out);
  if (strncmp(spec, "free:", 5) == 0) {
    out->target = free_target(strtoul(number + 1, NULL, 10));
    out->log_z = 0.5 * (double)out->target.dim * LOG_2PI;
  } else if (strncmp(spec, "mixture:", 8) == 0) {
    spiral_create(strtoul(number + 1, NULL, 10), out);
  } else if (builtin_create(spec, NULL, out, &err) < 0) {
    give_up("%s: %s", spec, err.message);
  }
}
