/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole runs on models.  Every density is normalised, so log Z is 0 with the log Jacobian and something else without: the same check
 * rejects that twin.  A right log Z passes a limit of 4.5 standard errors with probability 1 - 7e-6, and so does a mean. */
#include <math.h>
#include <string.h>

#include "check_model.h"
#include "check_sampler.h"
#include "model_cases.h"

static dilate_result *run(const dilate_target *target, size_t threads) {
  dilate_options options;
  dilate_options_init(&options);
  options.draws = 500;
  options.threads = threads;
  return sample(target, &options);
}

/* |log Z| in standard errors. */
static double distance_from_zero(const dilate_result *result) {
  double log_z, se, df;
  ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, &df), DILATE_OK);
  ck_assert(se > 0 && se < 0.05);
  return fabs(log_z) / se;
}

static void assert_mean(const dilate_result *result, size_t i, double mean) {
  dilate_parameter p = {.struct_size = sizeof p};
  ck_assert_int_eq(dilate_result_parameter(result, i, &p), DILATE_OK);
  ck_assert_double_eq_tol(p.mean, mean, 4.5 * p.mcse + 1e-12); /* constants have no error */
}

START_TEST(evidence_and_mean) {
  for (unsigned flags = 0; flags <= DILATE_TARGET_NO_GRADIENT; flags += DILATE_TARGET_NO_GRADIENT)
    for (int batch = 0; batch < 2; batch++) {
      dilate_model *model = make_case(_i, batch, flags);
      dilate_result *result = run(dilate_model_target(model), 0);
      ck_assert_double_lt(distance_from_zero(result), 4.5);
      assert_mean(result, model_cases[_i].at, model_cases[_i].mean);
      if (!flags) ck_assert_uint_eq(dilate_result_warning_count(result), 0);
      dilate_result_free(result);
      dilate_model_free(model);
    }
}
END_TEST

typedef struct twin {
  const dilate_target *right;
  dilate_block block;
} twin;

/* The model's density less its log Jacobian; that of a unit vector keeps -|u|^2/2, without which there is no density, and loses the
 * constant only. */
static int without_jacobian(size_t dim, const double *u, double *logp, double *grad, void *params) {
  const twin *t = params;
  double x[MODEL_VALUES_MAX], log_jacobian = 0;
  (void)grad;
  const int code = t->right->logp(dim, u, logp, NULL, t->right->params);
  dilate_constrain(&t->block, u, x, &log_jacobian);
  *logp -= log_jacobian;
  for (size_t j = 0; t->block.constraint == DILATE_UNIT_VECTOR && j < dim; j++) *logp -= 0.5 * u[j] * u[j];
  return code;
}

START_TEST(twin_without_jacobian_is_rejected) {
  const dilate_declaration *d = &model_cases[_i].declaration;
  dilate_model *model = make_case(_i, 0, 0);
  const dilate_target *right = dilate_model_target(model);
  twin params = {right, {d->constraint, right->n_out, d->lower, d->upper}};
  dilate_target wrong;
  dilate_target_init(&wrong);
  wrong.dim = right->dim;
  wrong.logp = without_jacobian;
  wrong.params = &params;
  wrong.flags = DILATE_TARGET_NO_GRADIENT;
  dilate_result *result = run(&wrong, 0);
  ck_assert_double_gt(distance_from_zero(result), 4.5);
  dilate_result_free(result);
  dilate_model_free(model);
}
END_TEST

START_TEST(several_parameters) {
  dilate_result *result[3];
  for (int k = 0; k < 3; k++) {
    dilate_model *model = make_several(k == 2);
    result[k] = run(dilate_model_target(model), k == 0 ? 1 : 3);
    dilate_model_free(model);
  }
  const double mean[] = {0, 3, 4, 2. / 9, 5. / 9, 3. / 9, 2. / 9, 4. / 9, 2. / 9, 1, 0, 0, 1, 12, 0.4};
  ck_assert_uint_eq(dilate_result_n_out(result[0]), SEVERAL_VALUES + SEVERAL_DERIVED);
  for (size_t i = 0; i < SEVERAL_VALUES + SEVERAL_DERIVED; i++) {
    ck_assert_str_eq(dilate_result_name(result[0], i), several_names[i]);
    assert_mean(result[0], i, mean[i]);
  }
  ck_assert_double_lt(distance_from_zero(result[0]), 4.5);
  ck_assert_uint_eq(dilate_result_warning_count(result[0]), 0);
  const size_t bytes = 4 * 500 * (SEVERAL_VALUES + SEVERAL_DERIVED) * sizeof(double);
  for (int k = 1; k < 3; k++) /* threads, and batches: the same bits */
    ck_assert(memcmp(dilate_result_values(result[0]), dilate_result_values(result[k]), bytes) == 0);
  for (int k = 0; k < 3; k++) dilate_result_free(result[k]);
}
END_TEST

Suite *model_runs_suite(void) {
  Suite *suite = suite_create("runs of models");
  TCase *tests = tcase_create("runs");
  tcase_set_timeout(tests, 300);
  tcase_add_loop_test(tests, evidence_and_mean, 0, model_case_count);
  tcase_add_loop_test(tests, twin_without_jacobian_is_rejected, 1, model_case_count); /* the first has no Jacobian */
  tcase_add_test(tests, several_parameters);
  suite_add_tcase(suite, tests);
  return suite;
}
