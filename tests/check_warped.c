/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole runs that learn other coordinates on the way: all that a user sees is in his own. */
#include "check_sampler.h"

#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "targets/targets.h"
#include "runner.h"

static builtin funnel;

static void set_up(void) {
  ck_assert_int_eq(builtin_create("funnel10", NULL, &funnel, NULL), DILATE_OK);
}

static void tear_down(void) {
  builtin_destroy(&funnel);
}

static double density_at(const dilate_target *target, const double *x) {
  double logp;
  ck_assert_int_eq(target->logp(target->dim, x, &logp, NULL, target->params), 0);
  return logp;
}

/* Draws, log-densities and modes fit one another in the target's own coordinates. */
static void assert_user_coordinates(const dilate_target *target, const dilate_result *result) {
  const size_t rows = dilate_result_islands(result) * dilate_result_draws(result);
  const double *x = dilate_result_unconstrained(result), *logp = dilate_result_log_density(result);
  for (size_t i = 0; i < rows; i++) {
    const double truth = density_at(target, x + i * target->dim);
    ck_assert_double_eq_tol(logp[i], truth, 1e-9 * fmax(1, fabs(truth)));
  }
  for (size_t m = 0; m < dilate_result_mode_count(result); m++) {
    dilate_mode mode = {.struct_size = sizeof mode};
    ck_assert_int_eq(dilate_result_mode_info(result, m, &mode), DILATE_OK);
    ck_assert_double_eq_tol(mode.log_density, density_at(target, mode.peak), 1e-6 * fmax(1, fabs(mode.log_density)));
  }
}

/* The default options.  A right answer passes 4 errors with probability 6e-5; the limits of the error and of the effort are those of a run
 * that has learnt the coordinates, and one that has not passes neither. */
START_TEST(a_funnel) {
  dilate_options options;
  double log_z, se, df;
  dilate_options_init(&options);
  options.threads = 2;
  dilate_result *result = sample(&funnel.target, &options);
  ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, &df), DILATE_OK);
  const double *x = dilate_result_unconstrained(result);
  const double sd = gsl_stats_sd(x, funnel.target.dim, dilate_result_islands(result) * dilate_result_draws(result));
  ck_assert_msg(fabs(log_z) < 4 * se && fabs(log_z) < 0.03, "log Z is %g +- %g", log_z, se);
  ck_assert_msg(fabs(sd / 3 - 1) < 0.1, "the standard deviation of x[1] is %g", sd);
  ck_assert_uint_lt(dilate_result_evaluations(result, NULL), 300000);
  assert_user_coordinates(&funnel.target, result);
  dilate_result_free(result);
}
END_TEST

/* ---- Steps ---- */

/* Standard deviation of log |x_j| - x_0/2 over the particles and j = 1 .. 9. */
static double spread_of(const double *x, size_t n, size_t ld) {
  double *log_u = malloc(9 * n * sizeof *log_u), sd;
  for (size_t j = 1; j < 10; j++)
    for (size_t i = 0; i < n; i++) log_u[(j - 1) * n + i] = log(fabs(x[j * ld + i]) + 1e-300) - x[i] / 2;
  sd = gsl_stats_sd(log_u, 1, 9 * n);
  free(log_u);
  return sd;
}

/* Along each bridge the particles that are shown follow the funnel: log |x_j| - x_0/2 has the standard deviation of log |N(0, 1)|, 1.11. In
 * the coordinates of the warp it would be that of x_0/2 besides, more than 1.8 in all. */
START_TEST(shown_particles_are_the_user_s) {
  dilate_options options = small_options("bridge");
  dilate_sampler *sampler;
  int status, seen = 0;
  options.draws = 64;
  ck_assert_int_eq(dilate_sampler_create(&funnel.target, &options, &sampler, NULL), DILATE_OK);
  do {
    status = dilate_sampler_step(sampler, NULL);
    dilate_progress progress = {.struct_size = sizeof progress};
    dilate_sampler_progress(sampler, &progress);
    size_t n, ld;
    const double *x = dilate_sampler_particles(sampler, &n, &ld);
    const int bridging = strcmp(progress.stage, "bridge") == 0 || strcmp(progress.stage, "tune") == 0;
    if (!bridging || n == 0) continue;
    const double sd = spread_of(x, n, ld);
    ck_assert_msg(sd > 0.9 && sd < 1.5, "shown particles are not those of a funnel: %g", sd);
    ck_assert_mem_eq(x, dilate_sampler_particles(sampler, NULL, NULL), n * sizeof *x);
    seen++;
    dilate_result *partial;
    ck_assert_int_eq(dilate_sampler_result(sampler, &partial, NULL), DILATE_OK);
    if (dilate_result_draws(partial)) assert_user_coordinates(&funnel.target, partial);
    dilate_result_free(partial);
  } while (status == DILATE_CONTINUE);
  ck_assert_int_eq(status, DILATE_OK);
  ck_assert_int_ge(seen, 2);
  dilate_sampler_free(sampler);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("runs in other coordinates");
  TCase *tests = tcase_create("all");
  tcase_set_timeout(tests, 120);
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, a_funnel);
  tcase_add_test(tests, shown_particles_are_the_user_s);
  suite_add_tcase(suite, tests);
  return run_all(srunner_create(suite));
}
