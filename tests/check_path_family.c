/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The family of paths as a user sees it: scores against differences, both ends bit for bit, laws in closed form, what is outside the
 * support of either end, and every layout of points. */
#include <check.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "densities.h"
#include "path/path.h"
#include "path_cases.h"
#include "runner.h"

static const double lambdas[] = {0, 1e-4, 0.01, 0.3, 0.9, 1};
#define LAMBDAS (sizeof lambdas / sizeof *lambdas)

#define D GAUSSIANS_DIM
static const double centre[D] = {0.5, -1, 2, 0.25, -3};
static const char *const names[] = {"none", "geometric", "dilation", "convolution"};
#define NAMES (sizeof names / sizeof *names)

static int has_density(const char *name, double lambda) {
  return lambda > 0 || strcmp(name, "dilation") != 0;
}

/* ---- Scores ---- */

/* Richardson's extrapolation of central differences in coordinate j. */
static double difference(dilate_path *p, double lambda, size_t dim, const double *x, size_t j, double h) {
  double at[D], slope[3], up, down;
  for (int level = 0; level < 3; level++) {
    const double s = ldexp(h, -level);
    memcpy(at, x, dim * sizeof *at);
    at[j] = x[j] + s;
    evaluate(p, lambda, at, &up, NULL);
    at[j] = x[j] - s;
    evaluate(p, lambda, at, &down, NULL);
    slope[level] = (up - down) / (2 * s);
  }
  return (16 * (4 * slope[2] - slope[1]) / 3 - (4 * slope[1] - slope[0]) / 3) / 15;
}

/* The largest error of the score times `stretch` at points about the law, in units of what is allowed. */
static double score_error(dilate_path *p, double lambda, size_t dim, double spread, double stretch) {
  double worst = 0;
  for (int point = 0; point < 20; point++) {
    double x[D], score[D], logp;
    for (size_t j = 0; j < dim; j++) x[j] = centre[j] + spread * sin(1.7 * point + 2.3 * (double)j);
    evaluate(p, lambda, x, &logp, score);
    for (size_t j = 0; j < dim; j++) {
      const double h = 0.01 * spread, allowed = 1e-6 * (1 + fabs(score[j])) + 1e-9 * fabs(logp) / h;
      worst = fmax(worst, fabs(stretch * score[j] - difference(p, lambda, dim, x, j, h)) / allowed);
    }
  }
  return worst;
}

/* How far from the centre the law is at lambda: the targets lie within 4, the Gaussian end has the standard deviation 1.5. */
static double spread_at(const char *name, double lambda) {
  return strcmp(name, "dilation") == 0 ? 4 * sqrt(lambda) : 2;
}

START_TEST(scores_are_gradients) {
  const size_t dims[] = {1, 2, 5};
  for (size_t d = 0; d < 3; d++)
    for (size_t k = 0; k < NAMES; k++) {
      gaussians g = gaussians_random(3, dims[d], 3, 3), q = gaussians_random(4, dims[d], 2, 3);
      const dilate_target user = mixture_target(&g), reference = gaussians_target(&q);
      for (int own = 0; own < 2; own++) {
        dilate_path_options o = options_of(names[k], centre, 1.5);
        if (own) o.reference = &reference; /* what other paths make nothing of */
        dilate_path *p = open_path(&user, &o);
        for (size_t l = 0; l < LAMBDAS; l++) {
          if (!has_density(names[k], lambdas[l])) continue;
          const double error = score_error(p, lambdas[l], dims[d], spread_at(names[k], lambdas[l]), 1);
          ck_assert_msg(error < 1, "%s at %g in %zu-d: off by %g", names[k], lambdas[l], dims[d], error);
          ck_assert_double_gt(score_error(p, lambdas[l], dims[d], spread_at(names[k], lambdas[l]), 1.0001), 1);
        }
        dilate_path_free(p);
      }
    }
}
END_TEST

/* ---- Laws ---- */

/* The law of c + sqrt(lambda) (X - c) + sqrt(1 - lambda) s E is a mixture again. */
START_TEST(convolution_of_a_mixture) {
  gaussians g = gaussians_random(5, 3, 4, 4);
  const dilate_target user = mixture_target(&g);
  const dilate_path_options o = options_of("convolution", centre, 1.5);
  dilate_path *p = open_path(&user, &o);
  for (size_t l = 1; l < LAMBDAS; l++) {
    const gaussians moved = gaussians_dilated(&g, centre, sqrt(lambdas[l]));
    const gaussians law = gaussians_convolved(&moved, 1.5 * sqrt(1 - lambdas[l])), wrong = gaussians_convolved(&moved, 1.5);
    for (int i = 0; i < 50; i++) {
      const double x[] = {3 * sin(i), 3 * cos(2 * i), 2 + sin(3 * i)};
      double logp, score[3], slope[3];
      evaluate(p, lambdas[l], x, &logp, score);
      assert_close(logp, gaussians_log_density(&law, x, slope), 1e-10);
      for (size_t j = 0; j < 3; j++) assert_close(score[j], slope[j], 1e-9);
      ck_assert(lambdas[l] < 0.3 || fabs(logp - gaussians_log_density(&wrong, x, NULL)) > 1e-3);
    }
  }
  dilate_path_free(p);
}
END_TEST

/* log of the integral on a line, by the trapezoidal rule. */
static double log_integral(dilate_path *p, double lambda) {
  const double step = 0.02 * spread_at(dilate_schedule_name(0), lambda); /* not the dilation's */
  double sum = 0;
  for (int i = -1500; i <= 1500; i++) {
    const double x = i * step;
    double logp;
    evaluate(p, lambda, &x, &logp, NULL);
    sum += step * exp(logp);
  }
  return log(sum);
}

START_TEST(integral_of_the_convolution) {
  gaussians g = gaussians_random(5, 1, 3, 4);
  const dilate_target user = mixture_target(&g);
  const dilate_path_options o = options_of("convolution", centre, 1.5);
  dilate_path *p = open_path(&user, &o);
  for (size_t l = 0; l < LAMBDAS; l++) assert_close(log_integral(p, lambdas[l]), lambdas[l] > 0 ? g.log_z : 0, 1e-10);
  dilate_path_free(p);
}
END_TEST

/* From a reference of the user's own: each log-density and score by its share. */
START_TEST(geometric_from_a_reference) {
  gaussians g = gaussians_random(6, 3, 3, 3), q = gaussians_random(7, 3, 2, 3);
  const dilate_target user = gaussians_target(&g);
  dilate_target reference = gaussians_target(&q);
  for (int blind = 0; blind < 2; blind++) {
    reference.flags = blind ? DILATE_TARGET_NO_GRADIENT : 0;
    dilate_path_options o = options_of("geometric", NULL, 1);
    o.reference = &reference;
    dilate_path *p = open_path(&user, &o);
    for (size_t l = 0; l < LAMBDAS; l++)
      for (int i = 0; i < 20; i++) {
        const double x[] = {3 * sin(i), 3 * cos(2 * i), sin(3 * i)}, b = lambdas[l];
        double logp, score[3], of_pi[3], of_q[3];
        const double log_pi = gaussians_log_density(&g, x, of_pi), log_q = gaussians_log_density(&q, x, of_q);
        evaluate(p, b, x, &logp, score);
        assert_close(logp, (1 - b) * log_q + b * log_pi, 1e-13);
        for (size_t j = 0; j < 3; j++) assert_close(score[j], (1 - b) * of_q[j] + b * of_pi[j], blind ? 1e-6 : 1e-12);
        if (b == 0) ck_assert_double_eq(logp, log_q);
      }
    dilate_path_free(p);
  }
}
END_TEST

/* ---- Ends ---- */

static atomic_int calls;

static int counting_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  atomic_fetch_add(&calls, 1);
  return gaussians_logp(dim, x, logp, grad, params);
}

static int counting_convolve(size_t dim, double sigma, size_t n, size_t ld, const double *x, double *logp, double *score, void *params) {
  atomic_fetch_add(&calls, 1);
  return gaussians_convolve(dim, sigma, n, ld, x, logp, score, params);
}

/* At 0 the Gaussian, without a call of the target; at 1 the target's own bits. */
START_TEST(both_ends_are_exact) {
  const char *const from_gaussian[] = {"geometric", "convolution"};
  gaussians g = gaussians_random(8, 4, 3, 3);
  dilate_target user = mixture_target(&g);
  user.logp = counting_logp;
  user.convolve = counting_convolve;
  for (size_t k = 0; k < 2; k++) {
    const double s = 0.7;
    const dilate_path_options o = options_of(from_gaussian[k], centre, s);
    dilate_path *p = open_path(&user, &o);
    for (int i = 0; i < 40; i++) {
      double x[4], logp, score[4], expected = -2 * LOG_2PI - 4 * log(s), slope[4];
      for (size_t j = 0; j < 4; j++) {
        x[j] = 5 * sin(i + 2.1 * (double)j);
        expected -= 0.5 * pow((x[j] - centre[j]) / s, 2);
      }
      atomic_store(&calls, 0);
      evaluate(p, 0, x, &logp, score);
      ck_assert_int_eq(atomic_load(&calls), 0);
      assert_close(logp, expected, 1e-14);
      for (size_t j = 0; j < 4; j++) assert_close(score[j], (centre[j] - x[j]) / (s * s), 1e-15);
      evaluate(p, 1, x, &logp, score);
      ck_assert_int_eq(atomic_load(&calls), 1);
      ck_assert_double_eq(logp, gaussians_log_density(&g, x, slope));
      ck_assert_mem_eq(score, slope, sizeof slope);
    }
    dilate_path_free(p);
  }
}
END_TEST

START_TEST(no_path_is_the_target) {
  gaussians g = gaussians_random(8, 2, 3, 3);
  const dilate_target user = mixture_target(&g);
  const dilate_path_options o = options_of("none", centre, -1); /* the scale is of no use to it */
  dilate_path *p = open_path(&user, &o);
  for (size_t l = 0; l < LAMBDAS; l++) {
    const double x[] = {0.3, -2};
    double logp, score[2], slope[2];
    evaluate(p, lambdas[l], x, &logp, score);
    ck_assert_double_eq(logp, gaussians_log_density(&g, x, slope));
    ck_assert_mem_eq(score, slope, sizeof slope);
  }
  dilate_path_free(p);
}
END_TEST

/* A Gaussian end of any scale: numbers, or -inf where they overflow, never NaN. */
START_TEST(scales_without_measure) {
  const double scales[] = {1e-300, 1e-200, 1e-5, 1e5, 1e200, 1e300}, places[] = {0, 1e-300, 1, 1e150, 1e300};
  density normal = density_normal(1, 1);
  const dilate_target user = density_target(&normal);
  for (size_t s = 0; s < 6; s++) {
    const dilate_path_options o = options_of("geometric", NULL, scales[s]);
    dilate_path *p = open_path(&user, &o);
    for (size_t i = 0; i < 5; i++)
      for (size_t l = 0; l < LAMBDAS; l++) {
        double logp, score;
        evaluate(p, lambdas[l], &places[i], &logp, &score);
        ck_assert(!isnan(logp) && !isnan(score) && logp < INFINITY);
        if (places[i] == 0 && lambdas[l] == 0) assert_close(logp, -0.5 * LOG_2PI - log(scales[s]), 1e-14);
      }
    dilate_path_free(p);
  }
}
END_TEST

/* ---- Outside the support ---- */

START_TEST(outside_of_either_end) {
  density normal = density_normal(2, 1);
  const dilate_target box = target_of(2, box_logp, NULL), everywhere = density_target(&normal);
  const double inside[] = {0.4, 0.5}, outside[] = {0.4, 1.5};
  for (int which = 0; which < 3; which++) { /* the target, the reference, and both are a box */
    dilate_path_options o = options_of("geometric", NULL, 1);
    if (which) o.reference = &box;
    dilate_path *p = open_path(which == 1 ? &everywhere : &box, &o);
    for (size_t l = 0; l < LAMBDAS; l++) {
      double logp, score[2];
      evaluate(p, lambdas[l], inside, &logp, score);
      ck_assert(isfinite(logp) && isfinite(score[0]) && score[0] != 0);
      evaluate(p, lambdas[l], outside, &logp, score);
      const int there = (which == 0 && lambdas[l] == 0) || (which == 1 && lambdas[l] == 1);
      ck_assert_int_eq(logp == -INFINITY, !there);
      ck_assert_int_eq(score[0] == 0 && score[1] == 0, !there);
    }
    dilate_path_free(p);
  }
}
END_TEST

/* ---- Layouts, threads, shifts ---- */

START_TEST(tiles_agree_with_points) {
  gaussians g = gaussians_random(9, 3, 3, 3);
  const dilate_target user = mixture_target(&g);
  const size_t counts[] = {0, 1, 31, 32, 33, 70};
  for (size_t m = 0; m < NAMES; m++)
    for (size_t k = 0; k < 6; k++)
      for (size_t l = 0; l < LAMBDAS; l++) {
        const size_t n = counts[k], ld = n + 3;
        const dilate_path_options o = options_of(names[m], centre, 1.5);
        double x[3 * 73], logp[73], bare[73], score[3 * 73];
        if (!has_density(names[m], lambdas[l])) continue;
        dilate_path *p = open_path(&user, &o);
        for (size_t i = 0; i < 3 * ld; i++) {
          x[i] = sin((double)i);
          score[i] = 77;
        }
        ck_assert_int_eq(dilate_path_evaluate(p, lambdas[l], n, ld, x, logp, score, NULL), DILATE_OK);
        ck_assert_int_eq(dilate_path_evaluate(p, lambdas[l], n, ld, x, bare, NULL, NULL), DILATE_OK);
        if (n) ck_assert_mem_eq(bare, logp, n * sizeof *bare);
        for (size_t i = 0; i < n; i++) {
          const double point[] = {x[i], x[ld + i], x[2 * ld + i]};
          double alone, slope[3];
          evaluate(p, lambdas[l], point, &alone, slope);
          ck_assert_double_eq(alone, logp[i]);
          for (size_t j = 0; j < 3; j++) ck_assert_double_eq(slope[j], score[j * ld + i]);
        }
        for (size_t j = 0; j < 3; j++)
          for (size_t i = n; i < ld; i++) ck_assert_double_eq(score[j * ld + i], 77);
        dilate_path_free(p);
      }
}
END_TEST

/* A cloud at lambda, on so many threads. */
static void evaluate_cloud(const path_type *type, const dilate_target *user, size_t threads, double lambda, particles *p) {
  path along = {.type = type, .centre = centre, .scale = 1.5};
  ck_assert_int_eq(target_create(user, threads, &along.target, NULL), DILATE_OK);
  along.work = NEW(double, path_work(type, along.target) + 1);
  for (size_t i = 0; i < p->dim * p->ld; i++) p->x[i] = 3 * sin(1.3 * (double)i);
  path_evaluate(&along, lambda, p);
  memory_free(along.work);
  target_free(along.target);
}

START_TEST(threads_give_the_same_bits) {
  gaussians g = gaussians_random(9, 3, 3, 3);
  const dilate_target user = mixture_target(&g);
  const size_t threads[] = {1, 2, 5};
  for (size_t m = 0; path_list[m]; m++) {
    particles p[3];
    for (size_t k = 0; k < 3; k++) {
      ck_assert_int_eq(particles_create(3, 333, &p[k]), 0);
      evaluate_cloud(path_list[m], &user, threads[k], 0.3, &p[k]);
      ck_assert_mem_eq(p[k].logp, p[0].logp, 333 * sizeof(double));
      ck_assert_mem_eq(p[k].grad, p[0].grad, 3 * p[0].ld * sizeof(double));
    }
    for (size_t k = 0; k < 3; k++) particles_clear(&p[k]);
  }
}
END_TEST

/* Target and centre moved by 512 move the path; that rounds places by no more than 1e-13, which a score of the dilation path sees divided
 * by lambda. */
START_TEST(shifts_move_the_path) {
  gaussians here = gaussians_random(10, 2, 3, 3), there = here;
  double far[2];
  for (size_t j = 0; j < 2; j++) {
    far[j] = centre[j] + 512;
    for (size_t k = 0; k < 3; k++) there.mean[k][j] += 512;
  }
  const dilate_target user[] = {mixture_target(&here), mixture_target(&there)};
  for (size_t m = 0; m < NAMES; m++) {
    const dilate_path_options o = options_of(names[m], centre, 1.5), moved = options_of(names[m], far, 1.5);
    dilate_path *p = open_path(&user[0], &o), *q = open_path(&user[1], &moved);
    for (size_t l = 0; l < LAMBDAS; l++)
      for (int i = -10; i <= 10 && has_density(names[m], lambdas[l]); i++) {
        const double spread = spread_at(names[m], lambdas[l]), x[] = {centre[0] + 0.1 * i * spread, centre[1] - 0.05 * i * spread};
        const double y[] = {x[0] + 512, x[1] + 512}, tolerance = 1e-11 / fmin(1, spread * spread);
        double a, b, slope_a[2], slope_b[2];
        evaluate(p, lambdas[l], x, &a, slope_a);
        evaluate(q, lambdas[l], y, &b, slope_b);
        assert_close(a, b, tolerance);
        for (size_t j = 0; j < 2; j++) assert_close(slope_a[j], slope_b[j], 10 * tolerance);
      }
    dilate_path_free(p);
    dilate_path_free(q);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("family of paths");
  TCase *tests = tcase_create("family of paths");
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, scores_are_gradients);
  tcase_add_test(tests, convolution_of_a_mixture);
  tcase_add_test(tests, integral_of_the_convolution);
  tcase_add_test(tests, geometric_from_a_reference);
  tcase_add_test(tests, both_ends_are_exact);
  tcase_add_test(tests, no_path_is_the_target);
  tcase_add_test(tests, scales_without_measure);
  tcase_add_test(tests, outside_of_either_end);
  tcase_add_test(tests, tiles_agree_with_points);
  tcase_add_test(tests, threads_give_the_same_bits);
  tcase_add_test(tests, shifts_move_the_path);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_add_suite(runner, path_arguments_suite());
  return run_all(runner);
}
