/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Summaries of draws: by hand where that can be done, by simulation where the claim is about an error bar; leader clustering.
 *
 * Simulations have fixed seeds; a limit of 5 standard errors is passed by a right answer with probability 1 - 6e-7. */
#include <check.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

#include "check_stats.h"
#include "runner.h"
#include "stats/leader.h"
#include "stats/summary.h"
#include "stats/unseen.h"

static void assert_near(double value, double truth, double tolerance) {
  ck_assert_msg(fabs(value - truth) <= tolerance, "%.12g is not %.12g within %.2g", value, truth, tolerance);
}

static gsl_rng *generator(unsigned long seed) {
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, seed);
  return rng;
}

/* ---- Moments and quantiles ---- */

START_TEST(moments_by_hand) {
  const double x[] = {2, 4, 4, 4, 5, 5, 7, 9};
  assert_near(summary_mean(8, x), 5, 0);
  assert_near(summary_variance(8, x), 32.0 / 7, 1e-15);
  ck_assert(isnan(summary_mean(0, x)));
  ck_assert(isnan(summary_variance(1, x)));
}
END_TEST

START_TEST(variance_far_from_origin) {
  double x[100];
  for (int i = 0; i < 100; i++) x[i] = 1e9 + i % 2;
  assert_near(summary_variance(100, x), 25.0 / 99, 1e-12);
}
END_TEST

/* R: quantile(c(1, 2, 4, 8, 16), p), type 7. */
START_TEST(quantiles_of_type_seven) {
  const double x[] = {1, 2, 4, 8, 16};
  assert_near(summary_quantile(5, x, 0), 1, 0);
  assert_near(summary_quantile(5, x, 0.05), 1.2, 1e-15);
  assert_near(summary_quantile(5, x, 0.25), 2, 0);
  assert_near(summary_quantile(5, x, 0.6), 5.6, 1e-14);
  assert_near(summary_quantile(5, x, 1), 16, 0);
  assert_near(summary_quantile(1, x, 0.95), 1, 0);
  ck_assert(isnan(summary_quantile(0, x, 0.5)));
}
END_TEST

START_TEST(quantiles_between_infinities) {
  const double x[] = {-INFINITY, -INFINITY, 3, INFINITY, INFINITY};
  ck_assert(isinf(summary_quantile(5, x, 0.25)) && isinf(summary_quantile(5, x, 0.75)));
  assert_near(summary_quantile(5, x, 0.5), 3, 0);
}
END_TEST

/* ---- R-hat ---- */

/* Ranks 1 to 4 have scores -1.0491314, -0.2993069, ...; the chains' means are -+0.6742191 and their variances 0.2811184. */
START_TEST(rhat_by_hand) {
  const double x[] = {1, 2, 3, 4};
  assert_near(summary_rhat(2, 2, x), 1.93236, 1e-5);
}
END_TEST

START_TEST(rhat_sees_ranks_only) {
  const double x[] = {0.1, 2, 3, 5, 8, 13, 21, 34}, cubes[] = {0.001, 8, 27, 125, 512, 2197, 9261, 39304};
  const double bulk = summary_rhat(2, 4, x);
  ck_assert(bulk > 1.5);
  assert_near(summary_rhat(2, 4, cubes), bulk, 1e-14);
}
END_TEST

START_TEST(rhat_is_undefined) {
  const double constant[] = {3, 3, 3, 3}, broken[] = {1, 2, NAN, 3}, infinite[] = {1, 2, INFINITY, 3};
  ck_assert(isnan(summary_rhat(2, 2, constant)));
  ck_assert(isnan(summary_rhat(2, 2, broken)));
  ck_assert(isnan(summary_rhat(2, 2, infinite)));
  ck_assert(isnan(summary_rhat(1, 4, broken)));
  ck_assert(isnan(summary_rhat(4, 1, broken)));
}
END_TEST

START_TEST(rhat_of_chains_stuck_apart) {
  const double x[] = {1, 1, 2, 2};
  ck_assert(isinf(summary_rhat(2, 2, x)));
}
END_TEST

/* Two values, symmetric about their median: folded, they are constant, and the bulk alone speaks. */
START_TEST(rhat_of_two_values) {
  const double x[] = {0, 1, 0, 1, 0, 1, 0, 1};
  assert_near(summary_rhat(2, 4, x), sqrt(0.75), 1e-14);
}
END_TEST

/* 4 chains of 500 normals; one is shifted, widened, or neither. */
static double simulated_rhat(double shift, double scale) {
  static double x[2000];
  gsl_rng *rng = generator(11);
  for (size_t i = 0; i < 2000; i++) x[i] = gsl_ran_ugaussian(rng) * (i < 500 ? scale : 1) + (i < 500 ? shift : 0);
  gsl_rng_free(rng);
  return summary_rhat(4, 500, x);
}

/* With independent chains the between-chain variance is that of a chi-square of 3 degrees of freedom over 1500: 1.01 is exceeded with
 * probability below 1e-6. */
START_TEST(rhat_of_good_and_bad_chains) {
  ck_assert(simulated_rhat(0, 1) < 1.01);
  ck_assert(simulated_rhat(1, 1) > 1.05);
  ck_assert(simulated_rhat(0, 3) > 1.05); /* the means agree: the folded values tell */
}
END_TEST

/* ---- Clusters ---- */

START_TEST(cluster_variance_by_hand) {
  const double x[] = {1, 2, 3, 4};
  const size_t pairs[] = {0, 0, 1, 1}, gaps[] = {5, 5, 2, 2}, single[] = {0, 1, 2, 3}, one[] = {0, 0, 0, 0};
  double work[8];
  assert_near(summary_cluster_variance(4, x, pairs, 2, work), 1, 1e-15);
  assert_near(summary_cluster_variance(4, x, gaps, 8, work), 1, 1e-15); /* clusters without members do not count */
  assert_near(summary_cluster_variance(4, x, single, 4, work), summary_variance(4, x) / 4, 1e-15);
  ck_assert(isnan(summary_cluster_variance(4, x, one, 1, work)));
}
END_TEST

static double ess_of_clusters(size_t n, const double *x, const size_t *cluster, size_t clusters, double *work) {
  summary_clusters of = {cluster, clusters, work, 1};
  const summary_account account = summary_account_clusters(&of);
  return summary_ess(n, x, &account);
}

START_TEST(ess_of_copies) {
  double x[400], work[100];
  size_t cluster[400];
  gsl_rng *rng = generator(3);
  for (size_t i = 0; i < 400; i++) {
    cluster[i] = i / 4;
    x[i] = i % 4 ? x[i - 1] : gsl_ran_ugaussian(rng);
  }
  gsl_rng_free(rng);
  assert_near(ess_of_clusters(400, x, cluster, 100, work), 39600.0 / 399, 1e-9);
}
END_TEST

START_TEST(ess_at_its_bounds) {
  double antithetic[40], constant[40] = {0}, work[20];
  size_t pair[40], one[40] = {0};
  for (size_t i = 0; i < 40; i++) {
    pair[i] = i / 2;
    antithetic[i] = (i % 2 ? 1 : -1) * (double)(1 + i / 2);
  }
  assert_near(ess_of_clusters(40, antithetic, pair, 20, work), 40, 0); /* better than independent is not claimed */
  assert_near(ess_of_clusters(40, constant, pair, 20, work), 40, 0);
  assert_near(ess_of_clusters(40, antithetic, one, 1, work), 1, 0); /* one ancestor: one draw */
}
END_TEST

#define CLUSTERS 40
#define MEMBERS  8

/* x = sqrt(rho) a_cluster + sqrt(1 - rho) e: unit variance, correlation rho within a cluster. */
static void simulate_clusters(gsl_rng *rng, size_t clusters, double rho, double *x, size_t *cluster) {
  for (size_t c = 0; c < clusters; c++) {
    const double common = gsl_ran_ugaussian(rng);
    for (size_t k = 0; k < MEMBERS; k++) {
      x[c * MEMBERS + k] = sqrt(rho) * common + sqrt(1 - rho) * gsl_ran_ugaussian(rng);
      cluster[c * MEMBERS + k] = c;
    }
  }
}

/* How many standard errors the mean of 2000 estimated variances of a mean is from the truth; `ignore`: as if draws were independent. */
static double variance_error(double rho, int ignore) {
  enum { REPLICATES = 2000, N = CLUSTERS * MEMBERS };
  static double x[N], estimate[REPLICATES], work[N];
  static size_t cluster[N], own[N];
  gsl_rng *rng = generator(7);
  for (size_t i = 0; i < N; i++) own[i] = i;
  for (size_t r = 0; r < REPLICATES; r++) {
    simulate_clusters(rng, CLUSTERS, rho, x, cluster);
    estimate[r] = ignore ? summary_cluster_variance(N, x, own, N, work) : summary_cluster_variance(N, x, cluster, CLUSTERS, work);
  }
  gsl_rng_free(rng);
  const double truth = (1 + (MEMBERS - 1) * rho) / N;
  return (summary_mean(REPLICATES, estimate) - truth) / sqrt(summary_variance(REPLICATES, estimate) / REPLICATES);
}

START_TEST(cluster_variance_is_unbiased) {
  ck_assert(fabs(variance_error(0, 0)) < 5);
  ck_assert(fabs(variance_error(0.2, 0)) < 5);
  ck_assert(fabs(variance_error(0.9, 0)) < 5);
  ck_assert(variance_error(0.2, 1) < -5); /* the broken twin, which takes draws for independent */
}
END_TEST

/* Share of 4000 intervals, mean +- 2 factor sqrt(cluster variance) from six clusters, that cover the truth 0. */
static double coverage(double factor) {
  enum { REPLICATES = 4000, FEW = 6, N = FEW * MEMBERS };
  double x[N], work[FEW];
  size_t cluster[N], covered = 0;
  gsl_rng *rng = generator(8);
  for (size_t r = 0; r < REPLICATES; r++) {
    simulate_clusters(rng, FEW, 0.3, x, cluster);
    covered += fabs(summary_mean(N, x)) <= 2 * factor * sqrt(summary_cluster_variance(N, x, cluster, FEW, work));
  }
  gsl_rng_free(rng);
  return (double)covered / REPLICATES;
}

START_TEST(two_errors_are_an_interval_of_95_percent) {
  const double se = sqrt(0.95 * 0.05 / 4000);
  assert_near(coverage(summary_t_factor(5)), 0.95, 5 * se);
  ck_assert(coverage(1) < 0.95 - 5 * se); /* the broken twin, without the factor: 0.90 */
}
END_TEST

/* ---- Student's factor ---- */

START_TEST(t_factor_of_the_tables) {
  const double df[] = {1, 2, 5, 10, 30, 120}, t[] = {12.7062047, 4.3026527, 2.5705818, 2.2281389, 2.0422725, 1.9799304};
  for (int i = 0; i < 6; i++) assert_near(2 * summary_t_factor(df[i]), t[i], 1e-6);
  assert_near(2 * summary_t_factor(1e12), 1.95996398, 1e-7);
  assert_near(2 * summary_t_factor(INFINITY), 1.95996398, 1e-7);
  assert_near(summary_t_factor(0), summary_t_factor(1), 0);
  assert_near(summary_t_factor(NAN), summary_t_factor(1), 0);
}
END_TEST

/* Two blocks: the quantile is that of the variance within; more: that of the sum by Satterthwaite. */
START_TEST(errors_by_hand) {
  double df;
  assert_near(summary_error(4, 10, 0, 1, &df), 2 * summary_t_factor(10), 1e-12);
  assert_near(df, 10, 1e-12);
  assert_near(summary_error(4, 1e9, 5, 2, &df), sqrt(4 * 0.98 * 0.98 + 5), 1e-3);
  assert_near(df, 81 / 25.0, 1e-6);
  assert_near(summary_error(4, 10, 5, 4, &df), 3 * summary_t_factor(81 / (1.6 + 25 / 3.0)), 1e-12);
  assert_near(df, 81 / (1.6 + 25 / 3.0), 1e-12);
  assert_near(summary_error(0, INFINITY, 0, 2, NULL), 0, 0);
}
END_TEST

/* ---- Unseen mass ---- */

START_TEST(unseen_mass_by_hand) {
  const double weight[4] = {0.4, 0.3, 0.2, 0.1};
  const size_t twice[8] = {9, 5, 7, 2, 8, 8, 6, 1}, lone[8] = {9, 5, 7, 0, 8, 8, 0, 1}, none[4] = {3, 2, 4, 0};
  assert_near(unseen_mass(4, weight, 2, twice), 0, 0);
  assert_near(unseen_mass(4, weight, 2, lone), 0.15, 1e-15); /* the third and the fourth by one group: half of their mass */
  assert_near(unseen_mass(3, weight, 1, none), 0, 0);
  assert_near(unseen_mass(4, weight, 1, none), 0.1, 1e-15); /* only later moves came upon it */
  assert_near(unseen_mass(4, weight, 1, twice + 4), 0.1, 1e-15);
  assert_near(unseen_mass(0, weight, 2, twice), 0, 0);
}
END_TEST

#define PLANTED 40

/* Planted cases: forty modes of equal mass; the chance of a particle to fall into one is `balance` to the power of its number, in all one.
 * Two groups of n particles each; the modes that none fell into are lost, and the weights are those of the rest.  Means over replicates of
 * the mass that was lost, of the estimate, and of the share of particles alone in their modes (Good and Turing's). */
static void plant(double balance, size_t n, double *lost, double *estimate, double *alone) {
  enum { REPLICATES_HERE = 2000 };
  double chance[PLANTED], weight[PLANTED];
  *lost = *estimate = *alone = 0;
  for (size_t m = 0; m < PLANTED; m++) chance[m] = pow(balance, (double)m);
  gsl_rng *rng = generator(11);
  gsl_ran_discrete_t *draw = gsl_ran_discrete_preproc(PLANTED, chance);
  for (size_t k = 0; k < REPLICATES_HERE; k++) {
    size_t all[2 * PLANTED] = {0}, count[2 * PLANTED], found = 0, single = 0;
    for (size_t i = 0; i < 2 * n; i++) all[(i < n ? 0 : PLANTED) + gsl_ran_discrete(rng, draw)]++;
    for (size_t m = 0; m < PLANTED; m++) found += all[m] + all[PLANTED + m] > 0;
    for (size_t m = 0, f = 0; m < PLANTED; m++) {
      const size_t both = all[m] + all[PLANTED + m];
      single += both == 1;
      if (!both) continue;
      weight[f] = 1 / (double)found;
      count[f] = all[m];
      count[found + f++] = all[PLANTED + m];
    }
    *lost += (1 - (double)found / PLANTED) / REPLICATES_HERE;
    *estimate += unseen_mass(found, weight, 2, count) / REPLICATES_HERE;
    *alone += (double)single / (double)(2 * n) / REPLICATES_HERE;
  }
  gsl_ran_discrete_free(draw);
  gsl_rng_free(rng);
}

/* Means of 2000 are within a few percent, so the factors of two are of the estimate, not of chance.  The share of single particles is less
 * than a third of what was lost: it knows particles, not mass. */
START_TEST(unseen_mass_of_planted_modes) {
  const double balances[3] = {0.9, 0.85, 0.8};
  for (size_t b = 0; b < 3; b++) {
    double lost, estimate, alone;
    plant(balances[b], 150, &lost, &estimate, &alone);
    ck_assert_double_gt(lost, 0.01);
    ck_assert_double_gt(estimate, lost / 2.5);
    ck_assert_double_lt(estimate, lost * 2.5);
    ck_assert_double_lt(alone, lost / 2.5);
  }
  double lost, estimate, alone;
  plant(1, 1000, &lost, &estimate, &alone); /* balanced and plenty: nothing is lost, and nothing is claimed to be */
  ck_assert_double_lt(lost, 1e-6);
  ck_assert_double_lt(estimate, 1e-3);
}
END_TEST

START_TEST(t_factor_falls) {
  for (double df = 1; df < 1e8; df *= 1.01) ck_assert_double_gt(summary_t_factor(df), summary_t_factor(1.01 * df) - 1e-9);
}
END_TEST

/* ---- A parameter's line ---- */

/* cluster NULL: every draw its own. */
static dilate_parameter line_of(size_t chains, size_t n, const double *x, const size_t *cluster, size_t clusters) {
  dilate_parameter p = {.struct_size = sizeof p, .name = "theta"};
  size_t own[1000];
  double work[1000];
  for (size_t i = 0; i < 1000; i++) own[i] = i;
  summary_clusters of = {cluster ? cluster : own, cluster ? clusters : chains * n, work, 1};
  const summary_account account = summary_account_clusters(&of);
  summary_scratch scratch;
  ck_assert_int_eq(summary_scratch_create(chains * n, &scratch), 0);
  summary_parameter(chains, n, x, &account, &scratch, &p);
  summary_scratch_clear(&scratch);
  ck_assert_str_eq(p.name, "theta");
  ck_assert_uint_eq(p.struct_size, sizeof p);
  return p;
}

START_TEST(parameter_of_independent_draws) {
  double x[1000], sorted[1000];
  gsl_rng *rng = generator(5);
  for (int i = 0; i < 1000; i++) x[i] = sorted[i] = 3 + 2 * gsl_ran_ugaussian(rng);
  gsl_rng_free(rng);
  gsl_sort(sorted, 1, 1000);
  const dilate_parameter p = line_of(4, 250, x, NULL, 0);
  assert_near(p.mean, summary_mean(1000, x), 0);
  assert_near(p.sd, sqrt(summary_variance(1000, x)), 0);
  assert_near(p.mcse, p.sd / sqrt(1000), 1e-12);
  assert_near(p.q5, summary_quantile(1000, sorted, 0.05), 0);
  assert_near(p.q50, summary_quantile(1000, sorted, 0.5), 0);
  assert_near(p.q95, summary_quantile(1000, sorted, 0.95), 0);
  assert_near(p.rhat, summary_rhat(4, 250, x), 0);
  assert_near(p.ess_bulk, 1000, 1e-6);
  assert_near(p.ess_tail, 1000, 1e-6);
  /* What is known of a normal law; the errors' own error is their law's kurtosis, and the density at a quantile. */
  assert_near(p.mcse_sd * sqrt(2 * 1000.0) / 2, 1, 0.15);
  assert_near(p.mcse_q50 / 2 / sqrt(0.25 / 1000), 2.5066283, 0.8);
  assert_near(p.mcse_q5 / 2 / sqrt(0.05 * 0.95 / 1000), 1 / 0.1031356, 4);
  assert_near(p.mcse_q95 / 2 / sqrt(0.05 * 0.95 / 1000), 1 / 0.1031356, 4);
  ck_assert(isnan(p.pareto_k));
}
END_TEST

START_TEST(parameter_of_lineages) {
  enum { N = CLUSTERS * MEMBERS };
  double x[N], cubes[N], work[CLUSTERS];
  size_t cluster[N];
  gsl_rng *rng = generator(6);
  simulate_clusters(rng, CLUSTERS, 0.5, x, cluster);
  gsl_rng_free(rng);
  for (size_t i = 0; i < N; i++) cubes[i] = x[i] * x[i] * x[i];
  const dilate_parameter p = line_of(2, N / 2, x, cluster, CLUSTERS), q = line_of(2, N / 2, cubes, cluster, CLUSTERS);
  assert_near(p.mcse, sqrt(summary_cluster_variance(N, x, cluster, CLUSTERS, work)), 1e-12);
  ck_assert(p.ess_bulk < N / 2.0 && p.ess_bulk > CLUSTERS / 2.0);
  ck_assert(p.ess_tail <= N && p.ess_tail > CLUSTERS / 2.0);
  assert_near(q.ess_bulk, p.ess_bulk, 1e-9); /* ranks do not change */
  assert_near(q.rhat, p.rhat, 0.2);
}
END_TEST

START_TEST(parameter_without_a_summary) {
  const double broken[] = {1, 2, NAN, 4}, constant[] = {5, 5, 5, 5};
  ck_assert(isnan(line_of(2, 2, broken, NULL, 0).mean));
  ck_assert(isnan(line_of(2, 2, broken, NULL, 0).q50));
  ck_assert(isnan(line_of(0, 2, broken, NULL, 0).mean));
  const dilate_parameter p = line_of(2, 2, constant, NULL, 0);
  ck_assert(p.mean == 5 && p.sd == 0 && p.mcse == 0 && p.ess_bulk == 4 && p.ess_tail == 4 && isnan(p.rhat));
}
END_TEST

/* ---- Leaders ---- */

START_TEST(leaders_on_a_line) {
  const double u[] = {0, 1, 3.5, 2.5, 10, 9, -1, 5.5};
  const size_t expected[] = {0, 0, 1, 1, 2, 2, 0, 1};
  size_t label[8], leader[8];
  double work[8];
  ck_assert_uint_eq(leader_cluster(1, 1, 8, 8, u, 2, label, leader, work), 3);
  for (int i = 0; i < 8; i++) ck_assert_uint_eq(label[i], expected[i]);
  ck_assert_uint_eq(leader[0], 0);
  ck_assert_uint_eq(leader[1], 2);
  ck_assert_uint_eq(leader[2], 4);
  ck_assert_uint_eq(leader_cluster(1, 1, 8, 8, u, 2, label, NULL, work), 3);
}
END_TEST

START_TEST(leaders_take_the_nearest) {
  const double u[] = {0, 3, 2}; /* within 2.5 of both leaders, nearer to the second */
  size_t label[3];
  double work[3];
  ck_assert_uint_eq(leader_cluster(1, 1, 3, 3, u, 2.5, label, NULL, work), 2);
  ck_assert_uint_eq(label[2], 1);
}
END_TEST

START_TEST(leaders_with_no_radius) {
  const double u[] = {1, 2, 1, 2};
  size_t label[4];
  double work[4];
  ck_assert_uint_eq(leader_cluster(1, 1, 4, 4, u, 0, label, NULL, work), 2); /* equal points are one cluster */
  ck_assert_uint_eq(leader_cluster(1, 1, 0, 4, u, 1, label, NULL, work), 0);
}
END_TEST

/* Blobs of unit variance about 30 e_k in 40 dimensions, in a tile that is wider than the points. */
START_TEST(leaders_in_forty_dimensions) {
  enum { DIM = 40, N = 100, LD = 104, BLOBS = 5 };
  static double u[DIM * LD], work[DIM * N];
  size_t label[N], leader[N];
  gsl_rng *rng = generator(9);
  for (size_t j = 0; j < DIM; j++)
    for (size_t i = 0; i < LD; i++) u[j * LD + i] = i < N ? gsl_ran_ugaussian(rng) + (j == i % BLOBS ? 30 : 0) : NAN;
  gsl_rng_free(rng);
  ck_assert_uint_eq(leader_cluster(1, DIM, N, LD, u, 18, label, leader, work), BLOBS);
  for (size_t i = 0; i < N; i++) ck_assert_uint_eq(label[i], i % BLOBS);
  for (size_t k = 0; k < BLOBS; k++) ck_assert_uint_eq(leader[k], k);
}
END_TEST

/* The definition, point by point; last: of equally near leaders the last is taken, which is wrong. */
static size_t plain_leaders(size_t dim, size_t n, const double *u, double radius, int last, size_t *label, size_t *leader) {
  size_t clusters = 0;
  for (size_t i = 0; i < n; i++) {
    double best = radius * radius;
    label[i] = n;
    for (size_t k = 0; k < clusters; k++) {
      double square = 0;
      for (size_t j = 0; j < dim; j++) square += (u[j * n + i] - u[j * n + leader[k]]) * (u[j * n + i] - u[j * n + leader[k]]);
      if (!(square < best || (square <= best && (last || label[i] == n)))) continue;
      best = square;
      label[i] = k;
    }
    if (label[i] == n) leader[label[i] = clusters++] = i;
  }
  return clusters;
}

/* On a lattice, where distances are exact and many of them equal: blocks of points, which several threads share, and new leaders in all. */
START_TEST(leaders_of_many_points) {
  enum { DIM = 10, N = 1500 };
  static double u[DIM * N], work[DIM * N];
  static size_t label[N], leader[N], plain[N], first[N];
  gsl_rng *rng = generator(11);
  for (size_t i = 0; i < DIM * N; i++) u[i] = (double)gsl_rng_uniform_int(rng, 3);
  gsl_rng_free(rng);
  const size_t clusters = plain_leaders(DIM, N, u, 2, 0, plain, first);
  ck_assert_uint_gt(clusters, 100);
  for (size_t threads = 1; threads <= 3; threads++) {
    ck_assert_uint_eq(leader_cluster(threads, DIM, N, N, u, 2, label, leader, work), clusters);
    ck_assert_mem_eq(label, plain, sizeof label);
    ck_assert_mem_eq(leader, first, clusters * sizeof *leader);
  }
  plain_leaders(DIM, N, u, 2, 1, plain, first);
  ck_assert_mem_ne(label, plain, sizeof label);
}
END_TEST

static Suite *stats_suite(void) {
  Suite *suite = suite_create("stats");
  TCase *summary = tcase_create("summary"), *cluster = tcase_create("clusters"), *leader = tcase_create("leader");
  tcase_add_test(summary, moments_by_hand);
  tcase_add_test(summary, variance_far_from_origin);
  tcase_add_test(summary, quantiles_of_type_seven);
  tcase_add_test(summary, quantiles_between_infinities);
  tcase_add_test(summary, rhat_by_hand);
  tcase_add_test(summary, rhat_sees_ranks_only);
  tcase_add_test(summary, rhat_is_undefined);
  tcase_add_test(summary, rhat_of_chains_stuck_apart);
  tcase_add_test(summary, rhat_of_two_values);
  tcase_add_test(summary, rhat_of_good_and_bad_chains);
  tcase_add_test(summary, parameter_of_independent_draws);
  tcase_add_test(summary, parameter_of_lineages);
  tcase_add_test(summary, parameter_without_a_summary);
  suite_add_tcase(suite, summary);
  tcase_add_test(cluster, cluster_variance_by_hand);
  tcase_add_test(cluster, ess_of_copies);
  tcase_add_test(cluster, ess_at_its_bounds);
  tcase_add_test(cluster, cluster_variance_is_unbiased);
  tcase_add_test(cluster, two_errors_are_an_interval_of_95_percent);
  tcase_add_test(cluster, t_factor_of_the_tables);
  tcase_add_test(cluster, errors_by_hand);
  tcase_add_test(cluster, t_factor_falls);
  tcase_add_test(cluster, unseen_mass_by_hand);
  tcase_add_test(cluster, unseen_mass_of_planted_modes);
  suite_add_tcase(suite, cluster);
  tcase_add_test(leader, leaders_on_a_line);
  tcase_add_test(leader, leaders_take_the_nearest);
  tcase_add_test(leader, leaders_with_no_radius);
  tcase_add_test(leader, leaders_in_forty_dimensions);
  tcase_add_test(leader, leaders_of_many_points);
  suite_add_tcase(suite, leader);
  return suite;
}

int main(void) {
  SRunner *runner = srunner_create(stats_suite());
  srunner_add_suite(runner, modes_suite());
  srunner_add_suite(runner, chains_suite());
  return run_all(runner);
}
