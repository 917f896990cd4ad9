/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scores of convolutions: the closed form, the limits sigma = 0 and sigma -> 0, one dimension, the density, edges of the support, overflow,
 * threads, what a call costs, what reuse is worth. */
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "chaos.h"
#include "check_score.h"
#include "densities.h"
#include "runner.h"
#include "targets/targets.h"

static const char *const sampled[] = {"importance", "langevin"};
static const char *const specs[] = {"gmm40:scale=0.2", "gmm4:dim=10", "gauss:dim=1"};

/* A built-in target with a cloud of its exact draws, blurred by sigma, and a score of it. */
typedef struct cloud {
  builtin b;
  target *t;
  score *s;
  particles at;
  double *se, *ess;
} cloud;

static void scatter(cloud *c, double sigma) {
  double x[SCORE_DIM];
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  for (size_t i = 0; i < c->at.n; i++) {
    c->b.draw(&c->b, rng, x);
    for (size_t j = 0; j < c->at.dim; j++) c->at.x[j * c->at.ld + i] = x[j] + sigma * gsl_ran_ugaussian(rng);
  }
  gsl_rng_free(rng);
}

static cloud open_cloud(const char *spec, const char *kind, size_t n, size_t samples, size_t threads, double sigma) {
  cloud c;
  ck_assert_int_eq(builtin_create(spec, NULL, &c.b, NULL), DILATE_OK);
  ck_assert_int_eq(target_create(&c.b.target, threads, &c.t, NULL), DILATE_OK);
  ck_assert_int_eq(score_create(kind, c.t, n, samples, 5, &c.s, NULL), DILATE_OK);
  ck_assert_int_eq(particles_create(target_dim(c.t), n, &c.at), 0);
  c.se = NEW2(double, c.at.dim, c.at.ld);
  c.ess = NEW(double, c.at.ld);
  ck_assert(c.se && c.ess);
  scatter(&c, sigma);
  return c;
}

static void close_cloud(cloud *c) {
  memory_free(c->se);
  memory_free(c->ess);
  particles_clear(&c->at);
  score_free(c->s);
  target_free(c->t);
  builtin_destroy(&c->b);
}

/* ---- The closed form ---- */

static double convolved(target *t, double sigma, const double *x) {
  double logp;
  target_convolve(t, sigma, 0, 1, 1, x, &logp, NULL);
  return logp;
}

/* Richardson's extrapolation of central differences of the log-density at particle i. */
static double difference(const cloud *c, double sigma, size_t i, size_t j, double h) {
  double x[SCORE_DIM], d[3];
  for (size_t k = 0; k < c->at.dim; k++) x[k] = c->at.x[k * c->at.ld + i];
  const double centre = x[j];
  for (int level = 0; level < 3; level++) {
    const double s = ldexp(h, -level);
    x[j] = centre + s;
    const double up = convolved(c->t, sigma, x);
    x[j] = centre - s;
    d[level] = (up - convolved(c->t, sigma, x)) / (2 * s);
  }
  return (16 * (4 * d[2] - d[1]) / 3 - (4 * d[1] - d[0]) / 3) / 15;
}

/* The bound of the differences themselves: 1e-6 (1 + |s|) + 1e-9 |log mu| / step. */
START_TEST(closed_score_is_the_gradient) {
  static const double sigmas[] = {0.01, 0.3, 2, 20};
  for (size_t k = 0; k < sizeof sigmas / sizeof *sigmas; k++) {
    cloud c = open_cloud(specs[_i], NULL, 50, 2, 1, sigmas[k]);
    ck_assert_str_eq(score_kind(c.s), "closed");
    score_evaluate(c.s, sigmas[k], 0, &c.at, c.se, c.ess);
    for (size_t j = 0; j < c.at.dim; j++)
      for (size_t i = 0; i < c.at.n; i++) {
        const double h = 0.02 * (0.3 + sigmas[k]), s = c.at.grad[j * c.at.ld + i];
        ck_assert_double_le(fabs(s - difference(&c, sigmas[k], i, j, h)), 1e-6 * (1 + fabs(s)) + 1e-9 * fabs(c.at.logp[i]) / h);
        ck_assert(c.se[j * c.at.ld + i] == 0 && c.ess[i] == INFINITY);
      }
    close_cloud(&c);
  }
}
END_TEST

/* ---- Limits ---- */

START_TEST(no_noise_is_the_target) {
  static const char *const kinds[] = {"closed", "importance", "langevin"};
  cloud c = open_cloud(specs[_i % 3], kinds[_i / 3], 40, 16, 2, 0), d = open_cloud(specs[_i % 3], "closed", 40, 2, 1, 0);
  particles_evaluate(&d.at, d.t);
  score_evaluate(c.s, 0, 0, &c.at, c.se, c.ess);
  ck_assert_uint_eq(target_count(c.t).evaluations, 40);
  for (size_t i = 0; i < c.at.n; i++) {
    ck_assert(c.at.logp[i] == d.at.logp[i] && c.ess[i] == INFINITY);
    for (size_t j = 0; j < c.at.dim; j++) {
      const size_t at = j * c.at.ld + i;
      ck_assert(c.at.grad[at] == d.at.grad[at] && c.se[at] == 0);
    }
  }
  close_cloud(&c);
  close_cloud(&d);
}
END_TEST

/* Scores near sigma = 0 are the target's gradient: of errors of 40 particles' coordinates the root mean square is below half of that of
 * the gradients, where that of the plain mean would be above 1/(sigma sqrt(samples)), a thousand times as much. */
START_TEST(little_noise_is_nearly_the_target) {
  const double sigma = 1e-5;
  cloud c = open_cloud(specs[_i % 3], sampled[_i / 3], 40, 256, 2, 0), d = open_cloud(specs[_i % 3], "closed", 40, 2, 1, 0);
  particles_evaluate(&d.at, d.t);
  double error = 0, size = 0;
  for (uint32_t step = 0; step < 3; step++) score_evaluate(c.s, sigma, step, &c.at, c.se, c.ess);
  for (size_t j = 0; j < c.at.dim; j++)
    for (size_t i = 0; i < c.at.n; i++) {
      error += pow(c.at.grad[j * c.at.ld + i] - d.at.grad[j * c.at.ld + i], 2);
      size += pow(d.at.grad[j * c.at.ld + i], 2);
    }
  printf("%-16s %-10s at sigma = %g: error %.3f of the gradient\n", specs[_i % 3], sampled[_i / 3], sigma, sqrt(error / size));
  ck_assert_double_lt(error, 0.25 * size);
  close_cloud(&c);
  close_cloud(&d);
}
END_TEST

/* Below what doubles tell apart from 0. */
START_TEST(negligible_noise_is_none) {
  cloud c = open_cloud(specs[0], sampled[_i], 8, 16, 1, 0), d = open_cloud(specs[0], "closed", 8, 2, 1, 0);
  particles_evaluate(&d.at, d.t);
  score_evaluate(c.s, 1e-30, 0, &c.at, c.se, c.ess);
  for (size_t i = 0; i < 8; i++) ck_assert(c.at.grad[i] == d.at.grad[i] && c.se[i] == 0);
  close_cloud(&c);
  close_cloud(&d);
}
END_TEST

/* ---- The density ---- */

/* The mean over 2000 particles at one place of the estimated density: within 5 standard errors of the closed form, which the bounded
 * weights of a mixture leave with a probability below 1e-5. */
START_TEST(density_is_unbiased) {
  enum { COUNT = 2000 };
  cloud c = open_cloud("gmm40:scale=0.2", "importance", COUNT, 16, 2, 0), d = open_cloud("gmm40:scale=0.2", "closed", 1, 2, 1, 0);
  for (size_t j = 0; j < 2; j++) {
    d.at.x[j * d.at.ld] += 0.3;
    for (size_t i = 0; i < COUNT; i++) c.at.x[j * c.at.ld + i] = d.at.x[j * d.at.ld];
  }
  score_evaluate(c.s, 0.5, 0, &c.at, NULL, NULL);
  score_evaluate(d.s, 0.5, 0, &d.at, NULL, NULL);
  double mean = 0, square = 0;
  for (size_t i = 0; i < COUNT; i++) {
    const double ratio = exp(c.at.logp[i] - d.at.logp[0]);
    mean += ratio / COUNT;
    square += ratio * ratio / COUNT;
  }
  const double se = sqrt((square - mean * mean) / COUNT);
  ck_assert_double_lt(se, 0.02);
  ck_assert_double_le(fabs(mean - 1), 5 * se);
  ck_assert(score_has_density(c.s) && score_has_density(d.s));
  close_cloud(&c);
  close_cloud(&d);
}
END_TEST

/* ---- Edges ---- */

static void assert_numbers(const particles *at, const double *se, const double *ess) {
  for (size_t i = 0; i < at->n; i++) {
    ck_assert(ess[i] >= 0);
    for (size_t j = 0; j < at->dim; j++) ck_assert(isfinite(at->grad[j * at->ld + i]) && se[j * at->ld + i] >= 0);
  }
}

/* Far from the unit box nothing is found; at its middle, edge and just outside something is. */
START_TEST(outside_the_support) {
  static const double places[] = {100, 0.5, 1, 1.05};
  const dilate_target user = target_of(1, flat_box_logp, NULL);
  target *t;
  score *s;
  particles at;
  double se[8], ess[8];
  ck_assert_int_eq(target_create(&user, 1, &t, NULL), DILATE_OK);
  ck_assert_int_eq(score_create(sampled[_i], t, 4, 4096, 1, &s, NULL), DILATE_OK);
  ck_assert_int_eq(particles_create(1, 4, &at), 0);
  memcpy(at.x, places, sizeof places);
  for (uint32_t step = 0; step < 3; step++) {
    score_evaluate(s, 0.1, step, &at, se, ess);
    assert_numbers(&at, se, ess);
    ck_assert(at.grad[0] == 0 && se[0] == INFINITY && ess[0] == 0);
    ck_assert(_i ? isnan(at.logp[0]) : at.logp[0] == -INFINITY);
    ck_assert_double_le(fabs(at.grad[1]), 1);
    for (size_t i = 2; i < 4; i++) { /* by the normal distribution and its density */
      const double u = (places[i] - 1) / 0.1, exact = -exp(-0.5 * u * u) / 2.5066282746310002 / (0.5 * erfc(u / sqrt(2))) / 0.1;
      ck_assert_double_le(fabs(at.grad[i] - exact), 5 * se[i]);
      ck_assert_double_lt(5 * se[i], fabs(exact)); /* no score at all is told from it */
    }
  }
  particles_clear(&at);
  score_free(s);
  target_free(t);
}
END_TEST

/* Places and sigmas at which everything overflows, one after the other from the same memory. */
START_TEST(overflow_is_not_nan) {
  static const double sigmas[] = {1, 1e200, 1e-200, 1e308, 1, 1e-300}, places[] = {0, 1e308, -1e308, INFINITY, NAN, 1e-300};
  density normal = density_normal(2, 1);
  const dilate_target user = density_target(&normal);
  target *t;
  score *s;
  particles at;
  double se[16], ess[8];
  ck_assert_int_eq(target_create(&user, 1, &t, NULL), DILATE_OK);
  ck_assert_int_eq(score_create(sampled[_i / 2], t, 6, _i % 2 ? 64 : 2, 1, &s, NULL), DILATE_OK);
  ck_assert_int_eq(particles_create(2, 6, &at), 0);
  for (uint32_t step = 0; step < 36; step++) {
    for (size_t i = 0; i < 6; i++) at.x[i] = places[(i + step / 6) % 6];
    score_evaluate(s, sigmas[step % 6], step, &at, se, ess);
    assert_numbers(&at, se, ess);
  }
  particles_clear(&at);
  score_free(s);
  target_free(t);
}
END_TEST

/* ---- Threads, memory, costs ---- */

START_TEST(threads_give_the_same_bits) {
  static const size_t threads[] = {1, 2, 5};
  cloud c[3];
  for (size_t k = 0; k < 3; k++) {
    c[k] = open_cloud("gmm40:scale=0.2", sampled[_i], 70, 40, threads[k], 0.5);
    for (uint32_t step = 0; step < 3; step++) score_evaluate(c[k].s, 1.0 / (1 + step), step, &c[k].at, c[k].se, c[k].ess);
  }
  for (size_t k = 1; k < 3; k++) {
    ck_assert_mem_eq(c[k].at.grad, c[0].at.grad, 2 * c[0].at.ld * sizeof(double));
    ck_assert_mem_eq(c[k].se, c[0].se, 2 * c[0].at.ld * sizeof(double));
    ck_assert_mem_eq(c[k].ess, c[0].ess, 70 * sizeof(double));
    ck_assert(_i || !memcmp(c[k].at.logp, c[0].at.logp, 70 * sizeof(double)));
  }
  for (size_t k = 0; k < 3; k++) close_cloud(&c[k]);
}
END_TEST

/* Any number of samples from 2 on; no call allocates, and none costs more than it may. */
START_TEST(calls_cost_their_samples) {
  static const size_t samples[] = {2, 3, 7, 33, 64, 1000};
  for (size_t k = 0; k < sizeof samples / sizeof *samples; k++) {
    cloud c = open_cloud("gmm4:dim=10", sampled[_i], 5, samples[k], 1, 1);
    for (uint32_t step = 0; step < 6; step++) {
      const uint64_t before = target_count(c.t).evaluations;
      chaos_begin(0, 1);
      score_evaluate(c.s, 1 - 0.1 * step, step, &c.at, c.se, c.ess);
      ck_assert_uint_eq(chaos_end(NULL), 0);
      const uint64_t spent = target_count(c.t).evaluations - before;
      ck_assert_uint_le(spent, 5 * samples[k]);
      ck_assert_uint_ge(4 * spent, 3 * 5 * samples[k] - (samples[k] < 8 ? 5 * samples[k] : 0));
      assert_numbers(&c.at, c.se, c.ess);
    }
    close_cloud(&c);
  }
}
END_TEST

/* Effective samples an evaluation on a walk of 20 sigmas, with the memory of the walk and without. */
START_TEST(reuse_is_worth_something) {
  enum { STEPS = 20, SAMPLES = 64, WALKERS = 100 };
  double total[2] = {0, 0};
  for (int forgets = 0; forgets < 2; forgets++) {
    cloud c = open_cloud(specs[_i], "importance", WALKERS, SAMPLES, 2, 2), d = open_cloud(specs[_i], "closed", WALKERS, 2, 2, 2);
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (uint32_t step = 0; step < STEPS; step++) {
      const double sigma = 2 * pow(0.05, step / 19.0), next = 2 * pow(0.05, (step + 1) / 19.0), tau = sigma * sigma - next * next;
      if (forgets) memset(c.s->memory, 0, WALKERS * c.s->memory_size * sizeof(double));
      memcpy(d.at.x, c.at.x, c.at.dim * c.at.ld * sizeof(double));
      score_evaluate(c.s, sigma, step, &c.at, c.se, c.ess);
      score_evaluate(d.s, sigma, step, &d.at, NULL, NULL);
      for (size_t i = 0; i < WALKERS; i++) total[forgets] += c.ess[i] / (WALKERS * STEPS * SAMPLES);
      for (size_t j = 0; j < c.at.dim; j++)
        for (size_t i = 0; i < WALKERS; i++) {
          const size_t at = j * c.at.ld + i;
          c.at.x[at] += tau * d.at.grad[at] + sqrt(tau) * gsl_ran_ugaussian(rng);
        }
    }
    gsl_rng_free(rng);
    close_cloud(&c);
    close_cloud(&d);
  }
  printf("%-16s effective samples an evaluation on a walk of %d steps: %.3f with reuse, %.3f without\n", specs[_i], STEPS, total[0],
         total[1]);
  ck_assert_double_gt(total[0], (_i == 1 ? 1.1 : 1.4) * total[1]);
}
END_TEST

static TCase *score_tests(void) {
  TCase *c = tcase_create("scores");
  tcase_set_timeout(c, 60);
  tcase_add_loop_test(c, closed_score_is_the_gradient, 0, 3);
  tcase_add_loop_test(c, no_noise_is_the_target, 0, 9);
  tcase_add_loop_test(c, little_noise_is_nearly_the_target, 0, 6);
  tcase_add_loop_test(c, negligible_noise_is_none, 0, 2);
  tcase_add_test(c, density_is_unbiased);
  tcase_add_loop_test(c, outside_the_support, 0, 2);
  tcase_add_loop_test(c, overflow_is_not_nan, 0, 4);
  tcase_add_loop_test(c, threads_give_the_same_bits, 0, 2);
  tcase_add_loop_test(c, calls_cost_their_samples, 0, 2);
  tcase_add_loop_test(c, reuse_is_worth_something, 0, 3);
  return c;
}

int main(void) {
  Suite *suite = suite_create("score");
  suite_add_tcase(suite, score_tests());
  suite_add_tcase(suite, trial_tests());
  suite_add_tcase(suite, public_tests());
  return run_all(srunner_create(suite));
}
