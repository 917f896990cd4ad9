/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Edges, gradients that are not the density's, numbers of all sizes, supports that are hard to find, callbacks that misbehave: see
 * bad_targets.h. */
#define _POSIX_C_SOURCE 200809L
#include "bad_densities.h"

#include <math.h>
#include <time.h>

#define PI 3.14159265358979324

static void no_slope(size_t dim, double *grad) {
  for (size_t j = 0; j < dim; j++) grad[j] = 0;
}

static int within(size_t dim, const double *x, double low, double high) {
  for (size_t j = 0; j < dim; j++)
    if (!(x[j] >= low && x[j] <= high)) return 0;
  return 1;
}

static double norm(size_t dim, const double *x, double centre) {
  double square = 0;
  for (size_t j = 0; j < dim; j++) square += (x[j] - centre) * (x[j] - centre);
  return sqrt(square);
}

/* ---- Edges ---- */

BAD_DENSITY(bad_steps) {
  (void)s;
  no_slope(dim, grad);
  *logp = 0;
  for (size_t j = 0; j < dim; j++) *logp += x[j] > 0 ? log(2) : 0;
  return !within(dim, x, -1, 1);
}

double bad_z_steps(size_t dim) {
  return (double)dim * log(3);
}

BAD_DENSITY(bad_checkerboard) {
  (void)s;
  double cell = 0;
  no_slope(dim, grad);
  *logp = 0;
  for (size_t j = 0; j < dim; j++) cell += floor(x[j]);
  return !within(dim, x, 0, 4) || fmod(cell, 2) != 0;
}

double bad_z_checkerboard(size_t dim) {
  return (double)dim * log(4) - log(2);
}

BAD_DENSITY(bad_stairs) {
  (void)s;
  no_slope(dim, grad);
  *logp = 0;
  for (size_t j = 0; j < dim; j++) *logp -= floor(fabs(x[j]));
  return 0;
}

double bad_z_stairs(size_t dim) {
  return (double)dim * log(2 / (1 - exp(-1)));
}

BAD_DENSITY(bad_box) {
  (void)s;
  no_slope(dim, grad);
  *logp = 0;
  return !within(dim, x, 0, 1);
}

double bad_z_box(size_t dim) {
  (void)dim;
  return 0;
}

/* A quarter and three quarters. */
BAD_DENSITY(bad_two_boxes) {
  (void)s;
  no_slope(dim, grad);
  *logp = x[0] > 5 ? log(3) : 0;
  return !within(dim, x, 0, 1) && !within(dim, x, 10, 11);
}

double bad_z_two_boxes(size_t dim) {
  (void)dim;
  return log(4);
}

BAD_DENSITY(bad_simplex) {
  (void)s;
  double sum = 0;
  no_slope(dim, grad);
  *logp = 0;
  for (size_t j = 0; j < dim; j++) sum += x[j];
  return !within(dim, x, 0, 1) || sum > 1;
}

double bad_z_simplex(size_t dim) {
  return -lgamma((double)dim + 1);
}

#define THICK 1.01
BAD_DENSITY(bad_shell) {
  (void)s;
  no_slope(dim, grad);
  *logp = 0;
  const double r = norm(dim, x, 0);
  return r < 1 || r > THICK;
}

double bad_z_shell(size_t dim) {
  const double half = 0.5 * (double)dim;
  return half * log(PI) - lgamma(half + 1) + log(pow(THICK, (double)dim) - 1);
}

/* ---- Gradients; the density is that of N(1, I) ---- */

BAD_DENSITY(bad_zero_gradient) {
  (void)s;
  bad_gauss(dim, x, 1, 1, logp, grad);
  no_slope(dim, grad);
  return 0;
}

static int times(size_t dim, const double *x, double factor, double *logp, double *grad) {
  bad_gauss(dim, x, 1, 1, logp, grad);
  for (size_t j = 0; j < dim; j++) grad[j] *= factor;
  return 0;
}

BAD_DENSITY(bad_negated) {
  (void)s;
  return times(dim, x, -1, logp, grad);
}

BAD_DENSITY(bad_twice) {
  (void)s;
  return times(dim, x, 2, logp, grad);
}

BAD_DENSITY(bad_elsewhere) {
  (void)s;
  double there;
  bad_gauss(dim, x, 4, 1, &there, grad);
  *logp = -0.5 * norm(dim, x, 1) * norm(dim, x, 1);
  return 0;
}

BAD_DENSITY(bad_noise_gradient) {
  (void)s;
  bad_gauss(dim, x, 1, 1, logp, grad);
  for (size_t j = 0; j < dim; j++) grad[j] = 6 * bad_hash(j + 1, x) - 3;
  return 0;
}

BAD_DENSITY(bad_some_nan) {
  (void)s;
  bad_gauss(dim, x, 1, 1, logp, grad);
  if (bad_hash(dim, x) < 0.05) grad[0] = NAN;
  return 0;
}

BAD_DENSITY(bad_one_off) {
  (void)s;
  bad_gauss(dim, x, 1, 1, logp, grad);
  grad[dim - 1] *= -1;
  return 0;
}

/* ---- Sizes ---- */

static int offset(size_t dim, const double *x, double by, double *logp, double *grad) {
  bad_gauss(dim, x, 0, 1, logp, grad);
  *logp += by;
  return 0;
}

BAD_DENSITY(bad_offset_up) {
  (void)s;
  return offset(dim, x, 1e300, logp, grad);
}

BAD_DENSITY(bad_offset_down) {
  (void)s;
  return offset(dim, x, -1e300, logp, grad);
}

BAD_DENSITY(bad_offset_15) {
  (void)s;
  return offset(dim, x, 1e15, logp, grad);
}

double bad_z_offset(size_t dim) {
  return 1e15 + (double)dim * BAD_LOG_ROOT_TWO_PI;
}

BAD_DENSITY(bad_steep) {
  (void)s;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    *logp -= 1e300 * fabs(x[j]);
    grad[j] = x[j] > 0 ? -1e300 : 1e300;
  }
  return 0;
}

double bad_z_steep(size_t dim) {
  return (double)dim * (log(2) - 300 * log(10));
}

BAD_DENSITY(bad_sharp) {
  (void)s;
  bad_gauss(dim, x, 0, 1e-150, logp, grad);
  return 0;
}

double bad_z_sharp(size_t dim) {
  return (double)dim * (BAD_LOG_ROOT_TWO_PI - 150 * log(10));
}

BAD_DENSITY(bad_blunt) {
  (void)s;
  bad_gauss(dim, x, 0, 1e150, logp, grad);
  return 0;
}

double bad_z_blunt(size_t dim) {
  return (double)dim * (BAD_LOG_ROOT_TWO_PI + 150 * log(10));
}

/* The first coordinate's scale is 1e-6, the last one's 1e6. */
BAD_DENSITY(bad_mixed_scales) {
  (void)s;
  double part;
  bad_gauss(dim - 2, x + 1, 0, 1, logp, grad + 1);
  bad_gauss(1, x, 0, 1e-6, &part, grad);
  *logp += part;
  bad_gauss(1, x + dim - 1, 0, 1e6, &part, grad + dim - 1);
  *logp += part;
  return 0;
}

double bad_z_mixed(size_t dim) {
  return (double)dim * BAD_LOG_ROOT_TWO_PI;
}

/* Doubles near 1 are 2e-16 apart. */
BAD_DENSITY(bad_point_mass) {
  (void)s;
  bad_gauss(dim, x, 1, 1e-17, logp, grad);
  return 0;
}

/* ---- Supports ---- */

BAD_DENSITY(bad_ball) {
  (void)s;
  no_slope(dim, grad);
  *logp = 0;
  return norm(dim, x, 1e6) > 1e-3;
}

double bad_z_ball(size_t dim) {
  const double half = 0.5 * (double)dim;
  return half * log(PI) - lgamma(half + 1) + (double)dim * log(1e-3);
}

BAD_DENSITY(bad_far_line) {
  (void)s;
  bad_gauss(dim - 1, x + 1, 0, 1, logp, grad + 1);
  *logp -= x[0] - 1e8;
  grad[0] = -1;
  return !(x[0] > 1e8);
}

double bad_z_far_line(size_t dim) {
  return ((double)dim - 1) * BAD_LOG_ROOT_TWO_PI;
}

/* Four normals of 1e-8 with shares 0.1 to 0.4, a thousand and more apart. */
#define NEEDLE 1e-8
BAD_DENSITY(bad_needles) {
  (void)s;
  const double k = fmin(3, fmax(0, floor(x[0] / 1000 + 2))), centre = (k - 1.5) * 1000;
  bad_gauss(dim, x, centre, NEEDLE, logp, grad);
  *logp += log(0.1 * (k + 1)) - (double)dim * (BAD_LOG_ROOT_TWO_PI + log(NEEDLE));
  return 0;
}

double bad_z_one(size_t dim) {
  (void)dim;
  return 0;
}

/* ---- Callbacks ---- */

BAD_DENSITY(bad_abort_first) {
  (void)s;
  bad_gauss(dim, x, 0, 1, logp, grad);
  return BAD_ABORT_CODE;
}

BAD_DENSITY(bad_abort_later) {
  bad_gauss(dim, x, 0, 1, logp, grad);
  return atomic_load(&s->calls) >= 1000 ? BAD_ABORT_CODE : 0;
}

BAD_DENSITY(bad_normal) {
  (void)s;
  bad_gauss(dim, x, 0, 1, logp, grad);
  return 0;
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Twenty microseconds at a twelfth of the points. */
BAD_DENSITY(bad_uneven) {
  const double from = seconds();
  while (fabs(x[0]) < 0.1 && seconds() - from < 2e-5) continue;
  return bad_normal(s, dim, x, logp, grad);
}

static int with_noise(bad_state *s, size_t dim, const double *x, double size, double *logp, double *grad) {
  const double number = (double)atomic_load(&s->calls);
  bad_gauss(dim, x, 0, 1, logp, grad);
  *logp += size * sqrt(12) * (bad_hash(1, &number) - 0.5);
  return 0;
}

BAD_DENSITY(bad_noisy) {
  return with_noise(s, dim, x, 1e-3, logp, grad);
}

BAD_DENSITY(bad_very_noisy) {
  return with_noise(s, dim, x, 1, logp, grad);
}
