/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench/peers: the judge gives exact draws the worth that they have, and broken ones little; processes are talked to; verdicts by hand.
 *
 * A worth is that of the median of SETS sets of draws.  Of log worth the median has a standard error of at most .14 (total variation,
 * whose log has a standard deviation of about .55 over sets), .05 for moments and shares.  The limits lie 5 of them away, which a right
 * judge passes with probability 1 - 6e-7. */
#include "bench/accuracy_truth.h"
#include "bench/peers_child.h"
#include "bench/peers_table.h"
#include "bench/support.h"
#include "runner.h"
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SETS 101

static char truth_folder[4096];
static calibration stored;

static void read_stored(void) {
  char folder[4000];
  const char *const top = getenv("top_srcdir");
  snprintf(folder, sizeof folder, "%s/bench", top != NULL ? top : ".");
  snprintf(truth_folder, sizeof truth_folder, "%s/truth", folder);
  calibration_read(folder, &stored);
}

static void free_stored(void) {
  calibration_free(&stored);
}

/* A judge of a row, its target and random numbers. */
typedef struct trial {
  builtin target;
  judge judge;
  gsl_rng *rng;
} trial;

static void trial_make(const char *name, trial *t) {
  const row *const r = row_named(name);
  ck_assert_int_eq(builtin_create(r->target, NULL, &t->target, NULL), DILATE_OK);
  judge_make(r, &t->target, &stored, truth_folder, &t->judge);
  t->rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(t->rng, 7);
}

static void trial_free(trial *t) {
  gsl_rng_free(t->rng);
  judge_free(&t->judge);
  builtin_destroy(&t->target);
}

/* Fills n draws. */
typedef void (*draw_fn)(trial *t, size_t n, double *x);

/* The worth of the median of `sets` sets of n draws each. */
static double worth(trial *t, draw_fn draw, size_t sets, size_t n) {
  double *const x = ALLOCATE(double, n * t->target.target.dim), value[MEASURES_MAX], *all = ALLOCATE(double, MEASURES_MAX *sets);
  for (size_t s = 0; s < sets; s++) {
    draw(t, n, x);
    judge_measure(&t->judge, n, x, value);
    for (size_t m = 0; m < MEASURES_MAX; m++) all[m * sets + s] = value[m];
  }
  for (size_t m = 0; m < MEASURES_MAX; m++) value[m] = median_of(sets, all + m * sets);
  free(all);
  free(x);
  return judge_worth(&t->judge, value);
}

static void assert_within(double value, double low, double high) {
  ck_assert_msg(value >= low && value <= high, "%g does not lie from %g to %g", value, low, high);
}

/* ---- Exact draws ---- */

static void draw_exactly(trial *t, size_t n, double *x) {
  for (size_t i = 0; i < n; i++) t->target.draw(&t->target, t->rng, x + i * t->target.target.dim);
}

/* All but those of the lightest component. */
static void draw_without_one(trial *t, size_t n, double *x) {
  size_t lightest = 0;
  for (size_t k = 1; k < t->target.components; k++)
    if (t->target.component_weight[k] < t->target.component_weight[lightest]) lightest = k;
  for (size_t i = 0; i < n; i++) {
    double *const point = x + i * t->target.target.dim;
    do t->target.draw(&t->target, t->rng, point);
    while (t->target.component(&t->target, point) == lightest);
  }
}

START_TEST(exact_draws_are_worth_their_number) {
  trial t;
  trial_make("gmm4-10", &t);
  assert_within(worth(&t, draw_exactly, SETS, 2500), 2500 / 2.0, 2500 * 2.0);
  assert_within(worth(&t, draw_exactly, SETS, 500), 500 / 2.0, 500 * 2.0);
  trial_free(&t);
}
END_TEST

/* The weight of the lightest, .1, is the total variation: worth about 1000 (.021 / .1)^2 = 44. */
START_TEST(a_mode_that_is_missing_is_seen) {
  trial t;
  trial_make("gmm4-10", &t);
  assert_within(worth(&t, draw_without_one, 3, 4000), 0, LEAST_DRAW);
  trial_free(&t);
}
END_TEST

/* ---- Moments and quantiles ---- */

/* Independent Gaussians with the stored moments, moved by `shift` standard deviations. */
static void draw_moments(trial *t, size_t n, double *x, double shift) {
  char path[8192], line[4096], *field[CSV_FIELDS];
  FILE *const file = csv_open(truth_folder, t->judge.row->truth, path, sizeof path);
  csv_fields(file, line, sizeof line, field);
  while (csv_fields(file, line, sizeof line, field) == 4) {
    const size_t j = (size_t)csv_number(path, field[0]);
    const double mean = csv_number(path, field[2]), sd = csv_number(path, field[3]);
    for (size_t i = 0; i < n; i++) x[i * t->target.target.dim + j] = mean + sd * (shift + gsl_ran_ugaussian(t->rng));
  }
  fclose(file);
}

static void draw_right_moments(trial *t, size_t n, double *x) {
  draw_moments(t, n, x, 0);
}

static void draw_shifted(trial *t, size_t n, double *x) {
  draw_moments(t, n, x, 0.15);
}

/* The least of two worths lies a little below either's median. */
START_TEST(moments_tell_the_number_of_draws) {
  trial t;
  trial_make("ionosphere", &t);
  assert_within(worth(&t, draw_right_moments, SETS, 1000), 1000 * exp(-0.25), 1000 * exp(0.25));
  assert_within(worth(&t, draw_shifted, 3, 4000), 0, LEAST_DRAW);
  trial_free(&t);
}
END_TEST

static size_t column_named(const trial *t, const char *name) {
  size_t j = 0;
  while (j < t->target.target.n_out && strcmp(t->target.target.names[j], name) != 0) j++;
  ck_assert_uint_lt(j, t->target.target.n_out);
  return j;
}

/* Uniform levels between the stored ones, and numbers on their side of the stored quantiles. */
static void values_by_quantiles(trial *t, size_t n, double *values) {
  char path[8192], head[4096], line[4096], *level[CSV_FIELDS], *field[CSV_FIELDS];
  const size_t columns = t->target.target.n_out;
  FILE *const file = csv_open(truth_folder, t->judge.row->truth, path, sizeof path);
  const size_t fields = csv_fields(file, head, sizeof head, level);
  while (csv_fields(file, line, sizeof line, field) == fields) {
    const size_t j = column_named(t, field[0]);
    for (size_t i = 0; i < n; i++) {
      const double u = gsl_rng_uniform(t->rng);
      size_t l = 2;
      while (l < fields && u > csv_number(path, level[l])) l++;
      values[i * columns + j] = l < fields ? csv_number(path, field[l]) : csv_number(path, field[fields - 1]) + 1;
    }
  }
  fclose(file);
}

START_TEST(shares_tell_the_number_of_draws) {
  enum { N = 1000 };
  trial t;
  trial_make("eight_schools", &t);
  double *const values = ALLOCATE(double, N *t.target.target.n_out), error[SETS];
  for (size_t s = 0; s < SETS; s++) {
    values_by_quantiles(&t, N, values);
    error[s] = truth_shares(truth_folder, t.judge.row->truth, &t.target.target, N, values);
  }
  assert_within(1 / pow(median_of(SETS, error), 2), N * exp(-0.25), N * exp(0.25));
  free(values);
  trial_free(&t);
}
END_TEST

/* ---- Processes ---- */

START_TEST(a_process_answers_stage_by_stage) {
  const char *const argv[] = {"/bin/sh", "-c", "read l; echo 0.5 100 7 1; printf 'abcdefghijklmnop'; read l; echo 1 200 9 3; sleep 9",
                              NULL};
  child c;
  answer a;
  double x[4];
  child_start(argv, 10, &c);
  ck_assert(child_stage(&c, 2, 2, x, &a));
  ck_assert(memcmp(x, "abcdefghijklmnop", sizeof(double[2])) == 0);
  ck_assert(a.seconds == 0.5 && a.evaluations == 100 && a.gradients == 7 && a.rows == 1);
  ck_assert(!child_stage(&c, 2, 2, x, &a)); /* more rows than there is room for */
  child_end(&c);
}
END_TEST

START_TEST(a_process_that_is_gone_or_never_ends) {
  const char *const gone[] = {"/bin/sh", "-c", "exit 1", NULL}, *const endless[] = {"/bin/sh", "-c", "while :; do :; done", NULL};
  child c;
  answer a;
  double x[1];
  child_start(gone, 10, &c);
  ck_assert(!child_stage(&c, 1, 1, x, &a));
  child_end(&c);
  child_start(endless, 0, &c);
  ck_assert(!child_stage(&c, 1, 1, x, &a));
  child_end(&c);
}
END_TEST

/* ---- Verdicts ---- */

static void put(outcome *o, double seconds, double value) {
  o->length[o->lengths++] = (reach){.seconds = seconds, .worth = value};
}

START_TEST(verdicts_by_hand) {
  contest c = {.row = row_named("gmm4-10"), .multimodal = 1};
  put(&c.outcome[SAMPLER_OURS], 1, 1000);
  put(&c.outcome[SAMPLER_STRETCH], 5, 99); /* has not reached the target */
  put(&c.outcome[SAMPLER_STRETCH], 10, 900);
  put(&c.outcome[SAMPLER_DIFFERENTIAL], 3, 200);
  put(&c.outcome[SAMPLER_NUTS], 1, 99);
  ck_assert_ptr_eq(outcome_best(&c.outcome[SAMPLER_STRETCH]), &c.outcome[SAMPLER_STRETCH].length[1]);
  ck_assert_ptr_null(outcome_best(&c.outcome[SAMPLER_NUTS]));
  ck_assert_int_eq(contest_emcee(&c), SAMPLER_STRETCH);
  ck_assert_int_eq(contest_standing(&c, SAMPLER_STRETCH), STANDING_PASS);
  ck_assert_int_eq(contest_standing(&c, SAMPLER_NUTS), STANDING_PASS);
  ck_assert(contests_ok(1, &c));
  put(&c.outcome[SAMPLER_NUTS], 2, 250); /* eight times ours */
  ck_assert_int_eq(contest_standing(&c, SAMPLER_NUTS), STANDING_FAIL);
  ck_assert(!contests_ok(1, &c));
  c.multimodal = 0;
  ck_assert_int_eq(contest_standing(&c, SAMPLER_NUTS), STANDING_PASS);
  put(&c.outcome[SAMPLER_NUTS], 2, 2500); /* less than ours */
  ck_assert_int_eq(contest_standing(&c, SAMPLER_NUTS), STANDING_FAIL);
  c.outcome[SAMPLER_NUTS] = (outcome){.absent = "not there"};
  ck_assert_int_eq(contest_standing(&c, SAMPLER_NUTS), STANDING_ABSENT);
  ck_assert(contests_ok(1, &c));
  c.outcome[SAMPLER_NUTS].absent = NULL; /* it ran, and broke off */
  ck_assert_int_eq(contest_standing(&c, SAMPLER_NUTS), STANDING_FAIL);
  c.outcome[SAMPLER_OURS].length[0].worth = 50; /* ours is not there either, which no peer excuses */
  ck_assert_int_eq(contest_standing(&c, SAMPLER_STRETCH), STANDING_PASS);
  c.multimodal = 1;
  ck_assert_int_eq(contest_standing(&c, SAMPLER_STRETCH), STANDING_FAIL);
}
END_TEST

static Suite *peers_suite(void) {
  Suite *suite = suite_create("peers");
  TCase *judged = tcase_create("judge"), *process = tcase_create("process"), *verdict = tcase_create("verdict");
  tcase_add_unchecked_fixture(judged, read_stored, free_stored);
  tcase_add_test(judged, exact_draws_are_worth_their_number);
  tcase_add_test(judged, a_mode_that_is_missing_is_seen);
  tcase_add_test(judged, moments_tell_the_number_of_draws);
  tcase_add_test(judged, shares_tell_the_number_of_draws);
  tcase_set_timeout(judged, 60);
  suite_add_tcase(suite, judged);
  tcase_add_test(process, a_process_answers_stage_by_stage);
  tcase_add_test(process, a_process_that_is_gone_or_never_ends);
  suite_add_tcase(suite, process);
  tcase_add_test(verdict, verdicts_by_hand);
  suite_add_tcase(suite, verdict);
  return suite;
}

int main(void) {
  return run_all(srunner_create(peers_suite()));
}
