/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The family of paths as a user sees it: scores against differences, both ends bit for bit, laws in closed form, what is outside the
 * support of either end, every layout of points, and every refusal; and the schedules. */
#include <check.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "densities.h"
#include "gaussians.h"
#include "path/path.h"
#include "path/schedule.h"

#define D       GAUSSIANS_DIM
#define LOG_2PI 1.8378770664093454836

static const double lambdas[] = {0, 1e-4, 0.01, 0.3, 0.9, 1};
#define LAMBDAS (sizeof lambdas / sizeof *lambdas)

static const double centre[D] = {0.5, -1, 2, 0.25, -3};
static const char *const names[] = {"none", "geometric", "dilation", "convolution"};
#define NAMES (sizeof names / sizeof *names)

static dilate_path_options options_of(const char *name, const double *about, double scale) {
  dilate_path_options o;
  dilate_path_options_init(&o);
  o.path = name;
  o.centre = about;
  o.scale = scale;
  return o;
}

static dilate_path *open_path(const dilate_target *user, const dilate_path_options *o) {
  dilate_error err;
  dilate_error_init(&err);
  dilate_path *p = NULL;
  ck_assert_msg(dilate_path_create(user, o, &p, &err) == DILATE_OK, "%s", err.message);
  ck_assert_ptr_nonnull(p);
  return p;
}

static void evaluate(dilate_path *p, double lambda, const double *x, double *logp, double *score) {
  ck_assert_int_eq(dilate_path_evaluate(p, lambda, 1, 1, x, logp, score, NULL), DILATE_OK);
}

static dilate_target mixture_target(gaussians *g) {
  dilate_target t = gaussians_target(g);
  t.convolve = gaussians_convolve;
  return t;
}

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

static void assert_close(double a, double b, double tolerance) {
  ck_assert_msg(fabs(a - b) <= tolerance * (1 + fabs(b)), "%.17g and %.17g", a, b);
}

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
  assert_refused(dilate_path_create(&user, &o, &p, &err), DILATE_EINVAL, &err, "");
  o.reference = NULL;
  assert_refused(dilate_path_create(&empty, &o, &p, &err), DILATE_EINVAL, &err, "");
  assert_refused(dilate_path_create(NULL, &o, &p, &err), DILATE_EINVAL, &err, "");
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
  tcase_add_test(tests, arguments_are_copied);
  tcase_add_loop_test(tests, refused_with_the_reason, 0, (int)(sizeof refused / sizeof *refused));
  tcase_add_test(tests, refused_targets_and_references);
  tcase_add_test(tests, refused_evaluations);
  tcase_add_test(tests, older_programs_still_work);
  tcase_add_test(tests, schedules_rise_to_one);
  tcase_add_test(tests, schedules_of_the_user);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  const int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
