/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stan models, by a fake one in C (stan_fake.c): what is loaded and reported, and every way in which it is refused.  A real one:
 * check-stan.sh. */
#define _POSIX_C_SOURCE 200809L /* mkstemp */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "check_target.h"
#include "target/stan.h"

enum { PATH_SIZE = 4096, OUT = 7 };

/* The fake's own place, with "fake", "lacks_rng_construct", ... */
static const char *object(const char *which) {
  static char path[PATH_SIZE];
  const char *top = getenv("top_builddir");
  (void)snprintf(path, sizeof path, "%s/tests/stan_%s.so", top ? top : ".", which);
  return path;
}

/* A data file with the text, to be removed. */
static const char *data_file(size_t size, const char *text) {
  static char path[] = "/tmp/check-stan-XXXXXX";
  memcpy(path + sizeof path - 7, "XXXXXX", 6);
  const int file = mkstemp(path);
  ck_assert_int_ge(file, 0);
  ck_assert_int_eq((int)write(file, text, size), (int)size);
  (void)close(file);
  return path;
}

/* word: NULL for no data. */
static dilate_plugin *load(const char *word) {
  dilate_error err;
  dilate_plugin *plugin = NULL;
  dilate_error_init(&err);
  const char *data = word ? data_file(strlen(word), word) : NULL;
  ck_assert_msg(dilate_plugin_load(object("fake"), data, &plugin, &err) == DILATE_OK, "%s", err.message);
  if (data) (void)unlink(data);
  return plugin;
}

static void assert_refused(const char *path, const char *data, const char *first, const char *second) {
  dilate_error err;
  dilate_plugin *plugin = (dilate_plugin *)&err;
  dilate_error_init(&err);
  ck_assert_int_eq(dilate_plugin_load(path, data, &plugin, &err), DILATE_EPLUGIN);
  ck_assert_ptr_null(plugin);
  ck_assert_msg(strstr(err.message, first) && strstr(err.message, second), "\"%s\" lacks \"%s\" or \"%s\"", err.message, first, second);
  ck_assert_ptr_null(strchr(err.message, '\n'));
}

static dilate_result *sample(const dilate_plugin *plugin, size_t threads) {
  dilate_options options;
  dilate_result *result = NULL;
  dilate_error err;
  dilate_options_init(&options);
  dilate_error_init(&err);
  options.draws = 100;
  options.threads = threads;
  ck_assert_msg(dilate_sample(dilate_plugin_target(plugin), &options, &result, &err) == DILATE_OK, "%s", err.message);
  return result;
}

/* ---- What is loaded ---- */

START_TEST(names_stand_in_brackets) {
  static const char *const from = "mu,theta.1,L.2.1,b.10.2.3,t:1,t:2.3,a.1:2.3.4";
  static const char *const to[] = {"mu", "theta[1]", "L[2,1]", "b[10,2,3]", "t:1", "t:2[3]", "a[1]:2[3,4]"};
  char **names;
  ck_assert_uint_eq(stan_names(from, &names), sizeof to / sizeof *to);
  for (size_t i = 0; i < sizeof to / sizeof *to; i++) ck_assert_str_eq(names[i], to[i]);
  memory_free(names);
  ck_assert_uint_eq(stan_names("", &names), 0);
  memory_free(names);
}
END_TEST

START_TEST(a_model_is_a_target) {
  static const char *const names[OUT] = {"theta[1]", "tau", "L[1,1]", "L[2,1]", "L[1,2]", "L[2,2]", "u"};
  dilate_plugin *plugin = load(NULL);
  const dilate_target *t = dilate_plugin_target(plugin);
  ck_assert(t->struct_size == sizeof *t && t->dim == 2 && t->n_out == OUT && t->flags == 0);
  for (size_t i = 0; i < OUT; i++) ck_assert_str_eq(t->names[i], names[i]);
  const double x[] = {1, 2}, constants = -log(8 * atan(1));
  double logp = 0, grad[2] = {0}, out[OUT];
  ck_assert_int_eq(t->logp(2, x, &logp, grad, t->params), 0);
  ck_assert(fabs(logp - (constants - 2.5)) < 1e-14 && grad[0] == -1 && grad[1] == -2);
  logp = 0;
  ck_assert_int_eq(t->logp(2, x, &logp, NULL, t->params), 0);
  ck_assert(fabs(logp - (constants - 2.5)) < 1e-14);
  ck_assert_int_eq(t->constrain(2, x, out, t->params), 0);
  ck_assert(out[0] == 1 && out[1] == exp(2) && out[2] == 1 && out[3] == 3 && out[4] == 2 && out[5] == 4);
  ck_assert_ptr_null(dilate_plugin_complaint(plugin, 0));
  ck_assert_ptr_null(dilate_plugin_complaint(plugin, 1));
  dilate_plugin_free(plugin);
  ck_assert_ptr_null(dilate_plugin_complaint(NULL, 0));
}
END_TEST

/* A generated number is the point's: the same again, another at a neighbour, and over many points uniform, to five standard errors of mean
 * and variance. */
START_TEST(generated_numbers_belong_to_the_point) {
  enum { POINTS = 10000 };
  dilate_plugin *plugin = load(NULL);
  const dilate_target *t = dilate_plugin_target(plugin);
  double out[OUT], again[OUT], mean = 0, square = 0;
  for (size_t i = 0; i < POINTS; i++) {
    const double x[] = {1 + 1e-15 * (double)i, -3};
    ck_assert_int_eq(t->constrain(2, x, out, t->params), 0);
    ck_assert_int_eq(t->constrain(2, x, again, t->params), 0);
    ck_assert(out[6] == again[6]);
    mean += out[6] / POINTS;
    square += out[6] * out[6] / POINTS;
  }
  ck_assert(fabs(mean - 0.5) < 5 * sqrt(1. / 12 / POINTS));
  ck_assert(fabs(square - 1. / 3) < 5 * sqrt(4. / 45 / POINTS));
  dilate_plugin_free(plugin);
}
END_TEST

/* ---- Runs ---- */

/* Threads change no bit of what is reported, generated quantities included. */
START_TEST(runs_do_not_depend_on_threads) {
  dilate_plugin *plugin = load(NULL);
  dilate_result *one = sample(plugin, 1), *three = sample(plugin, 3);
  const size_t rows = dilate_result_islands(one) * dilate_result_draws(one);
  double log_z, se, df;
  ck_assert_int_eq(dilate_result_log_z(one, &log_z, &se, &df), 0);
  ck_assert_msg(fabs(log_z) < 5 * se + 1e-3, "log Z is %g +- %g instead of 0", log_z, se);
  ck_assert_uint_eq(dilate_result_n_out(one), OUT);
  ck_assert_str_eq(dilate_result_name(one, 3), "L[2,1]");
  ck_assert_int_eq(memcmp(dilate_result_values(one), dilate_result_values(three), rows * OUT * sizeof(double)), 0);
  dilate_result_free(one);
  dilate_result_free(three);
  dilate_plugin_free(plugin);
}
END_TEST

/* The fake complains when two threads meet in it, which they do unless it says that it is serial. */
START_TEST(serial_models_run_one_at_a_time) {
  dilate_plugin *plugin = load("alone, serial");
  ck_assert_uint_eq(dilate_plugin_target(plugin)->flags, DILATE_TARGET_SERIAL);
  dilate_result_free(sample(plugin, 4));
  ck_assert_ptr_null(dilate_plugin_complaint(plugin, 0));
  dilate_plugin_free(plugin);
  plugin = load("alone");
  const dilate_target *t = dilate_plugin_target(plugin);
  ck_assert_uint_eq(t->flags, 0);
#pragma omp parallel for num_threads(4) schedule(static, 1)
  for (int i = 0; i < 10000; i++) {
    double x[2] = {0}, logp;
    (void)t->logp(2, x, &logp, NULL, t->params);
  }
  ck_assert_str_eq(dilate_plugin_complaint(plugin, 0), "two at once");
  dilate_plugin_free(plugin);
}
END_TEST

START_TEST(what_throws_is_outside_the_support) {
  dilate_plugin *plugin = load("half");
  dilate_result *result = sample(plugin, 2);
  const double *values = dilate_result_values(result);
  const size_t rows = dilate_result_islands(result) * dilate_result_draws(result);
  double log_z, se, df;
  for (size_t i = 0; i < rows; i++) ck_assert(values[i * OUT] >= 0);
  ck_assert_int_eq(dilate_result_log_z(result, &log_z, &se, &df), 0);
  ck_assert_msg(fabs(log_z - log(0.5)) < 5 * se + 1e-3, "log Z is %g +- %g instead of log 0.5", log_z, se);
  ck_assert_str_eq(dilate_plugin_complaint(plugin, 0), "theta must be positive");
  dilate_result_free(result);
  dilate_plugin_free(plugin);
}
END_TEST

START_TEST(a_model_that_always_throws_has_no_support) {
  dilate_plugin *plugin = load("never");
  dilate_result *result = NULL;
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_int_eq(dilate_sample(dilate_plugin_target(plugin), NULL, &result, &err), DILATE_ESUPPORT);
  ck_assert_str_eq(dilate_plugin_complaint(plugin, 0), "reject: always");
  dilate_plugin_free(plugin);
}
END_TEST

START_TEST(a_density_that_is_no_number_is_outside_too) {
  dilate_plugin *plugin = load("no number");
  const dilate_target *t = dilate_plugin_target(plugin);
  const double x[2] = {0};
  double logp, grad[2];
  ck_assert_int_gt(t->logp(2, x, &logp, grad, t->params), 0);
  ck_assert_str_eq(dilate_plugin_complaint(plugin, 0), "its log-density is NaN");
  dilate_plugin_free(plugin);
}
END_TEST

/* As Stan has it: what cannot be generated is not a number, the parameters are what they are. */
START_TEST(draws_whose_quantities_throw_keep_their_parameters) {
  dilate_plugin *plugin = load("draws");
  const dilate_target *t = dilate_plugin_target(plugin);
  const double good[] = {0.5, 1}, bad[] = {2, 1};
  double out[OUT];
  ck_assert_int_eq(t->constrain(2, good, out, t->params), 0);
  ck_assert(out[2] == 0.5 && out[6] >= 0);
  ck_assert_int_eq(t->constrain(2, bad, out, t->params), 0);
  ck_assert(out[0] == 2 && out[1] == exp(1));
  for (size_t i = 2; i < OUT; i++) ck_assert(isnan(out[i]));
  ck_assert_str_eq(dilate_plugin_complaint(plugin, 1), "poisson_rng: rate is inf");
  ck_assert_ptr_null(dilate_plugin_complaint(plugin, 0));
  dilate_plugin_free(plugin);
  plugin = load("lost");
  t = dilate_plugin_target(plugin);
  ck_assert_int_lt(t->constrain(2, good, out, t->params), 0);
  dilate_plugin_free(plugin);
}
END_TEST

/* ---- What is refused ---- */

static void assert_data_refused(size_t size, const char *text, const char *first, const char *second) {
  const char *path = data_file(size, text);
  assert_refused(object("fake"), path, first, second);
  (void)unlink(path);
}

START_TEST(construction_errors_are_handed_through) {
  assert_data_refused(7, "missing", "data file /tmp/check-stan-", ": variable does not exist;  variable name=J");
  assert_data_refused(6, "silent", "stan_fake.so", "it gave no reason");
}
END_TEST

START_TEST(descriptions_must_fit) {
  assert_data_refused(7, "nothing", "stan_fake.so", "no parameters");
  assert_data_refused(5, "twice", "\"theta[1]\"", "unique");
  assert_data_refused(3, "few", "2 parameters and 7 reported values", "names 2");
}
END_TEST

START_TEST(data_files_are_read_whole) {
  assert_refused(object("fake"), "/no/such/file", "data file /no/such/file", "cannot be read");
  assert_refused(object("fake"), "/", "data file /", "JSON");
  assert_data_refused(0, "", "it is empty", "JSON object");
  assert_data_refused(5, "{\0 }\n", "it is no text", "JSON object");
}
END_TEST

START_TEST(every_missing_function_is_named) {
  static const char *const functions[] = {"model_construct", "model_destruct", "free_error_msg",    "model_info",  "param_names",
                                          "param_num",       "param_unc_num",  "param_constrain",   "log_density", "log_density_gradient",
                                          "rng_construct",   "rng_destruct",   "set_print_callback"};
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    char which[64], name[64];
    (void)snprintf(which, sizeof which, "lacks_%s", functions[i]);
    (void)snprintf(name, sizeof name, "does not export bs_%s,", functions[i]);
    assert_refused(object(which), NULL, object(which), name);
  }
}
END_TEST

START_TEST(other_interfaces_are_refused) {
  assert_refused(object("version_1"), NULL, "version 1 of BridgeStan's interface", "2 is needed");
  assert_refused(object("version_3"), NULL, "version 3 of BridgeStan's interface", "2 is needed");
}
END_TEST

TCase *stan_tests(void) {
  TCase *tests = tcase_create("Stan models");
  tcase_add_test(tests, names_stand_in_brackets);
  tcase_add_test(tests, a_model_is_a_target);
  tcase_add_test(tests, generated_numbers_belong_to_the_point);
  tcase_add_test(tests, runs_do_not_depend_on_threads);
  tcase_add_test(tests, serial_models_run_one_at_a_time);
  tcase_add_test(tests, what_throws_is_outside_the_support);
  tcase_add_test(tests, a_model_that_always_throws_has_no_support);
  tcase_add_test(tests, a_density_that_is_no_number_is_outside_too);
  tcase_add_test(tests, draws_whose_quantities_throw_keep_their_parameters);
  tcase_add_test(tests, construction_errors_are_handed_through);
  tcase_add_test(tests, descriptions_must_fit);
  tcase_add_test(tests, data_files_are_read_whole);
  tcase_add_test(tests, every_missing_function_is_named);
  tcase_add_test(tests, other_interfaces_are_refused);
  return tests;
}
