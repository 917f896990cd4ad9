/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths: scores against differences of the log-density, the closed-form law of a Gaussian under dilation, the endpoints, and every argument
 * that must be refused. */
#include <check.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "densities.h"
#include "path/path.h"
#include "runner.h"

static const double lambdas[] = {1e-4, 0.01, 0.3, 0.9, 1};
#define LAMBDAS (sizeof lambdas / sizeof *lambdas)

/* A path on a target of its own. */
typedef struct fixture {
  dilate_error err;
  path path;
} fixture;

static fixture open_path(const path_type *type, const dilate_target *user, size_t threads, const double *centre) {
  fixture f;
  dilate_error_init(&f.err);
  f.path = (path){.type = type, .centre = centre};
  ck_assert_int_eq(target_create(user, threads, &f.path.target, &f.err), DILATE_OK);
  f.path.work = NEW(double, path_work(type, f.path.target));
  ck_assert_ptr_nonnull(f.path.work);
  return f;
}

static void close_path(fixture *f) {
  memory_free(f->path.work);
  target_free(f->path.target);
}

static double logp_at(const path *p, double lambda, const double *x) {
  double logp;
  p->type->evaluate(p, lambda, 0, 1, 1, x, &logp, NULL);
  return logp;
}

/* Richardson's extrapolation of central differences in coordinate j: error O(h^6). */
static double difference(const path *p, double lambda, size_t dim, const double *x, size_t j, double h) {
  double at[DENSITY_DIM], d[3];
  for (int level = 0; level < 3; level++) {
    const double s = ldexp(h, -level);
    memcpy(at, x, dim * sizeof *at);
    at[j] = x[j] + s;
    const double up = logp_at(p, lambda, at);
    at[j] = x[j] - s;
    d[level] = (up - logp_at(p, lambda, at)) / (2 * s);
  }
  const double fine = (4 * d[2] - d[1]) / 3, coarse = (4 * d[1] - d[0]) / 3;
  return (16 * fine - coarse) / 15;
}

/* The largest error of the score at points of mu_lambda, relative to the largest score. */
static double score_error(const path *p, double lambda, size_t dim) {
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  double worst = 0;
  for (int point = 0; point < 20; point++) {
    double x[DENSITY_DIM], score[DENSITY_DIM], logp, size = 0, error = 0;
    for (size_t j = 0; j < dim; j++) x[j] = (p->centre ? p->centre[j] : 0) + sqrt(lambda) * (4 * gsl_rng_uniform(rng) - 2);
    p->type->evaluate(p, lambda, 0, 1, 1, x, &logp, score);
    for (size_t j = 0; j < dim; j++) {
      size = fmax(size, fabs(score[j]));
      error = fmax(error, fabs(score[j] - difference(p, lambda, dim, x, j, 0.02 * sqrt(lambda))));
    }
    worst = fmax(worst, error / (size + 1e-3 / sqrt(lambda)));
  }
  gsl_rng_free(rng);
  return worst;
}

/* The score of the tests' broken twin: the target's gradient, without the factor lambda^(-1/2). */
static void unscaled_evaluate(const path *p, double lambda, uint64_t first, size_t n, size_t ld, const double *x, double *logp,
                              double *score) {
  path_dilation.evaluate(p, lambda, first, n, ld, x, logp, score);
  for (size_t j = 0; score && j < target_dim(p->target); j++)
    for (size_t i = 0; i < n; i++) score[j * ld + i] *= sqrt(lambda);
}

/* Another: the density without its log-determinant. */
static void unnormalised_evaluate(const path *p, double lambda, uint64_t first, size_t n, size_t ld, const double *x, double *logp,
                                  double *score) {
  path_dilation.evaluate(p, lambda, first, n, ld, x, logp, score);
  for (size_t i = 0; i < n; i++) logp[i] += 0.5 * (double)target_dim(p->target) * log(lambda);
}

START_TEST(score_is_the_gradient) {
  density gauss = density_correlated(), modes = density_modes(3), wide = density_chained(5);
  const dilate_target user[] = {density_target(&gauss), density_target(&modes), density_target(&wide), target_of(2, banana_logp, NULL),
                                target_of(1, cauchy_logp, NULL)};
  const double centre[DENSITY_DIM] = {0.5, -1, 2, 0.25, -3};
  for (size_t t = 0; t < sizeof user / sizeof *user; t++)
    for (int shifted = 0; shifted < 2; shifted++) {
      fixture f = open_path(&path_dilation, &user[t], 1, shifted ? centre : NULL);
      for (size_t l = 0; l < LAMBDAS; l++) ck_assert_double_lt(score_error(&f.path, lambdas[l], user[t].dim), 1e-6);
      close_path(&f);
    }
}
END_TEST

START_TEST(wrong_score_is_caught) {
  density gauss = density_correlated();
  const dilate_target user = density_target(&gauss);
  const path_type twin = {"unscaled", 0, 2, unscaled_evaluate, NULL, NULL};
  fixture f = open_path(&twin, &user, 1, NULL);
  ck_assert_double_lt(score_error(&f.path, 1, 2), 1e-6);
  ck_assert_double_gt(score_error(&f.path, 0.9, 2), 1e-2);
  ck_assert_double_gt(score_error(&f.path, 0.01, 2), 1e-2);
  close_path(&f);
}
END_TEST

/* X ~ N(m, Sigma) gives N(c + sqrt(lambda) (m - c), lambda Sigma). */
START_TEST(law_of_a_gaussian) {
  density gauss = density_correlated();
  const double centre[] = {3, 0.5};
  const dilate_target user = density_target(&gauss);
  fixture f = open_path(&path_dilation, &user, 1, centre);
  for (size_t l = 0; l < LAMBDAS; l++) {
    const double root = sqrt(lambdas[l]);
    density law = gauss;
    for (size_t j = 0; j < 2; j++) law.mean[0][j] = centre[j] + root * (gauss.mean[0][j] - centre[j]);
    for (size_t j = 0; j < 4; j++) {
      law.c[j] = root * gauss.c[j];
      law.ci[j] = gauss.ci[j] / root;
    }
    for (int i = 0; i < 50; i++) {
      const double x[] = {centre[0] + root * (0.2 * i - 5), centre[1] + root * (4 - 0.1 * i)};
      double expected, slope[2], logp, score[2];
      density_logp(2, x, &expected, slope, &law);
      f.path.type->evaluate(&f.path, lambdas[l], 0, 1, 1, x, &logp, score);
      ck_assert_double_le(fabs(logp - expected), 1e-10 * (1 + fabs(expected)));
      for (size_t j = 0; j < 2; j++) ck_assert_double_le(fabs(score[j] - slope[j]), 1e-9 * (1 / root + fabs(slope[j])));
    }
  }
  close_path(&f);
}
END_TEST

/* log of the integral of mu_lambda on a line: the trapezoidal rule, exponentially accurate for a smooth density that vanishes at the ends.
 */
static double log_integral(const path *p, double lambda) {
  const double root = sqrt(lambda), step = 0.05 * root;
  double sum = 0;
  for (int i = -400; i <= 400; i++) sum += step * exp(logp_at(p, lambda, &(double){root * 0.05 * i}));
  return log(sum);
}

START_TEST(integral_is_z_at_every_lambda) {
  density modes = density_modes(1);
  const dilate_target user = density_target(&modes);
  const path_type twin = {"unnormalised", 0, 2, unnormalised_evaluate, NULL, NULL};
  fixture right = open_path(&path_dilation, &user, 1, NULL), wrong = open_path(&twin, &user, 1, NULL);
  for (size_t l = 0; l < LAMBDAS; l++) {
    ck_assert_double_le(fabs(log_integral(&right.path, lambdas[l]) - modes.log_z), 1e-12);
    if (lambdas[l] < 1) ck_assert_double_ge(fabs(log_integral(&wrong.path, lambdas[l]) - modes.log_z), 1e-2);
  }
  close_path(&right);
  close_path(&wrong);
}
END_TEST

/* Fills a cloud with exact draws of the density. */
static void draw_all(const density *f, unsigned long seed, particles *p) {
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, seed);
  for (size_t i = 0; i < p->n; i++) {
    double x[DENSITY_DIM];
    density_draw(f, rng, x);
    for (size_t j = 0; j < p->dim; j++) p->x[j * p->ld + i] = x[j];
  }
  gsl_rng_free(rng);
}

static double row_moment(const particles *p, size_t j, double about, int power) {
  double sum = 0;
  for (size_t i = 0; i < p->n; i++) sum += pow(p->x[j * p->ld + i] - about, power);
  return sum / (double)p->n;
}

/* 20000 carried draws have the mean and variance of mu_lambda; z beyond 4.9 has probability 1e-6, eight tests.  That the unmoved draws
 * fail the same test is its broken twin. */
START_TEST(moments_after_carry) {
  density gauss = density_correlated();
  const double centre[] = {3, 0.5}, sd[] = {1, 3};
  const dilate_target user = density_target(&gauss);
  fixture f = open_path(&path_dilation, &user, 1, centre);
  const double to[] = {0.3, 0.01};
  for (size_t l = 0; l < 2; l++) {
    particles p;
    ck_assert_int_eq(particles_create(2, 20000, &p), 0);
    draw_all(&gauss, 1 + l, &p);
    const double n = (double)p.n, root = sqrt(to[l]);
    for (int carried = 0; carried < 2; carried++) {
      for (size_t j = 0; j < 2; j++) {
        const double mean = centre[j] + root * (gauss.mean[0][j] - centre[j]), variance = to[l] * sd[j] * sd[j];
        const double z1 = (row_moment(&p, j, mean, 1)) / sqrt(variance / n);
        const double z2 = (row_moment(&p, j, mean, 2) - variance) / (variance * sqrt(2 / n));
        ck_assert_int_eq(fabs(z1) < 4.9 && fabs(z2) < 4.9, carried);
      }
      if (!carried) f.path.type->carry(&f.path, 1, to[l], p.n, p.ld, p.x, NULL, NULL);
    }
    particles_clear(&p);
  }
  close_path(&f);
}
END_TEST

START_TEST(carry_keeps_the_point_of_the_target) {
  density modes = density_modes(2);
  const double centre[] = {1, -1};
  const dilate_target user = density_target(&modes);
  fixture f = open_path(&path_dilation, &user, 1, centre);
  double x[] = {2.5, -0.75}, there[2], back[2];
  const double before = logp_at(&f.path, 0.04, x);
  memcpy(there, x, sizeof x);
  f.path.type->carry(&f.path, 0.04, 0.5, 1, 1, there, NULL, NULL);
  ck_assert_double_le(fabs(logp_at(&f.path, 0.5, there) - before - log(0.04 / 0.5)), 1e-12);
  memcpy(back, there, sizeof x);
  f.path.type->carry(&f.path, 0.5, 0.04, 1, 1, back, NULL, NULL);
  for (size_t j = 0; j < 2; j++) ck_assert_double_le(fabs(back[j] - x[j]), 1e-14);
  f.path.type->carry(&f.path, 0.5, 0.5, 1, 1, there, NULL, NULL);
  memcpy(back, there, sizeof x);
  ck_assert_mem_eq(there, back, sizeof back);
  f.path.type->carry(&f.path, 0.5, 0, 1, 1, there, NULL, NULL);
  ck_assert_mem_eq(there, centre, sizeof centre);
  f.path.type->carry(&f.path, 0, 1, 1, 1, there, NULL, NULL);
  ck_assert_mem_eq(there, centre, sizeof centre);
  close_path(&f);
}
END_TEST

START_TEST(last_lambda_is_the_target_bit_for_bit) {
  density chained = density_chained(7);
  const double centre[DENSITY_DIM] = {0.1, 0.2, 0.3};
  const dilate_target user = density_target(&chained);
  fixture f = open_path(&path_dilation, &user, 1, centre);
  for (int i = 0; i < 50; i++) {
    double x[7], logp[2], score[2][7];
    for (int j = 0; j < 7; j++) x[j] = sin(i + 0.1 * j) * 10;
    target_evaluate(f.path.target, 0, 1, 1, x, &logp[0], score[0]);
    f.path.type->evaluate(&f.path, 1, 0, 1, 1, x, &logp[1], score[1]);
    ck_assert_mem_eq(&logp[0], &logp[1], sizeof *logp);
    ck_assert_mem_eq(score[0], score[1], sizeof *score);
  }
  close_path(&f);
}
END_TEST

START_TEST(no_path_is_the_target_everywhere) {
  density modes = density_modes(2);
  const dilate_target user = density_target(&modes);
  fixture f = open_path(&path_none, &user, 1, NULL);
  const double x[] = {0.3, -2}, expected = logp_at(&f.path, 1, x);
  double moved[] = {0.3, -2};
  ck_assert_int_eq(path_check_lambda(&f.path, 0, NULL), DILATE_OK);
  ck_assert_double_eq(logp_at(&f.path, 0, x), expected);
  ck_assert_double_eq(logp_at(&f.path, 0.01, x), expected);
  ck_assert_ptr_null(f.path.type->carry);
  ck_assert_mem_eq(moved, x, sizeof x);
  ck_assert_uint_eq(path_work(&path_none, f.path.target), 0);
  close_path(&f);
}
END_TEST

/* Moving target and centre moves the path: a shift by whole numbers of moderate size is exact up to the last bits. */
START_TEST(shift_equivariance) {
  density here = density_modes(2), there = here;
  const double shift[] = {1024, -512}, centre[] = {0.5, 1}, far[] = {1024.5, -511};
  for (size_t k = 0; k < 3; k++)
    for (size_t j = 0; j < 2; j++) there.mean[k][j] += shift[j];
  const dilate_target user[] = {density_target(&here), density_target(&there)};
  fixture f = open_path(&path_dilation, &user[0], 1, centre), g = open_path(&path_dilation, &user[1], 1, far);
  for (size_t l = 0; l < LAMBDAS; l++)
    for (int i = -20; i <= 20; i++) {
      const double x[] = {0.5 + sqrt(lambdas[l]) * i * 0.2, 1 - sqrt(lambdas[l])}, y[] = {x[0] + shift[0], x[1] + shift[1]};
      double logp[2], score[2][2];
      f.path.type->evaluate(&f.path, lambdas[l], 0, 1, 1, x, &logp[0], score[0]);
      g.path.type->evaluate(&g.path, lambdas[l], 0, 1, 1, y, &logp[1], score[1]);
      ck_assert_double_le(fabs(logp[0] - logp[1]), 1e-12 / lambdas[l]);
      for (size_t j = 0; j < 2; j++) ck_assert_double_le(fabs(score[0][j] - score[1][j]), 1e-11 / lambdas[l]);
    }
  close_path(&f);
  close_path(&g);
}
END_TEST

/* However many points stand in a tile, and wherever, each has the value it has alone; the rest of the rows is left alone. */
START_TEST(tiles_agree_with_points) {
  density modes = density_modes(3);
  const double centre[] = {1, 2, 3};
  dilate_target user = density_target(&modes);
  fixture f = open_path(&path_dilation, &user, 1, centre);
  const size_t counts[] = {1, 31, 32, 33, 70};
  for (size_t k = 0; k < 5; k++) {
    const size_t n = counts[k], ld = n + 3;
    double x[3 * 73], logp[73], score[3 * 73];
    for (size_t i = 0; i < 3 * ld; i++) x[i] = sin((double)i);
    for (size_t i = 0; i < 3 * ld; i++) score[i] = 77;
    ck_assert_int_eq(dilate_dilation_evaluate(&user, centre, 0.2, n, ld, x, logp, score, &f.err), DILATE_OK);
    for (size_t i = 0; i < n; i++) {
      const double point[] = {x[i], x[ld + i], x[2 * ld + i]};
      double alone, slope[3];
      f.path.type->evaluate(&f.path, 0.2, 0, 1, 1, point, &alone, slope);
      ck_assert_double_eq(alone, logp[i]);
      for (size_t j = 0; j < 3; j++) ck_assert_double_eq(slope[j], score[j * ld + i]);
    }
    for (size_t j = 0; j < 3; j++)
      for (size_t i = n; i < ld; i++) ck_assert_double_eq(score[j * ld + i], 77);
    double bare[73];
    ck_assert_int_eq(dilate_dilation_evaluate(&user, centre, 0.2, n, ld, x, bare, NULL, NULL), DILATE_OK);
    ck_assert_mem_eq(bare, logp, n * sizeof *bare);
  }
  close_path(&f);
}
END_TEST

START_TEST(threads_give_the_same_bits) {
  density chained = density_chained(5);
  const dilate_target user = density_target(&chained);
  particles p[3];
  const size_t threads[] = {1, 2, 5};
  for (size_t k = 0; k < 3; k++) {
    fixture f = open_path(&path_dilation, &user, threads[k], NULL);
    ck_assert_int_eq(particles_create(5, 333, &p[k]), 0);
    draw_all(&chained, 7, &p[k]);
    path_evaluate(&f.path, 0.3, &p[k]);
    ck_assert_mem_eq(p[k].logp, p[0].logp, p[0].ld * sizeof(double));
    ck_assert_mem_eq(p[k].grad, p[0].grad, 5 * p[0].ld * sizeof(double));
    close_path(&f);
  }
  for (size_t k = 0; k < 3; k++) particles_clear(&p[k]);
}
END_TEST

START_TEST(outside_the_support) {
  const dilate_target user = target_of(2, box_logp, NULL);
  fixture f = open_path(&path_dilation, &user, 1, NULL);
  const double inside[] = {0.04, 0.05}, outside[] = {0.04, 0.2};
  double logp, score[2];
  f.path.type->evaluate(&f.path, 0.01, 0, 1, 1, inside, &logp, score);
  ck_assert_double_le(fabs(logp + 0.5 * (0.16 + 0.25) - log(100)), 1e-12);
  f.path.type->evaluate(&f.path, 0.01, 0, 1, 1, outside, &logp, score);
  ck_assert(logp == -INFINITY);
  ck_assert(score[0] == 0 && score[1] == 0);
  close_path(&f);
}
END_TEST

/* What dilate_dilation_evaluate() says to a request, and that it says why. */
static int refused(const dilate_target *user, double lambda, size_t ld, const double *x, double *logp) {
  dilate_error err;
  dilate_error_init(&err);
  double score[4];
  const int status = dilate_dilation_evaluate(user, NULL, lambda, 2, ld, x, logp, score, &err);
  ck_assert_int_eq(err.status, status);
  if (status) ck_assert_uint_gt(strlen(err.message), 10);
  ck_assert_int_eq(dilate_dilation_evaluate(user, NULL, lambda, 2, ld, x, logp, NULL, NULL), status);
  return status;
}

static int aborting_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)x, (void)logp, (void)grad, (void)params;
  return -1;
}

START_TEST(refusals) {
  density modes = density_modes(2);
  const dilate_target user = density_target(&modes), aborting = target_of(2, aborting_logp, NULL), none = target_of(2, NULL, NULL);
  const double x[] = {0, 1, 2, 3};
  double logp[2];
  ck_assert_int_eq(refused(&user, 0.5, 2, x, logp), DILATE_OK);
  ck_assert_int_eq(refused(&user, 0, 2, x, logp), DILATE_EDOMAIN);
  ck_assert_int_eq(refused(&user, -0.1, 2, x, logp), DILATE_EINVAL);
  ck_assert_int_eq(refused(&user, 1.1, 2, x, logp), DILATE_EINVAL);
  ck_assert_int_eq(refused(&user, NAN, 2, x, logp), DILATE_EINVAL);
  ck_assert_int_eq(refused(&user, 0.5, 1, x, logp), DILATE_EINVAL);
  ck_assert_int_eq(refused(&user, 0.5, 2, NULL, logp), DILATE_EINVAL);
  ck_assert_int_eq(refused(&user, 0.5, 2, x, NULL), DILATE_EINVAL);
  ck_assert_int_eq(refused(&none, 0.5, 2, x, logp), DILATE_EINVAL);
  ck_assert_int_eq(refused(NULL, 0.5, 2, x, logp), DILATE_EINVAL);
  ck_assert_int_eq(refused(&aborting, 0.5, 2, x, logp), DILATE_ETARGET);
}
END_TEST

START_TEST(schedules) {
  const dilate_schedule all[] = {DILATE_SCHEDULE_LINEAR, DILATE_SCHEDULE_QUADRATIC};
  for (size_t k = 0; k < 2; k++) {
    ck_assert_double_eq(dilate_schedule_lambda(all[k], 0), 0);
    ck_assert_double_eq(dilate_schedule_lambda(all[k], 1), 1);
    ck_assert_double_eq(dilate_schedule_lambda(all[k], -3), 0);
    ck_assert_double_eq(dilate_schedule_lambda(all[k], 3), 1);
    ck_assert_double_eq(dilate_schedule_lambda(all[k], NAN), 0);
    for (int i = 1; i <= 100; i++)
      ck_assert_double_gt(dilate_schedule_lambda(all[k], 0.01 * i), dilate_schedule_lambda(all[k], 0.01 * (i - 1)));
  }
  ck_assert_double_eq(dilate_schedule_lambda(DILATE_SCHEDULE_LINEAR, 0.25), 0.25);
  ck_assert_double_eq(sqrt(dilate_schedule_lambda(DILATE_SCHEDULE_QUADRATIC, 0.25)), 0.25);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("path");
  TCase *tests = tcase_create("path");
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, score_is_the_gradient);
  tcase_add_test(tests, wrong_score_is_caught);
  tcase_add_test(tests, law_of_a_gaussian);
  tcase_add_test(tests, integral_is_z_at_every_lambda);
  tcase_add_test(tests, moments_after_carry);
  tcase_add_test(tests, carry_keeps_the_point_of_the_target);
  tcase_add_test(tests, last_lambda_is_the_target_bit_for_bit);
  tcase_add_test(tests, no_path_is_the_target_everywhere);
  tcase_add_test(tests, shift_equivariance);
  tcase_add_test(tests, tiles_agree_with_points);
  tcase_add_test(tests, threads_give_the_same_bits);
  tcase_add_test(tests, outside_the_support);
  tcase_add_test(tests, refusals);
  tcase_add_test(tests, schedules);
  suite_add_tcase(suite, tests);
  return run_all(srunner_create(suite));
}
