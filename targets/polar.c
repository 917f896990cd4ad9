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
static double bell(double t, double centre, double sd) {
  const double z = (t - centre) / sd;
  return -0.5 * z * z;
}

/* The share of exp(a) in exp(a) + exp(b); a and b are not both -inf where it matters. */
static double share(double a, double b) {
  return builtin_logistic(a > -INFINITY || b > -INFINITY ? a - b : 0);
}

static inline void rings_chunk(size_t dim, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  (void)dim;
  (void)params;
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    const double r = sqrt(x[i] * x[i] + x[ld + i] * x[ld + i]);
    const double inner = bell(r, INNER, RING_SD), outer = bell(r, OUTER, RING_SD);
    logp[i] = builtin_log_add(inner, outer);
    if (grad == NULL) continue;
    const double w = share(inner, outer), centre = w * INNER + (1 - w) * OUTER;
    const double slope = (centre - r) / (RING_SD * RING_SD) / (r > 0 ? r : 1);
    grad[i] = slope * x[i];
    grad[ld + i] = slope * x[ld + i];
  }
}

BUILTIN_CALLBACKS(rings_chunk)

static inline void moons_chunk(size_t dim, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  (void)dim;
  (void)params;
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    const double r = sqrt(x[i] * x[i] + x[ld + i] * x[ld + i]);
    const double right = bell(x[i], MOON_CENTRE, MOON_WIDTH), left = bell(x[i], -MOON_CENTRE, MOON_WIDTH);
    logp[i] = bell(r, MOON_RADIUS, MOON_SD) + builtin_log_add(right, left);
    if (grad == NULL) continue;
    const double slope = (MOON_RADIUS - r) / (MOON_SD * MOON_SD) / (r > 0 ? r : 1);
    const double centre = MOON_CENTRE * (2 * share(right, left) - 1);
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
