/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The default sampler on a density and on the same density moved: shifted, scaled, rotated, permuted, times a constant, in one dimension
 * and in three.  Log Z, the modes' weights and the means, taken back and averaged over three seeds each, agree within the errors that
 * the runs report; the seeds differ, so that the two sides are independent.
 *
 * Errors hold 95 % within two of them, with few degrees of freedom folded in: a difference beyond Z_MAX errors has probability below
 * 7e-6.  Some sixty differences are looked at, and a right sampler fails with probability below 4e-4.  A move that is spoilt by five per
 * cent of scale, and others, must be caught.  slow_equivariance goes further out, with more seeds. */
#include "equivariance.h"
#include "runner.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

#define SEEDS 3
#define Z_MAX 4.5
/* A comparison says something only where the errors are small. */
#define LOG_Z_ERROR_MAX  0.01
#define WEIGHT_ERROR_MAX 0.05

static void assert_sharp(const answers *a) {
  ck_assert_double_lt(a->log_z.error, LOG_Z_ERROR_MAX);
  for (size_t k = 0; k < a->parts; k++) ck_assert_double_lt(a->weight[k].error, WEIGHT_ERROR_MAX);
}

/* Answers on the density as it is, and what is known of it. */
static answers plain_answers(const blobs *b, unsigned first) {
  const dilate_target base = blobs_target(b);
  moved still = moved_by(&base, 1, 0);
  const answers a = answers_of(b, &still, first, SEEDS);
  ck_assert_uint_eq(a.unfit, 0);
  ck_assert_double_lt(fabs(a.log_z.value - b->log_z), Z_MAX * a.log_z.error);
  for (size_t k = 0; b->parts > 1 && k < b->parts; k++)
    ck_assert_double_lt(fabs(a.weight[k].value - b->weight[k]), Z_MAX * a.weight[k].error);
  assert_sharp(&a);
  return a;
}

static void assert_equivariant(const blobs *b, moved m, unsigned first, const answers *plain, const char *what) {
  const answers a = answers_of(b, &m, first, SEEDS);
  ck_assert_msg(a.unfit == 0, "%s: %u of %d runs did not find the parts", what, a.unfit, SEEDS);
  const double distance = answers_distance(&a, plain);
  ck_assert_msg(distance < Z_MAX, "%s: an answer is %g errors off", what, distance);
  assert_sharp(&a);
}

static void assert_caught(const blobs *b, moved m, unsigned seeds, const answers *plain, const char *what) {
  const answers a = answers_of(b, &m, 900, seeds);
  ck_assert_msg(answers_distance(&a, plain) > Z_MAX, "%s passes", what);
}

START_TEST(three_dimensions) {
  const dilate_target base = blobs_target(&three_blobs);
  const answers plain = plain_answers(&three_blobs, 1);
  assert_equivariant(&three_blobs, moved_by(&base, 1, 100), 101, &plain, "a shift");
  assert_equivariant(&three_blobs, moved_by(&base, 1e-3, 0), 201, &plain, "a scale of 1e-3");
  assert_equivariant(&three_blobs, moved_by(&base, 1e3, 0), 301, &plain, "a scale of 1e3");
  assert_equivariant(&three_blobs, moved_by_rotation(&base, 1), 401, &plain, "a rotation");
  assert_equivariant(&three_blobs, moved_by_permutation(&base), 501, &plain, "a permutation");
  moved louder = moved_by(&base, 1, 0);
  louder.constant = 1e3;
  assert_equivariant(&three_blobs, louder, 601, &plain, "a constant");

  moved forgetful = moved_by(&base, 1.05, 0);
  forgetful.log_jacobian = 0;
  assert_caught(&three_blobs, forgetful, SEEDS, &plain, "a scale without its Jacobian");
  const moved turned = moved_by_permutation(&base);
  moved half = moved_by(&base, 1, 0);
  for (size_t i = 0; i < 3; i++)
    for (size_t j = 0; j < 3; j++) half.pull[i][j] = turned.pull[i][j];
  assert_caught(&three_blobs, half, 1, &plain, "a gradient that is permuted where the point is not");
}
END_TEST

START_TEST(one_dimension) {
  static const blobs *const all[] = {&one_blob, &two_blobs};
  for (size_t i = 0; i < 2; i++) {
    const dilate_target base = blobs_target(all[i]);
    const answers plain = plain_answers(all[i], 11);
    assert_equivariant(all[i], moved_by(&base, 1, -100), 111, &plain, "a shift in one dimension");
    assert_equivariant(all[i], moved_by(&base, 1e3, 7), 211, &plain, "a scale in one dimension");
    moved forgetful = moved_by(&base, 1.05, 0);
    forgetful.log_jacobian = 0;
    assert_caught(all[i], forgetful, SEEDS, &plain, "a scale without its Jacobian in one dimension");
  }
}
END_TEST

/* ---- The same seed, and a constant ---- */

static dilate_result *run_with(const blobs *b, double constant, uint64_t seed) {
  const dilate_target base = blobs_target(b);
  moved m = moved_by(&base, 1, 0);
  m.constant = constant;
  const dilate_target target = moved_target(&m);
  dilate_options options;
  dilate_result *result = NULL;
  dilate_options_init(&options);
  options.draws = 256;
  options.seed = seed;
  ck_assert_int_eq(dilate_sample(&target, &options, &result, NULL), DILATE_OK);
  return result;
}

/* The share of the draws that are further than tolerance from those of the other run. */
static double share_apart(const dilate_result *a, const dilate_result *b, double tolerance) {
  const size_t rows = dilate_result_islands(a) * dilate_result_draws(a), dim = dilate_result_dim(a);
  const double *const x = dilate_result_unconstrained(a), *const y = dilate_result_unconstrained(b);
  size_t apart = 0;
  for (size_t i = 0; i < rows; i++) {
    double furthest = 0;
    for (size_t j = 0; j < dim; j++) furthest = fmax(furthest, fabs(x[i * dim + j] - y[i * dim + j]));
    apart += furthest > tolerance;
  }
  return (double)apart / (double)rows;
}

static double log_z_of(const dilate_result *result) {
  double log_z;
  ck_assert_int_eq(dilate_result_log_z(result, &log_z, NULL, NULL), DILATE_OK);
  return log_z;
}

/* Only differences of log-densities matter.  Where the constant is added without rounding, as 1 is to the numbers below -1/2 that these
 * densities are, draws are the same to the last bit.  1000 takes three digits away: in one dimension draws agree to ten digits; in three,
 * what rounding leaves may decide a proposal the other way, and then chains part (the answers agree: above). */
START_TEST(a_constant_changes_no_draw) {
  static const struct {
    const blobs *b;
    double constant, tolerance;
  } cases[] = {{&three_blobs, 1, 0}, {&two_blobs, 1, 0}, {&one_blob, 1e3, 1e-8}, {&two_blobs, 1e3, 1e-8}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    dilate_result *const a = run_with(cases[i].b, 0, 5), *const b = run_with(cases[i].b, cases[i].constant, 5);
    const double share = share_apart(a, b, cases[i].tolerance), moved_by_constant = log_z_of(b) - log_z_of(a);
    ck_assert_msg(share == 0, "%g of the draws moved with the constant %g", share, cases[i].constant);
    ck_assert_double_eq_tol(moved_by_constant, cases[i].constant, 1e-10);
    dilate_result *const other = run_with(cases[i].b, 0, 6);
    ck_assert_double_gt(share_apart(a, other, cases[i].tolerance), 0.9); /* another seed's draws are others */
    dilate_result_free(a);
    dilate_result_free(b);
    dilate_result_free(other);
  }
}
END_TEST

int main(void) {
  Suite *const suite = suite_create("equivariance");
  TCase *const c = tcase_create("equivariance");
  tcase_set_timeout(c, 300);
  tcase_add_test(c, three_dimensions);
  tcase_add_test(c, one_dimension);
  tcase_add_test(c, a_constant_changes_no_draw);
  suite_add_tcase(suite, c);
  return run_all(srunner_create(suite));
}
