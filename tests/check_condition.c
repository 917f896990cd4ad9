/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conditioned targets, point by point: a mixture of Gaussians that is observed is another one, in closed form.  So the conditioned
 * log-density less that of the normalised posterior is the log evidence at every point; gradients are those of the closed form and of
 * differences.  Twins that are wrong on purpose fail the same comparison.  Edges, refusals and whole runs are in
 * files of their own. */
#include "check_condition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dilate.h"
#include "gaussians.h"
#include "runner.h"

#define POINTS    200 /* more than a block, and not a multiple of it */
#define LD        203
#define TOLERANCE 1e-10

/* ---- Cases: a prior, what is known of it, the truth ---- */

static const double matrix[3 * GAUSSIANS_DIM] = {1,   -0.5, 0.3, 0,   2,    0.1, 0, -1,  0.7, 0.2, 0, 1,   1, -1, 0.5,
                                                 0.3, 0,    0,   0.9, -0.4, 0.6, 0, 0.2, 0,   0,   1, 0.5, 0, 0,  -2};
static const double measured[3] = {0.4, -0.7, 1.2}, noise[3] = {0.8, 1.5, 0.3};
static const size_t known[3] = {1, 0, 3}; /* in two dimensions the first, elsewhere all */
static const double known_value[3] = {0.5, -0.2, 1};

/* What is observed of a mixture, and how. */
typedef enum kind { LINEAR, LIKELIHOOD, TEMPERED, FIXED, KINDS } kind;

typedef struct example {
  size_t rows; /* of the measurement */
  gaussians prior, posterior;
  dilate_target target; /* of the prior */
  dilate_condition *condition;
} example;

/* y = A x + e as any likelihood, constant included; params: dim is told by the call. */
static int linear_likelihood(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const size_t rows = *(const size_t *)params;
  *logp = 0;
  for (size_t j = 0; grad && j < dim; j++) grad[j] = 0;
  for (size_t i = 0; i < rows; i++) {
    double residual = measured[i];
    for (size_t j = 0; j < dim; j++) residual -= matrix[i * dim + j] * x[j];
    *logp -= 0.5 * pow(residual / noise[i], 2) + log(noise[i] * sqrt(2 * acos(-1)));
    for (size_t j = 0; grad && j < dim; j++) grad[j] += matrix[i * dim + j] * residual / (noise[i] * noise[i]);
  }
  return 0;
}

/* A likelihood to the power w is that of a noise of standard deviation s / sqrt(w), times a constant. */
static gaussians tempered(const gaussians *prior, size_t rows, double w) {
  double wider[3], constant = 0;
  for (size_t i = 0; i < rows; i++) {
    wider[i] = noise[i] / sqrt(w);
    constant += log(wider[i]) - w * log(noise[i]) + 0.5 * (1 - w) * log(2 * acos(-1));
  }
  gaussians g = gaussians_given_linear(prior, rows, matrix, measured, wider);
  g.log_z += constant;
  return g;
}

static void open_example(example *e, kind what, size_t dim, int batch) {
  dilate_error err;
  int status = DILATE_EINVAL;
  const size_t count = dim == 2 ? 1 : 3;
  dilate_error_init(&err);
  memset(e, 0, sizeof *e);
  e->rows = dim == 2 ? 1 : 3;
  e->prior = gaussians_random(3, dim, 5, 3);
  e->target = gaussians_target(&e->prior);
  if (batch) e->target.batch = gaussians_batch, e->target.logp = NULL;
  e->posterior = what == FIXED      ? gaussians_given_fixed(&e->prior, count, known, known_value)
                 : what == TEMPERED ? tempered(&e->prior, e->rows, 0.3)
                                    : gaussians_given_linear(&e->prior, e->rows, matrix, measured, noise);
  if (what == LINEAR) status = dilate_condition_linear(&e->target, e->rows, matrix, measured, noise, &e->condition, &err);
  if (what == LIKELIHOOD) status = dilate_condition_likelihood(&e->target, linear_likelihood, &e->rows, 1, 0, &e->condition, &err);
  if (what == TEMPERED) status = dilate_condition_likelihood(&e->target, linear_likelihood, &e->rows, 0.3, 0, &e->condition, &err);
  if (what == FIXED) status = dilate_condition_fixed(&e->target, count, known, known_value, &e->condition, &err);
  ck_assert_msg(status == DILATE_OK, "%s", err.message);
}

/* Evaluates by whichever callback there is. */
static void evaluate(const dilate_condition *c, size_t n, const double *x, double *logp, double *grad) {
  const dilate_target *t = dilate_condition_target(c);
  double point[GAUSSIANS_DIM], slope[GAUSSIANS_DIM];
  if (t->batch) {
    ck_assert_int_eq(t->batch(t->dim, n, LD, x, logp, grad, t->params), 0);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < t->dim; j++) point[j] = x[j * LD + i];
    ck_assert_int_eq(t->logp(t->dim, point, &logp[i], grad ? slope : NULL, t->params), 0);
    for (size_t j = 0; grad && j < t->dim; j++) grad[j * LD + i] = slope[j];
  }
}

/* Points around the posterior's components, in no order. */
static void spread_points(const gaussians *g, double *x) {
  for (size_t i = 0; i < POINTS; i++)
    for (size_t j = 0; j < g->dim; j++) x[j * LD + i] = g->mean[i % g->components][j] + 1.5 * sin(1.7 * (double)i + 2.3 * (double)j);
}

/* Largest difference of the conditioned log-density from the closed form with its evidence, and of the gradients. */
static double largest_error(const example *e, const gaussians *truth) {
  static double x[GAUSSIANS_DIM * LD], logp[LD], grad[GAUSSIANS_DIM * LD];
  double point[GAUSSIANS_DIM], slope[GAUSSIANS_DIM], worst = 0;
  ck_assert_uint_eq(dilate_condition_target(e->condition)->dim, truth->dim);
  spread_points(truth, x);
  evaluate(e->condition, POINTS, x, logp, grad);
  for (size_t i = 0; i < POINTS; i++) {
    for (size_t j = 0; j < truth->dim; j++) point[j] = x[j * LD + i];
    worst = fmax(worst, fabs(logp[i] - gaussians_log_density(truth, point, slope)));
    for (size_t j = 0; j < truth->dim; j++) worst = fmax(worst, fabs(grad[j * LD + i] - slope[j]));
  }
  return worst;
}

/* Calls `body` for each kind, dimension and callback. */
static const size_t dims[] = {2, 4, 10};
static void for_all(void (*body)(const example *e)) {
  for (int what = 0; what < KINDS; what++)
    for (size_t d = 0; d < 3; d++)
      for (int batch = 0; batch < 2; batch++) {
        example e;
        open_example(&e, (kind)what, dims[d], batch);
        body(&e);
        dilate_condition_free(e.condition);
      }
}

static void right_density(const example *e) {
  ck_assert_double_lt(largest_error(e, &e->posterior), TOLERANCE);
}

START_TEST(posterior_and_evidence_in_closed_form) {
  for_all(right_density);
}
END_TEST

/* Wrong by an evidence of a thousandth, by a component's mean, by a covariance, and by no condition at all: all are seen. */
static void twins(const example *e) {
  gaussians wrong = e->posterior;
  wrong.log_z += 1e-3;
  ck_assert_double_gt(largest_error(e, &wrong), 0.9e-3);
  wrong = e->posterior;
  wrong.mean[0][0] += 1e-6;
  ck_assert_double_gt(largest_error(e, &wrong), 100 * TOLERANCE);
  wrong = e->posterior;
  wrong.factor[0][0] *= 1 + 1e-6;
  ck_assert_double_gt(largest_error(e, &wrong), 100 * TOLERANCE);
  wrong = e->prior;
  wrong.dim = e->posterior.dim;
  if (wrong.dim == e->prior.dim) ck_assert_double_gt(largest_error(e, &wrong), 0.1);
}

START_TEST(broken_twins_are_caught) {
  for_all(twins);
}
END_TEST

/* Central differences with step h: their error is of order h^2, and of rounding |log density| eps / h. */
static void right_gradient(const example *e) {
  static double x[GAUSSIANS_DIM * LD], logp[LD], grad[GAUSSIANS_DIM * LD], above[LD], below[LD];
  const double h = 1e-5;
  spread_points(&e->posterior, x);
  evaluate(e->condition, POINTS, x, logp, grad);
  for (size_t j = 0; j < e->posterior.dim; j++) {
    for (size_t i = 0; i < POINTS; i++) x[j * LD + i] += h;
    evaluate(e->condition, POINTS, x, above, NULL);
    for (size_t i = 0; i < POINTS; i++) x[j * LD + i] -= 2 * h;
    evaluate(e->condition, POINTS, x, below, NULL);
    for (size_t i = 0; i < POINTS; i++) {
      const double difference = (above[i] - below[i]) / (2 * h), size = 1 + fabs(difference);
      x[j * LD + i] += h;
      ck_assert_double_eq_tol(grad[j * LD + i], difference, 1e-6 * size);
    }
  }
}

START_TEST(gradients_against_differences) {
  for_all(right_gradient);
}
END_TEST

/* The same numbers, bit for bit, whatever stands beside a point. */
static void same_alone(const example *e) {
  static double x[GAUSSIANS_DIM * LD], logp[LD], grad[GAUSSIANS_DIM * LD], logp_2[LD], grad_2[GAUSSIANS_DIM * LD];
  const size_t dim = e->posterior.dim;
  spread_points(&e->posterior, x);
  evaluate(e->condition, POINTS, x, logp, grad);
  for (size_t i = 0; i < POINTS; i += 7) {
    evaluate(e->condition, 1, x + i, logp_2, grad_2);
    ck_assert_mem_eq(&logp[i], logp_2, sizeof *logp);
    for (size_t j = 0; j < dim; j++) ck_assert_mem_eq(&grad[j * LD + i], &grad_2[j * LD], sizeof *grad);
  }
  evaluate(e->condition, POINTS, x, logp_2, NULL);
  ck_assert_mem_eq(logp, logp_2, POINTS * sizeof *logp);
}

START_TEST(points_do_not_depend_on_their_tile) {
  for_all(same_alone);
}
END_TEST

/* Many more threads than places, each with its points: the bits of one thread.  No parallel region of Check's own. */
static void same_in_threads(const example *e) {
  static double x[GAUSSIANS_DIM * LD], logp[LD], grad[GAUSSIANS_DIM * LD];
  const dilate_target *t = dilate_condition_target(e->condition);
  int wrong = 0;
  spread_points(&e->posterior, x);
  evaluate(e->condition, POINTS, x, logp, grad);
#pragma omp parallel for num_threads(16) schedule(static, 1) reduction(+ : wrong)
  for (size_t k = 0; k < 64; k++) {
    double own_logp[LD], own_grad[GAUSSIANS_DIM * LD], point[GAUSSIANS_DIM], slope[GAUSSIANS_DIM];
    if (t->batch) {
      wrong += t->batch(t->dim, POINTS, LD, x, own_logp, own_grad, t->params);
      wrong += memcmp(own_logp, logp, POINTS * sizeof *logp) != 0;
      for (size_t j = 0; j < t->dim; j++) wrong += memcmp(own_grad + j * LD, grad + j * LD, POINTS * sizeof *grad) != 0;
    }
    for (size_t i = 0; !t->batch && i < POINTS; i++) {
      for (size_t j = 0; j < t->dim; j++) point[j] = x[j * LD + i];
      wrong += t->logp(t->dim, point, own_logp, slope, t->params) || own_logp[0] != logp[i];
      for (size_t j = 0; j < t->dim; j++) wrong += slope[j] != grad[j * LD + i];
    }
  }
  ck_assert_int_eq(wrong, 0);
}

START_TEST(more_threads_than_places) {
  for_all(same_in_threads);
}
END_TEST

/* ---- Conditions on conditions, one dimension ---- */

START_TEST(a_condition_can_be_conditioned) {
  example e;
  dilate_condition *second = NULL;
  open_example(&e, LINEAR, 4, 1);
  ck_assert_int_eq(dilate_condition_fixed(dilate_condition_target(e.condition), 3, known, known_value, &second, NULL), DILATE_OK);
  example both = e;
  both.condition = second;
  both.posterior = gaussians_given_fixed(&e.posterior, 3, known, known_value);
  ck_assert_uint_eq(both.posterior.dim, 1);
  ck_assert_double_lt(largest_error(&both, &both.posterior), TOLERANCE);
  dilate_condition_free(second);
  dilate_condition_free(e.condition);
}
END_TEST

START_TEST(one_dimension) {
  example e;
  memset(&e, 0, sizeof e);
  e.prior = gaussians_random(5, 1, 3, 3);
  e.target = gaussians_target(&e.prior);
  e.posterior = gaussians_given_linear(&e.prior, 3, matrix, measured, noise); /* the same number measured three times */
  ck_assert_int_eq(dilate_condition_linear(&e.target, 3, matrix, measured, noise, &e.condition, NULL), DILATE_OK);
  ck_assert_double_lt(largest_error(&e, &e.posterior), TOLERANCE);
  dilate_condition_free(e.condition);
}
END_TEST

/* The ends of the weight: 0 is the prior, and the likelihood is not called. */
static int aborts(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)x, (void)logp, (void)grad;
  return *(const int *)params;
}

START_TEST(weight_zero_is_the_prior) {
  example e;
  int code = -7;
  open_example(&e, LINEAR, 4, 1);
  dilate_condition_free(e.condition);
  ck_assert_int_eq(dilate_condition_likelihood(&e.target, aborts, &code, 0, DILATE_TARGET_NO_GRADIENT, &e.condition, NULL), DILATE_OK);
  ck_assert_uint_eq(dilate_condition_target(e.condition)->flags, 0);
  ck_assert_double_eq(largest_error(&e, &e.prior), 0);
  dilate_condition_free(e.condition);
}
END_TEST

static Suite *density_suite(void) {
  Suite *suite = suite_create("conditioned densities");
  TCase *tests = tcase_create("conditioned densities");
  tcase_add_test(tests, posterior_and_evidence_in_closed_form);
  tcase_add_test(tests, broken_twins_are_caught);
  tcase_add_test(tests, gradients_against_differences);
  tcase_add_test(tests, points_do_not_depend_on_their_tile);
  tcase_add_test(tests, more_threads_than_places);
  tcase_add_test(tests, a_condition_can_be_conditioned);
  tcase_add_test(tests, one_dimension);
  tcase_add_test(tests, weight_zero_is_the_prior);
  suite_add_tcase(suite, tests);
  return suite;
}

int main(void) {
  SRunner *runner = srunner_create(density_suite());
  srunner_add_suite(runner, condition_edges_suite());
  srunner_add_suite(runner, condition_refusals_suite());
  srunner_add_suite(runner, condition_runs_suite());
  return run_all(runner);
}
