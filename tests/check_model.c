/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models, point by point: density and gradient against the pieces and finite differences, batches against points, extremes, names and
 * layout, several threads.  Refusals and whole runs are in files of their own. */
#include "check_model.h"

#include <math.h>
#include <string.h>

#include "dilate.h"
#include "model_cases.h"
#include "runner.h"

#define POINTS 150 /* more than two blocks */
#define LD     153

/* Case i, or all parameters of the several where i is behind the last. */
static dilate_model *any_case(int i, int batch) {
  return i < model_case_count ? make_case(i, batch, 0) : make_several(batch);
}

static void coordinates_at(int turn, double *u) {
  for (int i = 0; i < MODEL_VALUES_MAX; i++) u[i] = sin(1 + 3.7 * turn + 1.3 * i);
}

static double density(const dilate_target *t, const double *u, double *grad) {
  double logp = (double)NAN;
  ck_assert_int_eq(t->logp(t->dim, u, &logp, grad, t->params), 0);
  return logp;
}

/* ---- Density and gradient ---- */

/* That of the natural values, and the transform's log Jacobian. */
START_TEST(density_of_the_pieces) {
  const model_case *c = &model_cases[_i];
  const dilate_declaration *d = &c->declaration;
  dilate_model *model = make_case(_i, 0, 0);
  const dilate_target *t = dilate_model_target(model);
  const dilate_block block = {d->constraint, t->n_out, d->lower, d->upper};
  double u[MODEL_VALUES_MAX], x[MODEL_VALUES_MAX], reported[MODEL_VALUES_MAX], log_jacobian = 0, natural;
  coordinates_at(3, u);
  dilate_constrain(&block, u, x, &log_jacobian);
  ck_assert_uint_eq(t->dim, dilate_block_dim(&block));
  ck_assert_int_eq(c->logp(t->n_out, x, &natural, NULL, NULL), 0);
  ck_assert_double_eq(density(t, u, NULL), natural + log_jacobian);
  ck_assert_int_eq(t->constrain(t->dim, u, reported, t->params), 0);
  ck_assert_mem_eq(reported, x, t->n_out * sizeof *x);
  dilate_model_free(model);
}
END_TEST

static double derivative_at(const dilate_target *t, double *u, size_t k) {
  const double centre = u[k], h = 2e-4;
  double value[5];
  for (int i = 0; i < 5; i++) {
    u[k] = centre + (i - 2) * h;
    value[i] = density(t, u, NULL);
  }
  u[k] = centre;
  return (8 * (value[3] - value[1]) - (value[4] - value[0])) / (12 * h);
}

START_TEST(gradient_by_differences) {
  dilate_model *model = any_case(_i, 0);
  const dilate_target *t = dilate_model_target(model);
  for (int turn = 0; turn < 10; turn++) {
    double u[MODEL_VALUES_MAX], grad[MODEL_VALUES_MAX];
    coordinates_at(turn, u);
    ck_assert(density(t, u, grad) == density(t, u, NULL));
    for (size_t k = 0; k < t->dim; k++) ck_assert_double_eq_tol(grad[k], derivative_at(t, u, k), 1e-8);
  }
  dilate_model_free(model);
}
END_TEST

/* Points of which some are outside the support: far out, or not finite. */
static void spread(size_t dim, double *u) {
  const double far[] = {1000, -1000, 5000, INFINITY, NAN};
  for (size_t i = 0; i < POINTS; i++) {
    double point[MODEL_VALUES_MAX];
    coordinates_at((int)i, point);
    for (size_t j = 0; j < dim; j++) u[j * LD + i] = i % 7 == 3 && j == i % dim ? far[i % 5] : 2 * point[j];
  }
}

START_TEST(batch_and_points_agree) {
  static double u[MODEL_VALUES_MAX * LD], grad[MODEL_VALUES_MAX * LD], logp[LD];
  dilate_model *model = any_case(_i, 0), *tiled = any_case(_i, 1);
  const dilate_target *t = dilate_model_target(model), *b = dilate_model_target(tiled);
  ck_assert(t->batch == NULL && b->logp == NULL);
  spread(t->dim, u);
  for (int slopes = 0; slopes < 2; slopes++) {
    ck_assert_int_eq(b->batch(b->dim, POINTS, LD, u, logp, slopes ? grad : NULL, b->params), 0);
    for (size_t i = 0; i < POINTS; i++) {
      double point[MODEL_VALUES_MAX], slope[MODEL_VALUES_MAX] = {0}, value = (double)NAN;
      for (size_t j = 0; j < t->dim; j++) point[j] = u[j * LD + i];
      if (t->logp(t->dim, point, &value, slopes ? slope : NULL, t->params) > 0) value = -INFINITY;
      ck_assert(logp[i] == value);
      for (size_t j = 0; slopes && value > -INFINITY && j < t->dim; j++) ck_assert(grad[j * LD + i] == slope[j]);
    }
  }
  dilate_model_free(model);
  dilate_model_free(tiled);
}
END_TEST

/* ---- Extremes ---- */

/* A finite density with a finite gradient, or none at all. */
static void assert_sound(const dilate_target *t, const double *u) {
  double logp = (double)NAN, grad[MODEL_VALUES_MAX];
  const int code = t->logp(t->dim, u, &logp, grad, t->params);
  if (code > 0) return;
  ck_assert_int_eq(code, 0);
  ck_assert(logp < INFINITY);
  for (size_t j = 0; logp > -INFINITY && j < t->dim; j++) ck_assert(isfinite(grad[j]));
}

START_TEST(extremes_are_sound) {
  static const double levels[] = {-1e300, -1000, -740, -700, -360, -40, -1e-300, 0, 1e-300, 40, 360, 700, 740, 1000, 1e300};
  enum { LEVELS = sizeof levels / sizeof *levels };
  dilate_model *model = any_case(_i, 0);
  const dilate_target *t = dilate_model_target(model);
  for (int pattern = 0; pattern < LEVELS * LEVELS; pattern++) {
    double u[MODEL_VALUES_MAX];
    for (int i = 0; i < MODEL_VALUES_MAX; i++) u[i] = levels[i % 2 ? pattern / LEVELS : pattern % LEVELS];
    assert_sound(t, u);
  }
  dilate_model_free(model);
}
END_TEST

/* A density of one positive value that is wrong: NaN always, or its gradient is. */
static int broken(size_t n, const double *x, double *logp, double *grad, void *params) {
  const int which = *(const int *)params;
  (void)n;
  *logp = which == 0 ? (double)NAN : -x[0];
  if (grad && which == 1) grad[0] = (double)NAN; /* else it is forgotten */
  return which == 3 ? -7 : 0;
}

/* A user's mistakes are not hidden, but where numbers overflow. */
START_TEST(mistakes_show) {
  const dilate_declaration sigma = {.struct_size = sizeof sigma, .name = "sigma", .constraint = DILATE_LOWER};
  dilate_target natural;
  dilate_model *model;
  int which = _i;
  dilate_target_init(&natural);
  natural.logp = broken;
  natural.params = &which;
  ck_assert_int_eq(dilate_model_create(&natural, &sigma, 1, &model, NULL), DILATE_OK);
  const dilate_target *t = dilate_model_target(model);
  const double near = 0.5, far = -200;
  double logp = 0, grad = 0;
  ck_assert_int_eq(t->logp(1, &near, &logp, &grad, t->params), which == 3 ? -7 : 0);
  if (which < 3) ck_assert(isnan(which == 0 ? logp : grad));
  ck_assert_int_eq(t->logp(1, &far, &logp, &grad, t->params), which == 3 ? -7 : 1);
  dilate_model_free(model);
}
END_TEST

/* ---- Names, layout, and back ---- */

START_TEST(names_and_layout) {
  dilate_model *model = make_several(0);
  const dilate_target *t = dilate_model_target(model);
  double u[MODEL_VALUES_MAX], x[MODEL_VALUES_MAX], back[MODEL_VALUES_MAX];
  ck_assert_uint_eq(t->n_out, SEVERAL_VALUES + SEVERAL_DERIVED);
  ck_assert_uint_eq(t->dim, 1 + 2 + 2 * 2 + 1);
  for (size_t i = 0; i < t->n_out; i++) ck_assert_str_eq(t->names[i], several_names[i]);
  coordinates_at(1, u);
  ck_assert_int_eq(t->constrain(t->dim, u, x, t->params), 0);
  for (size_t a = 0; a < 2; a++) { /* the first index runs fastest; coordinates follow block by block */
    const dilate_block simplex = {DILATE_SIMPLEX, 3, 0, 0};
    double theta[3];
    dilate_constrain(&simplex, u + 3 + 2 * a, theta, NULL);
    for (size_t k = 0; k < 3; k++) ck_assert_double_eq(x[3 + a + 2 * k], theta[k]);
  }
  ck_assert(x[0] == u[0] && x[1] == exp(u[1]) && x[9] == 1 && x[10] == x[11] && x[12] == 1);
  ck_assert_double_eq(x[13], x[1] * x[2]);
  ck_assert_int_eq(dilate_model_unconstrain(model, x, back, NULL), DILATE_OK);
  for (size_t j = 0; j < t->dim; j++) ck_assert_double_eq_tol(back[j], u[j], 1e-14);
  u[1] = -1000; /* outside the support: nothing is derived there */
  ck_assert_int_eq(t->constrain(t->dim, u, x, t->params), 0);
  ck_assert(x[1] == 0 && isnan(x[13]) && isnan(x[14]));
  dilate_model_free(model);
}
END_TEST

START_TEST(values_outside_are_named) {
  dilate_model *model = make_several(0);
  const double x[] = {0, 1, 1, 0.2, 0.2, 0.3, 0.3, 0.5, 0.6, 1, 0, 0, 1};
  double u[MODEL_VALUES_MAX];
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_int_eq(dilate_model_unconstrain(model, x, u, &err), DILATE_EDOMAIN);
  ck_assert_str_eq(err.message, "model: the values of parameter \"theta\" (block 2 of 2) are not inside its constraint, a simplex");
  ck_assert_int_eq(dilate_model_unconstrain(NULL, x, u, NULL), DILATE_EINVAL);
  ck_assert_int_eq(dilate_model_unconstrain(model, NULL, u, NULL), DILATE_EINVAL);
  ck_assert_int_eq(dilate_model_unconstrain(model, x, NULL, NULL), DILATE_EINVAL);
  dilate_model_free(model);
  dilate_model_free(NULL);
  ck_assert_ptr_null(dilate_model_target(NULL));
}
END_TEST

/* More threads than there are places to work. */
START_TEST(several_threads_at_once) {
  dilate_model *model = make_several(_i);
  const dilate_target *t = dilate_model_target(model);
  int different = 0;
#pragma omp parallel for schedule(dynamic, 1) num_threads(8) reduction(+ : different)
  for (int turn = 0; turn < 4000; turn++) {
    double u[MODEL_VALUES_MAX], grad[2][MODEL_VALUES_MAX] = {{0}}, logp[2] = {0, 1};
    coordinates_at(turn % 50, u);
    for (int again = 0; again < 2; again++)
      if (t->batch)
        t->batch(t->dim, 1, 1, u, &logp[again], grad[again], t->params);
      else
        t->logp(t->dim, u, &logp[again], grad[again], t->params);
    different += logp[0] != logp[1] || memcmp(grad[0], grad[1], sizeof grad[0]) != 0;
  }
  ck_assert_int_eq(different, 0);
  dilate_model_free(model);
}
END_TEST

static Suite *points_suite(void) {
  Suite *suite = suite_create("models");
  TCase *tests = tcase_create("points");
  tcase_set_timeout(tests, 60);
  tcase_add_loop_test(tests, density_of_the_pieces, 0, model_case_count);
  tcase_add_loop_test(tests, gradient_by_differences, 0, model_case_count + 1);
  tcase_add_loop_test(tests, batch_and_points_agree, 0, model_case_count + 1);
  tcase_add_loop_test(tests, extremes_are_sound, 0, model_case_count + 1);
  tcase_add_loop_test(tests, mistakes_show, 0, 4);
  tcase_add_test(tests, names_and_layout);
  tcase_add_test(tests, values_outside_are_named);
  tcase_add_loop_test(tests, several_threads_at_once, 0, 2);
  suite_add_tcase(suite, tests);
  return suite;
}

int main(void) {
  SRunner *runner = srunner_create(points_suite());
  srunner_add_suite(runner, model_refusals_suite());
  srunner_add_suite(runner, model_runs_suite());
  return run_all(runner);
}
