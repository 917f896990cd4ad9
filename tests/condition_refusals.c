/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What conditions refuse, and what they take over from their prior: flags, names, reported values, sizes of older structs. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "check_condition.h"
#include "dilate.h"

static int half_square(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) *logp -= 0.5 * x[j] * x[j];
  for (size_t j = 0; grad && j < dim; j++) grad[j] = -x[j];
  return 0;
}

static int half_square_batch(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  for (size_t i = 0; i < n; i++) logp[i] = 0;
  for (size_t j = 0; j < dim; j++)
    for (size_t i = 0; i < n; i++) {
      logp[i] -= 0.5 * x[j * ld + i] * x[j * ld + i];
      if (grad) grad[j * ld + i] = -x[j * ld + i];
    }
  return 0;
}

static dilate_target prior_of(size_t dim) {
  dilate_target t;
  dilate_target_init(&t);
  t.dim = dim;
  t.logp = half_square;
  return t;
}

/* ---- Refusals ---- */

static void assert_refused(int status, const dilate_error *err, const dilate_condition *c, const char *text) {
  ck_assert_int_eq(status, DILATE_EINVAL);
  ck_assert_ptr_null(c);
  ck_assert_int_eq(err->status, DILATE_EINVAL);
  ck_assert_msg(strstr(err->message, text), "\"%s\" lacks \"%s\"", err->message, text);
}

/* `call` uses c and err. */
#define REFUSED(call, text)                                                                                                                \
  do {                                                                                                                                     \
    dilate_error err;                                                                                                                      \
    dilate_condition *c = (dilate_condition *)&err;                                                                                        \
    dilate_error_init(&err);                                                                                                               \
    const int status = (call);                                                                                                             \
    assert_refused(status, &err, c, text);                                                                                                 \
  } while (0)

START_TEST(wrong_likelihoods) {
  const dilate_target p = prior_of(2);
  REFUSED(dilate_condition_likelihood(NULL, half_square, NULL, 1, 0, &c, &err), "NULL");
  REFUSED(dilate_condition_likelihood(&p, NULL, NULL, 1, 0, &c, &err), "log_likelihood is NULL");
  REFUSED(dilate_condition_likelihood(&p, half_square, NULL, -1e-9, 0, &c, &err), "weight is -1e-09");
  REFUSED(dilate_condition_likelihood(&p, half_square, NULL, NAN, 0, &c, &err), "finite");
  REFUSED(dilate_condition_likelihood(&p, half_square, NULL, INFINITY, 0, &c, &err), "finite");
  REFUSED(dilate_condition_likelihood(&p, half_square, NULL, 1, 4, &c, &err), "flags are 0x4");
}
END_TEST

START_TEST(wrong_measurements) {
  const dilate_target p = prior_of(2);
  const double a[4] = {1, 2, 3, 4}, y[2] = {1, 2}, s[2] = {1, 1}, bad_a[4] = {1, 2, 3, NAN}, bad_y[2] = {INFINITY, 0};
  const double zero[2] = {1, 0}, negative[2] = {-1, 1}, endless[2] = {1, INFINITY};
  REFUSED(dilate_condition_linear(NULL, 2, a, y, s, &c, &err), "NULL");
  REFUSED(dilate_condition_linear(&p, 0, a, y, s, &c, &err), "0 rows");
  REFUSED(dilate_condition_linear(&p, SIZE_MAX, a, y, s, &c, &err), "rows");
  REFUSED(dilate_condition_linear(&p, 2, NULL, y, s, &c, &err), "A is NULL; give A (2 x 2");
  REFUSED(dilate_condition_linear(&p, 2, a, NULL, s, &c, &err), "y is NULL");
  REFUSED(dilate_condition_linear(&p, 2, a, y, NULL, &c, &err), "noise is NULL");
  REFUSED(dilate_condition_linear(&p, 2, bad_a, y, s, &c, &err), "A[3] is nan");
  REFUSED(dilate_condition_linear(&p, 2, a, bad_y, s, &c, &err), "y[0] is inf");
  REFUSED(dilate_condition_linear(&p, 2, a, y, zero, &c, &err), "noise[1] is 0");
  REFUSED(dilate_condition_linear(&p, 2, a, y, negative, &c, &err), "noise[0] is -1");
  REFUSED(dilate_condition_linear(&p, 2, a, y, endless, &c, &err), "noise[1] is inf");
}
END_TEST

START_TEST(wrong_coordinates) {
  const dilate_target p = prior_of(3);
  const size_t good[3] = {2, 0, 1}, far[2] = {0, 3}, huge[1] = {SIZE_MAX}, twice[2] = {1, 1};
  const double value[3] = {1, 2, 3}, bad[2] = {1, NAN};
  REFUSED(dilate_condition_fixed(NULL, 1, good, value, &c, &err), "NULL");
  REFUSED(dilate_condition_fixed(&p, 0, good, value, &c, &err), "0 coordinates");
  REFUSED(dilate_condition_fixed(&p, 3, good, value, &c, &err), "3 of 3");
  REFUSED(dilate_condition_fixed(&p, 4, good, value, &c, &err), "4 of 3");
  REFUSED(dilate_condition_fixed(&p, 2, NULL, value, &c, &err), "index is NULL");
  REFUSED(dilate_condition_fixed(&p, 2, good, NULL, &c, &err), "value is NULL");
  REFUSED(dilate_condition_fixed(&p, 2, far, value, &c, &err), "index[1] is 3; coordinates are from 0 to 2");
  REFUSED(dilate_condition_fixed(&p, 1, huge, value, &c, &err), "index[0]");
  REFUSED(dilate_condition_fixed(&p, 2, twice, value, &c, &err), "coordinate 1 is fixed twice");
  REFUSED(dilate_condition_fixed(&p, 2, good, bad, &c, &err), "value[1] is nan");
}
END_TEST

START_TEST(wrong_priors) {
  dilate_target p = prior_of(2);
  const double a[2] = {1, 2}, y = 1, s = 1;
  const size_t index = 0;
  p.logp = NULL;
  REFUSED(dilate_condition_likelihood(&p, half_square, NULL, 1, 0, &c, &err), "neither logp nor batch");
  REFUSED(dilate_condition_linear(&p, 1, a, &y, &s, &c, &err), "neither logp nor batch");
  p.struct_size = 0;
  REFUSED(dilate_condition_fixed(&p, 1, &index, &y, &c, &err), "dilate_target_init");
}
END_TEST

START_TEST(nowhere_to_put_it) {
  const dilate_target p = prior_of(2);
  const double a[2] = {1, 2}, y = 1, s = 1;
  const size_t index = 0;
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_int_eq(dilate_condition_linear(&p, 1, a, &y, &s, NULL, &err), DILATE_EINVAL);
  ck_assert_ptr_nonnull(strstr(err.message, "out is NULL"));
  ck_assert_int_eq(dilate_condition_fixed(&p, 1, &index, &y, NULL, NULL), DILATE_EINVAL);
  ck_assert_int_eq(dilate_condition_likelihood(&p, half_square, NULL, 1, 0, NULL, NULL), DILATE_EINVAL);
  ck_assert_ptr_null(dilate_condition_target(NULL));
  dilate_condition_free(NULL);
}
END_TEST

/* ---- What comes from the prior ---- */

/* One of each kind on the same prior. */
#define KINDS 3
static dilate_condition *made(int kind, const dilate_target *p, unsigned likelihood_flags) {
  static const double a[4] = {1, 2, 3, 4}, value[2] = {1.5, 2.5};
  static const size_t index[2] = {2, 0};
  dilate_condition *c = NULL;
  dilate_error err;
  dilate_error_init(&err);
  const int status = kind == 0   ? dilate_condition_likelihood(p, half_square, NULL, 2, likelihood_flags, &c, &err)
                     : kind == 1 ? dilate_condition_linear(p, 1, a, value, value, &c, &err)
                                 : dilate_condition_fixed(p, 2, index, value, &c, &err);
  ck_assert_msg(status == DILATE_OK, "%s", err.message);
  return c;
}

START_TEST(flags_and_callbacks) {
  for (int kind = 0; kind < KINDS; kind++)
    for (unsigned k = 0; k < 64; k++) {
      dilate_target p = prior_of(4);
      const unsigned flags = k % 4, others = k / 4 % 4, callbacks = k / 16;
      p.flags = flags;
      p.batch = callbacks % 2 ? half_square_batch : NULL;
      p.logp = callbacks == 1 ? NULL : half_square;
      dilate_condition *c = made(kind, &p, others);
      const dilate_target *t = dilate_condition_target(c);
      ck_assert_uint_eq(t->struct_size, sizeof *t);
      ck_assert_uint_eq(t->flags, kind == 0 ? (flags | others) : flags);
      ck_assert((t->batch != NULL) == (p.batch != NULL) && (t->logp != NULL) == (p.logp != NULL));
      ck_assert_uint_eq(t->dim, kind == 2 ? 2 : 4);
      dilate_condition_free(c);
    }
}
END_TEST

/* Where there is no gradient none is asked of the callbacks, whoever asks the target for it. */
static int refuses_gradient(size_t dim, const double *x, double *logp, double *grad, void *params) {
  return grad ? -1 : half_square(dim, x, logp, NULL, params);
}

/* The prior's own convolution is not the condition's: scores of the posterior plus noise are estimated, or refused. */
static int some_convolve(size_t dim, double sigma, size_t n, size_t ld, const double *x, double *logp, double *score, void *params) {
  (void)dim, (void)sigma, (void)n, (void)ld, (void)x, (void)logp, (void)score, (void)params;
  return -1;
}

START_TEST(convolutions_are_not_inherited) {
  for (int kind = 0; kind < KINDS; kind++) {
    dilate_target p = prior_of(4);
    p.convolve = some_convolve;
    dilate_condition *c = made(kind, &p, 0);
    const dilate_target *t = dilate_condition_target(c);
    ck_assert(t->convolve == NULL);
    dilate_score_options o;
    dilate_score *s = NULL;
    dilate_score_options_init(&o);
    ck_assert_int_eq(dilate_score_create(t, &o, 1, &s, NULL), DILATE_OK);
    ck_assert_str_eq(dilate_score_kind(s), "importance");
    dilate_score_free(s);
    o.kind = "closed";
    ck_assert_int_eq(dilate_score_create(t, &o, 1, &s, NULL), DILATE_EDOMAIN);
    dilate_condition_free(c);
  }
}
END_TEST

START_TEST(no_gradient_is_asked_for_in_vain) {
  const double x[4] = {1, 2, 3, 4};
  for (int kind = 0; kind < KINDS; kind++) {
    dilate_target p = prior_of(4);
    double logp, grad[4];
    p.logp = refuses_gradient;
    p.flags = DILATE_TARGET_NO_GRADIENT;
    dilate_condition *c = made(kind, &p, 0);
    const dilate_target *t = dilate_condition_target(c);
    ck_assert_int_eq(t->logp(t->dim, x, &logp, grad, t->params), 0);
    dilate_condition_free(c);
  }
}
END_TEST

/* Names are copies: the prior's are gone when they are read. */
START_TEST(names) {
  char text[4][8] = {"alpha", "beta", "gamma", "delta"};
  const char *const given[4] = {text[0], text[1], text[2], text[3]};
  const char *const all[4] = {"alpha", "beta", "gamma", "delta"}, *const free[2] = {"beta", "delta"};
  dilate_target p = prior_of(4);
  p.names = given;
  dilate_condition *c[KINDS];
  for (int kind = 0; kind < KINDS; kind++) c[kind] = made(kind, &p, 0);
  memset(text, 'z', sizeof text);
  for (int kind = 0; kind < KINDS; kind++) {
    const dilate_target *t = dilate_condition_target(c[kind]);
    ck_assert_uint_eq(t->n_out, kind == 2 ? 2 : 4);
    for (size_t i = 0; i < t->n_out; i++) ck_assert_str_eq(t->names[i], kind == 2 ? free[i] : all[i]);
    dilate_condition_free(c[kind]);
  }
}
END_TEST

START_TEST(free_coordinates_are_named_by_their_places) {
  const dilate_target p = prior_of(4);
  dilate_condition *c = made(2, &p, 0), *twice = NULL;
  const dilate_target *t = dilate_condition_target(c);
  const size_t first = 0;
  const double value = 1;
  ck_assert_str_eq(t->names[0], "x[2]");
  ck_assert_str_eq(t->names[1], "x[4]");
  ck_assert_int_eq(dilate_condition_fixed(t, 1, &first, &value, &twice, NULL), DILATE_OK);
  ck_assert_uint_eq(dilate_condition_target(twice)->n_out, 1);
  ck_assert_str_eq(dilate_condition_target(twice)->names[0], "x[4]");
  dilate_condition_free(twice);
  dilate_condition_free(c);
}
END_TEST

/* Reports all four coordinates and their sum times *params. */
static int report(size_t dim, const double *x, double *out, void *params) {
  out[dim] = 0;
  for (size_t j = 0; j < dim; j++) {
    out[j] = x[j];
    out[dim] += *(const double *)params * x[j];
  }
  return 0;
}

START_TEST(reported_values_are_the_priors) {
  const char *const given[5] = {"a", "b", "c", "d", "sum"};
  double factor = 2;
  dilate_target p = prior_of(4);
  p.names = given;
  p.n_out = 5;
  p.constrain = report;
  p.params = &factor;
  for (int kind = 0; kind < KINDS; kind++) {
    dilate_condition *c = made(kind, &p, 0);
    const dilate_target *t = dilate_condition_target(c);
    const double x[4] = {10, 20, 30, 40}, completed[4] = {2.5, 10, 1.5, 20}, *expected = kind == 2 ? completed : x;
    double out[5];
    ck_assert_uint_eq(t->n_out, 5);
    for (size_t i = 0; i < 5; i++) ck_assert_str_eq(t->names[i], given[i]);
    ck_assert_int_eq(t->constrain(t->dim, x, out, t->params), 0);
    ck_assert_mem_eq(out, expected, 4 * sizeof *out);
    ck_assert_double_eq(out[4], 2 * (expected[0] + expected[1] + expected[2] + expected[3]));
    dilate_condition_free(c);
  }
}
END_TEST

/* Of an older, shorter struct nothing is read beyond its end. */
START_TEST(struct_size_is_respected) {
  dilate_target p = prior_of(4);
  p.flags = 0xffff;
  p.n_out = 77;
  p.struct_size = offsetof(dilate_target, flags);
  for (int kind = 0; kind < KINDS; kind++) {
    dilate_condition *c = made(kind, &p, 0);
    const dilate_target *t = dilate_condition_target(c);
    ck_assert(t->flags == 0 && t->n_out == (kind == 2 ? 2 : 4) && t->constrain == NULL && t->struct_size == sizeof *t);
    dilate_condition_free(c);
  }
}
END_TEST

/* What was given is copied: it may change afterwards. */
START_TEST(data_are_copied) {
  dilate_target p = prior_of(2);
  double a[2] = {1, 2}, y = 3, s = 0.5, before, after;
  size_t index = 1;
  const double x[2] = {0.3, 0.4};
  dilate_condition *linear = NULL, *fixed = NULL;
  ck_assert_int_eq(dilate_condition_linear(&p, 1, a, &y, &s, &linear, NULL), DILATE_OK);
  ck_assert_int_eq(dilate_condition_fixed(&p, 1, &index, &y, &fixed, NULL), DILATE_OK);
  const dilate_target *t = dilate_condition_target(linear), *u = dilate_condition_target(fixed);
  ck_assert_int_eq(t->logp(2, x, &before, NULL, t->params), 0);
  a[0] = y = s = 99, index = 0, p.logp = NULL;
  ck_assert_int_eq(t->logp(2, x, &after, NULL, t->params), 0);
  ck_assert_double_eq(before, after);
  ck_assert_int_eq(u->logp(1, x, &after, NULL, u->params), 0);
  ck_assert_double_eq_tol(after, -0.5 * (0.09 + 9), 1e-14);
  dilate_condition_free(linear);
  dilate_condition_free(fixed);
}
END_TEST

Suite *condition_refusals_suite(void) {
  Suite *suite = suite_create("conditions refused and inherited");
  TCase *refused = tcase_create("refused"), *inherited = tcase_create("inherited");
  tcase_add_test(refused, wrong_likelihoods);
  tcase_add_test(refused, wrong_measurements);
  tcase_add_test(refused, wrong_coordinates);
  tcase_add_test(refused, wrong_priors);
  tcase_add_test(refused, nowhere_to_put_it);
  suite_add_tcase(suite, refused);
  tcase_add_test(inherited, flags_and_callbacks);
  tcase_add_test(inherited, convolutions_are_not_inherited);
  tcase_add_test(inherited, no_gradient_is_asked_for_in_vain);
  tcase_add_test(inherited, names);
  tcase_add_test(inherited, free_coordinates_are_named_by_their_places);
  tcase_add_test(inherited, reported_values_are_the_priors);
  tcase_add_test(inherited, struct_size_is_respected);
  tcase_add_test(inherited, data_are_copied);
  suite_add_tcase(suite, inherited);
  return suite;
}
