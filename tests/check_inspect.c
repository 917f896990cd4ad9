/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dilate_check(): each planted fault is found and named, its sound twins pass; every built-in target passes, whatever the seed. */
#include "runner.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "targets/targets.h"

typedef struct findings {
  size_t count;
  char what[32], text[1024]; /* of the first */
  size_t coordinate;
  double told, expected;
} findings;

static void keep(const dilate_finding *finding, void *data) {
  findings *f = data;
  ck_assert_ptr_null(strchr(finding->text, '\n'));
  if (f->count++) return;
  (void)snprintf(f->what, sizeof f->what, "%s", finding->what);
  (void)snprintf(f->text, sizeof f->text, "%s", finding->text);
  f->coordinate = finding->coordinate;
  f->told = finding->told;
  f->expected = finding->expected;
}

static dilate_checked check(const dilate_target *target, uint64_t seed, findings *out) {
  dilate_check_options options;
  dilate_checked checked = {.struct_size = sizeof checked};
  dilate_error err;
  dilate_check_options_init(&options);
  dilate_error_init(&err);
  memset(out, 0, sizeof *out);
  options.seed = seed;
  options.report = keep;
  options.report_data = out;
  const int status = dilate_check(target, &options, &checked, &err); /* without gradients no support can be found */
  ck_assert_msg(status == DILATE_OK || (status == DILATE_ESUPPORT && out->count > 0), "%s", err.message);
  ck_assert_uint_eq(checked.findings, out->count);
  return checked;
}

/* Threads take half a second, which a target that is said to be serial is spared. */
static dilate_checked check_alone(const dilate_target *target, uint64_t seed, findings *out) {
  dilate_target serial = *target;
  serial.flags |= DILATE_TARGET_SERIAL;
  return check(&serial, seed, out);
}

/* Checks with the first seed from several threads, with the others alone. */
static dilate_checked check_seed(const dilate_target *target, uint64_t seed, findings *out) {
  return seed == 1 ? check(target, seed, out) : check_alone(target, seed, out);
}

static dilate_plugin *load(const char *fault) {
  char path[4096];
  dilate_error err;
  dilate_plugin *plugin = NULL;
  dilate_error_init(&err);
  const char *top = getenv("top_builddir");
  (void)snprintf(path, sizeof path, "%s/tests/plugin_faults.so", top ? top : ".");
  ck_assert_msg(dilate_plugin_load(path, fault, &plugin, &err) == DILATE_OK, "%s", err.message);
  return plugin;
}

/* ---- Planted faults ---- */

static const struct {
  const char *fault, *what, *first, *second;
} planted[] = {
    {"component", "gradient", "the derivative by theta[3] is ", "at theta[3] = "},
    {"subtle", "gradient", "the derivative by theta[7] is ", "where differences of the log-density give "},
    {"forgotten", "gradient", "the derivative by theta[6] is ", ""},
    {"slope", "gradient", "not finite where the log-density is: that by theta[10], it is NaN", "at theta[10] = "},
    {"unset", "gradient", "a derivative was not set: that by theta[20]", "DILATE_TARGET_NO_GRADIENT"},
    {"nan", "density", "the log-density is NaN", "return > 0 where the point is outside"},
    {"infinite", "density", "the log-density is +inf", "at theta[1] = "},
    {"far", "density", "the log-density is NaN, far out, at theta[1] = 1e+100", ""},
    {"edge", "density", "the log-density is +inf, at an edge of the support, at theta[1] = ", ""},
    {"abort", "status", "the callback asked to abort the run, it returned -7, where particles fell, at theta[1] = ", "return > 0 outside"},
    {"race", "threads", "from one of 4 threads at once", "the callback writes to what threads share"},
    {"quiet", "threads", "the log-density is ", "from one of 4 threads at once"}, /* a race only where no gradient is wanted */
    {"memory", "threads", "when the point is evaluated again", "a function of x alone"},
    {"batch", "batch", "in a batch of several points", "log-density is "},
    {"beyond", "batch", "writes beyond its n points", ""},
    {"constrain", "constrain", "constrain makes theta[12] NaN", "must be finite"},
};
#define PLANTED (int)(sizeof planted / sizeof *planted)

START_TEST(faults_are_found_and_named) {
  for (uint64_t seed = 1; seed <= 3; seed++) {
    findings f;
    dilate_plugin *plugin = load(planted[_i].fault);
    if (strcmp(planted[_i].fault, "race") == 0 || strcmp(planted[_i].fault, "quiet") == 0)
      check(dilate_plugin_target(plugin), seed, &f);
    else
      check_alone(dilate_plugin_target(plugin), seed, &f);
    ck_assert_msg(f.count > 0, "%s: not found with seed %d", planted[_i].fault, (int)seed);
    ck_assert_msg(strcmp(f.what, planted[_i].what) == 0 && strstr(f.text, planted[_i].first) && strstr(f.text, planted[_i].second),
                  "%s: %s: %s", planted[_i].fault, f.what, f.text);
    dilate_plugin_free(plugin);
  }
}
END_TEST

static const char *const sound[] = {"none", "bounded", "tiles", "scaled"};

START_TEST(sound_twins_pass) {
  for (uint64_t seed = 1; seed <= 3; seed++) {
    findings f;
    dilate_plugin *plugin = load(sound[_i]);
    const dilate_checked checked = check_seed(dilate_plugin_target(plugin), seed, &f);
    ck_assert_msg(f.count == 0, "%s: %s: %s", sound[_i], f.what, f.text);
    ck_assert_uint_eq(checked.points, 100);
    ck_assert_uint_ge(checked.derivatives, 100 * 20 * 9 / 10);
    ck_assert_uint_eq(checked.derivatives + checked.unresolved, 100 * 20);
    dilate_plugin_free(plugin);
  }
}
END_TEST

/* The numbers of a finding are those of its text, and the point is where they are from. */
START_TEST(a_finding_has_its_numbers) {
  findings f;
  dilate_plugin *plugin = load("component");
  check_alone(dilate_plugin_target(plugin), 1, &f);
  ck_assert_uint_eq(f.count, 1);
  ck_assert_uint_eq(f.coordinate, 2);
  ck_assert_double_eq_tol(f.told, -f.expected, 1e-5 * fabs(f.told));
  dilate_plugin_free(plugin);
}
END_TEST

/* ---- No false alarms ---- */

START_TEST(built_in_targets_pass) {
  dilate_error err;
  builtin b;
  dilate_error_init(&err);
  if (builtin_create(builtin_list[_i]->name, NULL, &b, &err) != DILATE_OK) return; /* its data come with another package */
  for (uint64_t seed = 1; seed <= 4; seed++) {
    findings f;
    const dilate_checked checked = check_seed(&b.target, seed, &f);
    ck_assert_msg(f.count == 0, "%s: %s: %s", b.label, f.what, f.text);
    ck_assert_msg(checked.unresolved * 20 <= checked.derivatives, "%s: %zu of %zu derivatives cannot be told", b.label, checked.unresolved,
                  checked.derivatives);
  }
  builtin_destroy(&b);
}
END_TEST

/* A kink at the origin of every coordinate, a log-density of single precision, and one of constant parts: differences are of no use in
 * places, and say nothing false. */
static int kinks(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    *logp -= fabs(x[j]);
    if (grad) grad[j] = x[j] > 0 ? -1 : 1;
  }
  return 0;
}

static int single(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  float sum = 0;
  for (size_t j = 0; j < dim; j++) {
    sum -= (float)(0.5 * x[j] * x[j]);
    if (grad) grad[j] = -x[j];
  }
  *logp = (double)sum;
  return 0;
}

static int box(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  for (size_t j = 0; j < dim; j++) {
    if (!(fabs(x[j]) < 1)) return 1;
    if (grad) grad[j] = 0;
  }
  *logp = 0;
  return 0;
}

static const dilate_logp_fn rough[] = {kinks, single, box};

START_TEST(rough_densities_pass) {
  dilate_target target;
  dilate_target_init(&target);
  target.dim = 8;
  target.logp = rough[_i];
  for (uint64_t seed = 1; seed <= 3; seed++) {
    findings f;
    check_seed(&target, seed, &f);
    ck_assert_msg(f.count == 0, "%d: %s: %s", _i, f.what, f.text);
  }
}
END_TEST

/* ---- Other targets ---- */

static int shared;

static int counting(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)grad;
  const int before = shared++;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) *logp -= x[j] * x[j];
  return shared == before + 1 || params ? 0 : -1;
}

/* Serial callbacks may share what they like, and no gradient is nothing to compare. */
START_TEST(flags_are_respected) {
  dilate_target target;
  findings f;
  dilate_target_init(&target);
  target.dim = 2;
  target.logp = counting;
  target.flags = DILATE_TARGET_SERIAL | DILATE_TARGET_NO_GRADIENT;
  const dilate_checked checked = check(&target, 1, &f);
  ck_assert_msg(f.count == 0, "%s: %s", f.what, f.text);
  ck_assert_uint_eq(checked.threads, 0);
  ck_assert_uint_eq(checked.derivatives, 0);
  target.flags = 0; /* then the gradient is missing */
  check(&target, 1, &f);
  ck_assert_uint_gt(f.count, 0);
  ck_assert_ptr_nonnull(strstr(f.text, "a derivative was not set"));
}
END_TEST

static int nowhere(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)x, (void)logp, (void)grad, (void)params;
  return 1;
}

START_TEST(what_cannot_be_checked_is_refused) {
  dilate_check_options options;
  dilate_target target;
  dilate_error err;
  dilate_target_init(&target);
  dilate_check_options_init(&options);
  dilate_error_init(&err);
  ck_assert_int_eq(dilate_check(NULL, NULL, NULL, &err), DILATE_EINVAL);
  ck_assert_int_eq(dilate_check(&target, NULL, NULL, NULL), DILATE_EINVAL);
  target.dim = 1;
  target.logp = nowhere;
  dilate_error_init(&err);
  ck_assert_int_eq(dilate_check(&target, NULL, NULL, &err), DILATE_ESUPPORT);
  ck_assert_ptr_nonnull(strstr(err.message, "no point with a finite log-density"));
  options.points = 0;
  dilate_error_init(&err);
  ck_assert_int_eq(dilate_check(&target, &options, NULL, &err), DILATE_EINVAL);
  ck_assert_ptr_nonnull(strstr(err.message, "options.points is 0"));
  options.points = 10;
  options.threads = 5000;
  ck_assert_int_eq(dilate_check(&target, &options, NULL, NULL), DILATE_EINVAL);
  options.struct_size = 0;
  ck_assert_int_eq(dilate_check(&target, &options, NULL, NULL), DILATE_EINVAL);
}
END_TEST

int main(void) {
  TCase *tests = tcase_create("dilate_check");
  size_t targets = 0;
  while (builtin_list[targets]) targets++;
  tcase_set_timeout(tests, 120);
  tcase_add_loop_test(tests, faults_are_found_and_named, 0, PLANTED);
  tcase_add_loop_test(tests, sound_twins_pass, 0, (int)(sizeof sound / sizeof *sound));
  tcase_add_test(tests, a_finding_has_its_numbers);
  tcase_add_loop_test(tests, built_in_targets_pass, 0, (int)targets);
  tcase_add_loop_test(tests, rough_densities_pass, 0, (int)(sizeof rough / sizeof *rough));
  tcase_add_test(tests, flags_are_respected);
  tcase_add_test(tests, what_cannot_be_checked_is_refused);
  Suite *suite = suite_create("inspect");
  suite_add_tcase(suite, tests);
  return run_all(srunner_create(suite));
}
