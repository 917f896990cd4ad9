/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diffusion sequential Monte Carlo on four unit Gaussians of weights .1, .2, .3, .4, in the plane at (+-5, +-5) and in ten dimensions
 * (gmm4), both with Z = 1.  Where the relative variance of Zhat is below 1 the mean of 200 runs is within three standard errors of Z;
 * elsewhere the bias is printed as it is.
 *
 * The relative variance is taken from 400 runs of their own.  Seldom-seen modes deceive it: runs that all miss one agree with each other.
 * So that of the part of Zhat in each mode must be below 1 too: a mode that no run has seen has none.  A row that
 * qualifies fails by chance with probability 0.003, or a little more, for Zhat is skew; the seeds are fixed.  Where the relative variance
 * is below 0.1, so that normal theory holds, +-2 reported errors of 50 results of four islands must hold Z in 42 of them at least (fewer,
 * by chance: 2e-4). */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "method/diffusion_smc.h"
#include "targets/targets.h"
#include "runner.h"

#define RUNS        200
#define VERIFYING   400 /* runs that the relative variances come from */
#define GROUP       4
#define MODES       4
#define DIM_MOST    10
#define LOG_2_PI    1.8378770664093453
#define COVER_LEAST 42

static const double plane[MODES][2] = {{5, 5}, {-5, 5}, {5, -5}, {-5, -5}};

static int plane_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)params;
  double part[MODES], most = -INFINITY, sum = 0;
  for (size_t k = 0; k < MODES; k++) {
    part[k] = log(0.1 * (double)(k + 1)) - LOG_2_PI - 0.5 * (pow(x[0] - plane[k][0], 2) + pow(x[1] - plane[k][1], 2));
    most = fmax(most, part[k]);
  }
  for (size_t k = 0; k < MODES; k++) sum += exp(part[k] - most);
  *logp = most + log(sum);
  for (size_t j = 0; j < 2 && grad; j++) {
    grad[j] = 0;
    for (size_t k = 0; k < MODES; k++) grad[j] += exp(part[k] - *logp) * (plane[k][j] - x[j]);
  }
  return 0;
}

static size_t plane_mode(const builtin *b, const double *x) {
  (void)b;
  return (size_t)(x[0] < 0) + 2 * (size_t)(x[1] < 0);
}

/* The builtin gmm4, or the plane's as one. */
static builtin target_named(int in_plane) {
  builtin b = {0};
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_msg(builtin_create("gmm4:dim=10", NULL, &b, &err) == DILATE_OK, "%s", err.message);
  if (!in_plane) return b;
  b.target.dim = 2;
  b.target.logp = plane_logp;
  b.target.batch = NULL;
  b.component = plane_mode;
  return b;
}

typedef struct row {
  int in_plane, at_mean; /* base about the target's mean, or the origin */
  double scale;
  size_t levels, draws;
} row;

typedef struct spread {
  double mean, se, relative; /* of Zhat over the runs: mean, its standard error, relative variance, ... */
  double part;               /* ... the largest of the parts of Zhat in a mode; NaN: one was never seen */
  size_t covered;            /* of results of GROUP islands, those that hold Z within two errors */
} spread;

static void moments(size_t n, const double *value, double *mean, double *variance) {
  *mean = *variance = 0;
  for (size_t i = 0; i < n; i++) *mean += value[i] / (double)n;
  for (size_t i = 0; i < n; i++) *variance += (value[i] - *mean) * (value[i] - *mean) / (double)(n - 1);
}

/* Zhat times the share of the weights in each mode. */
static void parts_of(const diffusion *d, const builtin *b, size_t island, double part[MODES]) {
  const size_t n = d->set.draws;
  double total = 0, x[DIM_MOST];
  for (size_t k = 0; k < MODES; k++) part[k] = 0;
  for (size_t i = island * n; i < (island + 1) * n; i++) {
    for (size_t j = 0; j < d->now.dim; j++) x[j] = d->cloud[j * d->now.ld + i];
    part[b->component(b, x)] += d->weight[i];
    total += d->weight[i];
  }
  for (size_t k = 0; k < MODES; k++) part[k] *= exp(d->estimate[island]) / total;
}

static double worst_part(const diffusion *d, const builtin *b) {
  static double part[MODES][VERIFYING];
  const size_t runs = d->set.islands;
  double worst = 0;
  for (size_t i = 0; i < runs; i++) {
    double of_run[MODES];
    parts_of(d, b, i, of_run);
    for (size_t k = 0; k < MODES; k++) part[k][i] = of_run[k];
  }
  for (size_t k = 0; k < MODES; k++) {
    double mean, variance;
    moments(runs, part[k], &mean, &variance);
    if (!(mean > 0)) return NAN;
    worst = fmax(worst, variance / (mean * mean));
  }
  return worst;
}

/* Four islands at a time, as a run would report them. */
static size_t cover(const diffusion *d) {
  size_t covered = 0;
  for (size_t first = 0; first < d->set.islands; first += GROUP) {
    diffusion group = *d;
    group.set.islands = GROUP;
    group.estimate += first;
    const diffusion_evidence e = diffusion_combine(&group);
    covered += fabs(e.log_z) <= 2 * e.se;
  }
  return covered;
}

/* The runs are islands: each is a sampler of its own. */
static spread run_row(const row *w, size_t runs, uint64_t seed) {
  builtin b = target_named(w->in_plane);
  const schedule s = {.kind = DILATE_SCHEDULE_COSINE};
  double centre[DIM_MOST] = {0}, value[VERIFYING], variance;
  spread out;
  target *t;
  diffusion *d;
  ck_assert_int_eq(target_create(&b.target, 2, &t, NULL), DILATE_OK);
  for (size_t j = 0; j < b.target.dim && w->at_mean; j++) /* gmm4's means: see targets/gmm4.c */
    centre[j] = w->in_plane ? -1.0 - (double)j : -0.5 + (j % 2 ? -1.5 : 1.5) + (j / 2 % 2 ? -2 : 2);
  const diffusion_settings set = {.target = t,
                                  .centre = centre,
                                  .scale = w->scale,
                                  .schedule = &s,
                                  .levels = w->levels,
                                  .islands = runs,
                                  .draws = w->draws,
                                  .seed = seed};
  ck_assert_int_eq(diffusion_create(&set, &d, NULL), DILATE_OK);
  while (diffusion_step(d, NULL) == DILATE_CONTINUE)
    ;
  for (size_t i = 0; i < runs; i++) value[i] = exp(d->estimate[i]);
  moments(runs, value, &out.mean, &variance);
  out.se = sqrt(variance / (double)runs);
  out.relative = variance / (out.mean * out.mean);
  out.part = worst_part(d, &b);
  out.covered = cover(d);
  diffusion_free(d);
  target_free(t);
  if (w->in_plane) b.target.dim = 10; /* as builtin_create made it */
  builtin_destroy(&b);
  return out;
}

static const row rows[] = {{1, 0, 1, 50, 250},     {1, 0, 1, 100, 1000},   {1, 0, 1.2, 50, 250}, {1, 0, 1.2, 100, 1000},
                           {1, 0, 1.5, 50, 250},   {1, 0, 1.5, 100, 1000}, {1, 0, 2, 100, 1000}, {1, 0, 5.1, 100, 1000},
                           {1, 1, 1, 100, 1000},   {0, 0, 1, 50, 250},     {0, 0, 1, 100, 1000}, {0, 0, 1.1, 100, 1000},
                           {0, 0, 1.2, 100, 1000}, {0, 0, 1.5, 100, 1000}, {0, 0, 5, 100, 1000}, {0, 1, 1, 100, 1000}};

static void print_row(const row *w, const spread *first, const spread *second, int judged) {
  printf("%-10s %-8s %5.1f %6zu %9zu | %9.3g %9.3g | %8.4f %8.4f %8.2g %s | %zu of %d\n", w->in_plane ? "plane" : "gmm4 10-d",
         w->at_mean ? "mean" : "origin", w->scale, w->levels, w->draws, first->relative, first->part, second->mean, second->se,
         (second->mean - 1) / second->se, judged ? "judged" : "      ", second->covered, RUNS / GROUP);
  (void)fflush(stdout);
}

START_TEST(mean_of_zhat) {
  size_t in_plane = 0, of_gmm4 = 0, wrong = 0;
  printf("%-10s %-8s %5s %6s %9s | %9s %9s | %8s %8s %8s        | 2 errors hold\n", "target", "centre", "scale", "levels", "particles",
         "rel. var.", "of a part", "mean", "error", "errors");
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    const spread first = run_row(&rows[k], VERIFYING, 1), second = run_row(&rows[k], RUNS, 2);
    const int judged = first.relative < 1 && first.part < 1;
    print_row(&rows[k], &first, &second, judged);
    if (!judged) continue;
    *(rows[k].in_plane ? &in_plane : &of_gmm4) += 1;
    wrong += !(fabs(second.mean - 1) <= 3 * second.se);
    wrong += first.relative < 0.1 && second.covered < COVER_LEAST;
  }
  ck_assert_uint_eq(wrong, 0);
  ck_assert_uint_ge(in_plane, 4);
  ck_assert_uint_ge(of_gmm4, 2);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("slow_diffusion");
  TCase *tests = tcase_create("slow_diffusion");
  tcase_set_timeout(tests, 1800);
  tcase_add_test(tests, mean_of_zhat);
  suite_add_tcase(suite, tests);
  return run_all(srunner_create(suite));
}
