/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A part of the catalogue of bad targets that takes seconds: one of every kind, by the default method and by two that fit nothing; and
 * judgements of runs that must fail, lest the judge let everything pass. */
#include <check.h>
#include <string.h>

#include "bad_densities.h"
#include "runner.h"

static const char *const kinds[] = {"NaN everywhere",
                                    "-Inf everywhere",
                                    "nothing written",
                                    "NaN in a half space",
                                    "NaN at random points",
                                    "-Inf at random points",
                                    "flat",
                                    "ramp",
                                    "r^-d",
                                    "1/|x|",
                                    "pole",
                                    "one flat coordinate",
                                    "plateau",
                                    "a sum only",
                                    "a product only",
                                    "exp(1e300 x^2)",
                                    "Cauchy",
                                    "box",
                                    "gradient negated",
                                    "gradient NaN here and there",
                                    "offset 1e15",
                                    "offset 1e300",
                                    "curvature 1e300",
                                    "curvature 1e-300",
                                    "point mass",
                                    "far ball",
                                    "far ball, hinted",
                                    "abort at once",
                                    "abort at call 1000",
                                    "serial",
                                    "noise of 1"};
#define KINDS (sizeof kinds / sizeof *kinds)

static const bad_target *find(const char *name) {
  const bad_target *t = bad_targets;
  while (t->name && strcmp(t->name, name)) t++;
  ck_assert_msg(t->name != NULL, "no bad target %s", name);
  return t;
}

START_TEST(one_of_each) {
  static const char *const methods[] = {"bridge", "langevin", "diffusion-smc"};
  const bad_target *t = find(kinds[_i]);
  for (size_t m = 0; m < (t->flags & BAD_BRIDGE_ONLY ? 1 : 3); m++) {
    char text[256];
    unsigned how;
    const bad_run run = {t, methods[m], t->dims[1] ? t->dims[1] : t->dims[0], 2, 1, m != 1, 1};
    const char *wrong = bad_try(&run, &how);
    bad_describe(&run, sizeof text, text);
    ck_assert_msg(wrong == NULL, "%s: %s", text, wrong);
  }
}
END_TEST

static double bad_z_wrong(size_t dim) {
  return bad_z_normal(dim) + 1;
}

/* A wrong evidence, a wrong mean, a warning that does not come, one that is not due, an error that is expected in vain. */
static const bad_target lies[] = {
    {"wrong evidence", bad_normal, bad_z_wrong, 0, BAD_RIGHT, "", {2}, 0},
    {"wrong mean", bad_normal, bad_z_normal, 1, BAD_RIGHT, "", {2}, 0},
    {"no warning", bad_normal, NULL, 0, BAD_WARNED, "gradient", {2}, 0},
    {"a warning", bad_negated, NULL, 1, BAD_RIGHT, "gradient", {2}, 0},
    {"a word that must not be said", bad_flat, NULL, 0, BAD_RIGHT | BAD_WARNED, "!improper", {2}, 0},
    {"no error", bad_normal, NULL, 0, BAD_FAILS, "support", {2}, 0},
    {"another error", bad_nan, NULL, 0, BAD_FAILS, "improper", {2}, 0},
};

START_TEST(the_judge_is_strict) {
  unsigned how;
  const bad_run run = {&lies[_i], "bridge", 2, 1, 1, 1, 1};
  ck_assert_msg(bad_try(&run, &how) != NULL, "%s passed", lies[_i].name);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("bad targets");
  TCase *some = tcase_create("some"), *judge = tcase_create("judge");
  tcase_set_timeout(some, 0);
  tcase_set_timeout(judge, 0);
  tcase_add_loop_test(some, one_of_each, 0, (int)KINDS);
  tcase_add_loop_test(judge, the_judge_is_strict, 0, (int)(sizeof lies / sizeof *lies));
  suite_add_tcase(suite, some);
  suite_add_tcase(suite, judge);
  return run_all(srunner_create(suite));
}
