/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every built-in target: the gradient against Richardson-extrapolated central differences, the batch callback against the point
 * callback, and points so far out that a careless density gives NaN. */
#include "targets_cases.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#define DIM_MAX 100
#define POINTS  70 /* two whole chunks and a part of one */
#define LD      75

const char *const targets_specs[TARGETS_SPECS] = {
    "gauss",
    "gauss:dim=1",
    "gauss:dim=100,cond=1e6",
    "gmm40",
    "gmm40:scale=0.1,shift=3",
    "gmm4",
    "gmm40:dim=50,shift=9",
    "gmm40:means=jax",
    "gmm4:dim=3",
    "gmm40:weights=unequal,shift1=-50",
    "gmm40:scale2=100",
    "gmm4:dim=100",
    "narrow3",
    "edges",
    "brownian32",
    "seeds",
    "digits",
    "digits:sd=0.7",
    "mos",
    "mos:dim=10",
    "mos:dim=50",
    "funnel10",
    "rings",
    "banana",
    "two_moons",
    "himmelblau",
    "rosenbrock",
    "double_well2",
    "phi4",
    "manywell32",
    "eight_schools",
    "ionosphere",
    "eight_schools:form=centered",
    "galaxies",
    "galaxies:k=1",
    "galaxies:k=2",
    "galaxies:k=10",
};

/* Central difference of step h along coordinate j. */
static double difference(const builtin *b, double *x, size_t j, double h) {
  const double centre = x[j];
  x[j] = centre + h;
  const double up = targets_logp(b, x, NULL), width_up = x[j];
  x[j] = centre - h;
  const double down = targets_logp(b, x, NULL), width = width_up - x[j];
  x[j] = centre;
  return (up - down) / width;
}

/* Whether the support holds every point of the differences: across an edge they say nothing. */
static int inside(const builtin *b, double *x) {
  for (size_t j = 0; j < b->target.dim; j++)
    if (!isfinite(difference(b, x, j, 1e-3 * fmax(1, fabs(x[j]) / 100)))) return 0;
  return 1;
}

/* Largest error of grad in units of what the differences can resolve. */
static double gradient_error(const builtin *b, double *x, const double *grad) {
  double worst = 0, largest = 1;
  for (size_t j = 0; j < b->target.dim; j++) largest = fmax(largest, fabs(grad[j]));
  const double level = fabs(targets_logp(b, x, NULL));
  for (size_t j = 0; j < b->target.dim; j++) {
    const double h = 1e-3 * fmax(1, fabs(x[j]) / 100);
    const double slope = (4 * difference(b, x, j, h / 2) - difference(b, x, j, h)) / 3;
    worst = fmax(worst, fabs(slope - grad[j]) / (1e-6 * largest + 1e-14 * level / h));
  }
  return worst;
}

void targets_check_gradient(const builtin *b) {
  gsl_rng *const rng = targets_rng(1);
  double x[DIM_MAX], grad[DIM_MAX];
  for (int point = 0; point < 10; point++) {
    do targets_typical_point(b, rng, x);
    while (!inside(b, x));
    ck_assert(isfinite(targets_logp(b, x, grad)));
    ck_assert_msg(gradient_error(b, x, grad) < 1, "%s: gradient off by %g", b->label, gradient_error(b, x, grad));
    /* The broken twin: one derivative off by a thousandth of the largest. */
    size_t steepest = 0;
    for (size_t j = 1; j < b->target.dim; j++)
      if (fabs(grad[j]) > fabs(grad[steepest])) steepest = j;
    grad[steepest] += 1e-3 * fmax(1, fabs(grad[steepest]));
    ck_assert_msg(gradient_error(b, x, grad) > 1, "%s: a wrong gradient passes", b->label);
  }
  gsl_rng_free(rng);
}

START_TEST(gradient_agrees_with_differences) {
  builtin b = targets_make(targets_specs[_i], NULL);
  targets_check_gradient(&b);
  builtin_destroy(&b);
}
END_TEST

static void assert_close(double a, double b, const char *what) {
  ck_assert_msg(a == b || fabs(a - b) <= 1e-12 * (1 + fabs(a)), "%s: %.17g and %.17g", what, a, b);
}

void targets_check_batch(const builtin *b) {
  const size_t dim = b->target.dim;
  gsl_rng *const rng = targets_rng(2);
  static double x[DIM_MAX * LD], grad[DIM_MAX * LD], logp[LD], logp_only[LD];
  double point[DIM_MAX], point_grad[DIM_MAX];
  for (size_t i = 0; i < POINTS; i++) {
    targets_typical_point(b, rng, point);
    for (size_t j = 0; j < dim; j++) x[j * LD + i] = point[j] * (i % 5 == 4 ? 10 : 1);
  }
  for (size_t i = 0; i < DIM_MAX * LD; i++) grad[i] = 77;
  ck_assert_int_eq(b->target.batch(dim, POINTS, LD, x, logp, grad, b->target.params), 0);
  ck_assert_int_eq(b->target.batch(dim, POINTS, LD, x, logp_only, NULL, b->target.params), 0);
  for (size_t i = 0; i < POINTS; i++) {
    for (size_t j = 0; j < dim; j++) point[j] = x[j * LD + i];
    assert_close(logp[i], targets_logp(b, point, point_grad), b->label);
    assert_close(logp[i], logp_only[i], b->label);
    for (size_t j = 0; j < dim; j++) assert_close(grad[j * LD + i], point_grad[j], b->label);
  }
  for (size_t j = 0; j < dim; j++)
    for (size_t i = POINTS; i < LD; i++) ck_assert(grad[j * LD + i] == 77); /* nothing beyond n is written */
  gsl_rng_free(rng);
}

START_TEST(batch_agrees_with_point) {
  builtin b = targets_make(targets_specs[_i], NULL);
  targets_check_batch(&b);
  builtin_destroy(&b);
}
END_TEST

static void assert_sane(const builtin *b, const double *x, const char *what) {
  double grad[DIM_MAX];
  const double logp = targets_logp(b, x, grad);
  ck_assert_msg(!isnan(logp) && logp < INFINITY, "%s: log-density %g at %s, x[1] = %g", b->label, logp, what, x[0]);
  for (size_t j = 0; isfinite(logp) && j < b->target.dim; j++)
    ck_assert_msg(isfinite(grad[j]), "%s: derivative %zu is %g at %s, x[1] = %g", b->label, j, grad[j], what, x[0]);
}

static const double extremes[] = {0, 1e-300, 1e-10, 1, 37, 299, 301, 700, 710, 1e3, 1e6, 1e10, 1e50, 1e76, 1e77, 1e78, 1e100, 1e150};
#define EXTREMES (sizeof extremes / sizeof *extremes)

START_TEST(extremes_along_axes_and_diagonals) {
  builtin b = targets_make(targets_specs[_i], NULL);
  const size_t dim = b.target.dim;
  double x[DIM_MAX];
  for (size_t e = 0; e < 2 * EXTREMES; e++) {
    const double value = e % 2 == 0 ? extremes[e / 2] : -extremes[e / 2];
    for (size_t axis = 0; axis < dim; axis++) {
      memset(x, 0, sizeof x);
      x[axis] = value;
      assert_sane(&b, x, "an axis");
    }
    for (size_t j = 0; j < dim; j++) x[j] = value;
    assert_sane(&b, x, "the diagonal");
    for (size_t j = 0; j < dim; j += 2) x[j] = -value;
    assert_sane(&b, x, "the other diagonal");
  }
  builtin_destroy(&b);
}
END_TEST

START_TEST(extremes_at_random) {
  builtin b = targets_make(targets_specs[_i], NULL);
  gsl_rng *const rng = targets_rng(3);
  double x[DIM_MAX];
  for (int point = 0; point < 2000; point++) {
    const double widest = gsl_rng_uniform(rng);
    for (size_t j = 0; j < b.target.dim; j++) {
      const double size = pow(10, widest * gsl_ran_flat(rng, -150, 150));
      x[j] = gsl_rng_uniform(rng) < 0.5 ? size : -size;
    }
    assert_sane(&b, x, "random");
  }
  gsl_rng_free(rng);
  builtin_destroy(&b);
}
END_TEST

/* Points at which a difference is 0 times infinity: data equal to a mean under a vanishing scale, the funnel's and the school's axis. */
START_TEST(extremes_of_scale) {
  builtin schools = targets_make("eight_schools:form=centered", NULL), mixture = targets_make("galaxies", NULL),
          funnel = targets_make("funnel10", NULL);
  double x[10];
  for (size_t e = 0; e < 2 * EXTREMES; e++) {
    const double value = e % 2 == 0 ? extremes[e / 2] : -extremes[e / 2];
    for (size_t j = 0; j < 10; j++) x[j] = 0;
    x[0] = value;
    assert_sane(&funnel, x, "the funnel's axis");
    x[1] = 1e-200;
    assert_sane(&funnel, x, "beside the funnel's axis");
    x[0] = x[1] = 0;
    x[9] = value;
    assert_sane(&schools, x, "equal effects");
    const double datum[10] = {9.172, 9.172, 20, value, value, 0, 0, 0, -value, 0};
    assert_sane(&mixture, datum, "means at a datum");
    const double spread[10] = {value, 20, -value, -299, 0, 299, value, -value, 0, 0};
    assert_sane(&mixture, spread, "far means of unequal scale");
  }
  const double wide[10] = {20, 20, 20, 300, 0, 0, 0, 0, 0, 0};
  ck_assert(targets_logp(&mixture, wide, NULL) < -1000);
  builtin_destroy(&schools);
  builtin_destroy(&mixture);
  builtin_destroy(&funnel);
}
END_TEST

START_TEST(rings_have_a_centre) {
  builtin b = targets_make("rings", NULL);
  const double origin[2] = {0, 0};
  double grad[2];
  ck_assert_double_eq_tol(targets_logp(&b, origin, grad), -2 * 2 / (2 * 0.09), 1e-12);
  ck_assert(grad[0] == 0 && grad[1] == 0);
  builtin_destroy(&b);
}
END_TEST

TCase *targets_density_case(void) {
  TCase *const c = tcase_create("density");
  tcase_set_timeout(c, 120);
  tcase_add_loop_test(c, gradient_agrees_with_differences, 0, TARGETS_SPECS);
  tcase_add_loop_test(c, batch_agrees_with_point, 0, TARGETS_SPECS);
  tcase_add_loop_test(c, extremes_along_axes_and_diagonals, 0, TARGETS_SPECS);
  tcase_add_loop_test(c, extremes_at_random, 0, TARGETS_SPECS);
  tcase_add_test(c, extremes_of_scale);
  tcase_add_test(c, rings_have_a_centre);
  return c;
}
