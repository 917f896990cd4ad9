/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The levels of diffusion sequential Monte Carlo on Gaussians, where everything is known, and on a box that leaves its centre out.
 *
 * "Within LIMIT standard errors" fails by chance with probability 1e-5, and is asked about twenty times.  The twins: weights that forget
 * the kernels' ratio; particles that are given up as soon as their tilted point lies outside the support. */
#include "check_diffusion.h"

#include <math.h>

#include "stage/denoise.h"
#include "stage/diffusion.h"

#define LIMIT   4.42
#define DIM_MAX 5

/* A base that is neither at the origin nor of unit scale. */
static const double centre[DIM_MAX] = {0.3, 0.3, 0.3, 0.3, 0.3};
#define SCALE 1.5

static diffusion *start(target *t, const schedule *s, size_t levels, size_t islands, size_t draws) {
  diffusion *d = NULL;
  const diffusion_settings set = {
      .target = t, .centre = centre, .scale = SCALE, .schedule = s, .levels = levels, .islands = islands, .draws = draws, .seed = 11};
  ck_assert_int_eq(diffusion_create(&set, &d, NULL), DILATE_OK);
  return d;
}

/* Mean of n values and its standard error. */
static double mean_of(size_t n, const double *value, double *se) {
  double mean = 0, square = 0;
  for (size_t i = 0; i < n; i++) mean += value[i] / (double)n;
  for (size_t i = 0; i < n; i++) square += (value[i] - mean) * (value[i] - mean);
  *se = sqrt(square / ((double)n * (double)(n - 1)));
  return mean;
}

/* log of the integral of q0 ghat in a dimension: pi~ = N(mean, sd^2) and base N(c, s^2) in u = (x - c)/s have the exponents
 * -(r u - m)^2 / (2 v) + r^2 u^2 / 2 - u^2 / 2, r = sqrt(abar). */
static double log_level_mass(const normal *f, double abar) {
  const double m = (f->mean - centre[0]) / SCALE, v = f->sd * f->sd / (SCALE * SCALE);
  const double p = abar / v - abar + 1, q = sqrt(abar) * m / v;
  return 0.5 * (q * q / p - m * m / v - log(p) - log(v));
}

/* log p - log phat of particle i's last move, from the definition of both kernels. */
static double log_ratio(const diffusion *d, const normal *f, size_t i) {
  const double a = d->old_abar / d->abar, v = 1 - a, root = sqrt(d->old_abar);
  double length = 0, b[DIM_MAX], ratio = 0;
  for (size_t j = 0; j < d->now.dim; j++) {
    const double u = d->old.x[j * d->now.ld + i], y = centre[j] + root * SCALE * u;
    b[j] = 2 * (1 - sqrt(a)) * root * (SCALE * (f->mean - y) / (f->sd * f->sd) + root * u);
    length += b[j] * b[j];
  }
  const double shrink = fmin(1, GUIDANCE_MOST * sqrt(v * (double)d->now.dim) / sqrt(length));
  for (size_t j = 0; j < d->now.dim; j++) {
    const double step = d->now.x[j * d->now.ld + i] - sqrt(a) * d->old.x[j * d->now.ld + i], guided = step - shrink * b[j];
    ratio += (guided * guided - step * step) / (2 * v);
  }
  return ratio;
}

/* One level from abar = 0.4 to 1 without resampling: the weights are what they are by definition, their mean is Z; without the kernels'
 * ratio it is not. */
START_TEST(weights_of_one_level) {
  enum { N = 20000 };
  static double weight[N], twin[N];
  const size_t dims[] = {1, 2, 5};
  const double lambda[] = {0.4, 1};
  const schedule s = {.count = 2, .lambda = lambda};
  normal f = {.mean = 0.8, .sd = 1.2, .log_z = 0.7};
  const dilate_target user = target_with(dims[_i], normal_logp, &f);
  target *t;
  double se;
  ck_assert_int_eq(target_create(&user, 2, &t, NULL), DILATE_OK);
  diffusion *d = start(t, &s, 1, 1, N);
  ck_assert_int_eq(diffusion_step(d, NULL), DILATE_CONTINUE);
  for (size_t i = 0; i < N; i++) weight[i] = exp(d->log_weight[i]);
  const double mass = mean_of(N, weight, &se);
  ck_assert_double_lt(fabs(mass - exp(f.log_z + (double)dims[_i] * log_level_mass(&f, 0.4))), LIMIT * se);
  ck_assert_double_gt(d->ess[0], 0.5);
  ck_assert_int_eq(diffusion_step(d, NULL), DILATE_OK);
  for (size_t i = 0; i < N; i++) {
    double x[DIM_MAX], log_g, log_q = 0;
    for (size_t j = 0; j < dims[_i]; j++) {
      const double u = d->now.x[j * d->now.ld + i];
      x[j] = centre[j] + SCALE * u;
      log_q -= 0.5 * u * u + 0.91893853320467274178 + log(SCALE);
    }
    normal_logp(dims[_i], x, &log_g, NULL, &f);
    log_g -= log_q;
    ck_assert_double_le(fabs(d->log_weight[i] - log_g - log_ratio(d, &f, i)), 1e-9);
    weight[i] = exp(d->log_weight[i]);
    twin[i] = exp(log_g);
  }
  ck_assert_double_lt(fabs(mean_of(N, weight, &se) - exp(f.log_z)), LIMIT * se);
  ck_assert_double_gt(fabs(mean_of(N, twin, &se) - exp(f.log_z)), 2 * LIMIT * se);
  ck_assert_double_le(fabs(d->estimate[0] - log(mean_of(N, weight, &se))), 1e-12);
  diffusion_free(d);
  target_free(t);
}
END_TEST

/* As many islands as there are values. */
static double mean_estimate(const diffusion *d, double *se) {
  enum { MOST = 1000 };
  static double value[MOST];
  ck_assert_uint_le(d->set.islands, MOST);
  for (size_t i = 0; i < d->set.islands; i++) value[i] = exp(d->estimate[i]);
  return mean_of(d->set.islands, value, se);
}

/* Many levels with resampling, on a Gaussian narrower than the base and away from it. */
START_TEST(zhat_is_unbiased) {
  const size_t levels[] = {1, 2, 10, 40};
  const schedule s = {.kind = DILATE_SCHEDULE_COSINE};
  normal f = {.mean = 2, .sd = 0.7, .log_z = -0.4};
  const dilate_target user = target_with(2, normal_logp, &f);
  target *t;
  double se;
  ck_assert_int_eq(target_create(&user, 2, &t, NULL), DILATE_OK);
  diffusion *d = start(t, &s, levels[_i], 1000, 64);
  size_t resampled = 0;
  while (diffusion_step(d, NULL) == DILATE_CONTINUE)
    for (size_t i = 0; i < d->set.islands; i++) resampled += d->ess[i] < 0.5;
  const double mean = mean_estimate(d, &se);
  ck_assert_double_lt(fabs(mean - exp(f.log_z)), LIMIT * se);
  ck_assert_double_lt(se, 0.1 * exp(f.log_z));
  ck_assert(resampled > 0 || levels[_i] < 10);
  diffusion_free(d);
  target_free(t);
}
END_TEST

/* The twin's rule: a particle outside the support is given up. */
static void give_up(diffusion *d) {
  const size_t n = d->set.draws;
  for (size_t island = 0; island < d->set.islands; island++) {
    double sum = 0;
    for (size_t i = island * n; i < (island + 1) * n; i++) {
      if (!isfinite(d->now.logp[i])) {
        d->weight[i] = 0;
        d->log_weight[i] = -INFINITY;
      }
      sum += exp(d->log_weight[i]);
    }
    d->estimate[island] = d->log_z[island] + log(sum / (double)n);
    if (sum == 0) d->ess[island] = 0;
  }
}

/* Near k = K all tilted points are at the centre, outside: Zhat is unbiased all the same, and its draws are inside. */
START_TEST(support_without_the_centre) {
  const schedule s = {.kind = DILATE_SCHEDULE_COSINE};
  const dilate_target user = target_with(2, corner_logp, NULL);
  target *t;
  ck_assert_int_eq(target_create(&user, 2, &t, NULL), DILATE_OK);
  double error[2], mean[2];
  for (int twin = 0; twin < 2; twin++) {
    diffusion *d = start(t, &s, 10, 1000, 64);
    while (diffusion_step(d, NULL) == DILATE_CONTINUE)
      if (twin) give_up(d);
    mean[twin] = mean_estimate(d, &error[twin]);
    for (size_t i = 0; i < d->now.n; i++) {
      ck_assert(!isnan(d->log_weight[i]) && d->log_weight[i] < INFINITY);
      if (d->weight[i] > 0) ck_assert(isfinite(d->now.logp[i]));
    }
    diffusion_free(d);
  }
  ck_assert_double_lt(error[0], 0.1 * 0.25);
  ck_assert_double_lt(fabs(mean[0] - 0.25), LIMIT * error[0]);
  ck_assert_double_gt(fabs(mean[1] - 0.25), 2 * LIMIT * error[1]);
  target_free(t);
}
END_TEST

/* Where the target is the base itself every weight is its constant, whatever the schedule: also one that stands still. */
START_TEST(target_that_is_the_base) {
  const double lambda[] = {0, 0, 0.5, 0.5, 1, 1};
  const schedule s[] = {{.kind = DILATE_SCHEDULE_COSINE}, {.kind = DILATE_SCHEDULE_VP}, {.count = 6, .lambda = lambda}};
  normal f = {.mean = centre[0], .sd = SCALE, .log_z = 3};
  const dilate_target user = target_with(3, normal_logp, &f);
  target *t;
  ck_assert_int_eq(target_create(&user, 1, &t, NULL), DILATE_OK);
  diffusion *d = start(t, &s[_i], 5, 3, 50);
  while (diffusion_step(d, NULL) == DILATE_CONTINUE)
    ;
  for (size_t i = 0; i < 3; i++) {
    ck_assert_double_le(fabs(d->estimate[i] - 3), 1e-11);
    ck_assert_double_le(fabs(d->ess[i] - 1), 1e-11);
  }
  ck_assert_double_le(fabs(diffusion_log_z(d) - 3), 1e-11);
  diffusion_free(d);
  target_free(t);
}
END_TEST

static int steep_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const double power = *(const double *)params;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    *logp -= pow(fabs(x[j]), power) * 1e30;
    if (grad) grad[j] = -copysign(power * pow(fabs(x[j]), power - 1) * 1e30, x[j]);
  }
  return 0;
}

/* Gradients whose squares overflow, and log-densities that do: nothing is NaN, and places stay finite. */
START_TEST(steep_tails) {
  double power[] = {2, 200, 900};
  const schedule s = {.kind = DILATE_SCHEDULE_COSINE};
  const dilate_target user = target_with(2, steep_logp, &power[_i]);
  target *t;
  ck_assert_int_eq(target_create(&user, 2, &t, NULL), DILATE_OK);
  diffusion *d = start(t, &s, 20, 2, 64);
  while (diffusion_step(d, NULL) == DILATE_CONTINUE) {
    for (size_t j = 0; j < 2; j++)
      for (size_t i = 0; i < d->now.n; i++) ck_assert(isfinite(d->cloud[j * d->now.ld + i]));
    for (size_t i = 0; i < d->now.n; i++) ck_assert(!isnan(d->log_weight[i]) && d->log_weight[i] < INFINITY);
    ck_assert(!isnan(diffusion_log_z(d)) && diffusion_least_ess(d) > 0);
  }
  diffusion_free(d);
  target_free(t);
}
END_TEST

Suite *levels_suite(void) {
  Suite *suite = suite_create("diffusion levels");
  TCase *tests = tcase_create("levels");
  tcase_set_timeout(tests, 120);
  tcase_add_loop_test(tests, weights_of_one_level, 0, 3);
  tcase_add_loop_test(tests, zhat_is_unbiased, 0, 4);
  tcase_add_test(tests, support_without_the_centre);
  tcase_add_loop_test(tests, target_that_is_the_base, 0, 3);
  tcase_add_loop_test(tests, steep_tails, 0, 3);
  suite_add_tcase(suite, tests);
  return suite;
}
