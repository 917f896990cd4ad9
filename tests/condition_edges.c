/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conditions where something ends: edges of the support of prior and likelihood, aborts, numbers that are none, overflow. */
#include <float.h>
#include <math.h>

#include "check_condition.h"
#include "dilate.h"

#define KINDS      3 /* linear, fixed, likelihood */
#define LIKELIHOOD 2

/* A wall: outside it whatever params says, inside a flat density. */
typedef struct wall {
  int code, calls;
  double outside, slope;
} wall;

static int wall_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  wall *w = params;
  w->calls++;
  *logp = x[0] > 0 ? w->outside : -0.5;
  for (size_t j = 0; grad && j < dim; j++) grad[j] = w->slope;
  return x[0] > 0 ? w->code : 0;
}

static int wall_batch(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {
  const wall *w = params;
  for (size_t i = 0; i < n; i++) {
    logp[i] = x[i] > 0 ? w->outside : -0.5;
    for (size_t j = 0; grad && j < dim; j++) grad[j * ld + i] = w->slope;
    if (x[i] > 0 && w->code < 0) return w->code;
  }
  return 0;
}

static dilate_target wall_target(wall *w, int batch) {
  dilate_target t;
  dilate_target_init(&t);
  t.dim = 2;
  t.params = w;
  if (batch)
    t.batch = wall_batch;
  else
    t.logp = wall_logp;
  return t;
}

/* log-density at (x, 1), and what the callback returned. */
static double at(const dilate_condition *c, double x, int *code, double *grad) {
  const dilate_target *t = dilate_condition_target(c);
  const double point[2] = {x, 1};
  double logp = 77;
  *code = t->batch ? t->batch(t->dim, 1, 1, point, &logp, grad, t->params) : t->logp(t->dim, point, &logp, grad, t->params);
  return logp;
}

static dilate_condition *walled(int kind, const dilate_target *prior, wall *likelihood) {
  static const double a[2] = {1, 1}, y = 0, sd = 1;
  static const size_t last = 1;
  dilate_condition *c = NULL;
  const int status = kind == 0   ? dilate_condition_linear(prior, 1, a, &y, &sd, &c, NULL)
                     : kind == 1 ? dilate_condition_fixed(prior, 1, &last, &sd, &c, NULL)
                                 : dilate_condition_likelihood(prior, wall_logp, likelihood, 0.5, 0, &c, NULL);
  ck_assert_int_eq(status, DILATE_OK);
  return c;
}

START_TEST(outside_of_the_prior_is_outside) {
  for (int kind = 0; kind < KINDS; kind++)
    for (int batch = 0; batch < 2; batch++)
      for (int coded = 0; coded < 2 - batch; coded++) {
        wall prior = {.code = coded, .outside = coded ? 3 : -INFINITY}, likelihood = {.slope = 1};
        int code;
        double grad[2];
        const dilate_target target = wall_target(&prior, batch);
        dilate_condition *c = walled(kind, &target, &likelihood);
        ck_assert(at(c, 1, &code, NULL) == -INFINITY && code == 0);
        ck_assert(at(c, 1, &code, grad) == -INFINITY && code == 0);
        ck_assert_int_eq(likelihood.calls, 0);
        ck_assert(isfinite(at(c, -1, &code, grad)) && code == 0);
        dilate_condition_free(c);
      }
}
END_TEST

START_TEST(outside_of_the_likelihood_is_outside) {
  for (int coded = 0; coded < 2; coded++) {
    wall prior = {.outside = -0.5}, likelihood = {.code = coded, .outside = coded ? 3 : -INFINITY};
    int code;
    const dilate_target target = wall_target(&prior, 0);
    dilate_condition *c = walled(LIKELIHOOD, &target, &likelihood);
    ck_assert(at(c, 1, &code, NULL) == -INFINITY && code == 0);
    ck_assert(at(c, -1, &code, NULL) == -0.75 && code == 0);
    dilate_condition_free(c);
  }
}
END_TEST

START_TEST(aborts_are_passed_on) {
  for (int kind = 0; kind < KINDS; kind++)
    for (int batch = 0; batch < 2; batch++) {
      wall prior = {.code = -3, .outside = -0.5}, likelihood = {0};
      int code;
      const dilate_target target = wall_target(&prior, batch);
      dilate_condition *c = walled(kind, &target, &likelihood);
      at(c, 1, &code, NULL);
      ck_assert_int_eq(code, -3);
      at(c, -1, &code, NULL);
      ck_assert_int_eq(code, 0);
      dilate_condition_free(c);
    }
  wall prior = {.outside = -0.5}, likelihood = {.code = -4, .outside = -0.5};
  int code;
  const dilate_target target = wall_target(&prior, 1);
  dilate_condition *c = walled(LIKELIHOOD, &target, &likelihood);
  at(c, 1, &code, NULL);
  ck_assert_int_eq(code, -4);
  dilate_condition_free(c);
}
END_TEST

/* What is not a number stays so, for the library to count and report; so does a gradient that is not written. */
static int forgets_gradient(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)x, (void)grad, (void)params;
  *logp = 0;
  return 0;
}

START_TEST(faults_are_not_hidden) {
  wall prior = {.outside = NAN}, likelihood = {.outside = 0};
  int code;
  double grad[2] = {0, 0};
  for (int kind = 0; kind < KINDS; kind++) {
    const dilate_target target = wall_target(&prior, 0);
    dilate_condition *c = walled(kind, &target, &likelihood);
    ck_assert(isnan(at(c, 1, &code, NULL)) && code == 0);
    dilate_condition_free(c);
  }
  prior.outside = 0, likelihood.outside = NAN;
  dilate_target target = wall_target(&prior, 0);
  dilate_condition *c = walled(LIKELIHOOD, &target, &likelihood);
  ck_assert(isnan(at(c, 1, &code, NULL)) && code == 0);
  dilate_condition_free(c);
  ck_assert_int_eq(dilate_condition_likelihood(&target, forgets_gradient, NULL, 1, 0, &c, NULL), DILATE_OK);
  ck_assert(isfinite(at(c, -1, &code, grad)) && isnan(grad[0]) && isnan(grad[1]));
  dilate_condition_free(c);
  target.logp = forgets_gradient;
  for (int kind = 0; kind < KINDS; kind++) {
    c = walled(kind, &target, &likelihood);
    grad[0] = 0;
    ck_assert(isfinite(at(c, -1, &code, grad)) && isnan(grad[0]));
    dilate_condition_free(c);
  }
}
END_TEST

/* So far out that residuals overflow, or are inf - inf. */
START_TEST(overflow_is_outside) {
  wall prior = {.outside = -0.5};
  const double a[2][2] = {{10, 1}, {1, -1}}, y[2] = {0, 0}, sd[2] = {1e-3, 1};
  const double far[2] = {DBL_MAX, DBL_MAX}, mixed[2][2] = {{10, -10}, {1, 1}};
  const dilate_target target = wall_target(&prior, 0);
  for (int k = 0; k < 2; k++) {
    dilate_condition *c = NULL;
    double logp = 0;
    ck_assert_int_eq(dilate_condition_linear(&target, 2, k ? mixed[0] : a[0], y, sd, &c, NULL), DILATE_OK);
    const dilate_target *t = dilate_condition_target(c);
    ck_assert_int_eq(t->logp(2, far, &logp, NULL, t->params), 0);
    ck_assert(logp == -INFINITY);
    dilate_condition_free(c);
  }
}
END_TEST

Suite *condition_edges_suite(void) {
  Suite *suite = suite_create("conditions at their edges");
  TCase *tests = tcase_create("edges");
  tcase_add_test(tests, outside_of_the_prior_is_outside);
  tcase_add_test(tests, outside_of_the_likelihood_is_outside);
  tcase_add_test(tests, aborts_are_passed_on);
  tcase_add_test(tests, faults_are_not_hidden);
  tcase_add_test(tests, overflow_is_outside);
  suite_add_tcase(suite, tests);
  return suite;
}
