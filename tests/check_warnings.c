/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Warnings: each check fires on planted faults and leaves sound targets that look like them alone: the checks by themselves.
 * Seeds are fixed. */
#include <check.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check_warnings.h"
#include "method/bridge_agree.h"
#include "method/doubts.h"
#include "planted.h"
#include "stage/probe_gradient.h"
#include "stage/probe_tails.h"
#include "stats/pareto.h"
#include "runner.h"

static gsl_rng *rng;

static void set_up(void) {
  rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, 20260);
}
static void tear_down(void) {
  gsl_rng_free(rng);
}

static size_t count_planted(void) {
  size_t n = 0;
  while (planted_list[n].name) n++;
  return n;
}

/* ---- Agreement of groups ---- */

/* Two groups, one island each. */
static agreement judged(double log_z, double spread, double bare, double effective) {
  double value[2] = {0, log_z}, share[2] = {1, 1};
  bridge b[2] = {{.cells = 1, .log_z = &value[0], .cell_share = &share[0]}, {.cells = 1, .log_z = &value[1], .cell_share = &share[1]}};
  bridge_group g[2] = {{.bridge = &b[0]}, {.bridge = &b[1]}}, *const groups[2] = {&g[0], &g[1]};
  const evidence_total total = {.spread = spread, .effective = effective};
  return agree_groups(groups, 2, &total, bare);
}

/* What is merged with and without a warning: small shares are not worth one, small differences not even a merger. */
START_TEST(groups_are_told_apart) {
  ck_assert_int_eq(judged(0.1, 1, 0.01, 1), GROUPS_AGREE);
  ck_assert_int_eq(judged(0.1, 2.5, 0.01, 1), GROUPS_LOOSE);
  ck_assert_int_eq(judged(0.1, 3.5, 0.01, 1), GROUPS_DISAGREE);
  ck_assert_int_eq(judged(0.01, 3.5, 0.01, 1), GROUPS_AGREE);
  ck_assert_int_eq(judged(0.01, 3.5, 0.03, 1), GROUPS_LOOSE);
  ck_assert_int_eq(judged(-0.1, 3.5, 0.01, 1), GROUPS_DISAGREE);
  ck_assert_int_eq(judged(0, 1, 0.03, 1), GROUPS_LOOSE);
  ck_assert_int_eq(judged(0, 1, 0.11, 1), GROUPS_DISAGREE);
  ck_assert_int_eq(judged(0.01, 1, 0, 0.7), GROUPS_DISAGREE);
}
END_TEST

/* ---- Pareto k ---- */

/* n values of the generalised Pareto law of shape k: (u^-k - 1)/k. */
static void fill_pareto(size_t n, double k, double *weight) {
  for (size_t i = 0; i < n; i++) weight[i] = (pow(gsl_rng_uniform_pos(rng), -k) - 1) / k;
}

/* The prior counts for 10 exceedances of k = 0.5; beyond it 4.5 standard errors (7e-6 a shape), which the wrong shape exceeds. */
START_TEST(pareto_shapes) {
  const double shape[] = {-0.5, -0.1, 0.3, 0.7, 1.2};
  const size_t n = 20000;
  double *weight = calloc(n, sizeof *weight);
  for (int s = 0; s < 5; s++) {
    fill_pareto(n, shape[s], weight);
    const pareto_tail tail = pareto_fit(n, weight);
    const double count = (double)tail.count, expected = (count * shape[s] + 5) / (count + 10);
    ck_assert_uint_eq(tail.count, (size_t)(3 * sqrt((double)n)));
    ck_assert_double_eq_tol(tail.se, (1 + fmax(0, tail.k)) / sqrt(count), 1e-12);
    ck_assert_double_eq_tol(tail.k, expected, 4.5 * tail.se);
    ck_assert_double_gt(fabs(tail.k - expected - 0.5), 4.5 * tail.se);
  }
  free(weight);
}
END_TEST

START_TEST(pareto_without_a_tail) {
  double weight[1000] = {0};
  ck_assert(pareto_fit(1000, weight).k == -INFINITY);
  for (size_t i = 0; i < 1000; i++) weight[i] = 1;
  ck_assert(pareto_fit(1000, weight).k == -INFINITY);
  fill_pareto(50, 1, weight);
  ck_assert(pareto_fit(50, weight).k == -INFINITY);
  memset(weight, 0, sizeof weight);
  weight[17] = 1; /* one weight has it all */
  ck_assert_double_gt(pareto_fit(1000, weight).k, 1);
}
END_TEST

/* ---- The gradient ---- */

/* Points as particles settle: near the two wells, or on (0, 1). */
static void fill_points(const planted *p, target *t, size_t n, particles *out) {
  ck_assert_int_eq(particles_create(p->dim, n, out), 0);
  const int wells = !strcmp(p->name, "wells") || !strcmp(p->name, "rounded") || p->fault == PLANTED_GRADIENT;
  const int stiff = !strcmp(p->name, "stiff"), edge = !strcmp(p->name, "edge");
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < p->dim; j++) {
      const double well = j ? (i % 2 ? 2 : 0) : (i % 2 ? 4 : -4), sd = stiff ? pow(10, 2 * (double)j - 3) : 1;
      out->x[j * out->ld + i] = edge ? gsl_rng_uniform(rng) : (wells ? well : 0) + sd * gsl_ran_gaussian(rng, 1);
    }
  particles_evaluate(out, t);
}

/* The scale of those points. */
static void fill_factor(const planted *p, double *c) {
  for (size_t j = 0; j < p->dim; j++)
    for (size_t k = 0; k < p->dim; k++) c[j * p->dim + k] = j != k ? 0 : strcmp(p->name, "stiff") ? 1 : pow(10, 2 * (double)j - 3);
}

static target *open_target(const planted *p) {
  const dilate_target user = planted_target(p);
  target *t;
  ck_assert_int_eq(target_create(&user, 1, &t, NULL), DILATE_OK);
  return t;
}

START_TEST(gradients_of_points) {
  const planted *p = &planted_list[_i];
  const int wrong = p->fault == PLANTED_GRADIENT;
  target *t = open_target(p);
  double c[64];
  fill_factor(p, c);
  for (uint64_t seed = 1; seed <= 50; seed++) {
    particles points;
    gradient_probe probe;
    fill_points(p, t, 400, &points);
    const uint64_t before = target_count(t).evaluations;
    ck_assert_int_eq(probe_gradient(t, &points, FACTOR_LOWER, c, stream_make(seed, STREAM_PROBE, 0, 0), &probe, NULL), DILATE_OK);
    ck_assert_uint_le(target_count(t).evaluations - before, wrong ? 200 : 100);
    ck_assert_msg(probe_gradient_contradicts(&probe) == wrong, "%s, seed %llu: %zu of %zu points", p->name, (unsigned long long)seed,
                  probe.wrong, probe.points);
    ck_assert(!wrong || fabs(probe.told - probe.measured) > 0.02 * fabs(probe.measured));
    particles_clear(&points);
  }
  target_free(t);
}
END_TEST

/* ---- The tails ---- */

START_TEST(tails_of_points) {
  const planted *p = &planted_list[_i];
  target *t = open_target(p);
  for (uint64_t seed = 1; seed <= 20; seed++) {
    particles points;
    tail_probe probe;
    fill_points(p, t, 400, &points);
    const uint64_t before = target_count(t).evaluations;
    ck_assert_int_eq(probe_tails(t, &points, stream_make(seed, STREAM_PROBE, 1, 0), &probe, NULL), DILATE_OK);
    ck_assert_uint_le(target_count(t).evaluations - before, 300);
    ck_assert_msg((probe.verdict != TAILS_PROPER) == (p->fault == PLANTED_IMPROPER), "%s: verdict %d", p->name, (int)probe.verdict);
    ck_assert_uint_eq(target_count(t).bad_density, 0);
    particles_clear(&points);
  }
  target_free(t);
}
END_TEST

/* Why it is improper: along which line, in rays only, along a ridge. */
START_TEST(kinds_of_tails) {
  const struct {
    const char *name;
    tail_verdict verdict;
    size_t coordinate;
    double sign;
  } expected[] = {{"missing", TAILS_LINE, 1, 1}, {"separated", TAILS_LINE, 0, 1}, {"rays", TAILS_RAYS, 0, 0}, {"ridge", TAILS_RIDGE, 0, 0}};
  for (int k = 0; k < 4; k++) {
    const planted *p = planted_find(expected[k].name);
    target *t = open_target(p);
    particles points;
    tail_probe probe;
    fill_points(p, t, 400, &points);
    ck_assert_int_eq(probe_tails(t, &points, stream_make(1, STREAM_PROBE, 1, 0), &probe, NULL), DILATE_OK);
    ck_assert_int_eq((int)probe.verdict, (int)expected[k].verdict);
    ck_assert_uint_eq(probe.coordinate, expected[k].coordinate);
    ck_assert_double_eq(probe.sign, expected[k].sign);
    particles_clear(&points);
    target_free(t);
  }
}
END_TEST

/* NaN and overflow far out are no fault: neither counted nor reported. */
static int overflowing_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)params;
  *logp = -0.5 * x[0] * x[0] + sqrt(1e6 - x[0]) - exp(x[0]) / exp(x[0]);
  if (grad) grad[0] = -x[0];
  return 0;
}

START_TEST(breakdown_far_out) {
  const planted p = {"overflowing", PLANTED_NONE, 1, overflowing_logp, NULL};
  target *t = open_target(&p);
  particles points;
  tail_probe probe;
  fill_points(&p, t, 400, &points);
  ck_assert_int_eq(probe_tails(t, &points, stream_make(1, STREAM_PROBE, 1, 0), &probe, NULL), DILATE_OK);
  ck_assert_int_eq((int)probe.verdict, (int)TAILS_PROPER);
  ck_assert_uint_eq(target_count(t).bad_density, 0);
  ck_assert_ptr_null(target_first_bad(t));
  particles_clear(&points);
  target_free(t);
}
END_TEST

/* ---- The bridge ---- */

/* One temperature of 64 chains of 8 states an island, each weight from `draw`, and log Zhat as given. */
static bridge *make_bridge(size_t islands, const double *log_z, double k) {
  const size_t chains = 64 * islands, states = 8;
  bridge *b = calloc(1, sizeof *b);
  ck_assert_int_eq(evidence_create(&b->evidence), 0);
  size_t *island = calloc(chains, sizeof *island);
  for (size_t m = 0; m < chains; m++) island[m] = m / 64;
  evidence_record *r = evidence_append(&b->evidence, chains, states, island, island);
  free(island);
  fill_pareto(chains * states, k, r->weight);
  b->cells = islands;
  b->log_z = calloc(islands, sizeof *b->log_z);
  memcpy(b->log_z, log_z, islands * sizeof *log_z);
  b->record.rung[0].beta = 0.25;
  return b;
}

static void drop_bridge(bridge *b) {
  evidence_clear(&b->evidence);
  free(b->log_z);
  free(b);
}

/* k - 2 se above 0.7 at k = 0.4 and 2048 weights: below 1e-3 a bridge.  Of 100 bridges none; at k = 1.4 nearly all.  Where the same heavy
 * tail rides on weights so large that none of it matters: none. */
START_TEST(tails_of_weights) {
  const double same[4] = {0};
  size_t fired = 0, heavy = 0;
  for (int i = 0; i < 100; i++) {
    for (int k = 0; k < 2; k++) {
      heaviest_tail tail;
      bridge *b = make_bridge(4, same, k ? 1.4 : 0.4);
      ck_assert_int_eq(doubt_heaviest_tail(b, &tail), 0);
      *(k ? &heavy : &fired) += tail.tail.k - 2 * tail.tail.se > 0.7;
      ck_assert(tail.tail.k == -INFINITY || tail.beta == 0.25);
      drop_bridge(b);
    }
  }
  ck_assert_uint_eq(fired, 0);
  ck_assert_uint_ge(heavy, 90);
  heaviest_tail light;
  bridge *b = make_bridge(4, same, 1.4);
  for (size_t i = 0; i < 64 * 4 * 8; i++) b->evidence.record[0].weight[i] = 1e6 + fmin(b->evidence.record[0].weight[i], 1e6);
  ck_assert_int_eq(doubt_heaviest_tail(b, &light), 0);
  ck_assert(light.tail.k == -INFINITY);
  drop_bridge(b);
}
END_TEST

/* Islands whose log Zhat are apart by what weights of variance 2 (k = -1: uniform, variance 1/3 of the mean squared) allow, and by ten
 * times that. */
START_TEST(islands_of_a_bridge) {
  size_t fired = 0, far = 0;
  for (int i = 0; i < 200; i++)
    for (int k = 0; k < 2; k++) {
      double log_z[4], probability, apart;
      for (int c = 0; c < 4; c++) log_z[c] = gsl_ran_gaussian(rng, (k ? 10 : 1) * sqrt(1.0 / 3 / 512));
      bridge *b = make_bridge(4, log_z, -1);
      ck_assert_int_eq(doubt_islands(b, &probability, &apart), 0);
      ck_assert_double_eq_tol(apart, gsl_stats_sd(log_z, 1, 4), 1e-12);
      *(k ? &far : &fired) += probability < 0.01;
      drop_bridge(b);
    }
  ck_assert_uint_le(fired, 9); /* 2 expected; 10 or more with probability 5e-5 */
  ck_assert_uint_ge(far, 190);
}
END_TEST

/* Points that spread along a ridge by any number of its widths. */
START_TEST(ridges_of_any_length) {
  target *t = open_target(planted_find("ridge"));
  for (double length = 1; length < 1e11; length *= 100) {
    particles points;
    tail_probe probe;
    fill_points(planted_find("ridge"), t, 400, &points);
    for (size_t i = 0; i < points.n; i++) {
      const double along = length * gsl_ran_gaussian(rng, 1);
      points.x[i] += along;
      points.x[points.ld + i] -= along;
    }
    particles_evaluate(&points, t);
    ck_assert_int_eq(probe_tails(t, &points, stream_make(1, STREAM_PROBE, 1, 0), &probe, NULL), DILATE_OK);
    ck_assert_msg(probe.verdict == TAILS_RIDGE, "length %g: verdict %d", length, (int)probe.verdict);
    particles_clear(&points);
  }
  target_free(t);
}
END_TEST

static TCase *add_case(Suite *suite, const char *name) {
  TCase *tests = tcase_create(name);
  tcase_set_timeout(tests, 0);
  tcase_add_checked_fixture(tests, set_up, tear_down);
  suite_add_tcase(suite, tests);
  return tests;
}

int main(void) {
  Suite *suite = suite_create("warnings");
  const int all = (int)count_planted();
  TCase *pareto = add_case(suite, "Pareto k"), *gradient = add_case(suite, "gradient"), *tails = add_case(suite, "tails");
  TCase *weights = add_case(suite, "bridge");
  tcase_add_test(pareto, pareto_shapes);
  tcase_add_test(pareto, pareto_without_a_tail);
  tcase_add_loop_test(gradient, gradients_of_points, 0, all);
  tcase_add_loop_test(tails, tails_of_points, 0, all);
  tcase_add_test(tails, kinds_of_tails);
  tcase_add_test(tails, ridges_of_any_length);
  tcase_add_test(tails, breakdown_far_out);
  tcase_add_test(weights, tails_of_weights);
  tcase_add_test(weights, islands_of_a_bridge);
  tcase_add_test(weights, groups_are_told_apart);
  SRunner *runner = srunner_create(suite);
  srunner_add_suite(runner, warned_runs_suite());
  return run_all(runner);
}
