/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of `dilate sample`, targets by name, and the truth about them. */
#define _POSIX_C_SOURCE 200809L
#include "io_cases.h"

#include "cli/arguments.h"
#include "cli/hints.h"
#include "cli/number.h"
#include "cli/subject.h"
#include <math.h>
#include <string.h>

/* Reads up to eight words after "sample"; NULL ends them. */
static int read_words(arguments *a, failure *f, const char *const *word) {
  static char copy[10][128];
  char *argv[11] = {copy[0]};
  int argc = 1;
  strcpy(copy[0], "sample");
  for (; argc < 10 && word[argc - 1]; ++argc) argv[argc] = strcpy(copy[argc], word[argc - 1]);
  argv[argc] = NULL;
  *f = (failure){0};
  return arguments_read(argc, argv, a, f);
}

#define READ(a, f, ...) read_words(a, f, (const char *const[]){__VA_ARGS__, NULL})

START_TEST(numbers_are_read_strictly) {
  static const char *const wrong[] = {"", "x", "1x", "0x10", "1.5", "1e3", "-1", "+1", " 1", "1 ", "18446744073709551616", "10"};
  uint64_t value = 77;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    failure f = {0};
    ck_assert_int_eq(number_read("--some", wrong[i], 1, 9, &value, &f), EXIT_USAGE);
    assert_holds(f.message, "--some wants a whole number from 1 to 9, not '");
    ck_assert_uint_eq(value, 77);
  }
  failure f = {0};
  ck_assert_int_eq(number_read("--some", "18446744073709551615", 0, UINT64_MAX, &value, &f), 0);
  ck_assert(value == UINT64_MAX);
  ck_assert_int_eq(number_read("--some", "007", 0, 9, &value, &f), 0);
  ck_assert_uint_eq(value, 7);
}
END_TEST

START_TEST(what_is_not_said_is_the_library_s_default) {
  arguments a;
  failure f;
  dilate_options defaults;
  dilate_options_init(&defaults);
  ck_assert_int_eq(READ(&a, &f, "gauss"), 0);
  ck_assert_str_eq(a.target, "gauss");
  ck_assert_ptr_null(a.data);
  ck_assert_ptr_null(a.output);
  ck_assert(!a.quiet && !a.strict && !a.help);
  ck_assert_uint_eq(a.options.islands, defaults.islands);
  ck_assert_uint_eq(a.options.groups, defaults.groups);
  ck_assert_uint_eq(a.options.draws, defaults.draws);
  ck_assert_uint_eq(a.options.seed, defaults.seed);
  ck_assert_str_eq(a.options.method, defaults.method);
}
END_TEST

START_TEST(options_are_read_in_any_order) {
  arguments a;
  failure f;
  ck_assert_int_eq(READ(&a, &f, "--draws", "64", "gauss:dim=3", "--seed=9", "--islands=6", "--groups=3", "--output", "out"), 0);
  ck_assert_str_eq(a.target, "gauss:dim=3");
  ck_assert_str_eq(a.output, "out");
  ck_assert_uint_eq(a.options.draws, 64);
  ck_assert_uint_eq(a.options.seed, 9);
  ck_assert_uint_eq(a.options.islands, 6);
  ck_assert_uint_eq(a.options.groups, 3);
  ck_assert_int_eq(READ(&a, &f, "--quiet", "--strict", "--threads=2", "--method=langevin", "--steps=5", "--data=d", "--format=csv",
                        "--output=o", "m.so"),
                   0);
  ck_assert(a.quiet && a.strict);
  ck_assert_str_eq(a.data, "d");
  ck_assert_str_eq(a.options.method, "langevin");
  ck_assert_uint_eq(a.options.steps, 5);
  ck_assert_uint_eq(a.options.threads, 2);
}
END_TEST

START_TEST(one_island_is_one_group) {
  arguments a;
  failure f;
  ck_assert_int_eq(READ(&a, &f, "gauss", "--islands=1"), 0);
  ck_assert_uint_eq(a.options.groups, 1);
  ck_assert_int_eq(READ(&a, &f, "gauss", "--islands=1", "--groups=2"), EXIT_USAGE);
  assert_holds(f.message, "multiple of --groups");
}
END_TEST

START_TEST(wrong_options_say_what_is_wrong) {
  arguments a;
  failure f;
  ck_assert_int_eq(READ(&a, &f, "gauss", "--nothing"), EXIT_USAGE);
  assert_holds(f.message, "no option '--nothing'");
  ck_assert_int_eq(READ(&a, &f, "gauss", "--seed"), EXIT_USAGE);
  assert_holds(f.message, "'--seed' wants a value");
  ck_assert_int_eq(READ(&a, &f, "gauss", "--strict=1"), EXIT_USAGE);
  assert_holds(f.message, "'--strict' takes no value");
  ck_assert_int_eq(READ(&a, &f, "gauss", "--method=best"), EXIT_USAGE);
  assert_holds(f.message, "there are bridge, langevin, geometric, dilation");
  ck_assert_int_eq(READ(&a, &f, "gauss", "--format=xls", "--output=o"), EXIT_USAGE);
  assert_holds(f.message, "there are csv");
  ck_assert_int_eq(READ(&a, &f, "gauss", "--format=csv"), EXIT_USAGE);
  assert_holds(f.message, "--output DIR says where");
  ck_assert_int_eq(READ(&a, &f, "gauss", "--format=stan,npy", "--output=o"), 0);
  ck_assert_uint_eq(a.formats, 2u | 8u);
  ck_assert_int_eq(READ(&a, &f, "--seed=1"), EXIT_USAGE);
  assert_holds(f.message, "which target?");
  ck_assert_int_eq(READ(&a, &f, "gauss", "rings"), EXIT_USAGE);
  assert_holds(f.message, "what is 'rings'");
  ck_assert_int_eq(READ(&a, &f, "gauss", "--steps=9"), EXIT_USAGE);
  assert_holds(f.message, "means nothing to the method bridge");
  ck_assert_int_eq(READ(&a, &f, "--help"), 0);
  ck_assert(a.help);
}
END_TEST

START_TEST(budgets_and_effort_are_read) {
  arguments a;
  failure f;
  ck_assert_int_eq(READ(&a, &f, "gauss", "--max-seconds=0.5", "--max-evaluations=1000", "--effort=2.5", "--target-se=1e-3"), 0);
  ck_assert_double_eq(a.options.max_seconds, 0.5);
  ck_assert_uint_eq(a.options.max_evaluations, 1000);
  ck_assert_double_eq(a.options.effort, 2.5);
  ck_assert_double_eq(a.options.target_se, 1e-3);
}
END_TEST

START_TEST(wrong_reals_are_refused) {
  static const struct {
    const char *word, *message;
  } wrong[] = {{"--max-seconds=0", "--max-seconds wants a finite number above 0, not '0'"},
               {"--max-seconds=nan", "not 'nan'"},
               {"--max-seconds=1e999", "not '1e999'"},
               {"--max-seconds=-1", "not '-1'"},
               {"--max-seconds=", "not ''"},
               {"--max-evaluations=0", "--max-evaluations wants a whole number"},
               {"--max-evaluations=1e5", "not '1e5'"},
               {"--effort=0", "--effort wants a number from 0.1 to 1000, not '0'"},
               {"--effort=1001", "not '1001'"},
               {"--effort=2x", "not '2x'"},
               {"--target-se=0x1", "not '0x1'"},
               {"--target-se= 1", "not ' 1'"}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    arguments a;
    failure f;
    ck_assert_int_eq(READ(&a, &f, "gauss", wrong[i].word), EXIT_USAGE);
    assert_holds(f.message, wrong[i].message);
  }
}
END_TEST

START_TEST(options_of_the_bridge_are_for_the_bridge) {
  static const char *const idle[] = {"--effort=2",      "--target-se=0.1", "--hint-points=p",
                                     "--hint-centre=1", "--hint-scale=1",  "--hint-box=0:1"};
  for (size_t i = 0; i < sizeof idle / sizeof *idle; ++i) {
    arguments a;
    failure f;
    ck_assert_int_eq(READ(&a, &f, "gauss", idle[i]), 0);
    ck_assert_int_eq(READ(&a, &f, "gauss", "--method=langevin", idle[i]), EXIT_USAGE);
    assert_holds(f.message, "means nothing to the method langevin");
  }
}
END_TEST

/* Hints for two coordinates: the message of a wrong one, or NULL. */
static void assert_hint(arguments a, int status, const char *message) {
  hint_numbers numbers;
  failure f = {0};
  ck_assert_int_eq(hints_read(&a, 2, &numbers, &f), status);
  if (message) assert_holds(f.message, message);
  hints_clear(&numbers);
}

START_TEST(hints_are_read) {
  arguments a = {.hint_centre = "1,-2.5", .hint_scale = "1e3,0.5", .hint_box = "0:1,-3:-2"};
  hint_numbers n;
  failure f = {0};
  ck_assert_int_eq(hints_read(&a, 2, &n, &f), 0);
  ck_assert(n.centre[0] == 1 && n.centre[1] == -2.5 && n.scale[0] == 1000 && n.scale[1] == 0.5);
  ck_assert(n.lower[0] == 0 && n.upper[0] == 1 && n.lower[1] == -3 && n.upper[1] == -2);
  ck_assert(a.options.hint_centre == n.centre && a.options.hint_lower == n.lower && !a.options.hint_points);
  hints_clear(&n);
}
END_TEST

START_TEST(wrong_hints_are_refused) {
  static const char *const lists[] = {"", "1", "1,", "1,2,3", "1;2", "1,nan", "1,x"};
  static const char *const boxes[] = {"", "0:1", "0:1,2", "0:1,3:2", "0:1,2:2", "0:1,2:3,4:5", "0,1:2,3"};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; ++i) {
    assert_hint((arguments){.hint_centre = lists[i]}, EXIT_USAGE, "--hint-centre wants 2 finite numbers");
    assert_hint((arguments){.hint_scale = lists[i]}, EXIT_USAGE, "--hint-scale wants 2 finite numbers");
    assert_hint((arguments){.hint_box = boxes[i]}, EXIT_USAGE, "--hint-box wants 2 times lower:upper");
  }
  assert_hint((arguments){.hint_scale = "1,0"}, EXIT_USAGE, "positive");
  assert_hint((arguments){.hint_points = "/no/file"}, EXIT_RUN, "the points of '/no/file': No such file");
  assert_hint((arguments){.hint_points = "/dev/null"}, EXIT_RUN, "no line of 2 finite numbers");
}
END_TEST

/* The program takes what the library takes, and no more. */
START_TEST(limits_are_those_of_the_library) {
  arguments a;
  failure f;
  ck_assert_int_eq(READ(&a, &f, "gauss", "--threads=1024", "--islands=4095", "--groups=1"), 0);
  ck_assert_int_eq(READ(&a, &f, "gauss", "--threads=1025"), EXIT_USAGE);
  assert_holds(f.message, "--threads");
  ck_assert_int_eq(READ(&a, &f, "gauss", "--islands=4096"), EXIT_USAGE);
  assert_holds(f.message, "--islands");
}
END_TEST

START_TEST(targets_are_found_by_name) {
  subject s;
  failure f = {0};
  ck_assert_int_eq(subject_open("gauss:dim=3", NULL, &s, &f), 0);
  ck_assert(s.is_builtin);
  ck_assert_uint_eq(s.target->dim, 3);
  ck_assert_str_eq(s.label, "gauss:dim=3");
  subject_close(&s);
  ck_assert_ptr_null(s.target);
  subject_close(&s);
}
END_TEST

START_TEST(targets_that_are_not_there_are_refused) {
  static const struct {
    const char *argument, *data, *message;
    int status;
  } wrong[] = {{"", NULL, "no target ''", EXIT_USAGE},
               {"gaus", NULL, "no target 'gaus'", EXIT_USAGE},
               {"gaussian:dim=2", NULL, "no target 'gaussian'", EXIT_USAGE},
               {"gauss:depth=2", NULL, "depth", EXIT_USAGE},
               {"gauss", "/dev/null", "takes no data file", EXIT_USAGE},
               {"galaxies", "/no/file", "data file '/no/file'", EXIT_RUN},
               {"galaxies", "/", "it is a folder", EXIT_RUN},
               {"galaxies", "/dev/null", "/dev/null", EXIT_RUN},
               {"no.so", NULL, "plug-in 'no.so'", EXIT_RUN},
               {"./gauss", NULL, "plug-in './gauss'", EXIT_RUN},
               {"/dev/null", NULL, "/dev/null", EXIT_RUN}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    subject s;
    failure f = {0};
    ck_assert_int_eq(subject_open(wrong[i].argument, wrong[i].data, &s, &f), wrong[i].status);
    assert_holds(f.message, wrong[i].message);
    ck_assert_ptr_null(s.target);
  }
}
END_TEST

/* Left and right of zero, of weights 0.6 and 0.3, and a third component that no draw is in. */
static size_t side(const builtin *self, const double *x) {
  (void)self;
  return x[0] < 0 ? 0 : 1;
}

START_TEST(truth_counts_the_components) {
  static const double weights[] = {0.6, 0.3, 0.1};
  const dilate_result r = made_result();
  builtin b = {.log_z = 1.5, .components = 3, .component_weight = weights, .component = side};
  truth t;
  ck_assert_int_eq(truth_compare(&b, &r, NULL, &t), 1);
  ck_assert_double_eq(t.log_z, 1.5);
  ck_assert_uint_eq(t.modes, 3);
  ck_assert_uint_eq(t.modes_found, 2);
  ck_assert_double_eq_tol(t.mode_tv, 0.1, 1e-12);
}
END_TEST

START_TEST(truth_is_silent_where_nothing_is_known) {
  const dilate_result r = made_result();
  builtin b = {.log_z = NAN};
  truth t;
  ck_assert_int_eq(truth_compare(&b, &r, NULL, &t), 0);
  b.log_z = 2;
  ck_assert_int_eq(truth_compare(&b, &r, NULL, &t), 1);
  ck_assert_uint_eq(t.modes, 0);
  ck_assert(isnan(t.mode_tv));
}
END_TEST

START_TEST(truth_of_no_draws) {
  static const double weights[] = {0.5, 0.5};
  dilate_result r = made_result();
  builtin b = {.log_z = NAN, .components = 2, .component_weight = weights, .component = side};
  truth t;
  r.islands = 0;
  ck_assert_int_eq(truth_compare(&b, &r, NULL, &t), 1);
  ck_assert_uint_eq(t.modes_found, 0);
  ck_assert(isnan(t.mode_tv));
}
END_TEST

TCase *io_arguments_case(void) {
  TCase *const test = tcase_create("arguments");
  tcase_add_test(test, numbers_are_read_strictly);
  tcase_add_test(test, what_is_not_said_is_the_library_s_default);
  tcase_add_test(test, options_are_read_in_any_order);
  tcase_add_test(test, one_island_is_one_group);
  tcase_add_test(test, wrong_options_say_what_is_wrong);
  tcase_add_test(test, budgets_and_effort_are_read);
  tcase_add_test(test, wrong_reals_are_refused);
  tcase_add_test(test, options_of_the_bridge_are_for_the_bridge);
  tcase_add_test(test, hints_are_read);
  tcase_add_test(test, wrong_hints_are_refused);
  tcase_add_test(test, limits_are_those_of_the_library);
  tcase_add_test(test, targets_are_found_by_name);
  tcase_add_test(test, targets_that_are_not_there_are_refused);
  tcase_add_test(test, truth_counts_the_components);
  tcase_add_test(test, truth_is_silent_where_nothing_is_known);
  tcase_add_test(test, truth_of_no_draws);
  return test;
}
