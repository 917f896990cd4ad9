/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rings and two_moons: planar densities on circles, r = sqrt(x^2 + y^2), not normalised.
 *
 *   rings      log f = log( exp(-(r - 2)^2 / (2 0.3^2)) + exp(-(r - 5)^2 / (2 0.3^2)) )
 *   two_moons  log f = -(r - 2)^2 / (2 0.4^2) + log( exp(-(x - 2)^2 / (2 0.6^2)) + exp(-(x + 2)^2 / (2 0.6^2)) )
 * At r = 0, where r has no derivative, the gradient is given as 0 in rings. */
#include "families.h"
#include "options.h"
#include "support.h"

#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>

#define INNER       2.0
#define OUTER       5.0
#define RING_SD     0.3
#define MOON_RADIUS 2.0
#define MOON_SD     0.4
#define MOON_CENTRE 2.0
#define MOON_WIDTH  0.6

/* -(t - centre)^2 / (2 sd^2) */
static inline double bell(double t, double centre, double sd) {
  const double z = (t - centre) / sd;
  return -0.5 * z * z;
}

static inline void radius(size_t ld, const double *x, double *r) {
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) r[i] = sqrt(x[i] * x[i] + x[ld + i] * x[ld + i]);
}

/* log(exp(a) + exp(b)) = b + log(1 + exp(a - b)), and the share of exp(a) in the sum; a half where both are -inf. */
static inline void add_in_logs(const double *a, const double *b, double *logp, double *share) {
  double apart[BUILTIN_CHUNK], decay[BUILTIN_CHUNK], softplus[BUILTIN_CHUNK];
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) apart[i] = a[i] > -INFINITY || b[i] > -INFINITY ? a[i] - b[i] : 0;
  builtin_softplus_rows(1, apart, decay, softplus);
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    const double high = apart[i] > 0 ? a[i] : b[i], above = apart[i] > 0 ? softplus[i] - apart[i] : softplus[i];
    logp[i] = high + above;
    share[i] = builtin_logistic_of(apart[i], decay[i]);
  }
}

static inline void rings_chunk(size_t dim, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  (void)dim;
  (void)params;
  double r[BUILTIN_CHUNK], inner[BUILTIN_CHUNK], outer[BUILTIN_CHUNK], share[BUILTIN_CHUNK];
  radius(ld, x, r);
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    inner[i] = bell(r[i], INNER, RING_SD);
    outer[i] = bell(r[i], OUTER, RING_SD);
  }
  add_in_logs(inner, outer, logp, share);
  if (grad == NULL) return;
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    const double centre = share[i] * INNER + (1 - share[i]) * OUTER;
    const double slope = (centre - r[i]) / (RING_SD * RING_SD) / (r[i] > 0 ? r[i] : 1);
    grad[i] = slope * x[i];
    grad[ld + i] = slope * x[ld + i];
  }
}

BUILTIN_CALLBACKS(rings_chunk)

static inline void moons_chunk(size_t dim, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  (void)dim;
  (void)params;
  double r[BUILTIN_CHUNK], right[BUILTIN_CHUNK], left[BUILTIN_CHUNK], share[BUILTIN_CHUNK];
  radius(ld, x, r);
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    right[i] = bell(x[i], MOON_CENTRE, MOON_WIDTH);
    left[i] = bell(x[i], -MOON_CENTRE, MOON_WIDTH);
  }
  add_in_logs(right, left, logp, share);
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    logp[i] += bell(r[i], MOON_RADIUS, MOON_SD);
    if (grad == NULL) continue;
    const double slope = (MOON_RADIUS - r[i]) / (MOON_SD * MOON_SD) / (r[i] > 0 ? r[i] : 1);
    const double centre = MOON_CENTRE * (2 * share[i] - 1);
    grad[i] = slope * x[i] + (centre - x[i]) / (MOON_WIDTH * MOON_WIDTH);
    grad[ld + i] = slope * x[ld + i];
  }
}

BUILTIN_CALLBACKS(moons_chunk)

/* The radius has density proportional to r times the sum of the two bells: draw from the bells, accept with r/8; beyond 8, ten
 * standard deviations out, the acceptance is cut at 1. */
static void rings_draw(const builtin *self, gsl_rng *rng, double *x) {
  (void)self;
  double r;
  do r = (gsl_rng_uniform(rng) < 0.5 ? INNER : OUTER) + gsl_ran_gaussian_ziggurat(rng, RING_SD);
  while (r <= 8 * gsl_rng_uniform(rng));
  const double angle = 2 * M_PI * gsl_rng_uniform(rng);
  x[0] = r * cos(angle);
  x[1] = r * sin(angle);
}

/* x from the two bells, y uniform on (-8, 8), fifteen standard deviations beyond the circle; accept with the circle's factor. */
static void moons_draw(const builtin *self, gsl_rng *rng, double *x) {
  (void)self;
  double r;
  do {
    x[0] = (gsl_rng_uniform(rng) < 0.5 ? MOON_CENTRE : -MOON_CENTRE) + gsl_ran_gaussian_ziggurat(rng, MOON_WIDTH);
    x[1] = 16 * gsl_rng_uniform(rng) - 8;
    r = sqrt(x[0] * x[0] + x[1] * x[1]);
  } while (gsl_rng_uniform_pos(rng) > exp(bell(r, MOON_RADIUS, MOON_SD)));
}

static size_t rings_component(const builtin *self, const double *x) {
  (void)self;
  return sqrt(x[0] * x[0] + x[1] * x[1]) > 0.5 * (INNER + OUTER);
}

static size_t moons_component(const builtin *self, const double *x) {
  (void)self;
  return x[0] > 0;
}

static int rings_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  (void)data_path;
  /* Proportional to the radii; what crosses the border between them is below 1e-6. */
  static const double weight[] = {INNER / (INNER + OUTER), OUTER / (INNER + OUTER)};
  const int status = builtin_options_read(&builtin_rings, text, NULL, 0, err);
  if (status < 0) return status;
  out->log_z = log(2 * M_PI * sqrt(2 * M_PI) * RING_SD * (INNER + OUTER));
  out->components = 2;
  out->component_weight = weight;
  out->component = rings_component;
  out->draw = rings_draw;
  builtin_set_target(out, 2, rings_chunk_callbacks);
  return DILATE_OK;
}

static int moons_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  (void)data_path;
  static const double weight[] = {0.5, 0.5};
  const int status = builtin_options_read(&builtin_two_moons, text, NULL, 0, err);
  if (status < 0) return status;
  out->log_z = 1.8775016261; /* two-dimensional quadrature */
  out->components = 2;
  out->component_weight = weight;
  out->component = moons_component;
  out->draw = moons_draw;
  builtin_set_target(out, 2, moons_chunk_callbacks);
  return DILATE_OK;
}

const builtin_type builtin_rings = {
    .name = "rings",
    .summary = "two concentric rings in the plane, radii 2 and 5",
    .options = "",
    .truth = "log Z = 3.4987529; shares 2/7 and 5/7; exact draws",
    .create = rings_create,
};

const builtin_type builtin_two_moons = {
    .name = "two_moons",
    .summary = "two facing arcs in the plane",
    .options = "",
    .truth = "log Z = 1.8775016; shares 1/2 and 1/2; exact draws",
    .create = moons_create,
};
