/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets in the coordinates of a warp: the same integral, the right gradients with and without the user's own, and nothing that a
 * callback could stumble over where x leaves the numbers. */
#include "warp_cases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check_target.h"
#include "target/particles.h"

enum { DIM = 2, GRID = 1600, POINTS = 40, LD = 40 };

static gsl_rng *rng;
static target *plain;
static warp *two_layers;

/* What callbacks met. */
static struct { int not_finite, calls; } met;

static double mode_at(const double *x, double place, double sd, double *grad) {
  const double u = (x[0] - place) / sd, v = x[1] - 0.5 * x[0];
  if (grad) {
    grad[0] = -u / sd + 0.5 * v;
    grad[1] = -v;
  }
  return -0.5 * (u * u + v * v) - log(sd) - log(2 * acos(-1));
}

/* Two normals, shares 1/2, at x_0 = -2 and 2, times e; x_1 about half of x_0.  NaN where x_1 > 20. */
static int wells(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  met.calls++;
  for (size_t j = 0; j < dim; j++) met.not_finite += !isfinite(x[j]);
  double slope[2][2];
  const double a = mode_at(x, -2, 0.7, slope[0]), b = mode_at(x, 2, 1.1, slope[1]), most = fmax(a, b);
  const double share = exp(a - most) / (exp(a - most) + exp(b - most));
  *logp = x[1] > 20 ? NAN : 1 + most + log(0.5 * (exp(a - most) + exp(b - most)));
  for (size_t j = 0; grad && j < dim; j++) grad[j] = share * slope[0][j] + (1 - share) * slope[1][j];
  return 0;
}

/* Flat, with gradients that are not. */
static int steep(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)x, (void)params;
  *logp = 0;
  for (size_t j = 0; grad && j < dim; j++) grad[j] = 1e20;
  return 0;
}

static target *open_target(dilate_logp_fn logp, unsigned flags) {
  dilate_target user;
  target *t;
  dilate_target_init(&user);
  user.dim = DIM;
  user.logp = logp;
  user.flags = flags;
  ck_assert_int_eq(target_create(&user, 1, &t, NULL), DILATE_OK);
  return t;
}

static void set_up(void) {
  rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, 20261123);
  plain = open_target(wells, 0);
  two_layers = warp_create(DIM);
  ck_assert_ptr_nonnull(two_layers);
  warp_conditional *c = warp_add_conditional(two_layers);
  c->hyper = 0;
  c->depends[1] = 1;
  c->linear[1] = 0.8;
  c->quadratic[1] = 0.2;
  c->log_scale[1] = 0.3;
  c->low = -2;
  c->high = 2;
  warp_marginal *m = warp_add_marginal(two_layers);
  m->used[0] = 1;
  for (size_t k = 0; k < WARP_KNOTS; k++) { /* a smooth one, for the integral's sake: x_0 = z + z^3/20 */
    const double z = -4 + 8 * (double)k / (WARP_KNOTS - 1);
    m->z[k] = z;
    m->x[k] = z + z * z * z / 20;
    m->slope[k] = 1 + 3 * z * z / 20;
  }
  memset(&met, 0, sizeof met);
}

static void tear_down(void) {
  target_free(plain);
  warp_free(two_layers);
  gsl_rng_free(rng);
}

/* ---- The integral ---- */

/* By the trapezium rule on [-half, half]^2; with `forgets`, of the density at x(z) without |dx/dz|. */
static double integral(target *t, double half, const warp *forgets) {
  const double step = 2 * half / (GRID - 1);
  double *x = malloc(DIM * GRID * sizeof *x), *logp = malloc(GRID * sizeof *logp), sum = 0;
  for (size_t row = 0; row < GRID; row++) {
    for (size_t i = 0; i < GRID; i++) {
      x[i] = -half + (double)row * step;
      x[GRID + i] = -half + (double)i * step;
    }
    if (forgets) warp_forward(forgets, GRID, GRID, x, NULL);
    target_evaluate(t, 0, GRID, GRID, x, logp, NULL);
    for (size_t i = 0; i < GRID; i++) sum += exp(logp[i]) * step * step;
  }
  free(x);
  free(logp);
  return sum;
}

/* Knots bend the density's slope a little, so the rule is good to some steps squared. */
START_TEST(the_integral_is_the_same) {
  const double truth = exp(1);
  ck_assert_double_eq_tol(integral(plain, 16, NULL), truth, 1e-6);
  ck_assert_double_gt(fabs(integral(plain, 16, two_layers) - truth), 0.2);
  ck_assert_int_eq(target_set_warp(plain, two_layers), 0);
  ck_assert_ptr_eq(target_warp(plain), two_layers);
  ck_assert_double_eq_tol(integral(plain, 16, NULL), truth, 1e-5);
}
END_TEST

/* ---- Gradients ---- */

static void some_points(double *z) {
  for (size_t j = 0; j < DIM * LD; j++) z[j] = 4 * gsl_rng_uniform(rng) - 2;
}

static double log_density(target *t, const double *z) {
  double logp;
  target_evaluate(t, 0, 1, 1, z, &logp, NULL);
  return logp;
}

static void assert_gradients(target *t, double tolerance) {
  double z[DIM * LD], grad[DIM * LD], logp[LD];
  some_points(z);
  target_set_warp(t, two_layers);
  target_evaluate(t, 0, POINTS, LD, z, logp, grad);
  for (size_t i = 0; i < POINTS; i++)
    for (size_t j = 0; j < DIM; j++) {
      double above[DIM] = {z[i], z[LD + i]}, below[DIM] = {z[i], z[LD + i]};
      above[j] += 1e-5;
      below[j] -= 1e-5;
      const double truth = (log_density(t, above) - log_density(t, below)) / 2e-5;
      ck_assert_double_eq_tol(grad[j * LD + i], truth, tolerance * (1 + fabs(truth)));
    }
}

START_TEST(gradients_are_those_of_the_warped_density) {
  target *without = open_target(wells, DILATE_TARGET_NO_GRADIENT);
  assert_gradients(plain, 1e-3); /* a knot may lie between two of the points */
  assert_gradients(without, 1e-3);
  target_free(without);
}
END_TEST

/* ---- Back again ---- */

START_TEST(null_is_the_user_s_coordinates) {
  double x[DIM * LD], grad[2][DIM * LD], logp[2][LD];
  some_points(x);
  target_evaluate(plain, 0, POINTS, LD, x, logp[0], grad[0]);
  target_set_warp(plain, two_layers);
  target_evaluate(plain, 0, POINTS, LD, x, logp[1], grad[1]);
  ck_assert_mem_ne(logp[0], logp[1], sizeof logp[0]);
  ck_assert_int_eq(target_set_warp(plain, NULL), 0);
  ck_assert_ptr_null(target_warp(plain));
  target_evaluate(plain, 0, POINTS, LD, x, logp[1], grad[1]);
  ck_assert_mem_eq(logp[0], logp[1], sizeof logp[0]);
  ck_assert_mem_eq(grad[0], grad[1], sizeof grad[0]);
}
END_TEST

/* ---- Beyond the numbers ---- */

/* Every third point leaves the numbers in one coordinate or another; the others are what they are by themselves. */
START_TEST(infinite_points_are_outside) {
  double z[DIM * LD], logp[LD], grad[DIM * LD];
  size_t beyond = 0;
  some_points(z);
  for (size_t i = 0; i < POINTS; i += 3, beyond++) {
    z[0 * LD + i] = i % 2 ? 1e3 : -1e308; /* times a slope above 1, and squared */
    z[1 * LD + i] = i % 2 ? INFINITY : 1e308;
  }
  target_set_warp(plain, two_layers);
  target_evaluate(plain, 0, POINTS, LD, z, logp, grad);
  ck_assert_int_eq(met.not_finite, 0);
  ck_assert_int_eq(met.calls, (int)(POINTS - beyond));
  const target_counts counts = target_count(plain);
  ck_assert_uint_eq(counts.evaluations, POINTS - beyond);
  ck_assert(counts.bad_density == 0 && counts.bad_gradient == 0);
  for (size_t i = 0; i < POINTS; i++) {
    if (i % 3 == 0) {
      ck_assert(logp[i] == -INFINITY && grad[i] == 0 && grad[LD + i] == 0);
      continue;
    }
    double alone[DIM] = {z[i], z[LD + i]}, logp_alone, grad_alone[DIM];
    target_evaluate(plain, 0, 1, 1, alone, &logp_alone, grad_alone);
    ck_assert(logp_alone == logp[i] && grad_alone[0] == grad[i] && grad_alone[1] == grad[LD + i]);
  }
}
END_TEST

START_TEST(nothing_is_called_where_all_are_infinite) {
  const double z[DIM * 2] = {INFINITY, NAN, -INFINITY, 1};
  double logp[2], grad[DIM * 2];
  target_set_warp(plain, two_layers);
  target_evaluate(plain, 0, 2, 2, z, logp, grad);
  ck_assert_int_eq(met.calls, 0);
  ck_assert(logp[0] == -INFINITY && logp[1] == -INFINITY && grad[0] == 0 && grad[3] == 0);
  ck_assert_ptr_null(target_first_bad(plain));
}
END_TEST

/* A finite gradient that is not finite any more in the new coordinates: outside, and no fault of the target's. */
START_TEST(gradients_that_overflow) {
  target *t = open_target(steep, 0);
  const double z[DIM] = {1, 1e290};
  double logp, grad[DIM];
  target_set_warp(t, two_layers);
  target_evaluate(t, 0, 1, 1, z, &logp, grad);
  ck_assert(logp == -INFINITY && grad[0] == 0 && grad[1] == 0);
  ck_assert_uint_eq(target_count(t).bad_gradient, 0);
  target_free(t);
}
END_TEST

/* The first offender is told of in the user's coordinates. */
START_TEST(bad_points_are_the_user_s) {
  double z[DIM] = {0.2, 60}, x[DIM] = {0.2, 60}, logp;
  warp_forward(two_layers, 1, 1, x, NULL);
  target_set_warp(plain, two_layers);
  target_evaluate(plain, 0, 1, 1, z, &logp, NULL);
  ck_assert_double_eq(logp, -INFINITY);
  ck_assert_uint_eq(target_count(plain).bad_density, 1);
  ck_assert_mem_eq(target_first_bad(plain), x, sizeof x);
}
END_TEST

TCase *warped_tests(void) {
  TCase *tests = tcase_create("targets under a warp");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, the_integral_is_the_same);
  tcase_add_test(tests, gradients_are_those_of_the_warped_density);
  tcase_add_test(tests, null_is_the_user_s_coordinates);
  tcase_add_test(tests, infinite_points_are_outside);
  tcase_add_test(tests, nothing_is_called_where_all_are_infinite);
  tcase_add_test(tests, gradients_that_overflow);
  tcase_add_test(tests, bad_points_are_the_user_s);
  return tests;
}
