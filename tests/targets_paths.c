/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scores of the closed-form paths on every built-in target, against Richardson's differences of their log-density: at 100 draws of each
 * path at five values of lambda |s - fd| <= 1e-6 (1 + |s|) + 1e-9 |log mu| / step. A step is begun at a share of the length on which the
 * score changes and halved as long as two orders of extrapolation come closer to each other, so that neither truncation nor rounding hides
 * an error: a score that is off by a thousandth must be rejected everywhere. Draws of the path are exact where the target has exact draws
 * (of the geometric path: of one of its ends, by lambda), else typical points. Points whose differences cross an edge of the support are
 * drawn again. */
#include "targets_cases.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#define DIM_MAX 100
#define DRAWS   100
#define LEVELS  10           /* steps h, h/2, ... */
#define FIRST   0.25         /* the longest step, in lengths */
#define POINTS  (2 * LEVELS) /* of one coordinate's differences */
#define LD      (DIM_MAX * POINTS)

static const double lambdas[] = {1e-4, 0.01, 0.2, 0.7, 1};
#define LAMBDAS (sizeof lambdas / sizeof *lambdas)

/* One path on one target, with the place of its draws. */
typedef struct subject {
  const builtin *target;
  const char *name;
  dilate_path *path;
  size_t dim;
  double lambda, centre[DIM_MAX], scale;
} subject;

static void evaluate(const subject *s, size_t n, const double *x, double *logp, double *score) {
  ck_assert_int_eq(dilate_path_evaluate(s->path, s->lambda, n, n, x, logp, score, NULL), DILATE_OK);
}

/* Centre and scale: what a hundred typical points say, and off the mean so that it matters. */
static void find_place(subject *s, gsl_rng *rng) {
  static double x[DRAWS][DIM_MAX];
  double sum = 0;
  memset(s->centre, 0, sizeof s->centre);
  for (int i = 0; i < DRAWS; i++) {
    targets_typical_point(s->target, rng, x[i]);
    for (size_t j = 0; j < s->dim; j++) s->centre[j] += x[i][j] / DRAWS;
  }
  for (int i = 0; i < DRAWS; i++)
    for (size_t j = 0; j < s->dim; j++) sum += pow(x[i][j] - s->centre[j], 2);
  s->scale = fmin(sqrt(sum / (DRAWS * (double)s->dim)), 30);
  for (size_t j = 0; j < s->dim; j++) s->centre[j] += 0.1 * s->scale;
}

/* A draw of the path. */
static void draw(const subject *s, gsl_rng *rng, double *x) {
  const double root = strcmp(s->name, "dilation") == 0 || strcmp(s->name, "convolution") == 0 ? sqrt(s->lambda) : 1;
  const double noise = strcmp(s->name, "convolution") == 0 ? s->scale * sqrt(1 - s->lambda) : 0;
  const int of_gaussian = strcmp(s->name, "geometric") == 0 && gsl_rng_uniform(rng) > s->lambda;
  targets_typical_point(s->target, rng, x);
  for (size_t j = 0; j < s->dim; j++) {
    const double z = gsl_ran_ugaussian(rng);
    x[j] = of_gaussian ? s->centre[j] + s->scale * z : s->centre[j] + root * (x[j] - s->centre[j]) + noise * z;
  }
}

/* length[j]: on which coordinate j of the score changes by itself, 1/sqrt|d s_j / d x_j|. */
static void find_lengths(const subject *s, const double *x, double *length) {
  static double at[2 * DIM_MAX * DIM_MAX], logp[2 * DIM_MAX], score[2 * DIM_MAX * DIM_MAX];
  const size_t n = 2 * s->dim;
  double width[DIM_MAX];
  for (size_t j = 0; j < s->dim; j++)
    for (size_t i = 0; i < n; i++) at[j * n + i] = x[j];
  for (size_t j = 0; j < s->dim; j++) {
    const double step = 1e-5 * (s->scale * sqrt(s->lambda) + 1e-3 * fabs(x[j]));
    at[j * n + 2 * j] += step;
    at[j * n + 2 * j + 1] -= step;
    width[j] = at[j * n + 2 * j] - at[j * n + 2 * j + 1];
  }
  evaluate(s, n, at, logp, score);
  for (size_t j = 0; j < s->dim; j++) {
    const double change = fabs(score[j * n + 2 * j] - score[j * n + 2 * j + 1]) / width[j];
    length[j] = fmin(1 / sqrt(change), s->scale);
  }
}

/* log mu at x +- the steps in each coordinate: point (j LEVELS + level) 2 is above, the next below; step: between them. */
static void evaluate_steps(const subject *s, const double *x, const double *length, double *step, double *logp) {
  static double at[DIM_MAX * LD];
  const size_t n = s->dim * POINTS;
  for (size_t j = 0; j < s->dim; j++)
    for (size_t i = 0; i < n; i++) at[j * n + i] = x[j];
  for (size_t j = 0; j < s->dim; j++)
    for (size_t level = 0; level < LEVELS; level++) {
      double *above = at + j * n + (j * LEVELS + level) * 2;
      above[0] = x[j] + ldexp(FIRST * length[j], -(int)level);
      above[1] = x[j] - ldexp(FIRST * length[j], -(int)level);
      step[j * LEVELS + level] = above[0] - above[1];
    }
  evaluate(s, n, at, logp, NULL);
}

/* The extrapolation of three neighbouring steps that differs least from that of two of them, and from that of the steps before; *shortest:
 * its shortest step. */
static double extrapolate(const double *step, const double *logp, double *shortest) {
  double slope[LEVELS], last = NAN, best = NAN, least = INFINITY;
  for (size_t k = 0; k < LEVELS; k++) slope[k] = (logp[2 * k] - logp[2 * k + 1]) / step[k];
  for (size_t k = 2; k < LEVELS; k++) {
    const double fine = (4 * slope[k] - slope[k - 1]) / 3, coarse = (4 * slope[k - 1] - slope[k - 2]) / 3;
    const double value = (16 * fine - coarse) / 15, error = fmax(fabs(fine - coarse), fabs(value - last));
    last = value;
    if (k == 2 || error >= least) continue;
    least = error;
    best = value;
    *shortest = step[k] / 2;
  }
  return best;
}

/* The errors at one point, in units of what is allowed: the largest, and that of the steepest coordinate, were its score a thousandth more.
 * 0 where the differences cross an edge. */
static int errors_at(const subject *s, const double *x, double *largest, double *broken) {
  static double step[DIM_MAX * LEVELS], logp[LD];
  double length[DIM_MAX], score[DIM_MAX], log_mu, steepest = -1;
  evaluate(s, 1, x, &log_mu, score);
  if (!isfinite(log_mu)) return 0;
  find_lengths(s, x, length);
  evaluate_steps(s, x, length, step, logp);
  for (size_t i = 0; i < s->dim * POINTS; i++)
    if (!isfinite(logp[i])) return 0;
  *largest = 0;
  for (size_t j = 0; j < s->dim; j++) {
    double shortest = 0;
    const double slope = extrapolate(step + j * LEVELS, logp + j * POINTS, &shortest);
    const double allowed = 1e-6 * (1 + fabs(score[j])) + 1e-9 * fabs(log_mu) / shortest;
    *largest = fmax(*largest, fabs(score[j] - slope) / allowed);
    if (fabs(score[j]) <= steepest) continue;
    steepest = fabs(score[j]);
    *broken = fabs(score[j] + 1e-3 * fmax(1, steepest) * copysign(1, score[j]) - slope) / allowed;
  }
  return 1;
}

static void check_lambda(const subject *s, int draws, gsl_rng *rng) {
  for (int i = 0; i < draws; i++) {
    double x[DIM_MAX], largest, broken = 0;
    int tries = 0;
    do draw(s, rng, x);
    while (!errors_at(s, x, &largest, &broken) && ++tries < 1000);
    ck_assert_msg(tries < 1000, "%s, path %s at %g: no draw away from edges", s->target->label, s->name, s->lambda);
    ck_assert_msg(largest <= 1, "%s, path %s at %g: draw %d is off by %g", s->target->label, s->name, s->lambda, i, largest);
    ck_assert_msg(broken > 1, "%s, path %s at %g: a wrong score passes with %g", s->target->label, s->name, s->lambda, broken);
  }
}

static void check_path(subject *s, int draws, gsl_rng *rng) {
  dilate_path_options o;
  dilate_error err;
  dilate_error_init(&err);
  dilate_path_options_init(&o);
  o.path = s->name;
  o.centre = s->centre;
  o.scale = s->scale;
  ck_assert_msg(dilate_path_create(&s->target->target, &o, &s->path, &err) == DILATE_OK, "%s: %s", s->name, err.message);
  for (size_t l = 0; l < LAMBDAS; l++) {
    s->lambda = lambdas[l];
    check_lambda(s, draws, rng);
  }
  dilate_path_free(s->path);
}

static const char *const paths[] = {"none", "geometric", "dilation", "convolution"};

static void check_target(const char *spec) {
  builtin b = targets_make(spec, NULL);
  gsl_rng *const rng = targets_rng(41);
  subject s = {.target = &b, .dim = b.target.dim};
  find_place(&s, rng);
  for (size_t k = 0; k < 4; k++) {
    s.name = paths[k];
    if (k < 3 || b.target.convolve) check_path(&s, DRAWS, rng);
  }
  gsl_rng_free(rng);
  builtin_destroy(&b);
}

START_TEST(scores_on_every_target) {
  for (size_t i = 0; builtin_list[i]; i++) check_target(builtin_list[i]->name);
}
END_TEST

/* Other shapes of the same. */
START_TEST(scores_on_other_shapes) {
  static const char *const specs[] = {"gauss:dim=1", "gmm40:weights=unequal,shift1=-50", "gmm40:scale=0.001,shift=1000", "gmm4:dim=10"};
  check_target(specs[_i]);
}
END_TEST

TCase *targets_paths_case(void) {
  TCase *const c = tcase_create("paths");
  tcase_set_timeout(c, 120);
  tcase_add_test(c, scores_on_every_target);
  tcase_add_loop_test(c, scores_on_other_shapes, 0, 4);
  return c;
}
