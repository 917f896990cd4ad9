/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dilate_score_*(): the same numbers as inside, and every request that must be refused, with its reason. */
#include <math.h>
#include <string.h>

#include "check_score.h"
#include "densities.h"
#include "targets/targets.h"

enum { COUNT = 10, LD = 12 };

static void places(double *x) {
  for (size_t i = 0; i < 2 * LD; i++) x[i] = sin((double)i);
}

START_TEST(same_as_inside) {
  static const char *const kinds[] = {"importance", "langevin"};
  density modes = density_modes(2);
  const dilate_target user = density_target(&modes);
  dilate_score_options options;
  dilate_score_options_init(&options);
  options.kind = kinds[_i];
  options.seed = 9;
  dilate_score *outer = NULL;
  score *inner = NULL;
  target *t = NULL;
  particles at;
  double x[2 * LD], same[2 * LD], slope[2 * LD], se[2 * LD], ess[LD], inner_se[2 * 16], inner_ess[16];
  places(x);
  memcpy(same, x, sizeof x);
  ck_assert_int_eq(dilate_score_create(&user, &options, COUNT, &outer, NULL), DILATE_OK);
  ck_assert_str_eq(dilate_score_kind(outer), kinds[_i]);
  ck_assert_int_eq(target_create(&user, 1, &t, NULL), DILATE_OK);
  ck_assert_int_eq(score_create(kinds[_i], t, COUNT, 64, 9, &inner, NULL), DILATE_OK);
  ck_assert_int_eq(particles_create(2, COUNT, &at), 0);
  for (size_t j = 0; j < 2; j++) memcpy(at.x + j * at.ld, x + j * LD, COUNT * sizeof *x);
  for (uint32_t step = 0; step < 2; step++) {
    ck_assert_int_eq(dilate_score_evaluate(outer, 0.7, step, COUNT, LD, x, slope, step ? se : NULL, step ? ess : NULL, NULL), DILATE_OK);
    score_evaluate(inner, 0.7, step, &at, inner_se, inner_ess);
  }
  ck_assert_mem_eq(x, same, sizeof x);
  ck_assert_mem_eq(ess, inner_ess, COUNT * sizeof *ess);
  for (size_t j = 0; j < 2; j++) {
    ck_assert_mem_eq(slope + j * LD, at.grad + j * at.ld, COUNT * sizeof *slope);
    ck_assert_mem_eq(se + j * LD, inner_se + j * at.ld, COUNT * sizeof *slope);
  }
  particles_clear(&at);
  score_free(inner);
  target_free(t);
  dilate_score_free(outer);
}
END_TEST

START_TEST(default_kind) {
  builtin b;
  density modes = density_modes(1);
  const dilate_target user = density_target(&modes);
  dilate_score *s = NULL;
  ck_assert_int_eq(builtin_create("gmm4", NULL, &b, NULL), DILATE_OK);
  ck_assert_int_eq(dilate_score_create(&b.target, NULL, 1, &s, NULL), DILATE_OK);
  ck_assert_str_eq(dilate_score_kind(s), "closed");
  dilate_score_free(s);
  ck_assert_int_eq(dilate_score_create(&user, NULL, 1, &s, NULL), DILATE_OK);
  ck_assert_str_eq(dilate_score_kind(s), "importance");
  dilate_score_free(s);
  dilate_score_free(NULL);
  ck_assert_ptr_null(dilate_score_kind(NULL));
  builtin_destroy(&b);
}
END_TEST

static void assert_refused(int status, int expected, const dilate_error *err, const char *word) {
  ck_assert_int_eq(status, expected);
  ck_assert_int_eq(err->status, expected);
  ck_assert_msg(strstr(err->message, word) != NULL, "\"%s\" does not say \"%s\"", err->message, word);
}

static void refuse_create(const dilate_target *user, const dilate_score_options *options, size_t count, int status, const char *word) {
  dilate_error err;
  dilate_error_init(&err);
  dilate_score *s = (dilate_score *)&err;
  assert_refused(dilate_score_create(user, options, count, &s, &err), status, &err, word);
  ck_assert_ptr_null(s);
  ck_assert_int_eq(dilate_score_create(user, options, count, &s, NULL), status);
}

START_TEST(creations_refused) {
  density modes = density_modes(2);
  const dilate_target user = density_target(&modes);
  dilate_score_options o;
  dilate_error err;
  dilate_score_options_init(&o);
  o.kind = "closed";
  refuse_create(&user, &o, 1, DILATE_EDOMAIN, "convolve");
  o.kind = "magic";
  refuse_create(&user, &o, 1, DILATE_EINVAL, "magic");
  o.kind = NULL;
  refuse_create(NULL, &o, 1, DILATE_EINVAL, "NULL");
  refuse_create(&user, &o, 0, DILATE_EINVAL, "particles");
  refuse_create(&user, &o, SIZE_MAX / 2, DILATE_EINVAL, "particles");
  for (size_t samples = 0; samples < 2; samples++) {
    o.samples = samples;
    refuse_create(&user, &o, 1, DILATE_EINVAL, "samples");
  }
  o.samples = 1000001;
  refuse_create(&user, &o, 1, DILATE_EINVAL, "samples");
  o.samples = 64;
  o.threads = 100000;
  refuse_create(&user, &o, 1, DILATE_EINVAL, "threads");
  o.struct_size = 0;
  refuse_create(&user, &o, 1, DILATE_EINVAL, "dilate_score_options_init");
  dilate_error_init(&err);
  assert_refused(dilate_score_create(&user, NULL, 1, NULL, &err), DILATE_EINVAL, &err, "out");
}
END_TEST

/* A program that was compiled when there were fewer options. */
START_TEST(short_options) {
  density modes = density_modes(2);
  const dilate_target user = density_target(&modes);
  dilate_score_options o;
  memset(&o, 0xff, sizeof o);
  dilate_score_options_init_sized(&o, offsetof(dilate_score_options, samples));
  dilate_score *s = NULL;
  ck_assert_int_eq(dilate_score_create(&user, &o, 1, &s, NULL), DILATE_OK);
  ck_assert_uint_eq(o.samples, SIZE_MAX);
  dilate_score_free(s);
}
END_TEST

static void refuse_evaluate(dilate_score *s, double sigma, size_t n, size_t ld, const double *x, double *slope, const char *word) {
  dilate_error err;
  dilate_error_init(&err);
  assert_refused(dilate_score_evaluate(s, sigma, 0, n, ld, x, slope, NULL, NULL, &err), DILATE_EINVAL, &err, word);
}

static int abort_call(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)x, (void)logp, (void)grad, (void)params;
  return -3;
}

START_TEST(evaluations_refused) {
  density modes = density_modes(2);
  const dilate_target user = density_target(&modes), aborting = target_of(2, abort_call, NULL);
  dilate_score *s = NULL;
  dilate_error err;
  double x[2 * LD], slope[2 * LD];
  places(x);
  ck_assert_int_eq(dilate_score_create(&user, NULL, COUNT, &s, NULL), DILATE_OK);
  refuse_evaluate(s, -1, COUNT, LD, x, slope, "sigma");
  refuse_evaluate(s, INFINITY, COUNT, LD, x, slope, "sigma");
  refuse_evaluate(s, NAN, COUNT, LD, x, slope, "sigma");
  refuse_evaluate(s, 1, COUNT + 1, LD, x, slope, "particles");
  refuse_evaluate(s, 1, COUNT, COUNT - 1, x, slope, "ld");
  refuse_evaluate(s, 1, COUNT, LD, NULL, slope, "NULL");
  refuse_evaluate(s, 1, COUNT, LD, x, NULL, "NULL");
  refuse_evaluate(NULL, 1, COUNT, LD, x, slope, "NULL");
  ck_assert_int_eq(dilate_score_evaluate(s, 1, 0, 0, 0, x, slope, NULL, NULL, NULL), DILATE_OK);
  dilate_score_free(s);
  ck_assert_int_eq(dilate_score_create(&aborting, NULL, COUNT, &s, NULL), DILATE_OK);
  dilate_error_init(&err);
  assert_refused(dilate_score_evaluate(s, 1, 0, COUNT, LD, x, slope, NULL, NULL, &err), DILATE_ETARGET, &err, "abort");
  dilate_score_free(s);
}
END_TEST

TCase *public_tests(void) {
  TCase *c = tcase_create("public");
  tcase_add_loop_test(c, same_as_inside, 0, 2);
  tcase_add_test(c, default_kind);
  tcase_add_test(c, creations_refused);
  tcase_add_test(c, short_options);
  tcase_add_test(c, evaluations_refused);
  return c;
}
