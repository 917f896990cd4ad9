/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Densities that no sampler likes, and shapes at the edge of what is allowed: whatever comes, the run ends with a right answer, with a
 * warning, or with an error that fits.  Runs that are stopped, aborted or asked for nonsense are in the sampler's own tests.
 *
 * Seeds are fixed; a right answer passes a limit of 4.5 standard errors with probability 1 - 7e-6. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check_sampler.h"
#include "runner.h"

#define LOG_ROOT_TWO_PI 0.91893853320467274
#define LOG_2           0.69314718055994531
#define LOG_10          2.30258509299404568

/* What every density here is declared as, and how it fills its gradient: slope is the derivative by x[j]. */
#define GRADIENT(slope)                                                                                                                    \
  for (size_t j = 0; grad && j < dim; j++) grad[j] = (slope)
#define DENSITY(name) static int name(size_t dim, const double *x, double *logp, double *grad, void *params)

static dilate_target target_of(size_t dim, dilate_logp_fn logp) {
  dilate_target target;
  dilate_target_init(&target);
  target.dim = dim;
  target.logp = logp;
  return target;
}

static double sum_of_squares(size_t dim, const double *x, double centre, double scale) {
  double sum = 0;
  for (size_t j = 0; j < dim; j++) sum += (x[j] - centre) / scale * ((x[j] - centre) / scale);
  return sum;
}

/* ---- Nothing to sample ---- */

DENSITY(never_a_number) {
  (void)x, (void)params;
  *logp = NAN;
  GRADIENT(0);
  return 0;
}

DENSITY(always_infinite) {
  (void)x, (void)params;
  *logp = INFINITY;
  GRADIENT(0);
  return 0;
}

/* Says that all is well and writes nothing. */
DENSITY(never_written) {
  (void)dim, (void)x, (void)logp, (void)grad, (void)params;
  return 0;
}

DENSITY(gradient_never_written) {
  (void)grad, (void)params;
  *logp = -0.5 * sum_of_squares(dim, x, 0, 1);
  return 0;
}

DENSITY(a_single_point) {
  (void)params;
  *logp = 0;
  GRADIENT(0);
  return x[0] != 1;
}

static const dilate_logp_fn nothing[] = {never_a_number, always_infinite, never_written, gradient_never_written, a_single_point};

START_TEST(nothing_to_sample) {
  for (size_t dim = 1; dim <= 3; dim += 2) {
    const dilate_target target = target_of(dim, nothing[_i]);
    for (size_t i = 0; dilate_method_name(i); i++) {
      const dilate_options options = small_options(dilate_method_name(i));
      dilate_error err;
      dilate_error_init(&err);
      dilate_result *result = (dilate_result *)&err;
      ck_assert_int_eq(dilate_sample(&target, &options, &result, &err), DILATE_ESUPPORT);
      ck_assert_ptr_null(result);
      ck_assert_uint_gt(strlen(err.message), 20);
    }
  }
}
END_TEST

/* ---- Hard to sample, with a known answer ---- */

DENSITY(unit_cube) {
  (void)params;
  *logp = 0;
  GRADIENT(0);
  for (size_t j = 0; j < dim; j++)
    if (x[j] < 0 || x[j] > 1) return 1;
  return 0;
}

DENSITY(far_interval) {
  (void)params;
  *logp = 0;
  GRADIENT(0);
  return x[0] < 50 || x[0] > 51;
}

DENSITY(half_normal) {
  (void)params;
  *logp = -0.5 * sum_of_squares(dim, x, 0, 1);
  GRADIENT(-x[j]);
  return x[0] < 0;
}

#define NEEDLE 1e-8
DENSITY(needle) {
  (void)params;
  *logp = -0.5 * sum_of_squares(dim, x, 3, NEEDLE);
  GRADIENT(-(x[j] - 3) / (NEEDLE * NEEDLE));
  return 0;
}

#define GIANT 1e5
DENSITY(giant) {
  (void)params;
  *logp = -0.5 * sum_of_squares(dim, x, 0, GIANT);
  GRADIENT(-x[j] / (GIANT * GIANT));
  return 0;
}

/* A constant that leaves a log-density eleven digits. */
#define OFFSET 1e5
DENSITY(far_below) {
  (void)params;
  *logp = -OFFSET - 0.5 * sum_of_squares(dim, x, 0, 1);
  GRADIENT(-x[j]);
  return 0;
}

DENSITY(laplace) {
  (void)params;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) *logp -= fabs(x[j]);
  GRADIENT(x[j] > 0 ? -1 : 1);
  return 0;
}

/* Right density, gradient of the wrong sign: Metropolis corrections must make up for it. */
DENSITY(wrong_gradient) {
  (void)params;
  *logp = -0.5 * sum_of_squares(dim, x, 0, 1);
  GRADIENT(x[j]);
  return 0;
}

static const struct {
  const char *name;
  dilate_logp_fn logp;
  size_t dim;
  double log_z;
} hard[] = {
    {"unit square", unit_cube, 2, 0},
    {"interval far away", far_interval, 1, 0},
    {"half a normal on a line", half_normal, 1, LOG_ROOT_TWO_PI - LOG_2},
    {"half a normal", half_normal, 5, 5 * LOG_ROOT_TWO_PI - LOG_2},
    {"needle", needle, 2, 2 * (LOG_ROOT_TWO_PI - 8 * LOG_10)},
    {"giant", giant, 2, 2 * (LOG_ROOT_TWO_PI + 5 * LOG_10)},
    {"far below", far_below, 2, 2 * LOG_ROOT_TWO_PI - OFFSET},
    {"Laplace", laplace, 2, 2 * LOG_2},
    {"wrong gradient", wrong_gradient, 1, LOG_ROOT_TWO_PI},
};

START_TEST(hard_but_known) {
  const dilate_target target = target_of(hard[_i].dim, hard[_i].logp);
  const dilate_options options = small_options("bridge");
  dilate_result *result = sample(&target, &options);
  assert_valid_result(result);
  double log_z, se;
  ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, NULL), DILATE_OK);
  ck_assert_msg(se < 0.2 && fabs(log_z - hard[_i].log_z) < 4.5 * se, "%s: log Z %.4f +- %.4f, truth %.4f", hard[_i].name, log_z, se,
                hard[_i].log_z);
  dilate_result_free(result);
}
END_TEST

/* The limit of 4.5 standard errors would find an answer that is off by a factor of two. */
START_TEST(limits_are_tight) {
  const dilate_target target = target_of(5, half_normal);
  const dilate_options options = small_options("bridge");
  dilate_result *result = sample(&target, &options);
  double log_z, se;
  ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, NULL), DILATE_OK);
  ck_assert(fabs(log_z - 5 * LOG_ROOT_TWO_PI) > 4.5 * se);
  dilate_result_free(result);
}
END_TEST

/* Methods without a log evidence: their draws lie inside the support all the same. */
START_TEST(draws_inside_hard_edges) {
  const dilate_target target = target_of(5, unit_cube);
  for (size_t i = 0; dilate_method_name(i); i++) {
    dilate_options options = small_options(dilate_method_name(i));
    if (!strcmp(options.method, "bridge")) continue;
    dilate_result *result = sample(&target, &options);
    assert_valid_result(result);
    for (size_t k = 0; k < 4 * 64 * 5; k++)
      ck_assert(dilate_result_unconstrained(result)[k] >= 0 && dilate_result_unconstrained(result)[k] <= 1);
    dilate_result_free(result);
  }
}
END_TEST

/* ---- Improper: no law to sample ---- */

DENSITY(flat_everywhere) {
  (void)x, (void)params;
  *logp = 0;
  GRADIENT(0);
  return 0;
}

DENSITY(ever_rising) {
  (void)params;
  *logp = x[0];
  GRADIENT(j == 0);
  return 0;
}

DENSITY(flat_in_one_direction) {
  (void)params;
  *logp = -0.5 * x[0] * x[0];
  GRADIENT(j == 0 ? -x[0] : 0);
  return 0;
}

DENSITY(larger_than_numbers) {
  (void)params;
  *logp = 1e300 * sum_of_squares(dim, x, 0, 1);
  GRADIENT(2e300 * x[j]);
  return 0;
}

static const dilate_logp_fn improper[] = {flat_everywhere, ever_rising, flat_in_one_direction, larger_than_numbers};

typedef struct patience {
  size_t steps;
} patience;

static int lose_patience(const dilate_progress *progress, void *data) {
  (void)progress;
  patience *p = data;
  return p->steps-- == 0;
}

/* Any outcome but a good one without a warning. */
START_TEST(improper_densities) {
  const dilate_target target = target_of(_i == 2 ? 2 : 1, improper[_i]);
  for (size_t i = 0; dilate_method_name(i); i++) {
    patience p = {.steps = 400};
    dilate_options options = small_options(dilate_method_name(i));
    options.progress = lose_patience;
    options.progress_data = &p;
    dilate_error err;
    dilate_error_init(&err);
    dilate_result *result;
    const int status = dilate_sample(&target, &options, &result, &err);
    ck_assert_msg(status >= 0 || status == DILATE_ENUMERIC || status == DILATE_ESUPPORT, "status %d: %s", status, err.message);
    ck_assert_int_eq(result != NULL, status >= 0);
    ck_assert(result || strlen(err.message) > 20);
    if (result) {
      assert_valid_result(result);
      ck_assert_uint_gt(dilate_result_warning_count(result), 0);
    }
    dilate_result_free(result);
  }
}
END_TEST

/* ---- Shapes ---- */

static int normal_batch(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  for (size_t i = 0; i < n; i++) logp[i] = 0;
  for (size_t j = 0; j < dim; j++)
    for (size_t i = 0; i < n; i++) {
      logp[i] -= 0.5 * x[j * ld + i] * x[j * ld + i];
      if (grad) grad[j * ld + i] = -x[j * ld + i];
    }
  return 0;
}

DENSITY(normal) {
  (void)params;
  *logp = -0.5 * sum_of_squares(dim, x, 0, 1);
  GRADIENT(-x[j]);
  return 0;
}

static const struct {
  size_t islands, groups, draws, dim;
} shape[] = {{1, 1, 16, 1}, {8, 4, 16, 2}, {5, 5, 33, 1}, {2, 1, 5000, 2}, {1, 1, 1001, 3}, {4, 2, 16, 40}};

/* Draws are a normal's: their mean and standard deviation within 4.5 standard errors in each coordinate (8 coordinates a shape at most
 * are looked at: error probability below 1e-4 a shape). */
START_TEST(shapes) {
  const size_t rows = shape[_i].islands * shape[_i].draws, dim = shape[_i].dim;
  dilate_target target = target_of(dim, NULL);
  target.batch = normal_batch;
  dilate_options options = small_options("bridge");
  options.islands = shape[_i].islands;
  options.groups = shape[_i].groups;
  options.draws = shape[_i].draws;
  dilate_result *result = sample(&target, &options);
  assert_valid_result(result);
  ck_assert_uint_eq(dilate_result_islands(result), shape[_i].islands);
  ck_assert_uint_eq(dilate_result_draws(result), shape[_i].draws);
  double log_z, se;
  ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, NULL), DILATE_OK);
  ck_assert_double_eq_tol(log_z, (double)dim * LOG_ROOT_TWO_PI, 4.5 * se);
  for (size_t j = 0; j < dim && j < 8; j++) {
    dilate_parameter p = {.struct_size = sizeof p};
    ck_assert_int_eq(dilate_result_parameter(result, j, &p), DILATE_OK);
    ck_assert_double_eq_tol(p.mean, 0, 4.5 * p.mcse + 1e-12);
    ck_assert_double_eq_tol(p.sd, 1, 4.5 / sqrt(2 * fmin(p.ess_bulk, (double)rows)));
  }
  dilate_result_free(result);
}
END_TEST

/* Every kind of callback, on 1 thread and on 5: the same draws. */
START_TEST(callbacks_and_threads) {
  for (size_t i = 0; dilate_method_name(i); i++)
    for (unsigned flags = 0; flags < 4; flags++)
      for (int batch = 0; batch < 2; batch++) {
        dilate_target target = target_of(3, batch ? NULL : normal);
        target.batch = batch ? normal_batch : NULL;
        target.flags = (flags & 1 ? DILATE_TARGET_SERIAL : 0) | (flags & 2 ? DILATE_TARGET_NO_GRADIENT : 0);
        dilate_options options = small_options(dilate_method_name(i));
        options.draws = 40;
        dilate_result *alone = sample(&target, &options);
        options.threads = 5;
        dilate_result *together = sample(&target, &options);
        assert_same_result(alone, together);
        dilate_result_free(alone);
        dilate_result_free(together);
      }
}
END_TEST

static TCase *add_case(Suite *suite, const char *name) {
  TCase *tests = tcase_create(name);
  tcase_set_timeout(tests, 0);
  suite_add_tcase(suite, tests);
  return tests;
}

int main(void) {
  Suite *suite = suite_create("robustness");
  TCase *none = add_case(suite, "nothing to sample"), *known = add_case(suite, "hard but known"), *wild = add_case(suite, "improper");
  TCase *shaped = add_case(suite, "shapes");
  tcase_add_loop_test(none, nothing_to_sample, 0, (int)(sizeof nothing / sizeof *nothing));
  tcase_add_loop_test(known, hard_but_known, 0, (int)(sizeof hard / sizeof *hard));
  tcase_add_test(known, limits_are_tight);
  tcase_add_test(known, draws_inside_hard_edges);
  tcase_add_loop_test(wild, improper_densities, 0, (int)(sizeof improper / sizeof *improper));
  tcase_add_loop_test(shaped, shapes, 0, (int)(sizeof shape / sizeof *shape));
  tcase_add_test(shaped, callbacks_and_threads);
  return run_all(srunner_create(suite));
}
