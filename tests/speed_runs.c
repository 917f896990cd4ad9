/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What bench/speed times and runs: twice the work costs twice the time, a target's cost is its own, a run in a child is the run that
 * it would be here, and the parts leave figures that are whole. */
#define _POSIX_C_SOURCE 200809L
#include "bench/speed_cost.h"
#include "bench/speed_parts.h"
#include "bench/speed_run.h"
#include "bench/speed_table.h"
#include "bench/support.h"
#include "check_speed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Time ---- */

/* Work that no compiler leaves out. */
static void spin(size_t n) {
  volatile double sum = 0;
  for (size_t i = 0; i < n; i++) sum = sum + 1;
}

static void work(void *state) {
  spin(*(const size_t *)state);
}

/* Medians of turns taken one after the other: 20 % off would need a clock that is wrong. */
START_TEST(twice_the_work_takes_twice_the_time) {
  const pace p = {.repeats = 11, .least = 1e-3};
  size_t once = 4000, twice = 8000;
  rival rivals[] = {{"once", work, &once, 1}, {"twice", work, &twice, 1}, {"twice for two", work, &twice, 2}};
  figures all = {0};
  race(&p, 3, rivals, &all);
  const figure *const one = figures_find(&all, "once");
  const double two = figures_ratio(figures_find(&all, "twice"), one), for_two = figures_ratio(figures_find(&all, "twice for two"), one);
  ck_assert_msg(fabs(two - 2) < 0.4 && fabs(for_two - 1) < 0.2, "%.2f and %.2f", two, for_two);
  ck_assert(one->n == 11 && one->kind == FIGURE_REPEATS);
  figures_free(&all);
}
END_TEST

/* Point i of 100 lies at (i, i + 1000). */
enum { POINTS = 100 };

/* Check's own assertions take time: what is wrong is counted. */
typedef struct visits {
  size_t seen[POINTS], wrong;
} visits;

static int slow_batch(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {
  visits *const v = params;
  v->wrong += dim != 2 || n > ld || n == 0;
  for (size_t i = 0; i < n; i++) {
    v->wrong += x[ld + i] != x[i] + 1000;
    v->seen[(size_t)x[i] % POINTS]++;
    spin(grad != NULL ? 6000 : 2000);
    logp[i] = 0;
  }
  return 0;
}

static int slow_point(size_t dim, const double *x, double *logp, double *grad, void *params) {
  return slow_batch(dim, 1, 1, x, logp, grad, params);
}

static void assert_cost(const dilate_target *t) {
  double x[2 * POINTS], density, gradient;
  visits v = {0};
  dilate_target copy = *t;
  copy.params = &v;
  for (size_t i = 0; i < POINTS; i++) x[2 * i] = (double)i, x[2 * i + 1] = (double)i + 1000;
  target_cost(&copy, POINTS, x, &density, &gradient);
  ck_assert_msg(density > 0 && fabs(gradient / density - 3) < 0.6, "%g and %g seconds", density, gradient);
  ck_assert_uint_eq(v.wrong, 0);
  for (size_t i = 0; i < POINTS; i++) ck_assert_msg(v.seen[i] > 0, "point %zu was left out", i);
}

START_TEST(a_target_s_cost_is_its_own) {
  dilate_target t;
  dilate_target_init(&t);
  t.dim = 2;
  t.batch = slow_batch;
  assert_cost(&t);
  t.batch = NULL;
  t.logp = slow_point;
  assert_cost(&t);
}
END_TEST

/* ---- Runs ---- */

static dilate_options small_run(void) {
  dilate_options options;
  dilate_options_init(&options);
  options.threads = 1;
  options.groups = 1;
  options.effort = 0.1;
  return options;
}

START_TEST(a_run_in_a_child_is_the_run) {
  const dilate_options options = small_run();
  speed_run run;
  builtin b;
  dilate_result *result;
  double log_z, se, df, seconds = 0;
  uint64_t gradients, evaluations = 0;
  speed_run_make("gauss:dim=4", &options, 1, &run);
  ck_assert_str_eq(run.failure, "");
  ck_assert_int_eq(builtin_create("gauss:dim=4", NULL, &b, NULL), DILATE_OK);
  ck_assert_int_eq(dilate_sample(&b.target, &options, &result, NULL), DILATE_OK);
  dilate_result_log_z(result, &log_z, &se, &df);
  ck_assert(log_z == run.log_z && se == run.log_z_se && run.log_z_truth == b.log_z);
  ck_assert(dilate_result_evaluations(result, &gradients) == run.evaluations && gradients == run.gradients);
  for (size_t s = 0; s < run.stages; s++) seconds += run.stage[s].seconds, evaluations += run.stage[s].evaluations;
  ck_assert_msg(evaluations == run.evaluations && seconds <= run.seconds && seconds > 0.8 * run.seconds, "%g of %g s", seconds,
                run.seconds);
  ck_assert(run.dim == 4 && run.particles == 4000 && run.stages > 3 && run.unit > 0 && run.wall > 0);
  ck_assert(run.density_cost > 0 && run.gradient_cost > 0 && speed_run_target(&run) < run.seconds);
  dilate_result_free(result);
  builtin_destroy(&b);
}
END_TEST

/* 40,000 particles in 10 dimensions take 3.2 MB a copy; a run of a hundredth of them takes much less. */
START_TEST(memory_is_that_of_the_run) {
  dilate_options options = small_run();
  speed_run small, large;
  options.method = "langevin";
  options.steps = 2;
  options.draws = 100;
  speed_run_make("free:10", &options, 0, &small);
  options.draws = 10000;
  speed_run_make("free:10", &options, 0, &large);
  ck_assert(small.failure[0] == '\0' && large.failure[0] == '\0');
  ck_assert_msg(large.memory - small.memory > 3.2e6, "%g and %g bytes", small.memory, large.memory);
  ck_assert_msg(small.memory > 400 * 10 * 8, "%g bytes", small.memory);
}
END_TEST

START_TEST(a_failed_run_says_so) {
  dilate_options options = small_run();
  speed_run run;
  options.draws = 1;
  speed_run_make("gauss:dim=4", &options, 1, &run);
  ck_assert_msg(strstr(run.failure, "draws") != NULL, "%s", run.failure);
  options.draws = 100;
  options.max_seconds = 1e-9;
  speed_run_make("gauss:dim=4", &options, 1, &run);
  ck_assert_msg(strstr(run.failure, "stopped") != NULL, "%s", run.failure);
  speed_run_make("no-such-target", &options, 1, &run);
  ck_assert_msg(strstr(run.failure, "ended") != NULL, "%s", run.failure);
}
END_TEST

/* ---- Parts ---- */

static char *print_tables(const figures *all, line lines[LINES]) {
  char *text = NULL;
  size_t size;
  FILE *const stream = open_memstream(&text, &size);
  lines_judge(all, lines);
  speed_tables_print(stream, all, lines);
  fclose(stream);
  return text;
}

START_TEST(parts_leave_whole_figures) {
  const speed_plan plan = {.quick = 1, .pace = {.repeats = 7, .least = 1e-5}, .seeds = 1, .rows = "gauss-10"};
  figures all = {0};
  line lines[LINES];
  speed_micro(&plan, &all);
  speed_callbacks(&plan, &all);
  speed_mixtures(&plan, &all);
  for (size_t i = 0; i < all.n; i++) {
    ck_assert_msg(all.figure[i].n == 7, "%s: %zu values", all.figure[i].name, all.figure[i].n);
    ck_assert_msg(median_of(7, all.figure[i].value) > 0 && isfinite(largest_of(7, all.figure[i].value)), "%s", all.figure[i].name);
  }
  speed_whole(&plan, &all);
  char *const text = print_tables(&all, lines);
  for (size_t l = 0; l < 5; l++) /* memory, line 6, depends on the build */
    ck_assert_msg((lines[l].verdict == LINE_NOT_JUDGED) == (l >= 3), "line %zu: %s", l + 1, lines[l].text);
  ck_assert(strstr(text, "| gauss-10 | 10 |") != NULL && strstr(text, "| ula.100 |") != NULL);
  ck_assert(strstr(text, "failed") == NULL && strstr(text, " inf ") == NULL);
  free(text);
  figures_free(&all);
}
END_TEST

void add_speed_runs(TCase *runs) {
  tcase_add_test(runs, twice_the_work_takes_twice_the_time);
  tcase_add_test(runs, a_target_s_cost_is_its_own);
  tcase_add_test(runs, a_run_in_a_child_is_the_run);
  tcase_add_test(runs, memory_is_that_of_the_run);
  tcase_add_test(runs, a_failed_run_says_so);
  tcase_add_test(runs, parts_leave_whole_figures);
}
