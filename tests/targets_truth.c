/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is stated of the built-in targets against independent routes: log Z, moments and shares of planar densities on a grid (the
 * trapezoid rule, exact to rounding for smooth densities that vanish at the border), closed forms elsewhere, and posteriordb's values. */
#include "eight_schools_points.h"
#include "targets_cases.h"
#include "targets_grid.h"

#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <math.h>

/* Moments as published with the project's quadrature (two steps that agree to 1e-11). */
static const struct {
  const char *spec;
  grid_range x, y;
  double tolerance, mean[2], variance[2], covariance;
} planar[] = {
    {"rings", {-9, 9, 0.01}, {-9, 9, 0.01}, 1e-5, {0, 0}, {9.635, 9.635}, 0},
    {"two_moons", {-7, 7, 0.01}, {-7, 7, 0.01}, 1e-5, {0, 0}, {3.3035016013, 1.3952778294}, 0},
    {"himmelblau", {-7, 7, 0.01}, {-7, 7, 0.01}, 1e-8, {0.95606181601, 0.30372641042}, {9.5539949568, 5.4825984474}, -0.04038122352},
    {"double_well2", {-4, 4, 0.01}, {-4, 4, 0.01}, 1e-8, {1.1879609834, 1.1879609834}, {1.5485547925, 1.5485547925}, 0},
    {"banana", {-14, 14, 0.05}, {-6, 104, 0.05}, 1e-8, {0, 2}, {4, 8.25}, 0},
    {"rosenbrock", {-24, 26, 0.1}, {-5, 700, 0.05}, 1e-7, {1, 11}, {10, 240.1}, 20},
    {"gmm40", {-55, 55, 0.4}, {-55, 55, 0.4}, 5e-5, {-2.1405129, 1.2400383}, {441.81651, 623.43391}, NAN},
    {"gmm40:scale2=100,shift1=-50", {-105, 5, 0.4}, {-5500, 5500, 40}, 5e-5, {-52.1405129, 124.00383}, {441.81651, 6234339.1}, NAN},
    {"narrow3", {-420, -380, 0.04}, {680, 720, 0.04}, 1e-7, {-400.5, 702.3094010767584}, {10.374, 18.624}, 2.598076211353316},
    /* Nodes in the middle between edges: the square is exact, and the half-normal's error vanishes with its odd derivatives. */
    {"edges", {-0.995, 13.005, 0.01}, {-9.995, 10.005, 0.01}, 1e-5, {2.14894228040, 0.25}, {2.94236742458, 0.604166666667}, -0.41223557010},
};
#define PLANAR (int)(sizeof planar / sizeof *planar)

static void assert_near(double value, double truth, double tolerance, const char *spec, const char *what) {
  if (!isnan(truth))
    ck_assert_msg(fabs(value - truth) <= tolerance * (1 + fabs(truth)), "%s: %s is %.12g, not %.12g", spec, what, value, truth);
}

START_TEST(planar_targets_on_a_grid) {
  const char *const spec = planar[_i].spec;
  const double tolerance = planar[_i].tolerance;
  builtin b = targets_make(spec, NULL);
  const grid_moments m = targets_grid(&b, planar[_i].x, planar[_i].y);
  assert_near(m.log_z, b.log_z, tolerance / 10, spec, "log Z");
  for (int j = 0; j < 2; j++) {
    assert_near(m.mean[j], planar[_i].mean[j], tolerance, spec, "a mean");
    assert_near(m.variance[j], planar[_i].variance[j], tolerance, spec, "a variance");
  }
  assert_near(m.covariance, planar[_i].covariance, tolerance, spec, "the covariance");
  builtin_destroy(&b);
}
END_TEST

/* Quadrants and halves are exact up to the grid's treatment of the border; the rings differ by what crosses between them. */
START_TEST(planar_shares) {
  static const char *const specs[] = {"rings", "two_moons", "himmelblau", "double_well2"};
  for (size_t s = 0; s < 4; s++) {
    builtin b = targets_make(specs[s], NULL);
    const grid_range range = {-8.005, 8.005, 0.01}; /* no node on an axis */
    const grid_moments m = targets_grid(&b, range, range);
    double sum = 0;
    for (size_t k = 0; k < b.components; k++) {
      assert_near(m.share[k], b.component_weight[k], 1e-6, specs[s], "a share");
      sum += b.component_weight[k];
    }
    ck_assert_double_eq_tol(sum, 1, 1e-11);
    builtin_destroy(&b);
  }
}
END_TEST

/* Mean, trace and determinant of the covariance are known; the rotation shows in the covariance of the coordinates. */
START_TEST(gauss_on_a_grid) {
  builtin b = targets_make("gauss:dim=2,cond=100", NULL);
  const grid_range range = {-110, 110, 0.25};
  const grid_moments m = targets_grid(&b, range, range);
  assert_near(m.log_z, b.log_z, 1e-10, "gauss", "log Z");
  assert_near(m.mean[0], 3 * cos(1), 1e-9, "gauss", "a mean");
  assert_near(m.mean[1], 3 * cos(2), 1e-9, "gauss", "a mean");
  assert_near(m.variance[0] + m.variance[1], 101, 1e-9, "gauss", "the trace");
  assert_near(m.variance[0] * m.variance[1] - m.covariance * m.covariance, 100, 1e-9, "gauss", "the determinant");
  ck_assert_double_gt(fabs(m.covariance), 1);
  builtin_destroy(&b);
}
END_TEST

/* The quadratic form's trace, from second differences along the axes, is that of the eigenvalues' inverses: cond^(-j/9). */
START_TEST(gauss_has_its_eigenvalues) {
  builtin b = targets_make("gauss", NULL);
  double x[10] = {0}, trace = 0, truth = 0;
  const double centre = targets_logp(&b, x, NULL);
  for (size_t j = 0; j < 10; j++) {
    x[j] = 1;
    const double up = targets_logp(&b, x, NULL);
    x[j] = -1;
    trace -= up - 2 * centre + targets_logp(&b, x, NULL);
    x[j] = 0;
    truth += pow(1e4, -(double)j / 9);
  }
  ck_assert_double_eq_tol(trace, truth, 1e-10);
  ck_assert_double_eq_tol(b.log_z, 5 * log(2 * M_PI) + 0.25 * 10 * log(1e4), 1e-10);
  builtin_destroy(&b);
}
END_TEST

/* log of the integral along coordinate j with the others 0. */
static double axis_integral(const builtin *b, size_t j) {
  double x[32] = {0}, sum = 0;
  const double step = 1.0 / 128;
  for (x[j] = -9; x[j] <= 9; x[j] += step) sum += exp(targets_logp(b, x, NULL));
  return log(sum * step);
}

/* A product of functions that are 1 at 0: log Z is the sum of the integrals along the axes. */
START_TEST(manywell_factorises) {
  builtin b = targets_make("manywell32", NULL);
  double log_z = 0;
  for (size_t j = 0; j < 32; j++) log_z += axis_integral(&b, j);
  assert_near(log_z, 164.695675313182, 1e-12, "manywell32", "log Z by quadrature");
  assert_near(b.log_z, 164.695675313182, 1e-12, "manywell32", "log Z");
  builtin_destroy(&b);
}
END_TEST

static double normal_log_pdf(double x, double sd) {
  return log(gsl_ran_gaussian_pdf(x, sd));
}

START_TEST(funnel_is_a_product_of_normals) {
  builtin b = targets_make("funnel10", NULL);
  gsl_rng *const rng = targets_rng(4);
  double x[10];
  for (int point = 0; point < 50; point++) {
    b.draw(&b, rng, x);
    double truth = normal_log_pdf(x[0], 3);
    for (size_t j = 1; j < 10; j++) truth += normal_log_pdf(x[j], exp(x[0] / 2));
    ck_assert_double_eq_tol(targets_logp(&b, x, NULL), truth, 1e-10);
  }
  gsl_rng_free(rng);
  builtin_destroy(&b);
}
END_TEST

/* At a component's mean the others of mos add what gsl's t density says; the means' first row is read from the definition. */
START_TEST(mos_is_a_mixture_of_t) {
  static const double mean[10][2] = {{7.08353233, -6.67598963},  {-4.4789052, -0.254368782}, {9.84088135, -9.3968029},
                                     {-5.67411423, -2.46257544}, {2.614007, 9.22889519},     {-6.95939541, 8.4180603},
                                     {-3.88895273, -4.01374102}, {3.85141373, 7.0856514},    {-0.696523666, 5.73861313},
                                     {9.92105675, -4.39629078}};
  builtin b = targets_make("mos", NULL);
  gsl_rng *const rng = targets_rng(5);
  double x[2];
  for (int point = 0; point < 50; point++) {
    b.draw(&b, rng, x);
    double density = 0;
    for (size_t k = 0; k < 10; k++) density += gsl_ran_tdist_pdf(x[0] - mean[k][0], 2) * gsl_ran_tdist_pdf(x[1] - mean[k][1], 2) / 10;
    ck_assert_double_eq_tol(targets_logp(&b, x, NULL), log(density), 1e-10);
  }
  for (size_t k = 0; k < 10; k++) ck_assert_uint_eq(b.component(&b, mean[k]), k);
  gsl_rng_free(rng);
  builtin_destroy(&b);
}
END_TEST

/* Where each component's mean is, the others add nothing; on the side between the first two both are counted. */
START_TEST(narrow3_at_its_means) {
  static const double weight[3] = {0.6, 0.25, 0.15}, sd[3] = {1, 0.3, 0.1}, down = 8.660254037844386;
  builtin b = targets_make("narrow3", NULL);
  const double mean[3][2] = {{-400, 700 + down * 2 / 3}, {-405, 700 - down / 3}, {-395, 700 - down / 3}};
  for (size_t k = 0; k < 3; k++) {
    const double x[2] = {mean[k][0] + 2 * sd[k], mean[k][1]};
    ck_assert_double_eq_tol(targets_logp(&b, mean[k], NULL), log(weight[k] / (2 * M_PI * sd[k] * sd[k])), 1e-9);
    ck_assert_double_eq_tol(targets_logp(&b, x, NULL), log(weight[k] / (2 * M_PI * sd[k] * sd[k])) - 2, 1e-9);
    ck_assert_uint_eq(b.component(&b, mean[k]), k);
  }
  const double between[2] = {-404, 700 - down / 3 + sqrt(3)}; /* two from the second mean, eight from the first */
  const double truth =
      0.25 * gsl_ran_gaussian_pdf(2, 0.3) * gsl_ran_gaussian_pdf(0, 0.3) + 0.6 * gsl_ran_gaussian_pdf(8, 1) * gsl_ran_gaussian_pdf(0, 1);
  ck_assert_double_eq_tol(targets_logp(&b, between, NULL), log(truth), 1e-9);
  builtin_destroy(&b);
}
END_TEST

START_TEST(edges_on_both_sides) {
  static const struct {
    double x[2], logp, grad[2];
  } points[] = {
      {{0.3, 0.7}, -0.6931471805599453, {0, 0}},     {{0, 1}, -0.6931471805599453, {0, 0}}, {{3, 0}, -1.8378770664093453, {0, 0}},
      {{5, -3}, -1.8378770664093453 - 6.5, {-2, 3}}, {{2.9999, 0}, -INFINITY, {0, 0}},      {{0.5, 1.0001}, -INFINITY, {0, 0}},
      {{0.5, -0.0001}, -INFINITY, {0, 0}},           {{-0.0001, 0.5}, -INFINITY, {0, 0}},   {{1.0001, 0.5}, -INFINITY, {0, 0}},
  };
  builtin b = targets_make("edges", NULL);
  for (size_t p = 0; p < sizeof points / sizeof *points; p++) {
    double grad[2];
    const double logp = targets_logp(&b, points[p].x, grad);
    ck_assert(logp == points[p].logp || fabs(logp - points[p].logp) < 1e-12);
    ck_assert(grad[0] == points[p].grad[0] && grad[1] == points[p].grad[1]);
  }
  builtin_destroy(&b);
}
END_TEST

/* The law of scale X + shift: densities transform with scale^dim, in 2 and in 50 dimensions. */
START_TEST(gmm40_scales_then_shifts) {
  static const char *const plain[] = {"gmm40", "gmm40:dim=50", "gmm40:means=jax", "gmm40:weights=unequal"};
  static const char *const moved[] = {"gmm40:scale=0.5,shift=7", "gmm40:dim=50,scale=0.5,shift=7", "gmm40:shift=7,means=jax,scale=0.5",
                                      "gmm40:weights=unequal,scale=0.5,shift=7"};
  gsl_rng *const rng = targets_rng(6);
  for (size_t s = 0; s < 4; s++) {
    builtin a = targets_make(plain[s], NULL), b = targets_make(moved[s], NULL);
    double x[50], y[50];
    for (int point = 0; point < 20; point++) {
      a.draw(&a, rng, x);
      for (size_t j = 0; j < a.target.dim; j++) y[j] = 0.5 * x[j] + 7;
      ck_assert_double_eq_tol(targets_logp(&b, y, NULL), targets_logp(&a, x, NULL) + (double)a.target.dim * log(2), 1e-9);
      ck_assert_uint_eq(a.component(&a, x), b.component(&b, y));
    }
    builtin_destroy(&a);
    builtin_destroy(&b);
  }
  gsl_rng_free(rng);
}
END_TEST

/* The second coordinate's own scale and the first one's own shift, on top of the common ones. */
START_TEST(gmm40_stretches_one_axis) {
  static const char *const plain[] = {"gmm40", "gmm40:dim=50,weights=unequal"};
  static const char *const moved[] = {"gmm40:scale2=100,shift1=-50,scale=0.5,shift=7",
                                      "gmm40:dim=50,weights=unequal,scale2=100,shift1=-50,scale=0.5,shift=7"};
  gsl_rng *const rng = targets_rng(8);
  for (size_t s = 0; s < 2; s++) {
    builtin a = targets_make(plain[s], NULL), b = targets_make(moved[s], NULL);
    double x[50], y[50];
    for (int point = 0; point < 20; point++) {
      a.draw(&a, rng, x);
      for (size_t j = 0; j < a.target.dim; j++) y[j] = 0.5 * (j == 1 ? 100 : 1) * x[j] + 7 - (j == 0 ? 50 : 0);
      ck_assert_double_eq_tol(targets_logp(&b, y, NULL), targets_logp(&a, x, NULL) + (double)a.target.dim * log(2) - log(100), 1e-9);
      ck_assert_uint_eq(a.component(&a, x), b.component(&b, y));
    }
    builtin_destroy(&a);
    builtin_destroy(&b);
  }
  gsl_rng_free(rng);
}
END_TEST

START_TEST(gmm40_has_its_means_and_weights) {
  builtin fab = targets_make("gmm40", NULL), jax = targets_make("gmm40:means=jax", NULL),
          unequal = targets_make("gmm40:weights=unequal", NULL);
  const double fab_first[2] = {-0.299472809, 21.4577446}, jax_first[2] = {-15.7582283, 18.1165314};
  ck_assert_uint_eq(fab.component(&fab, fab_first), 0);
  ck_assert_uint_eq(jax.component(&jax, jax_first), 0);
  /* Alone at its mean, a component has the density w / (2 pi s^2). */
  ck_assert_double_eq_tol(targets_logp(&fab, fab_first, NULL), -log(40 * 2 * M_PI * 1.313261687518223 * 1.313261687518223), 1e-3);
  ck_assert_double_eq_tol(targets_logp(&jax, jax_first, NULL), -log(40 * 2 * M_PI), 1e-1);
  ck_assert_double_eq_tol(unequal.component_weight[0], 1.0 / 820, 1e-15);
  ck_assert_double_eq_tol(unequal.component_weight[39], 40.0 / 820, 1e-15);
  builtin_destroy(&fab);
  builtin_destroy(&jax);
  builtin_destroy(&unequal);
}
END_TEST

/* Fields on which the lattice sum is known: constant, and the chequerboard, whose neighbours all have the other sign. */
START_TEST(phi4_on_simple_fields) {
  builtin b = targets_make("phi4", NULL);
  gsl_rng *const rng = targets_rng(7);
  double x[64], y[64];
  const double c = 1.3, own = -c * c - 0.5 * (c * c - 1) * (c * c - 1);
  for (size_t j = 0; j < 64; j++) x[j] = c;
  ck_assert_double_eq_tol(targets_logp(&b, x, NULL), 64 * (own + 4 * 0.3 * c * c), 1e-10);
  for (size_t j = 0; j < 64; j++) x[j] = (j / 8 + j) % 2 == 0 ? c : -c;
  ck_assert_double_eq_tol(targets_logp(&b, x, NULL), 64 * (own - 4 * 0.3 * c * c), 1e-10);
  for (size_t j = 0; j < 64; j++) x[j] = gsl_ran_ugaussian(rng);
  const double logp = targets_logp(&b, x, NULL);
  for (size_t j = 0; j < 64; j++) y[j] = -x[j];
  ck_assert_double_eq_tol(targets_logp(&b, y, NULL), logp, 1e-10);
  ck_assert_uint_ne(b.component(&b, x), b.component(&b, y));
  for (size_t j = 0; j < 64; j++) y[j] = x[(j / 8 + 3) % 8 * 8 + (j + 5) % 8]; /* translated by (3, 5) */
  ck_assert_double_eq_tol(targets_logp(&b, y, NULL), logp, 1e-10);
  gsl_rng_free(rng);
  builtin_destroy(&b);
}
END_TEST

static void check_schools(const char *spec, const schools_point *points) {
  builtin b = targets_make(spec, NULL);
  for (size_t p = 0; p < 5; p++) {
    double grad[10], out[10];
    ck_assert_double_eq_tol(targets_logp(&b, points[p].x, grad), points[p].logp, 1e-10);
    for (size_t j = 0; j < 10; j++) ck_assert_double_eq_tol(grad[j], points[p].grad[j], 1e-10);
    ck_assert_int_eq(b.target.constrain(10, points[p].x, out, b.target.params), 0);
    ck_assert(out[0] == points[p].x[8]);
    ck_assert_double_eq_tol(out[1], exp(points[p].x[9]), 1e-12);
    for (size_t j = 0; p < 4 && j < 8; j++) ck_assert_double_eq_tol(out[2 + j], centered_points[p].x[j], 1e-9); /* the same draws */
  }
  ck_assert_str_eq(b.target.names[0], "mu");
  ck_assert_str_eq(b.target.names[1], "tau");
  ck_assert_str_eq(b.target.names[9], "theta[8]");
  builtin_destroy(&b);
}

START_TEST(eight_schools_at_reference_points) {
  check_schools("eight_schools", noncentered_points);
  check_schools("eight_schools:form=noncentered", noncentered_points);
  check_schools("eight_schools:form=centered", centered_points);
}
END_TEST

/* Newton's mode and the posterior means of the definition: the gradient vanishes at the mode, and log f there is above that at the
 * means and at zero, where it is 351 log(1/2) - 35/2 log(2 pi) exactly. */
START_TEST(ionosphere_at_zero_and_at_its_mode) {
  static const double mode[5] = {0.16157687, 2.2600427, 0, 0.80048364, -0.0076482963};
  builtin b = targets_make("ionosphere", NULL);
  double x[35] = {0}, grad[35];
  ck_assert_uint_eq(b.target.dim, 35);
  const double at_zero = targets_logp(&b, x, grad);
  ck_assert_double_eq_tol(at_zero, 351 * log(0.5) - 17.5 * log(2 * M_PI), 1e-9);
  ck_assert_double_eq_tol(grad[0], 225 - 351 / 2.0, 1e-9); /* 225 of 351 returns are good */
  ck_assert_double_eq_tol(grad[2], 0, 1e-12);              /* the second feature is constant */
  for (int step = 0; step < 4000; step++) {                /* plain ascent: the density is log-concave */
    (void)targets_logp(&b, x, grad);
    for (size_t j = 0; j < 35; j++) x[j] += 2e-3 * grad[j];
  }
  for (size_t j = 0; j < 35; j++) ck_assert_double_lt(fabs(grad[j]), 1e-3);
  for (size_t j = 0; j < 5; j++) ck_assert_double_eq_tol(x[j], mode[j], 1e-3);
  ck_assert_str_eq(b.target.names[0], "intercept");
  ck_assert_str_eq(b.target.names[34], "beta[34]");
  builtin_destroy(&b);
}
END_TEST

TCase *targets_truth_case(void) {
  TCase *const c = tcase_create("truth");
  tcase_set_timeout(c, 120);
  tcase_add_loop_test(c, planar_targets_on_a_grid, 0, PLANAR);
  tcase_add_test(c, planar_shares);
  tcase_add_test(c, gauss_on_a_grid);
  tcase_add_test(c, gauss_has_its_eigenvalues);
  tcase_add_test(c, manywell_factorises);
  tcase_add_test(c, funnel_is_a_product_of_normals);
  tcase_add_test(c, mos_is_a_mixture_of_t);
  tcase_add_test(c, narrow3_at_its_means);
  tcase_add_test(c, edges_on_both_sides);
  tcase_add_test(c, gmm40_scales_then_shifts);
  tcase_add_test(c, gmm40_stretches_one_axis);
  tcase_add_test(c, gmm40_has_its_means_and_weights);
  tcase_add_test(c, phi4_on_simple_fields);
  tcase_add_test(c, eight_schools_at_reference_points);
  tcase_add_test(c, ionosphere_at_zero_and_at_its_mode);
  return c;
}
