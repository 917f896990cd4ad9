/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What models refuse: every message says what is wrong, of which parameter, and what would be right. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "check_model.h"
#include "dilate.h"

static int flat(size_t n, const double *x, double *logp, double *grad, void *params) {
  (void)x, (void)params;
  *logp = 0;
  for (size_t i = 0; grad && i < n; i++) grad[i] = 0;
  return 0;
}

static int copy(size_t n, const double *x, double *out, void *params) {
  (void)n, (void)params;
  out[0] = x[0];
  return 0;
}

static dilate_target natural_of(void) {
  dilate_target t;
  dilate_target_init(&t);
  t.logp = flat;
  return t;
}

static void assert_refused(const dilate_target *natural, const dilate_declaration *d, size_t count, const char *text) {
  dilate_error err;
  dilate_model *model = (dilate_model *)&err; /* not NULL: it must become so */
  dilate_error_init(&err);
  ck_assert_int_eq(dilate_model_create(natural, d, count, &model, &err), DILATE_EINVAL);
  ck_assert_ptr_null(model);
  ck_assert_int_eq(err.status, DILATE_EINVAL);
  ck_assert_msg(strstr(err.message, text), "\"%s\" lacks \"%s\"", err.message, text);
  ck_assert_int_eq(dilate_model_create(natural, d, count, &model, NULL), DILATE_EINVAL);
}

/* One declaration. */
#define REFUSED(text, ...)                                                                                                                 \
  do {                                                                                                                                     \
    const dilate_target natural = natural_of();                                                                                            \
    const dilate_declaration d = {.struct_size = sizeof d, __VA_ARGS__};                                                                   \
    assert_refused(&natural, &d, 1, text);                                                                                                 \
  } while (0)

START_TEST(wrong_names) {
  REFUSED("the name of declarations[0] is NULL", .name = NULL);
  REFUSED("the name of declarations[0] is empty", .name = "");
  REFUSED("is \"2x\"; a name is a letter", .name = "2x");
  REFUSED("a name is a letter", .name = "_x");
  REFUSED("a name is a letter", .name = "x[1]");
  REFUSED("a name is a letter", .name = "x y");
  REFUSED("a name is a letter", .name = "x,y");
  REFUSED("a name is a letter", .name = "\xc3\xa9ta");
  REFUSED("does not end in two underscores", .name = "lp__");
}
END_TEST

START_TEST(wrong_shapes) {
  REFUSED("parameter \"x\": rank is 9; it must be from 0 to 8", .name = "x", .rank = 9);
  REFUSED("parameter \"x\": shape[0] is 0; every extent", .name = "x", .rank = 1);
  REFUSED("parameter \"x\": shape[1] is 0", .name = "x", .rank = 2, .shape = {3});
  REFUSED("parameter \"x\": shape[0] is 3, but rank is 0", .name = "x", .shape = {3});
  REFUSED("parameter \"x\": shape[2] is 7, but rank is 1", .name = "x", .rank = 1, .shape = {3, 0, 7});
  REFUSED("parameter \"p\": rank is 0; a simplex takes the last extent", .name = "p", .constraint = DILATE_SIMPLEX);
  REFUSED("rank is 1; a covariance matrix takes the last two extents", .name = "S", .constraint = DILATE_COVARIANCE, .rank = 1,
          .shape = {4});
  REFUSED("the last two extents are 2 and 3; those of a correlation matrix must be equal", .name = "R", .constraint = DILATE_CORRELATION,
          .rank = 3, .shape = {5, 2, 3});
  REFUSED("the last extent is 1; that of a simplex must be at least 2", .name = "p", .constraint = DILATE_SIMPLEX, .rank = 2,
          .shape = {4, 1});
  REFUSED("that of a unit vector must be at least 2", .name = "v", .constraint = DILATE_UNIT_VECTOR, .rank = 1, .shape = {1});
  REFUSED("that of a Cholesky factor of a correlation matrix must be at least 2", .name = "L", .constraint = DILATE_CHOLESKY_CORRELATION,
          .rank = 2, .shape = {1, 1});
}
END_TEST

START_TEST(too_many_values) {
  REFUSED("with parameter \"x\" there are more than 1048576 values", .name = "x", .rank = 1, .shape = {1048577});
  REFUSED("there are more than", .name = "x", .rank = 2, .shape = {SIZE_MAX, SIZE_MAX});
  REFUSED("there are more than", .name = "x", .rank = 8, .shape = {1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000});
  REFUSED("there are more than", .name = "R", .constraint = DILATE_CORRELATION, .rank = 3, .shape = {1, SIZE_MAX, SIZE_MAX});
}
END_TEST

START_TEST(wrong_constraints) {
  REFUSED("parameter \"x\": constraint is 99; dilate_constraint has those from 0 to 11", .name = "x", .constraint = (dilate_constraint)99);
  REFUSED("constraint is -1", .name = "x", .constraint = (dilate_constraint)-1);
  REFUSED("parameter \"x\": lower is nan; it must be finite", .name = "x", .constraint = DILATE_LOWER, .lower = NAN);
  REFUSED("lower is -inf", .name = "x", .constraint = DILATE_INTERVAL, .lower = -INFINITY, .upper = 1);
  REFUSED("upper is inf", .name = "x", .constraint = DILATE_UPPER, .upper = INFINITY);
  REFUSED("upper is nan", .name = "x", .constraint = DILATE_INTERVAL, .upper = NAN);
  REFUSED("lower is 2 and upper is 1; lower must be below upper", .name = "x", .constraint = DILATE_INTERVAL, .lower = 2, .upper = 1);
  REFUSED("lower is 0 and upper is 0", .name = "x", .constraint = DILATE_INTERVAL);
  REFUSED("lower is 2, but its constraint, none, does not read it; set constraint to DILATE_LOWER", .name = "x", .lower = 2);
  REFUSED("upper is 5, but its constraint, a lower bound, does not read it", .name = "x", .constraint = DILATE_LOWER, .upper = 5);
  REFUSED("lower is nan, but its constraint, an upper bound", .name = "x", .constraint = DILATE_UPPER, .lower = NAN);
  REFUSED("is too wide", .name = "x", .constraint = DILATE_INTERVAL, .lower = -1e308, .upper = 1e308);
}
END_TEST

/* The parameter at fault is told among several. */
START_TEST(wrong_among_others) {
  const dilate_target natural = natural_of();
  dilate_declaration d[4] = {{sizeof *d, "a", DILATE_UNCONSTRAINED, 0, 0, 0, {0}},
                             {sizeof *d, "b", DILATE_UNCONSTRAINED, 0, 0, 1, {2}},
                             {sizeof *d, "c", DILATE_UNCONSTRAINED, 0, 0, 0, {0}},
                             {sizeof *d, "b", DILATE_UNCONSTRAINED, 0, 0, 0, {0}}};
  assert_refused(&natural, d, 4, "declarations[1] and declarations[3] are both named \"b\"; names must be unique");
  d[3].name = "d";
  d[2].struct_size = 0;
  assert_refused(&natural, d, 4, "struct_size of declarations[2] is 0; set it to sizeof(dilate_declaration)");
  d[2].struct_size = sizeof *d;
  d[0].struct_size = 8;
  assert_refused(&natural, d, 4, "struct_size of declarations[0] is 8");
  d[0].struct_size = SIZE_MAX;
  assert_refused(&natural, d, 4,
                 sizeof(size_t) == 8 ? "struct_size of declarations[0] is 18446744073709551615"
                                     : "struct_size of declarations[0] is 4294967295");
  d[0].struct_size = sizeof *d;
  d[2].rank = 1;
  assert_refused(&natural, d, 4, "parameter \"c\": shape[0] is 0");
  d[2].shape[0] = d[1].shape[0] = 1000000;
  assert_refused(&natural, d, 4, "with parameter \"c\"");
  assert_refused(&natural, NULL, 4, "no declarations");
  assert_refused(&natural, d, 0, "no declarations");
}
END_TEST

START_TEST(wrong_densities) {
  const dilate_declaration d[2] = {{.struct_size = sizeof *d, .name = "a", .rank = 1, .shape = {2}},
                                   {.struct_size = sizeof *d, .name = "b"}};
  const char *const names[1] = {"a[2]"};
  dilate_target natural = natural_of();
  assert_refused(NULL, d, 2, "natural is NULL");
  natural.dim = 2;
  assert_refused(&natural, d, 2, "natural.dim is 2, but the declarations have 3 values");
  natural.dim = 3;
  natural.flags = 4;
  assert_refused(&natural, d, 2, "flags are 0x4");
  natural.flags = 0;
  natural.logp = NULL;
  assert_refused(&natural, d, 2, "neither logp nor batch");
  natural.logp = flat;
  natural.names = names;
  assert_refused(&natural, d, 2, "natural has names but no constrain");
  natural.names = NULL;
  natural.n_out = 1;
  assert_refused(&natural, d, 2, "natural has n_out but no constrain");
  natural.constrain = copy;
  assert_refused(&natural, d, 2, "but names is NULL");
  natural.n_out = 0;
  assert_refused(&natural, d, 2, "but n_out is 0");
  natural.n_out = 1;
  natural.names = names;
  assert_refused(&natural, d, 2, "two parameters are named \"a[2]\"");
  natural.struct_size = 0;
  assert_refused(&natural, d, 2, "dilate_target_init");
  ck_assert_int_eq(dilate_model_create(&natural, d, 2, NULL, NULL), DILATE_EINVAL);
}
END_TEST

/* Of structs of other sizes: an older target is not read beyond its end, longer declarations of a newer header are stepped over. */
START_TEST(struct_sizes_are_respected) {
  struct longer {
    dilate_declaration now;
    size_t later;
  } d[2] = {{{.struct_size = sizeof(struct longer), .name = "a"}, 99}, {{.struct_size = sizeof(struct longer), .name = "b"}, 98}};
  dilate_target natural = natural_of();
  dilate_model *model;
  natural.flags = 0xffff;
  natural.struct_size = offsetof(dilate_target, flags);
  ck_assert_int_eq(dilate_model_create(&natural, &d[0].now, 2, &model, NULL), DILATE_OK);
  ck_assert_uint_eq(dilate_model_target(model)->flags, 0);
  ck_assert_str_eq(dilate_model_target(model)->names[1], "b");
  dilate_model_free(model);
}
END_TEST

Suite *model_refusals_suite(void) {
  Suite *suite = suite_create("refusals of models");
  TCase *tests = tcase_create("refusals");
  tcase_add_test(tests, wrong_names);
  tcase_add_test(tests, wrong_shapes);
  tcase_add_test(tests, too_many_values);
  tcase_add_test(tests, wrong_constraints);
  tcase_add_test(tests, wrong_among_others);
  tcase_add_test(tests, wrong_densities);
  tcase_add_test(tests, struct_sizes_are_respected);
  suite_add_tcase(suite, tests);
  return suite;
}
