/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What bench/paths computes: plans that keep to their budgets, measures of draws whose answers are known, mean and spread, runs that go
 * into JSON and come out again, tables and a page without any run. */
#define _POSIX_C_SOURCE 200809L
#include "bench/arguments.h"
#include "bench/paths_contour.h"
#include "bench/paths_json.h"
#include "bench/paths_page.h"
#include "bench/paths_table.h"
#include "bench/support.h"
#include "runner.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void assert_near(double value, double truth, double tolerance) {
  ck_assert_msg(fabs(value - truth) <= tolerance, "%.12g is not %.12g within %.2g", value, truth, tolerance);
}

static void make_target(const char *spec, builtin *out) {
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_msg(builtin_create(spec, NULL, out, &err) == DILATE_OK, "%s", err.message);
}

/* ---- Plans ---- */

enum { BUDGET = 150000, DRAWS = 100 };

static void set_options(dilate_options *options, uint64_t seed) {
  dilate_options_init(options);
  options->seed = seed;
  options->threads = 1;
  options->draws = DRAWS;
}

/* What a sampler with these options uses until it is done. */
static double used(const dilate_target *target, const dilate_options *options) {
  dilate_sampler *sampler = NULL;
  dilate_progress now = {.struct_size = sizeof now};
  int status = dilate_sampler_create(target, options, &sampler, NULL);
  while (status == DILATE_OK || status == DILATE_CONTINUE) {
    status = dilate_sampler_step(sampler, NULL);
    if (status != DILATE_CONTINUE) break;
  }
  ck_assert_int_eq(status, DILATE_OK);
  dilate_sampler_progress(sampler, &now);
  dilate_sampler_free(sampler);
  return (double)now.evaluations;
}

static void keeps_budget(const char *spec, const paths_method *method, uint64_t seed) {
  builtin b;
  dilate_options options;
  paths_plan plan;
  make_target(spec, &b);
  if (method->cost == PATHS_COST_OWN || (method->closed && b.target.convolve == NULL)) {
    builtin_destroy(&b);
    return;
  }
  set_options(&options, seed);
  ck_assert_int_eq(paths_plan_make(method, &b.target, 4, BUDGET, &options, &plan, NULL), DILATE_OK);
  const double evaluations = used(&b.target, &options);
  ck_assert_msg(fabs(evaluations / BUDGET - 1) <= 0.05, "%s on %s: %.0f evaluations in %zu steps", method->name, spec, evaluations,
                plan.steps);
  builtin_destroy(&b);
}

START_TEST(plans_keep_their_budgets) {
  static const char *const specs[] = {"gmm40:shift1=-50,weights=unequal", "rings", "funnel10"};
  for (size_t s = 0; s < 3; s++)
    for (size_t m = 1; m < paths_method_count; m++)
      for (uint64_t seed = 1; seed <= 2; seed++) keeps_budget(specs[s], &paths_method_list[m], seed);
}
END_TEST

/* The broken twin: steps for the whole budget, as if looking for the target's place were free. */
START_TEST(a_plan_without_the_search_is_off) {
  builtin b;
  dilate_options options;
  make_target("gmm40:shift1=-50,weights=unequal", &b);
  set_options(&options, 1);
  options.method = "langevin";
  options.steps = BUDGET / (4 * DRAWS);
  ck_assert(used(&b.target, &options) > 1.05 * BUDGET);
  builtin_destroy(&b);
}
END_TEST

START_TEST(a_plan_says_what_is_wrong) {
  builtin b;
  dilate_options options;
  dilate_error err;
  paths_plan plan;
  dilate_error_init(&err);
  make_target("rings", &b);
  set_options(&options, 1);
  options.draws = 1;
  ck_assert_int_eq(paths_plan_make(paths_method_named("dilation"), &b.target, 4, BUDGET, &options, &plan, &err), DILATE_EINVAL);
  ck_assert(strlen(err.message) > 0);
  builtin_destroy(&b);
}
END_TEST

/* ---- Rows and arguments ---- */

START_TEST(rows_know_their_targets) {
  for (size_t t = 0; t < paths_target_count; t++) {
    builtin b;
    const paths_target *const row = &paths_target_list[t];
    if (builtin_create(row->spec, NULL, &b, NULL) != DILATE_OK) continue; /* the digits may be missing */
    ck_assert_msg((b.target.convolve != NULL) == row->closed, "%s", row->name);
    ck_assert_ptr_nonnull(b.draw);
    ck_assert_ptr_eq(paths_target_named(row->name), row);
    ck_assert(!(row->figures & PATHS_WEIGHTS) || (b.components > 0 && b.components <= PATHS_SHARES_MAX));
    builtin_destroy(&b);
  }
  ck_assert_ptr_null(paths_target_named("gmm"));
  ck_assert_ptr_null(paths_method_named(""));
}
END_TEST

/* Notes the letters in their order, and takes every value but "bad". */
static int note(int letter, const char *value, void *to) {
  char *const letters = to;
  letters[strlen(letters)] = (char)letter;
  return value == NULL || strcmp(value, "bad") != 0;
}

/* A text lands in its place, and take() is not asked for it. */
START_TEST(texts_are_kept_as_they_are) {
  struct kept {
    char letters[4];
    const char *rows;
  } kept = {"", NULL};
  static const struct option options[] = {{"quick", no_argument, NULL, 'q'}, {"rows", required_argument, NULL, 'r'}, {NULL, 0, NULL, 0}};
  static const arguments_text texts[] = {{'r', offsetof(struct kept, rows)}, {0, 0}};
  char words[][8] = {"test", "--rows", "a,b", "--quick"}, *argv[5] = {NULL};
  for (size_t i = 0; i < 4; i++) argv[i] = words[i];
  optind = 0;
  arguments_read(4, argv, &(arguments_syntax){.usage = "", .options = options, .take = note, .texts = texts}, &kept);
  ck_assert_str_eq(kept.rows, "a,b");
  ck_assert_str_eq(kept.letters, "q");
}
END_TEST

START_TEST(options_and_operands_by_hand) {
  static const struct option options[] = {{"quick", no_argument, NULL, 'q'}, {"rows", required_argument, NULL, 'r'}, {NULL, 0, NULL, 0}};
  char words[][8] = {"test", "one", "--rows", "a", "--quick", "two"}, *argv[7] = {NULL}, letters[4] = "";
  for (size_t i = 0; i < 6; i++) argv[i] = words[i];
  optind = 0; /* from the beginning, whoever read before */
  char **const operands =
      arguments_read(6, argv, &(arguments_syntax){.usage = "", .options = options, .operands = 2, .take = note}, letters);
  ck_assert_str_eq(letters, "rq");
  ck_assert_str_eq(operands[0], "one");
  ck_assert_str_eq(operands[1], "two");
  ck_assert(arguments_number("0.25") == 0.25 && arguments_number("0") == 0 && isnan(arguments_number("1x")));
  ck_assert(isnan(arguments_number("")) && isnan(arguments_number("-1")) && isnan(arguments_number("nan")));
}
END_TEST

START_TEST(arguments_by_hand) {
  uint64_t first, last;
  ck_assert(arguments_seeds("7", &first, &last) && first == 1 && last == 7);
  ck_assert(arguments_seeds("3-5", &first, &last) && first == 3 && last == 5);
  ck_assert(!arguments_seeds("5-3", &first, &last) && !arguments_seeds("x", &first, &last) && !arguments_seeds("0", &first, &last));
  ck_assert(!arguments_seeds("1-2-3", &first, &last) && !arguments_seeds("", &first, &last));
  ck_assert_int_eq(arguments_count("12"), 12);
  ck_assert(arguments_count("0") == 0 && arguments_count("2x") == 0 && arguments_count("1025") == 0);
  ck_assert(arguments_selected("walk", NULL) && arguments_selected("walk", "langevin,walk") && !arguments_selected("walk", "walks,wal"));
}
END_TEST

/* ---- Measures ---- */

static const paths_target small = {.name = "small", .spec = "gmm40", .draws = 250, .figures = PATHS_WEIGHTS | PATHS_PARTICLES};

static void clear(paths_run *r) {
  *r = (paths_run){.method = PATHS_EXACT};
  for (size_t m = 0; m < PATHS_MEASURES; m++) r->value[m] = NAN;
}

/* Exact draws are near; the same moved by a hundred scales are astray, far, and find nothing. */
START_TEST(measures_tell_right_from_wrong) {
  builtin b;
  paths_yardstick y;
  paths_run right, wrong;
  make_target(small.spec, &b);
  paths_yardstick_make(&small, &b, &y);
  clear(&right);
  clear(&wrong);
  double *const x = paths_exact(&b, 99, y.n);
  paths_measure_draws(&y, x, 1, &right);
  for (size_t i = 0; i < 2 * y.n; i++) x[i] += 1000;
  paths_measure_draws(&y, x, 0, &wrong);
  ck_assert(right.value[PATHS_FOUND] == 40 && wrong.value[PATHS_FOUND] == 0);
  assert_near(right.value[PATHS_ASTRAY], 0, 0.3);
  assert_near(wrong.value[PATHS_ASTRAY], 100, 1e-9);
  ck_assert(right.value[PATHS_TV] < 0.15 && wrong.value[PATHS_TV] > 0.9);
  for (int m = PATHS_W2; m <= PATHS_SINKHORN; m++)
    ck_assert_msg(m == PATHS_KS_FIRST || wrong.value[m] > 3 * right.value[m], "%s", paths_measure_list[m].key);
  ck_assert(right.points == PATHS_POINTS_MAX && wrong.points == 0 && isnan(right.value[PATHS_KS_FIRST]));
  free(x);
  paths_run_release(&right);
  paths_run_release(&wrong);
  paths_yardstick_free(&y);
  builtin_destroy(&b);
}
END_TEST

/* One component has all draws: the total variation is 1 less its weight. */
START_TEST(total_variation_by_hand) {
  builtin b;
  paths_yardstick y;
  paths_run r;
  make_target(small.spec, &b);
  paths_yardstick_make(&small, &b, &y);
  clear(&r);
  double *const x = ALLOCATE(double, 2 * y.n);
  memcpy(x, y.near, 2 * sizeof *x);
  for (size_t i = 1; i < y.n; i++) memcpy(x + 2 * i, x, 2 * sizeof *x);
  paths_measure_draws(&y, x, 0, &r);
  const size_t k = b.component(&b, x);
  double sum = 0;
  for (size_t i = 0; i < r.shares; i++) sum += y.weight[i];
  assert_near(sum, 1, 1e-9);
  assert_near(r.share[k], 1, 1e-9);
  assert_near(r.value[PATHS_TV], 1 - y.weight[k], 1e-9);
  assert_near(r.value[PATHS_FOUND], 1, 0);
  free(x);
  paths_run_release(&r);
  paths_yardstick_free(&y);
  builtin_destroy(&b);
}
END_TEST

/* ---- Tables and files ---- */

/* Of two runs of two methods on the rings. */
static void make_runs(paths_runs *out) {
  *out = (paths_runs){.row = paths_target_named("rings"), .n = 4, .run = ALLOCATE(paths_run, 4)};
  for (size_t i = 0; i < 4; i++) {
    paths_run *const r = &out->run[i];
    clear(r);
    r->method = i < 2 ? PATHS_EXACT : paths_method_named("walk");
    r->seed = i % 2 + 1;
    r->steps = i < 2 ? 0 : 31;
    r->samples = i < 2 ? 0 : 8;
    r->value[PATHS_W2] = i < 2 ? 0.5 : 1.5 + (double)i; /* 0.5, 0.5, 3.5, 4.5 */
    r->value[PATHS_FOUND] = i == 3 ? 1 : 2;
    r->value[PATHS_TV] = 0.25;
    r->value[PATHS_ASTRAY] = 0;
    r->shares = 2;
    r->share[0] = r->share[1] = 0.5;
  }
  out->run[2].points = 1;
  out->run[2].point = ALLOCATE(double, 2);
  out->run[2].point[0] = -1.2344;
  out->run[2].point[1] = 2;
}

static char *print(void (*printer)(FILE *, size_t, const paths_runs *), size_t n, const paths_runs *runs) {
  char *text = NULL;
  size_t size = 0;
  FILE *const stream = open_memstream(&text, &size);
  printer(stream, n, runs);
  fclose(stream);
  return text;
}

START_TEST(mean_and_spread_by_hand) {
  paths_runs runs;
  make_runs(&runs);
  const paths_summary s = paths_summarise(&runs, paths_method_named("walk"), PATHS_W2);
  assert_near(s.mean, 4, 1e-15);
  assert_near(s.sd, sqrt(0.5), 1e-15);
  ck_assert_uint_eq(s.n, 2);
  ck_assert(isnan(paths_summarise(&runs, paths_method_named("walk"), PATHS_KSD).mean));
  ck_assert_uint_eq(paths_run_count(&runs, paths_method_named("bridge")), 0);
  ck_assert_ptr_null(paths_first_run(&runs, paths_method_named("bridge")));
  paths_run_release(&runs.run[2]);
  free(runs.run);
}
END_TEST

/* A multiple of what exact draws have, with its spread; and words where there is no number. */
START_TEST(tables_say_what_they_should) {
  paths_runs runs;
  make_runs(&runs);
  char *const text = print(paths_tables_print, 1, &runs);
  ck_assert_msg(strstr(text, "8.00 ± 1.41") != NULL, "%s", text);
  ck_assert_msg(strstr(text, "| random walk (VE), Monte Carlo, 31 steps of 8 samples |") != NULL, "%s", text);
  ck_assert_msg(strstr(text, "| convolution path, closed form | no closed form |") != NULL, "%s", text);
  ck_assert_msg(strstr(text, "1.5 ± 0.7") != NULL, "%s", text);
  ck_assert_msg(strstr(text, "nan") == NULL, "%s", text);
  runs.run[3].value[PATHS_W2] = NAN; /* the mean of the other run alone is not told */
  char *const unfinished = print(paths_tables_print, 1, &runs);
  ck_assert_msg(strstr(unfinished, "| 7.00") == NULL && strstr(unfinished, "| 8.00") == NULL, "%s", unfinished);
  free(unfinished);
  runs.run[0].value[PATHS_W2] = NAN; /* nor is any, without that of exact draws */
  char *const without = print(paths_tables_print, 1, &runs);
  ck_assert_msg(strstr(without, "| sliced W2") == NULL && strstr(without, "mode-weight TV |") != NULL, "%s", without);
  free(without);
  runs.run[2].value[PATHS_LOG_Z] = 0; /* whatever it has: the method does not estimate it */
  char *const with_evidence = print(paths_tables_print, 1, &runs);
  ck_assert_msg(strstr(with_evidence, "not estimated") != NULL, "%s", with_evidence);
  runs.run[3].failure = copy_text("none of it");
  char *const with_failure = print(paths_tables_print, 1, &runs);
  ck_assert_msg(strstr(with_failure, "(1 of 2 failed)") != NULL, "%s", with_failure);
  free(text);
  free(with_evidence);
  free(with_failure);
  paths_run_release(&runs.run[2]);
  paths_run_release(&runs.run[3]);
  free(runs.run);
}
END_TEST

START_TEST(runs_come_back_from_json) {
  static const char path[] = "check_paths.json";
  paths_runs runs, *read;
  size_t n;
  make_runs(&runs);
  runs.run[3].images = 1;
  runs.run[3].image = allocate(1, sizeof *runs.run[3].image);
  memset(runs.run[3].image[0], 'a', PATHS_PIXELS);
  paths_save(path, 1, &runs);
  paths_load(path, "digits", NULL, &n, &read);
  ck_assert_uint_eq(n, 0);
  paths_runs_free(n, read);
  paths_load(path, NULL, "bridge", &n, &read);
  ck_assert(n == 1 && read[0].n == 2); /* exact draws are always wanted */
  paths_runs_free(n, read);
  paths_load(path, NULL, NULL, &n, &read);
  remove(path);
  char *const before = print(paths_tables_print, 1, &runs), *const after = print(paths_tables_print, n, read);
  ck_assert_str_eq(before, after);
  assert_near(read[0].run[2].point[0], -1.234, 1e-9);
  assert_near(read[0].run[2].share[1], 0.5, 0);
  ck_assert_str_eq(read[0].run[3].image[0], runs.run[3].image[0]);
  ck_assert(isnan(read[0].run[3].value[PATHS_KSD]) && read[0].run[3].samples == 8);
  free(before);
  free(after);
  paths_runs_free(n, read);
  paths_run_release(&runs.run[2]);
  paths_run_release(&runs.run[3]);
  free(runs.run);
}
END_TEST

START_TEST(a_page_without_runs) {
  paths_runs runs;
  make_runs(&runs);
  runs.run[0].points = 1;
  runs.run[0].point = ALLOCATE(double, 2);
  runs.run[0].point[0] = 1000; /* off the figure */
  char *const page = print(paths_page_print, 1, &runs);
  ck_assert_msg(strstr(page, "<h2>Two rings</h2>") != NULL && strstr(page, "</svg>") != NULL && strstr(page, "</html>") != NULL, "%s",
                page);
  ck_assert(strstr(page, "this target has no closed form") != NULL);
  ck_assert(strstr(page, "<script") == NULL && strstr(page, "nan") == NULL && strstr(page, "inf") == NULL);
  free(page);
  paths_run_release(&runs.run[0]);
  paths_run_release(&runs.run[2]);
  free(runs.run);
}
END_TEST

static int on_circles(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim;
  (void)grad;
  (void)params;
  *logp = -(x[0] * x[0] + x[1] * x[1]);
  return 0;
}

/* The contour at -4 is the circle of radius 2, to the second order in the cells' size. */
START_TEST(contours_are_where_the_density_is) {
  char *text = NULL;
  size_t size = 0, ends = 0;
  const builtin circles = {.target = {.dim = 2, .logp = on_circles}};
  const svg_axis x = svg_axis_over(-3, 3, 0, 0, 6000), y = svg_axis_over(-3, 3, 0, 6000, 0);
  FILE *const stream = open_memstream(&text, &size);
  paths_contour(stream, &circles, &x, &y, -4);
  fclose(stream);
  for (const char *at = text; *at != '\0';) {
    char *next;
    const double across = strtod(at + 1, &next), down = strtod(next, &next);
    assert_near(hypot(across / 1000 - 3, down / 1000 - 3), 2, 1e-3);
    ends++;
    at = next;
  }
  ck_assert_uint_gt(ends, 400);
  free(text);
}
END_TEST

static Suite *paths_suite(void) {
  Suite *suite = suite_create("paths");
  TCase *plans = tcase_create("plans"), *measures = tcase_create("measures"), *output = tcase_create("output");
  tcase_set_timeout(plans, 60);
  tcase_add_test(plans, plans_keep_their_budgets);
  tcase_add_test(plans, a_plan_without_the_search_is_off);
  tcase_add_test(plans, a_plan_says_what_is_wrong);
  tcase_add_test(plans, rows_know_their_targets);
  tcase_add_test(plans, options_and_operands_by_hand);
  tcase_add_test(plans, texts_are_kept_as_they_are);
  tcase_add_test(plans, arguments_by_hand);
  suite_add_tcase(suite, plans);
  tcase_set_timeout(measures, 60);
  tcase_add_test(measures, measures_tell_right_from_wrong);
  tcase_add_test(measures, total_variation_by_hand);
  suite_add_tcase(suite, measures);
  tcase_set_timeout(output, 60);
  tcase_add_test(output, mean_and_spread_by_hand);
  tcase_add_test(output, tables_say_what_they_should);
  tcase_add_test(output, runs_come_back_from_json);
  tcase_add_test(output, a_page_without_runs);
  tcase_add_test(output, contours_are_where_the_density_is);
  suite_add_tcase(suite, output);
  return suite;
}

int main(void) {
  return run_all(srunner_create(paths_suite()));
}
