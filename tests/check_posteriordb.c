/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench/posteriordb: every density in C is that of the stored points, and one that is off is seen; exact draws keep what is asked, and
 * draws that are shifted, too wide, too few or of one mode do not.
 *
 * Of 4000 exact draws the largest of four distances, whose limits are 4 and 5 standard errors, exceeds one with probability 1.3e-4. */
#define _GNU_SOURCE
#include "bench/posteriordb_models.h"
#include "bench/posteriordb_table.h"
#include "bench/support.h"
#include "runner.h"
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CHAINS 4
#define DRAWS  1000

/* ---- Densities ---- */

static const char *folder(void) {
  static char path[4096];
  const char *const top = getenv("top_srcdir");
  snprintf(path, sizeof path, "%s/bench/truth/posteriordb", top != NULL ? top : ".");
  return path;
}

START_TEST(densities_are_those_of_the_points) {
  const model *const m = model_list[_i];
  dilate_target target;
  size_t points;
  model_open(m, folder(), &target);
  const double error = points_error(folder(), m->name, &target, &points);
  ck_assert_uint_eq(points, 5);
  ck_assert_msg(error < (strcmp(m->name, "gp_pois_regr") == 0 ? 1e-7 : 1e-9), "%s: off by %g", m->name, error);
  model_close(m, &target);
}
END_TEST

/* The twin: a component of the gradient in which a term of 1e-4 is wrong. */
static int broken(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const int status = garch11.logp(dim, x, logp, grad, params);
  if (grad != NULL) grad[2] *= 1 + 1e-4;
  return status;
}

START_TEST(wrong_gradient_is_seen) {
  dilate_target target;
  size_t points;
  model_open(&garch11, folder(), &target);
  target.logp = broken;
  ck_assert_double_gt(points_error(folder(), "garch11", &target, &points), 1e-6);
  model_close(&garch11, &target);
}
END_TEST

START_TEST(overflow_is_outside) {
  const model *const m = model_list[_i];
  dilate_target target;
  model_open(m, folder(), &target);
  for (double far = -1e5; far <= 1e5; far += 199.5) {
    double x[32], logp = 0, grad[32];
    for (size_t j = 0; j < m->dim; j++) x[j] = j % 2 == 0 ? far : -far / 3;
    if (target.logp(m->dim, x, &logp, grad, target.params) != 0) continue;
    ck_assert(isfinite(logp));
    for (size_t j = 0; j < m->dim; j++) ck_assert(isfinite(grad[j]));
  }
  model_close(m, &target);
}
END_TEST

/* ---- Comparisons ---- */

/* A standard normal's, as 10,000 exact draws would know it. */
static void standard_normal(reference *r) {
  *r = (reference){.n = 1, .tolerance = 0.05, .modes = 1};
  r->parameter[0] = (reference_parameter){"x", 0, 1, 3, -1.6448536, 1.6448536, 0.01, 0.00707, 0.00218, 0.00218};
}

/* Draws location + scale N(0, 1), each `repeat` times, compared. */
static int passes(double location, double scale, size_t repeat, char *why, size_t size) {
  static double x[CHAINS * DRAWS];
  gsl_rng *const rng = gsl_rng_alloc(gsl_rng_mt19937);
  dilate_parameter p = {.struct_size = sizeof p};
  reference truth;
  run r = {.log_z = NAN};
  gsl_rng_set(rng, 11);
  standard_normal(&truth);
  for (size_t i = 0; i < CHAINS * DRAWS; i++) x[i] = i % repeat == 0 ? location + scale * gsl_ran_gaussian(rng, 1) : x[i - 1];
  ck_assert_int_eq(dilate_summarise(CHAINS, DRAWS, x, &p, NULL), DILATE_OK);
  p.name = "x";
  run_compare(&truth, 1, &p, CHAINS * DRAWS, x, &r);
  gsl_rng_free(rng);
  return run_passes(&r, &truth, why, size);
}

START_TEST(exact_draws_pass) {
  char why[256];
  ck_assert_msg(passes(0, 1, 1, why, sizeof why), "%s", why);
}
END_TEST

START_TEST(wrong_draws_do_not) {
  char why[256];
  ck_assert_int_eq(passes(0.15, 1, 1, why, sizeof why), 0);
  ck_assert_ptr_nonnull(strstr(why, "mean"));
  ck_assert_int_eq(passes(0, 1.2, 1, why, sizeof why), 0);
  ck_assert_ptr_nonnull(strstr(why, "sd"));
  ck_assert_ptr_nonnull(strstr(why, "95 %"));
  ck_assert_int_eq(passes(0, 1, 4, why, sizeof why), 0);
  ck_assert_str_eq(why, "ESS");
}
END_TEST

START_TEST(modes_and_log_z_are_asked_for) {
  char why[256];
  reference truth;
  standard_normal(&truth);
  truth.modes = 2;
  run r = {.ess.value = 4000, .log_z = 0.04, .modes = 2, .share = 0.01};
  ck_assert(run_passes(&r, &truth, why, sizeof why));
  r.log_z = -0.06;
  r.share = 0.03;
  ck_assert(!run_passes(&r, &truth, why, sizeof why));
  ck_assert_str_eq(why, "log Z, shares");
  r = (run){.ess.value = 4000, .log_z = 0, .modes = 1, .share = NAN};
  ck_assert(!run_passes(&r, &truth, why, sizeof why));
  ck_assert_str_eq(why, "modes, shares");
}
END_TEST

/* The table of runs that were saved and read is that of the runs. */
START_TEST(runs_are_saved_and_read) {
  char path[] = "posteriordb-XXXXXX", why[256];
  posteriordb_work w = {.rows = "arK,low_dim_gauss_mix_unordered"};
  size_t n, again;
  entry *read;
  snprintf(w.folder, sizeof w.folder, "%s", folder());
  entry *const entries = entries_start(&w, &n);
  ck_assert_uint_eq(n, 2);
  entries[1].line[LINE_STAN] = (line){.n = 1, .run = ALLOCATE(run, 1)};
  entries[1].line[LINE_STAN].run[0] = (run){.seed = 7,
                                            .mean = {3.5, "mu[2]"},
                                            .rhat = {NAN, "theta"},
                                            .ess = {1501, "theta"},
                                            .bulk = 1600,
                                            .log_z = -2116.40565306,
                                            .log_z_se = 0.01,
                                            .share = 0.021,
                                            .modes = 2,
                                            .seconds = 0.25};
  const int file = mkstemp(path);
  ck_assert_int_ge(file, 0);
  close(file);
  posteriordb_save(path, n, entries);
  posteriordb_load(path, &w, &again, &read);
  remove(path);
  ck_assert_uint_eq(again, n);
  ck_assert_uint_eq(read[0].line[LINE_STAN].n + read[1].line[LINE_C].n, 0);
  ck_assert_uint_eq(read[1].line[LINE_STAN].n, 1);
  const run *const r = &read[1].line[LINE_STAN].run[0];
  ck_assert_uint_eq(r->seed, 7);
  ck_assert_str_eq(r->mean.name, "mu[2]");
  ck_assert_double_eq_tol(r->log_z, -2116.40565306, 1e-8);
  ck_assert_int_eq(run_passes(r, &read[1].truth, why, sizeof why), 0);
  ck_assert_str_eq(why, "R-hat, shares");
  entries_free(n, entries);
  entries_free(again, read);
}
END_TEST

int main(void) {
  size_t models = 0;
  while (model_list[models] != NULL) models++;
  TCase *const densities = tcase_create("densities"), *const comparisons = tcase_create("comparisons");
  tcase_add_loop_test(densities, densities_are_those_of_the_points, 0, (int)models);
  tcase_add_loop_test(densities, overflow_is_outside, 0, (int)models);
  tcase_add_test(densities, wrong_gradient_is_seen);
  tcase_add_test(comparisons, exact_draws_pass);
  tcase_add_test(comparisons, wrong_draws_do_not);
  tcase_add_test(comparisons, modes_and_log_z_are_asked_for);
  tcase_add_test(comparisons, runs_are_saved_and_read);
  Suite *const suite = suite_create("posteriordb");
  suite_add_tcase(suite, densities);
  suite_add_tcase(suite, comparisons);
  return run_all(srunner_create(suite));
}
