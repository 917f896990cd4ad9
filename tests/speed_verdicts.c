/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines that bench/speed judges by: each passes with figures that are good enough, and fails, alone, when one of its own is just not;
 * exponents are those that were put in. */
#include "bench/speed_lines.h"
#include "check_speed.h"

#include <math.h>
#include <string.h>

/* Figures with which every line passes, but for the one that is named: that has the given value. */
typedef struct exception {
  const char *name;
  double value;
} exception;

static void put(figures *all, const exception *e, const char *name, double value) {
  figures_add(all, FIGURE_FACT, "", e->name != NULL && strcmp(e->name, name) == 0 ? e->value : value, "%s", name);
}

static void put_row(figures *all, const exception *e, const char *row, double units) {
  const struct {
    const char *name;
    double value;
  } quantities[] = {{"dim", 2},        {"particles", 4000}, {"seconds", 0.5},       {"target", 0.4},
                    {"overhead", 0.2}, {"units", 0},        {"evaluations", 50000}, {"memory", 3e7}};
  for (size_t i = 0; i < sizeof quantities / sizeof *quantities; i++) {
    char name[FIGURE_NAME];
    snprintf(name, sizeof name, "whole.%s.%s", row, quantities[i].name);
    put(all, e, name, strcmp(quantities[i].name, "units") == 0 ? units : quantities[i].value);
  }
}

static void put_growth(figures *all, const exception *e, const char *method, double n) {
  char name[FIGURE_NAME];
  const double seconds = 1e-5 * pow(n, e->name != NULL && strcmp(e->name, method) == 0 ? e->value : 1.02);
  snprintf(name, sizeof name, "growth.particles.%s.%.0f.seconds", method, n);
  put(all, e, name, seconds);
  snprintf(name, sizeof name, "growth.particles.%s.%.0f.particles", method, n);
  put(all, e, name, n);
  snprintf(name, sizeof name, "growth.particles.%s.%.0f.dim", method, n);
  put(all, e, name, 10);
  snprintf(name, sizeof name, "growth.particles.%s.%.0f.memory", method, n);
  put(all, e, name, 3e7 + 400 * n);
}

static void judge_planted(const char *name, double value, line lines[LINES]) {
  const exception e = {name, value};
  figures all = {0};
  const char *const micro[] = {"micro.ziggurat",
                               "micro.normals.10",
                               "micro.normals.100",
                               "micro.ula.10",
                               "micro.ula.100",
                               "micro.gmm40.batch.density",
                               "micro.gmm40.point.density",
                               "micro.gmm40.batch.gradient",
                               "micro.gmm40.point.gradient"};
  const double ns[] = {9, 4, 4, 5.5, 5.5, 100, 401, 110, 450};
  for (size_t i = 0; i < sizeof ns / sizeof *ns; i++) put(&all, &e, micro[i], ns[i]);
  for (size_t i = 0; i < speed_limit_count; i++) put_row(&all, &e, speed_limits[i].row, speed_limits[i].units - 1);
  static const char *const threads[] = {"ionosphere", "galaxies", "gmm40-50"};
  for (size_t i = 0; i < 3; i++)
    for (int t = 1; t <= 2; t++) {
      char wall[FIGURE_NAME];
      snprintf(wall, sizeof wall, "threads.%s.%d.wall", threads[i], t);
      put(&all, &e, wall, t == 1 ? 19 : 10);
      snprintf(wall, sizeof wall, "threads.%s.%d.seconds", threads[i], t);
      put(&all, &e, wall, 19);
    }
  for (double n = 1e3; n <= 1e6; n *= 10) put_growth(&all, &e, "bridge", n), put_growth(&all, &e, "langevin", n);
  lines_judge(&all, lines);
  figures_free(&all);
}

/* The broken twin of each line: one figure just on the wrong side. */
START_TEST(each_line_fails_for_its_own_reason) {
  static const struct {
    const char *name;
    double value;
    size_t line;
  } cases[] = {{"whole.gmm40.overhead", 0.26, 1},
               {"whole.gmm40.overhead", NAN, 1},
               {"micro.normals.100", 4.1, 2},
               {"micro.ula.10", 6.1, 2},
               {"micro.gmm40.point.density", 399, 3},
               {"micro.gmm40.batch.gradient", 113, 3},
               {"whole.ionosphere.units", 101, 4},
               {"whole.gmm4-10.units", NAN, 4},
               {"threads.galaxies.2.wall", 10.3, 5},
               {"bridge", 1.06, 6},
               {"langevin", 1.06, 6},
               {"whole.manywell32.memory", 4.1e7, 6},
               {"growth.particles.bridge.1000000.memory", 5.2e8, 6},
               {"growth.particles.bridge.1000000.seconds", NAN, 6}};
  line lines[LINES];
  judge_planted(NULL, 0, lines);
  for (size_t l = 0; l < LINES; l++) ck_assert_msg(lines[l].verdict == LINE_PASS, "%zu: %s", l + 1, lines[l].text);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    judge_planted(cases[i].name, cases[i].value, lines);
    for (size_t l = 0; l < LINES; l++)
      ck_assert_msg((lines[l].verdict == LINE_FAIL) == (l + 1 == cases[i].line), "%s: line %zu: %s", cases[i].name, l + 1, lines[l].text);
  }
}
END_TEST

/* Beyond 50 dimensions, or beyond its budget of evaluations, a row has no say in line 1; without figures nothing is judged. */
START_TEST(what_is_not_asked_is_not_judged) {
  figures all = {0};
  line lines[LINES];
  const exception none = {NULL, 0}, dear = {"whole.gmm40.evaluations", 2.1e5};
  lines_judge(&all, lines);
  for (size_t l = 0; l < LINES; l++) ck_assert(lines[l].verdict == LINE_NOT_JUDGED);
  put_row(&all, &none, "gmm4-50", 1);
  put_row(&all, &dear, "gmm40", 1);
  ck_assert(overhead_verdict(&all, "gmm4-50") == LINE_PASS && overhead_verdict(&all, "gmm40") == LINE_NOT_JUDGED);
  figures_add(&all, FIGURE_FACT, "", 51, "whole.gmm4-50.dim");
  figures_add(&all, FIGURE_FACT, "", 51, "whole.gmm4-50.dim");
  ck_assert(overhead_verdict(&all, "gmm4-50") == LINE_NOT_JUDGED);
  figures_free(&all);
}
END_TEST

/* Line 4 asks for a right log Z too, of three seeds or more. */
START_TEST(what_is_fast_and_wrong_fails) {
  for (int right = 0; right < 2; right++) {
    figures all = {0};
    line lines[LINES];
    const exception none = {NULL, 0};
    put_row(&all, &none, "gmm40", 1);
    for (int seed = 1; seed <= 3; seed++) {
      figures_add(&all, FIGURE_FACT, "", right ? 0.019 : 0.021, "whole.gmm40.log-z-error");
      lines_judge(&all, lines);
      ck_assert((lines[3].verdict == LINE_PASS) == (right || seed < 3));
    }
    figures_free(&all);
  }
}
END_TEST

START_TEST(exponents_are_those_put_in) {
  figures all = {0};
  static const double counts[] = {1000, 200, 30, 4};
  for (size_t i = 0; i < 4; i++)
    figures_add(&all, FIGURE_FACT, "s", i == 3 ? 50 : 3 * pow(counts[i], 1.3), "growth.dimension.walk.%.0f.seconds", counts[i]);
  ck_assert_uint_eq(growth_number(&all, "dimension", "walk", 0), 4);
  ck_assert_uint_eq(growth_number(&all, "dimension", "walk", 3), 1000);
  ck_assert_uint_eq(growth_number(&all, "dimension", "walk", 4), 0);
  ck_assert(fabs(growth_exponent(&all, "dimension", "walk", 10) - 1.3) < 1e-12);
  ck_assert(fabs(growth_exponent(&all, "dimension", "walk", 1) - 1.3) > 0.01);
  ck_assert(isnan(growth_exponent(&all, "dimension", "walk", 100)));
  figures_free(&all);
}
END_TEST

void add_speed_verdicts(TCase *figures_case) {
  tcase_add_test(figures_case, each_line_fails_for_its_own_reason);
  tcase_add_test(figures_case, what_is_not_asked_is_not_judged);
  tcase_add_test(figures_case, what_is_fast_and_wrong_fails);
  tcase_add_test(figures_case, exponents_are_those_put_in);
}
