/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Equivariance further out than check_equivariance goes, with twelve seeds: the mixture in three dimensions moved and scaled far away from
 * where the sampler starts, and targets of a scale a million times off the starts (among them densities that fall with the fourth power,
 * whose logarithms begin at -1e25), where every mode must be found in every run.
 *
 * A difference beyond Z_MAX reported errors has probability below 7e-6; some sixty are looked at. */
#include "equivariance.h"
#include "targets/targets.h"
#include "runner.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define SEEDS 12
#define Z_MAX 4.5

static void compare(const blobs *b, moved m, unsigned first, const answers *plain, const char *what) {
  const answers a = answers_of(b, &m, first, SEEDS);
  const double distance = answers_distance(&a, plain);
  printf("%-24s log Z %.4f +- %.4f, largest difference %.2f errors, %u of %u runs without all modes\n", what, a.log_z.value, a.log_z.error,
         distance, a.unfit, SEEDS);
  ck_assert_msg(distance < Z_MAX, "%s: an answer is %g errors off", what, distance);
}

START_TEST(moved_far) {
  const dilate_target base = blobs_target(&three_blobs);
  moved m = moved_by(&base, 1, 0);
  const answers plain = answers_of(&three_blobs, &m, 1, SEEDS);
  ck_assert_uint_eq(plain.unfit, 0);
  ck_assert_double_lt(fabs(plain.log_z.value - three_blobs.log_z), Z_MAX * plain.log_z.error);
  compare(&three_blobs, moved_by(&base, 1, 1e4), 101, &plain, "shift 1e4");
  compare(&three_blobs, moved_by(&base, 1e-3, 10), 201, &plain, "scale 1e-3, shift 10");
  compare(&three_blobs, moved_by(&base, 1e-6, 0), 301, &plain, "scale 1e-6");
  compare(&three_blobs, moved_by(&base, 1e6, 0), 401, &plain, "scale 1e6");
  compare(&three_blobs, moved_by_rotation(&base, 0.4), 501, &plain, "rotation");
  compare(&three_blobs, moved_by_permutation(&base), 601, &plain, "permutation");
  m.constant = -1e6;
  compare(&three_blobs, m, 701, &plain, "constant -1e6");
  m = moved_by(&base, 1.01, 0);
  m.log_jacobian = 0;
  const answers forgetful = answers_of(&three_blobs, &m, 801, SEEDS);
  ck_assert_double_gt(answers_distance(&forgetful, &plain), Z_MAX); /* one per cent of scale without its Jacobian */
}
END_TEST

/* How many of the known components have draws, and the error of log Z. */
static size_t components_found(const builtin *b, moved *m, uint64_t seed, double *error, double *se) {
  const dilate_target target = moved_target(m);
  dilate_options options;
  dilate_result *result = NULL;
  dilate_error err;
  size_t count[EQUIVARIANCE_PARTS] = {0}, found = 0;
  double log_z, x[EQUIVARIANCE_DIM];
  dilate_error_init(&err);
  dilate_options_init(&options);
  options.draws = 256;
  options.seed = seed;
  ck_assert_msg(dilate_sample(&target, &options, &result, &err) == DILATE_OK, "%s, seed %llu: %s", b->label, (unsigned long long)seed,
                err.message);
  ck_assert_int_eq(dilate_result_log_z(result, &log_z, se, NULL), DILATE_OK);
  *error = log_z - b->log_z;
  const size_t rows = dilate_result_islands(result) * dilate_result_draws(result);
  for (size_t i = 0; i < rows; i++) {
    moved_back(m, dilate_result_unconstrained(result) + i * target.dim, x);
    count[b->component(b, x)]++;
  }
  for (size_t k = 0; k < b->components; k++) found += count[k] > 0;
  dilate_result_free(result);
  return found;
}

static const struct {
  const char *spec;
  double scale;
} starts[] = {{"gmm4", 1e-6}, {"gmm4", 1e6}, {"double_well2", 1e-6}, {"double_well2", 1e6}, {"himmelblau", 1e-6}};

START_TEST(any_starting_scale) {
  builtin b;
  ck_assert_int_eq(builtin_create(starts[_i].spec, NULL, &b, NULL), DILATE_OK);
  moved m = moved_by(&b.target, starts[_i].scale, 0);
  double sum = 0, squares = 0;
  for (unsigned seed = 1; seed <= SEEDS; seed++) {
    double error, se;
    const size_t found = components_found(&b, &m, seed, &error, &se);
    ck_assert_msg(found == b.components, "%s at scale %g, seed %u: %zu of %zu modes", b.label, starts[_i].scale, seed, found, b.components);
    sum += error;
    squares += se * se;
  }
  printf("%s at scale %g: log Z off by %.4f +- %.4f on average\n", b.label, starts[_i].scale, sum / SEEDS, sqrt(squares) / SEEDS);
  ck_assert_double_lt(fabs(sum), Z_MAX * sqrt(squares));
  builtin_destroy(&b);
}
END_TEST

int main(void) {
  Suite *const suite = suite_create("equivariance, further out");
  TCase *const c = tcase_create("equivariance");
  tcase_set_timeout(c, 3600);
  tcase_add_test(c, moved_far);
  tcase_add_loop_test(c, any_starting_scale, 0, (int)(sizeof starts / sizeof *starts));
  suite_add_tcase(suite, c);
  return run_all(srunner_create(suite));
}
