/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a caller may get wrong about a path, with the message that says so; what is copied; older programs; and schedules. */
#include "path_cases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "densities.h"
#include "path/schedule.h"

/* The centre is copied, and so are the structs. */
START_TEST(arguments_are_copied) {
  gaussians g = gaussians_random(10, 2, 3, 3), q = gaussians_random(11, 2, 1, 1);
  dilate_target user = gaussians_target(&g), reference = gaussians_target(&q);
  double about[] = {1, 2}, x[] = {0.5, 0.25}, before, after;
  dilate_path_options o = options_of("geometric", about, 1.5);
  o.reference = &reference;
  dilate_path *p = open_path(&user, &o);
  o = options_of("dilation", about, 1);
  dilate_path *dilation = open_path(&user, &o);
  evaluate(p, 0.5, x, &before, NULL);
  double before_dilation;
  evaluate(dilation, 0.5, x, &before_dilation, NULL);
  about[0] = NAN;
  memset(&user, 0, sizeof user);
  memset(&reference, 0, sizeof reference);
  memset(&o, 0, sizeof o);
  evaluate(p, 0.5, x, &after, NULL);
  ck_assert_double_eq(before, after);
  evaluate(dilation, 0.5, x, &after, NULL);
  ck_assert_double_eq(before_dilation, after);
  dilate_path_free(p);
  dilate_path_free(dilation);
}
END_TEST

/* ---- Refusals ---- */

static const double with_nan[] = {0, NAN}, with_inf[] = {INFINITY, 0};

static const struct {
  const char *path;
  const double *about;
  double scale;
  int status;
  const char *text;
} refused[] = {{"diffusion", NULL, 1, DILATE_EINVAL, "there is no \"diffusion\"; known are none, geometric, dilation, convolution"},
               {NULL, NULL, 1, DILATE_EINVAL, "there is no \"NULL\""},
               {"", NULL, 1, DILATE_EINVAL, "options.path"},
               {"geometric", NULL, 0, DILATE_EINVAL, "its scale is 0, and must be positive and finite"},
               {"geometric", NULL, -1, DILATE_EINVAL, "its scale is -1"},
               {"geometric", NULL, NAN, DILATE_EINVAL, "its scale is "},
               {"geometric", NULL, INFINITY, DILATE_EINVAL, "its scale is inf"},
               {"convolution", NULL, 0, DILATE_EINVAL, "its scale is 0"},
               {"convolution", NULL, INFINITY, DILATE_EINVAL, "its scale is inf"},
               {"convolution", NULL, 1, DILATE_EDOMAIN, "only for targets with a convolve callback"},
               {"dilation", with_nan, 1, DILATE_EINVAL, "options.centre[1] is "},
               {"geometric", with_inf, 1, DILATE_EINVAL, "options.centre[0] is inf: it must be finite"}};

START_TEST(refused_with_the_reason) {
  density modes = density_modes(2);
  const dilate_target user = density_target(&modes);
  const dilate_path_options o = options_of(refused[_i].path, refused[_i].about, refused[_i].scale);
  dilate_error err;
  dilate_error_init(&err);
  dilate_path *p = (dilate_path *)&err;
  ck_assert_int_eq(dilate_path_create(&user, &o, &p, &err), refused[_i].status);
  ck_assert_int_eq(err.status, refused[_i].status);
  ck_assert_ptr_null(p);
  ck_assert_msg(strstr(err.message, refused[_i].text) != NULL, "\"%s\" does not hold \"%s\"", err.message, refused[_i].text);
  ck_assert_int_eq(dilate_path_create(&user, &o, &p, NULL), refused[_i].status);
}
END_TEST

static void assert_refused(int status, int expected, dilate_error *err, const char *text) {
  ck_assert_int_eq(status, expected);
  ck_assert_int_eq(err->status, expected);
  ck_assert_msg(strstr(err->message, text) != NULL, "\"%s\" does not hold \"%s\"", err->message, text);
  dilate_error_init(err);
}

START_TEST(refused_targets_and_references) {
  density plane = density_modes(2), line = density_modes(1);
  const dilate_target user = density_target(&plane), other = density_target(&line), empty = target_of(2, NULL, NULL);
  dilate_path_options o = options_of("geometric", NULL, 1);
  dilate_error err;
  dilate_error_init(&err);
  dilate_path *p = NULL;
  o.reference = &other;
  assert_refused(dilate_path_create(&user, &o, &p, &err), DILATE_EINVAL, &err, "the reference has 1 coordinates, the target 2");
  o.reference = &empty;
  assert_refused(dilate_path_create(&user, &o, &p, &err), DILATE_EINVAL, &err, "neither logp nor batch is set");
  o.reference = NULL;
  assert_refused(dilate_path_create(&empty, &o, &p, &err), DILATE_EINVAL, &err, "neither logp nor batch is set");
  assert_refused(dilate_path_create(NULL, &o, &p, &err), DILATE_EINVAL, &err, "pass a dilate_target");
  assert_refused(dilate_path_create(&user, &o, NULL, &err), DILATE_EINVAL, &err, "out is NULL");
  o.struct_size = 0;
  assert_refused(dilate_path_create(&user, &o, &p, &err), DILATE_EINVAL, &err, "dilate_path_options_init was not called");
  ck_assert_ptr_null(p);
  dilate_path_free(NULL);
}
END_TEST

static int aborting_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)x, (void)logp, (void)grad, (void)params;
  return -1;
}

START_TEST(refused_evaluations) {
  density modes = density_modes(2);
  const dilate_target user = density_target(&modes), aborting = target_of(2, aborting_logp, NULL);
  dilate_error err;
  dilate_error_init(&err);
  const double x[] = {0, 1, 2, 3};
  double logp[2], score[4];
  dilate_path *dilation = open_path(&user, NULL);
  dilate_path_options o = options_of("geometric", NULL, 1);
  dilate_path *geometric = open_path(&user, &o);
  assert_refused(dilate_path_evaluate(dilation, 0, 2, 2, x, logp, score, &err), DILATE_EDOMAIN, &err, "a point mass");
  assert_refused(dilate_path_evaluate(dilation, 1.5, 2, 2, x, logp, score, &err), DILATE_EINVAL, &err, "must be 0 < lambda <= 1");
  assert_refused(dilate_path_evaluate(geometric, -0.5, 2, 2, x, logp, score, &err), DILATE_EINVAL, &err, "must be 0 <= lambda <= 1");
  assert_refused(dilate_path_evaluate(geometric, NAN, 2, 2, x, logp, score, &err), DILATE_EINVAL, &err, "lambda is ");
  assert_refused(dilate_path_evaluate(geometric, 0.5, 2, 1, x, logp, score, &err), DILATE_EINVAL, &err,
                 "ld is 1; it must be at least n = 2");
  assert_refused(dilate_path_evaluate(NULL, 0.5, 2, 2, x, logp, score, &err), DILATE_EINVAL, &err, "must not be NULL");
  assert_refused(dilate_path_evaluate(geometric, 0.5, 2, 2, NULL, logp, score, &err), DILATE_EINVAL, &err, "must not be NULL");
  assert_refused(dilate_path_evaluate(geometric, 0.5, 2, 2, x, NULL, score, &err), DILATE_EINVAL, &err, "must not be NULL");
  dilate_path_free(dilation);
  dilate_path_free(geometric);
  for (int k = 0; k < 2; k++) { /* the target, or the reference, asks to abort */
    o.reference = k ? &aborting : NULL;
    dilate_path *p = open_path(k ? &user : &aborting, &o);
    assert_refused(dilate_path_evaluate(p, 0.5, 2, 2, x, logp, score, &err), DILATE_ETARGET, &err, "abort");
    dilate_path_free(p);
  }
}
END_TEST

/* A program that knew nothing but the first member. */
START_TEST(older_programs_still_work) {
  density modes = density_modes(2);
  const dilate_target user = density_target(&modes);
  dilate_path_options o;
  memset(&o, 0xAB, sizeof o);
  dilate_path_options_init_sized(&o, offsetof(dilate_path_options, centre));
  const unsigned char *byte = (const unsigned char *)&o;
  for (size_t i = offsetof(dilate_path_options, centre); i < sizeof o; i++) ck_assert_uint_eq(byte[i], 0xAB);
  o.path = "geometric";
  dilate_path *p = open_path(&user, &o);
  const double x[] = {1, 2};
  double logp;
  evaluate(p, 0, x, &logp, NULL);
  assert_close(logp, -LOG_2PI - 2.5, 1e-15);
  dilate_path_free(p);
}
END_TEST

/* ---- Schedules ---- */

static const struct {
  const char *name;
  double first, middle; /* at 0 and at 1/2, by the formulas */
} schedules[] = {{"linear", 0, 0.5},
                 {"quadratic", 0, 0.25},
                 {"geometric", 1e-4, 1e-2},
                 {"cosine", 0, 0.5},
                 {"vp", 4.318574906e-5, 0.07906381245},
                 {"ve", 1.0001 / 10001, 1.0001 / 2}};

START_TEST(schedules_rise_to_one) {
  const size_t count = sizeof schedules / sizeof *schedules;
  for (size_t k = 0; k < count; k++) {
    const dilate_schedule kind = (dilate_schedule)k;
    dilate_schedule found = DILATE_SCHEDULE_LINEAR;
    ck_assert_str_eq(dilate_schedule_name(k), schedules[k].name);
    ck_assert(schedule_find(schedules[k].name, &found) && found == kind && schedule_find(schedules[k].name, NULL));
    ck_assert_double_le(fabs(dilate_schedule_lambda(kind, 0) - schedules[k].first), 1e-8 * schedules[k].first);
    ck_assert_double_le(fabs(dilate_schedule_lambda(kind, 0.5) - schedules[k].middle), 1e-6 * schedules[k].middle);
    ck_assert_double_eq(dilate_schedule_lambda(kind, 1), 1);
    ck_assert_double_eq(dilate_schedule_lambda(kind, 3), 1);
    ck_assert_double_eq(dilate_schedule_lambda(kind, -3), dilate_schedule_lambda(kind, 0));
    ck_assert_double_eq(dilate_schedule_lambda(kind, NAN), dilate_schedule_lambda(kind, 0));
    for (int i = 1; i <= 10000; i++)
      ck_assert_double_gt(dilate_schedule_lambda(kind, 1e-4 * i), dilate_schedule_lambda(kind, 1e-4 * (i - 1)));
  }
  ck_assert_ptr_null(dilate_schedule_name(count));
  ck_assert(!schedule_find("array", NULL) && !schedule_find("", NULL));
}
END_TEST

/* The user's own: exact at its values, straight between them, never falling, and 1 at the end whatever comes before. */
START_TEST(schedules_of_the_user) {
  const double lambda[] = {0.1, 0.1, 0.15, 0.7, 1}, steep[] = {1e-300, 1}, last[] = {1, 1, 1};
  const schedule s = {.count = 5, .lambda = lambda}, two = {.count = 2, .lambda = steep}, flat = {.count = 3, .lambda = last};
  for (int k = 0; k < 5; k++) ck_assert_double_eq(schedule_lambda(&s, 0.25 * k), lambda[k]);
  ck_assert_double_eq(schedule_lambda(&s, 0.625), 0.15 + 0.5 * (0.7 - 0.15));
  ck_assert_double_eq(schedule_lambda(&s, -1), 0.1);
  ck_assert_double_eq(schedule_lambda(&s, NAN), 0.1);
  ck_assert_double_eq(schedule_lambda(&s, 2), 1);
  ck_assert_double_eq(schedule_lambda(&two, 1), 1);
  for (int i = 1; i <= 1000; i++) {
    ck_assert_double_ge(schedule_lambda(&s, 1e-3 * i), schedule_lambda(&s, 1e-3 * (i - 1)));
    ck_assert_double_le(schedule_lambda(&two, 1e-3 * i), 1);
    ck_assert_double_eq(schedule_lambda(&flat, 1e-3 * i), 1);
  }
  double many[7];
  const schedule seven = {.count = 7, .lambda = many};
  for (int k = 0; k < 7; k++) many[k] = pow(k / 6.0, 3);
  for (int k = 0; k < 7; k++) ck_assert_double_le(fabs(schedule_lambda(&seven, k / 6.0) - many[k]), 1e-15);
}
END_TEST

Suite *path_arguments_suite(void) {
  Suite *suite = suite_create("arguments of paths");
  TCase *tests = tcase_create("arguments");
  tcase_add_test(tests, arguments_are_copied);
  tcase_add_loop_test(tests, refused_with_the_reason, 0, (int)(sizeof refused / sizeof *refused));
  tcase_add_test(tests, refused_targets_and_references);
  tcase_add_test(tests, refused_evaluations);
  tcase_add_test(tests, older_programs_still_work);
  tcase_add_test(tests, schedules_rise_to_one);
  tcase_add_test(tests, schedules_of_the_user);
  suite_add_tcase(suite, tests);
  return suite;
}
