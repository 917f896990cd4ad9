/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench/compare finds planted slowdowns and nothing else, and files come back. */
#define _POSIX_C_SOURCE 200809L
#include "check_speed.h"

#include "bench/speed_compare.h"
#include "runner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* ---- Comparing ---- */

/* Repeats of 1 % noise about the value. */
static void repeats(figures *all, const char *name, double value) {
  static const double about[] = {1, 0.99, 1.01, 1, 0.985, 1.015, 1.002};
  for (size_t i = 0; i < sizeof about / sizeof *about; i++) figures_add(all, FIGURE_REPEATS, "ns", value * about[i], "%s", name);
}

/* Three seeds, of which the second costs twice as much. */
static void seeds(figures *all, const char *name, double value) {
  for (int i = 1; i <= 3; i++) figures_add(all, FIGURE_SEEDS, "units", value * (i == 2 ? 2 : 1 + 0.01 * i), "%s", name);
}

/* machine: how slow everything is; one: how slow exp is besides; run: and a run. */
static figures plant(double machine, double one, double run) {
  figures all = {0};
  repeats(&all, "micro.ziggurat", 8 * machine);
  repeats(&all, "micro.exp", 0.5 * machine * one);
  repeats(&all, "micro.log", 0.6 * machine);
  seeds(&all, "whole.gmm40.units", 20 * run);
  figures_add(&all, FIGURE_SEEDS, "calls", 1000, "whole.gmm40.evaluations");
  figures_add(&all, FIGURE_FACT, "s", 3 * machine * run, "whole.gmm40.seconds");
  return all;
}

static size_t slowed(const figures *old, const figures *new, char **text) {
  size_t size;
  FILE *const stream = open_memstream(text, &size);
  const size_t n = changes_print(stream, old, new, 0.05);
  fclose(stream);
  return n;
}

static void assert_slowed(double machine, double one, double run, size_t expected, const char *which) {
  figures old = plant(1, 1, 1), new = plant(machine, one, run);
  char *text;
  const size_t n = slowed(&old, &new, &text);
  ck_assert_msg(n == expected, "%zu slowed, not %zu:\n%s", n, expected, text);
  const char *const at = which != NULL ? strstr(text, which) : NULL;
  if (which != NULL) ck_assert_msg(at != NULL && memchr(at, 'S', strcspn(at, "\n")) != NULL, "%s\n%s", which, text);
  free(text);
  figures_free(&old);
  figures_free(&new);
}

START_TEST(planted_slowdowns_are_found) {
  assert_slowed(1, 1, 1, 0, NULL);
  assert_slowed(1, 1.3, 1, 1, "micro.exp");
  assert_slowed(1, 1, 1.2, 1, "whole.gmm40.units");
  assert_slowed(1, 1.3, 1.2, 2, NULL);
}
END_TEST

START_TEST(no_slowdown_is_found_where_there_is_none) {
  assert_slowed(1, 0.5, 0.5, 0, NULL);
  assert_slowed(1, 1.02, 1.02, 0, NULL);         /* within the tolerance */
  assert_slowed(1.5, 1, 1, 1, "micro.ziggurat"); /* a slower machine is seen, and nothing else */
}
END_TEST

/* 8 % is beyond the tolerance, but not beyond a noise of 10 %; of a time taken once no noise is known; a count has none. */
START_TEST(noise_is_allowed_for) {
  figures old = {0}, new = {0};
  for (int i = -3; i <= 3; i++) {
    figures_add(&old, FIGURE_REPEATS, "ns", 1 + 0.05 * i, "noisy");
    figures_add(&new, FIGURE_REPEATS, "ns", 1.08 + 0.05 * i, "noisy");
  }
  figures_add(&old, FIGURE_SEEDS, "units", 1, "once");
  figures_add(&new, FIGURE_SEEDS, "units", 1.1, "once");
  figures_add(&old, FIGURE_SEEDS, "calls", 100, "count");
  figures_add(&new, FIGURE_SEEDS, "calls", 110, "count");
  figures_add(&old, FIGURE_SEEDS, "units", 1, "broken");
  figures_add(&new, FIGURE_SEEDS, "units", NAN, "broken");
  char *text;
  ck_assert_uint_eq(slowed(&old, &new, &text), 2);
  ck_assert(!change_of(&old, &new, figures_find(&old, "noisy"), 0.05).slowed &&
            !change_of(&old, &new, figures_find(&old, "once"), 0.05).slowed);
  ck_assert(change_of(&old, &new, figures_find(&old, "count"), 0.05).slowed &&
            change_of(&old, &new, figures_find(&old, "broken"), 0.05).slowed);
  free(text);
  figures_free(&old);
  figures_free(&new);
}
END_TEST

/* ---- The program, and files ---- */

static int compare(const char *old, const char *new) {
  char command[4096];
  const char *const top = getenv("top_builddir");
  snprintf(command, sizeof command, "'%s/bench/compare' %s %s >/dev/null 2>&1", top != NULL ? top : ".", old, new);
  const int status = system(command);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

START_TEST(the_program_says_so_by_its_status) {
  figures old = plant(1, 1, 1), new = plant(1, 1.3, 1);
  figures_save("check_speed_old.json", &old);
  figures_save("check_speed_new.json", &new);
  ck_assert_int_eq(compare("check_speed_old.json", "check_speed_old.json"), 0);
  ck_assert_int_eq(compare("check_speed_old.json", "check_speed_new.json"), 1);
  ck_assert_int_eq(compare("check_speed_new.json", "check_speed_old.json"), 0);
  ck_assert_int_eq(compare("check_speed_old.json", "check_speed_none.json"), 2);
  ck_assert_int_eq(compare("check_speed_old.json", ""), 2);
  ck_assert_int_eq(compare("--tolerance 0.5 check_speed_old.json", "check_speed_new.json"), 0);
  ck_assert_int_eq(compare("--tolerance x check_speed_old.json", "check_speed_new.json"), 2);
  ck_assert_int_eq(compare("--help", ""), 0);
  remove("check_speed_old.json");
  remove("check_speed_new.json");
  figures_free(&old);
  figures_free(&new);
}
END_TEST

START_TEST(figures_come_back_from_json) {
  static const char path[] = "check_speed.json";
  figures all = plant(1, 1, 1), read;
  figures_add(&all, FIGURE_SEEDS, "units", NAN, "whole.failed.units");
  figures_save(path, &all);
  figures_load(path, &read);
  remove(path);
  ck_assert_uint_eq(read.n, all.n);
  for (size_t i = 0; i < all.n; i++) {
    const figure *const a = &all.figure[i], *const b = &read.figure[i];
    ck_assert(strcmp(a->name, b->name) == 0 && strcmp(a->unit, b->unit) == 0 && a->kind == b->kind && a->n == b->n);
    for (size_t k = 0; k < a->n; k++) ck_assert(isnan(a->value[k]) ? isnan(b->value[k]) : fabs(b->value[k] / a->value[k] - 1) < 1e-8);
  }
  figures_free(&all);
  figures_free(&read);
}
END_TEST

static Suite *speed_suite(void) {
  Suite *suite = suite_create("speed");
  TCase *figures_case = tcase_create("figures"), *runs = tcase_create("runs");
  tcase_add_test(figures_case, planted_slowdowns_are_found);
  tcase_add_test(figures_case, no_slowdown_is_found_where_there_is_none);
  tcase_add_test(figures_case, noise_is_allowed_for);
  tcase_add_test(figures_case, the_program_says_so_by_its_status);
  tcase_add_test(figures_case, figures_come_back_from_json);
  add_speed_verdicts(figures_case);
  suite_add_tcase(suite, figures_case);
  tcase_set_timeout(runs, 120);
  add_speed_runs(runs);
  suite_add_tcase(suite, runs);
  return suite;
}

int main(void) {
  return run_all(srunner_create(speed_suite()));
}
