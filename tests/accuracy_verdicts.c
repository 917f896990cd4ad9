/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdicts of bench/accuracy on planted runs, and the limits of coverage. */
#define _POSIX_C_SOURCE 200809L
#include "check_accuracy.h"

#include "bench/accuracy_json.h"
#include "bench/accuracy_modes.h"
#include "bench/support.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEEDS 20

static const row planted = {
    "planted", "gauss", .tolerance = 0.02, .evaluations = 1e5,
    .measures = {{.kind = MEASURE_MEANS, .median = 0.08, .worst = 0.16}, {.kind = MEASURE_MISSED, .exceptions = 0.05}}};
static const calibration none;

/* Twenty good runs: errors of log Z of -.0095 to .0095, their standard error .006. */
static row_runs good_runs(const row *r) {
  row_runs runs = {.row = r, .n = SEEDS, .run = ALLOCATE(run, SEEDS)};
  for (size_t i = 0; i < SEEDS; i++)
    runs.run[i] = (run){.seed = i + 1,
                        .log_z = 5 + 0.001 * ((double)i - 9.5),
                        .log_z_se = 0.006,
                        .log_z_truth = 5,
                        .value = {0.05, 0},
                        .missing = 0,
                        .evaluations = 90000,
                        .modes = 2,
                        .mode = ALLOCATE(run_mode, 2),
                        .warning = ALLOCATE(char *, 1)};
  for (size_t i = 0; i < SEEDS; i++) {
    runs.run[i].mode[0] = (run_mode){0.61, 0.01, 0.6};
    runs.run[i].mode[1] = (run_mode){0.39, 0.01, NAN};
  }
  return runs;
}

static void free_runs(row_runs *runs) {
  for (size_t i = 0; i < runs->n; i++) run_release(&runs->run[i]);
  free(runs->run);
}

static void warn(run *r) {
  r->warning[0] = copy_text("planted");
  r->warnings = 1;
}

START_TEST(good_runs_pass) {
  row_runs runs = good_runs(&planted);
  verdict v;
  coverage c;
  verdict_make(&runs, NULL, &none, &v);
  ck_assert(v.ok && v.silent == 0 && v.failures == 0);
  ck_assert_double_eq_tol(v.log_z_median, 0.005, 1e-9);
  ck_assert_double_eq_tol(v.log_z_worst, 0.0095, 1e-9);
  coverage_make(&runs, &c);
  ck_assert(c.ok && c.log_z.covered == SEEDS && c.log_z.all == SEEDS && c.weights.covered == SEEDS && c.weights.all == SEEDS);
  free_runs(&runs);
}
END_TEST

START_TEST(a_silent_error_fails_the_row) {
  row_runs runs = good_runs(&planted);
  verdict v;
  runs.run[3].log_z = 5.019; /* small, but beyond three standard errors */
  verdict_make(&runs, NULL, &none, &v);
  ck_assert(!v.log_z_ok && v.silent == 1 && v.draws_ok);
  runs.run[3].log_z_se = 0.0064;
  verdict_make(&runs, NULL, &none, &v);
  ck_assert(v.log_z_ok && v.silent == 0);
  runs.run[3].log_z = 5.081; /* beyond four times the tolerance, however honest */
  runs.run[3].log_z_se = 0.05;
  verdict_make(&runs, NULL, &none, &v);
  ck_assert(!v.log_z_ok && v.silent == 0);
  free_runs(&runs);
}
END_TEST

START_TEST(measures_have_their_limits) {
  row_runs runs = good_runs(&planted);
  verdict v;
  runs.run[0].value[1] = 2; /* one run of twenty may miss modes */
  runs.run[0].value[0] = 0.15;
  verdict_make(&runs, NULL, &none, &v);
  ck_assert(v.draws_ok && v.other_ok);
  runs.run[1].value[1] = 1;
  runs.run[0].value[0] = 0.17;
  verdict_make(&runs, NULL, &none, &v);
  ck_assert(!v.draws_ok && !v.other_ok);
  free_runs(&runs);
}
END_TEST

START_TEST(costs_and_failures) {
  row_runs runs = good_runs(&planted);
  verdict v;
  runs.run[0].evaluations = 190000;
  verdict_make(&runs, NULL, &none, &v);
  ck_assert(v.ok);
  runs.run[0].evaluations = 210000;
  verdict_make(&runs, NULL, &none, &v);
  ck_assert(!v.evaluations_ok);
  runs.run[0].evaluations = 90000;
  runs.run[0].failure = copy_text("planted");
  verdict_make(&runs, NULL, &none, &v);
  ck_assert(!v.ok && v.failures == 1 && isinf(v.measure[0].worst));
  free_runs(&runs);
}
END_TEST

START_TEST(twins_must_agree) {
  row_runs a = good_runs(&planted), b = good_runs(&planted);
  verdict v;
  for (size_t i = 0; i < SEEDS; i++) {
    a.run[i].profile = (profile){.n = 1, .level = {0.5}, .share = {0.50}, .se = {0.01}};
    b.run[i].profile = (profile){.n = 1, .level = {0.5}, .share = {0.52}, .se = {0.01}};
  }
  verdict_make(&a, &b, &none, &v);
  ck_assert(v.other_ok);
  ck_assert_double_eq_tol(v.twins_apart, sqrt(2), 1e-12);
  b.run[7].profile.share[0] = 0.56;
  verdict_make(&a, &b, &none, &v);
  ck_assert(!v.other_ok);
  free_runs(&a);
  free_runs(&b);
}
END_TEST

START_TEST(runs_that_disagree_fail_by_chi_square) {
  static const row spread = {"spread", "galaxies", .rule = LOG_Z_CHI_SQUARE, .tolerance = 0.03, .evaluations = 1e6};
  row_runs runs = good_runs(&spread);
  verdict v;
  for (size_t i = 0; i < SEEDS; i++) runs.run[i].log_z_truth = NAN;
  verdict_make(&runs, NULL, &none, &v);
  ck_assert(v.log_z_ok);
  ck_assert_double_eq_tol(v.chi_square, 665.0 / 36, 1e-6); /* sum of (i - 9.5)^2 over 6^2 */
  ck_assert_double_eq_tol(v.chi_square_limit, 43.820, 1e-3);
  for (size_t i = 0; i < SEEDS; i++) runs.run[i].log_z_se = 0.003;
  verdict_make(&runs, NULL, &none, &v);
  ck_assert(!v.log_z_ok);
  free_runs(&runs);
}
END_TEST

START_TEST(errors_too_small_or_too_large) {
  row_runs runs = good_runs(&planted);
  coverage c;
  for (size_t i = 0; i < SEEDS; i++) runs.run[i].log_z_se = 0.002;
  coverage_make(&runs, &c);
  ck_assert(!c.ok && c.log_z.covered == 8); /* |error| <= .004: of .0005, .0015, .0025 and .0035 */
  for (size_t i = 0; i < SEEDS; i++) runs.run[i].log_z_se = 0.02;
  coverage_make(&runs, &c);
  ck_assert(!c.ok && c.log_z.covered == SEEDS && c.ratio > 2);
  free_runs(&runs);
}
END_TEST

/* Of twenty, P(14 or fewer cover) = .0003 and P(15 or fewer) = .0026; of 2000, 1900 -+ 3.3 x 9.7. */
START_TEST(limits_of_coverage) {
  size_t low, high;
  coverage_limits(20, &low, &high);
  ck_assert(low == 15 && high == 20);
  coverage_limits(0, &low, &high);
  ck_assert(low == 0 && high == 0);
  coverage_limits(2000, &low, &high);
  ck_assert(low >= 1865 && low <= 1869 && high >= 1929 && high <= 1933);
}
END_TEST

START_TEST(warnings_are_counted) {
  row_runs runs = good_runs(&planted);
  warnings w = {0};
  for (size_t i = 0; i < 5; i++) runs.run[i].log_z = 4.9;
  for (size_t i = 0; i < 4; i++) warn(&runs.run[i]);
  runs.run[5].log_z = 5.1; /* neither lost nor clean */
  runs.run[6].missing = 0.06;
  warn(&runs.run[6]);
  warnings_add(&runs, &w);
  warnings_close(&w);
  ck_assert(w.lost == 6 && w.lost_warned == 5 && w.clean == 13 && w.clean_warned == 0 && w.ok);
  warn(&runs.run[10]);
  w = (warnings){0};
  warnings_add(&runs, &w);
  warnings_close(&w);
  ck_assert(w.clean_warned == 1 && !w.ok);
  free_runs(&runs);
}
END_TEST

START_TEST(rows_are_selected_by_name_or_beginning) {
  ck_assert(row_selected(row_named("gmm40"), "gmm40") && !row_selected(row_named("gmm40-50"), "gmm40"));
  ck_assert(row_selected(row_named("gmm40-50"), "gmm40-") && !row_selected(row_named("gmm40"), "gmm40-"));
  ck_assert(row_selected(row_named("mos-10"), "rings,mos") && row_selected(row_named("rings"), "rings,mos"));
  ck_assert(row_selected(row_named("mos-10"), NULL) && !row_selected(row_named("edges"), "rings,mos"));
  ck_assert_ptr_null(row_named("nowhere"));
}
END_TEST

START_TEST(figures_come_back_from_their_file) {
  char path[] = "/tmp/accuracy-XXXXXX";
  const int file = mkstemp(path);
  ck_assert_int_ge(file, 0);
  close(file);
  row_runs runs = good_runs(row_named("ionosphere")), *back;
  warn(&runs.run[2]);
  runs.run[4].failure = copy_text("planted");
  runs.run[4].value[0] = NAN;
  runs.run[5].profile = (profile){.n = 2, .level = {0.1, 0.5}, .share = {0.2, 0.3}, .se = {0.4, 0.5}};
  judgement j;
  size_t n;
  judgement_make(1, &runs, &none, &j);
  figures_save(path, &j, &none);
  figures_load(path, NULL, &n, &back);
  unlink(path);
  ck_assert(n == 1 && back->row == runs.row && back->n == SEEDS);
  for (size_t i = 0; i < SEEDS; i++) {
    const run *const a = &runs.run[i], *const b = &back->run[i];
    ck_assert(a->seed == b->seed && a->evaluations == b->evaluations && a->warnings == b->warnings && a->modes == b->modes);
    ck_assert_double_eq_tol(a->log_z, b->log_z, 1e-8);
    ck_assert(isnan(b->mode[1].truth) && fabs(b->mode[0].truth - 0.6) < 1e-9);
    ck_assert((a->failure == NULL) == (b->failure == NULL) && isnan(a->value[0]) == isnan(b->value[0]));
  }
  ck_assert_str_eq(back->run[2].warning[0], "planted");
  ck_assert(back->run[5].profile.n == 2 && fabs(back->run[5].profile.se[1] - 0.5) < 1e-9);
  runs_free(n, back);
  judgement_free(&j);
  free_runs(&runs);
}
END_TEST

/* Four components, each of them a mode. */
START_TEST(a_run_is_measured) {
  const row *const r = row_named("gmm4-10");
  builtin target;
  yardstick y;
  run one;
  ck_assert_int_eq(builtin_create("gmm4:dim=3", NULL, &target, NULL), DILATE_OK);
  yardstick_make(r, &target, &y);
  run_make(&y, NULL, 1, &one);
  ck_assert_ptr_null(one.failure);
  ck_assert(fabs(run_log_z_error(&one)) < 0.1 && one.evaluations > 1000 && one.missing == 0);
  ck_assert(one.value[0] > 0 && one.value[0] < 0.2 && one.value[1] > 0 && one.value[1] < 0.1);
  double weight = 0;
  for (size_t m = 0; m < one.modes; m++) weight += one.mode[m].truth;
  ck_assert(one.modes == 4 && fabs(weight - 1) < 1e-12);
  run_release(&one);
  yardstick_free(&y);
  builtin_destroy(&target);
}
END_TEST

Suite *verdicts_suite(void) {
  Suite *suite = suite_create("verdicts");
  TCase *judged = tcase_create("planted runs"), *kept = tcase_create("files and runs");
  tcase_add_test(judged, good_runs_pass);
  tcase_add_test(judged, a_silent_error_fails_the_row);
  tcase_add_test(judged, measures_have_their_limits);
  tcase_add_test(judged, costs_and_failures);
  tcase_add_test(judged, twins_must_agree);
  tcase_add_test(judged, runs_that_disagree_fail_by_chi_square);
  tcase_add_test(judged, errors_too_small_or_too_large);
  tcase_add_test(judged, limits_of_coverage);
  tcase_add_test(judged, warnings_are_counted);
  suite_add_tcase(suite, judged);
  tcase_add_test(kept, rows_are_selected_by_name_or_beginning);
  tcase_add_test(kept, figures_come_back_from_their_file);
  tcase_add_test(kept, a_run_is_measured);
  suite_add_tcase(suite, kept);
  return suite;
}
