/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Monte Carlo scores against the closed form, 1000 trials a case: a place drawn from the convolved law, sigma drawn log-uniformly.  In 95 %
 * of the coordinates of those trials that have 50 effective samples or more the error is at most 4 standard errors.
 *
 * Error probability: of coordinates at most about 2 % are beyond (the chains' standard errors have 7 degrees of freedom; of normal errors
 * it would be 6e-5).  Counted by trials, as if all coordinates of a trial failed together, more than 5 % of 300 fail with a probability
 * below 1e-3 (binomial); at least 300 trials count in each case. */
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check_score.h"
#include "targets/targets.h"

#define TRIALS     1000
#define ENOUGH     50.0
#define PATH_RATIO 1.25 /* of successive sigmas */

typedef struct trial_case {
  const char *spec, *kind;
  const score_type *type; /* NULL: the kind's own */
  size_t samples;
  int calls; /* along a path of falling sigma, before and with the one that counts */
  double sigma_min, sigma_max;
} trial_case;

/* The target with the chains' |x - X|^2 term taken back: what chains see that forget it. */
typedef struct forgetful {
  const dilate_target *of;
  const double *x;
  double sigma;
} forgetful;

static int forget(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {
  const forgetful *f = params;
  const int status = f->of->batch(dim, n, ld, x, logp, grad, f->of->params);
  for (size_t j = 0; j < dim; j++)
    for (size_t i = 0; i < n; i++) {
      const double u = (x[j * ld + i] - f->x[j]) / f->sigma;
      logp[i] += 0.5 * u * u;
      if (grad) grad[j * ld + i] += u / f->sigma;
    }
  return status;
}

typedef struct outcome {
  size_t enough, coordinates, within; /* trials that count, their coordinates, those within 4 standard errors */
} outcome;

/* One walker: places and what is computed there. */
typedef struct walker {
  particles at;
  double se[SCORE_DIM * 8], ess[8], truth[SCORE_DIM];
} walker;

static void exact_score(target *t, double sigma, const walker *w, double *truth) {
  double logp, slope[SCORE_DIM * 8];
  target_convolve(t, sigma, 0, 1, w->at.ld, w->at.x, &logp, slope);
  for (size_t j = 0; j < w->at.dim; j++) truth[j] = slope[j * w->at.ld];
}

/* To the next sigma of a walk that leaves the convolved law as it is: x + tau s + sqrt(tau) n, tau = sigma^2 - next^2. */
static void walk(walker *w, double sigma, double next, gsl_rng *rng) {
  const double tau = sigma * sigma - next * next;
  for (size_t j = 0; j < w->at.dim; j++) w->at.x[j * w->at.ld] += tau * w->truth[j] + sqrt(tau) * gsl_ran_ugaussian(rng);
}

static void count(const walker *w, outcome *o) {
  if (!(w->ess[0] >= ENOUGH)) return;
  o->enough++;
  for (size_t j = 0; j < w->at.dim; j++) {
    const size_t at = j * w->at.ld;
    o->coordinates++;
    o->within += fabs(w->at.grad[at] - w->truth[j]) <= 4 * w->se[at];
  }
}

static void run_trial(const trial_case *c, target *t, forgetful *f, target *seen, walker *w, gsl_rng *rng, uint64_t seed) {
  score *s = NULL;
  ck_assert_int_eq(score_create(c->kind, seen, 1, c->samples, seed, &s, NULL), DILATE_OK);
  if (c->type) s->type = c->type;
  double sigma = c->sigma_min * pow(c->sigma_max / c->sigma_min, gsl_rng_uniform(rng)) * pow(PATH_RATIO, c->calls - 1), place[SCORE_DIM];
  for (size_t j = 0; j < w->at.dim; j++) w->at.x[j * w->at.ld] += sigma * gsl_ran_ugaussian(rng);
  for (int call = 0; call < c->calls; call++) {
    for (size_t j = 0; j < w->at.dim; j++) place[j] = w->at.x[j * w->at.ld];
    *f = (forgetful){.of = f->of, .x = place, .sigma = sigma};
    exact_score(t, sigma, w, w->truth);
    score_evaluate(s, sigma, (uint32_t)call, &w->at, w->se, w->ess);
    if (call + 1 < c->calls) walk(w, sigma, sigma / PATH_RATIO, rng);
    sigma /= PATH_RATIO;
  }
  score_free(s);
}

static outcome run_trials(const trial_case *c, int forgets) {
  builtin b;
  walker w;
  target *t = NULL, *seen = NULL;
  outcome o = {0};
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  ck_assert_int_eq(builtin_create(c->spec, NULL, &b, NULL), DILATE_OK);
  ck_assert_int_eq(target_create(&b.target, 1, &t, NULL), DILATE_OK);
  forgetful f = {.of = target_user(t)};
  dilate_target broken = b.target;
  broken.batch = forget;
  broken.params = &f;
  ck_assert_int_eq(target_create(forgets ? &broken : &b.target, 1, &seen, NULL), DILATE_OK);
  ck_assert_int_eq(particles_create(target_dim(t), 1, &w.at), 0);
  for (uint64_t trial = 0; trial < TRIALS; trial++) {
    double x[SCORE_DIM];
    b.draw(&b, rng, x);
    for (size_t j = 0; j < w.at.dim; j++) w.at.x[j * w.at.ld] = x[j];
    run_trial(c, t, &f, seen, &w, rng, trial);
    count(&w, &o);
  }
  particles_clear(&w.at);
  target_free(seen);
  target_free(t);
  builtin_destroy(&b);
  gsl_rng_free(rng);
  return o;
}

static double share(const outcome *o) {
  return (double)o->within / (double)o->coordinates;
}

static void print(const trial_case *c, const char *what, const outcome *o) {
  printf("%-16s %-10s %4zu samples, call %d%s: %zu of %d trials have 50 effective samples; within 4 standard errors: %.4f\n", c->spec,
         c->kind, c->samples, c->calls, what, o->enough, TRIALS, share(o));
}

static const trial_case cases[] = {
    {"gmm40:scale=0.2", "importance", NULL, 256, 1, 0.05, 5}, {"gmm40:scale=0.2", "importance", NULL, 64, 4, 0.05, 5},
    {"gmm40:scale=0.2", "langevin", NULL, 512, 1, 0.05, 5},   {"gmm40:scale=0.2", "langevin", NULL, 256, 4, 0.05, 5},
    {"gmm4:dim=10", "importance", NULL, 256, 1, 0.05, 2},     {"gmm4:dim=10", "importance", NULL, 128, 4, 0.05, 2},
    {"gmm4:dim=10", "langevin", NULL, 512, 1, 0.05, 2},       {"gmm4:dim=10", "langevin", NULL, 256, 4, 0.05, 2},
    {"gauss:dim=1", "importance", NULL, 64, 1, 0.05, 5},      {"gauss:dim=1", "langevin", NULL, 256, 1, 0.05, 5},
};

START_TEST(errors_are_honest) {
  const outcome o = run_trials(&cases[_i], 0);
  print(&cases[_i], "", &o);
  ck_assert_uint_ge(o.enough, 300);
  ck_assert_uint_lt(o.enough, TRIALS);
  ck_assert_double_ge(share(&o), 0.95);
}
END_TEST

/* The same test of what is wrong on purpose: 100 trials are enough to tell. */
START_TEST(weights_without_the_mixture_are_caught) {
  trial_case c = cases[_i ? 5 : 1];
  c.type = &score_twin;
  const outcome o = run_trials(&c, 0);
  print(&c, ", without the mixture", &o);
  ck_assert_uint_ge(o.enough, 100);
  ck_assert_double_lt(share(&o), 0.9);
}
END_TEST

START_TEST(chains_that_forget_the_distance_are_caught) {
  trial_case c = cases[_i ? 6 : 2];
  c.samples = _i ? 2048 : 1024;
  const outcome o = run_trials(&c, 1);
  print(&c, ", without |x - X|^2", &o);
  ck_assert_uint_ge(o.enough, 100);
  ck_assert_double_lt(share(&o), 0.9);
}
END_TEST

TCase *trial_tests(void) {
  TCase *c = tcase_create("trials");
  tcase_set_timeout(c, 60);
  tcase_add_loop_test(c, errors_are_honest, 0, sizeof cases / sizeof *cases);
  tcase_add_loop_test(c, weights_without_the_mixture_are_caught, 0, 2);
  tcase_add_loop_test(c, chains_that_forget_the_distance_are_caught, 0, 2);
  return c;
}
