/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The errors of log Z and of means: the variance that a run reports equals the spread over replicates, where chains are independent, where
 * the states of a chain are alike, where a mode's mass is passed on over temperatures, and where resampling is stratified; accounts that
 * leave one of these out are caught by the same check. */
#include "check_stage.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "method/bridge_account.h"
#include "stage/evidence_near.h"
#include "stage/resample.h"
#include "stats/summary.h"

#define REPLICATES 1000
#define DRAWS      400 /* of the first temperature */
#define CHAINS     100
#define STATES     8

static gsl_rng *rng;

static void set_up(void) {
  rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, 20260501);
}

static void tear_down(void) {
  gsl_rng_free(rng);
}

static const size_t zeros[DRAWS * 8];

static evidence_record *append(evidence *e, size_t chains, size_t states) {
  evidence_record *r = evidence_append(e, chains, states, zeros, zeros);
  ck_assert_ptr_nonnull(r);
  return r;
}

/* Divides the record's weights by their mean, whose logarithm is returned. */
static double relative(evidence_record *r) {
  const size_t n = r->chains * r->states;
  const double mean = gsl_stats_mean(r->weight, 1, n);
  for (size_t i = 0; i < n; i++) r->weight[i] /= mean;
  return log(mean);
}

/* ---- simulated runs: each fills a record and returns log Zhat ---- */

/* Independent weights, states of no more than one. */
static double independent_chains(evidence *e) {
  evidence_record *r = append(e, DRAWS, 1);
  for (size_t m = 0; m < DRAWS; m++) r->weight[m] = gsl_ran_gamma(rng, 2, 0.5);
  return relative(r);
}

/* The states of a chain share half of the variance of their logarithms. */
static double fill_alike(evidence_record *r, size_t chains, size_t states) {
  for (size_t m = 0; m < chains; m++) {
    const double common = gsl_ran_gaussian(rng, 0.4);
    for (size_t s = 0; s < states; s++) r->weight[s * chains + m] = exp(common + gsl_ran_gaussian(rng, 0.4));
  }
  return relative(r);
}

static double chains_alike(evidence *e) {
  return fill_alike(append(e, CHAINS, STATES), CHAINS, STATES);
}

/* Twin: the same weights, each state taken for a chain of its own. */
static double chains_forgotten(evidence *e) {
  evidence_record *r = append(e, CHAINS * STATES, 1);
  return fill_alike(r, CHAINS, STATES);
}

/* Ties a record of draws to the chains that start at them; the points tell the modes apart, or nothing. */
static void link_draws(evidence_record *first, const size_t *mode, int told, const size_t *parent) {
  particles p;
  double ratio[DRAWS];
  size_t island[CHAINS] = {0};
  ck_assert_int_eq(particles_create(1, DRAWS, &p), 0);
  for (size_t i = 0; i < DRAWS; i++) {
    ratio[i] = gsl_ran_gaussian(rng, 1);
    p.x[i] = gsl_ran_gaussian(rng, 1) + (told && mode[i] ? 20 : 0);
  }
  ck_assert_int_eq(evidence_link(first, &p, ratio, CHAINS, parent, island, 1), 0);
  particles_clear(&p);
}

/* Two temperatures and two modes that never mix: the first weights are all one, the second are three in the one mode and a third in the
 * other, so that what counts is how many of the first draws fell into each.  told: whether the points show the modes; stratified:
 * resampling in order. */
static double mass_passed_on(evidence *e, int told, int stratified) {
  size_t mode[DRAWS], order[DRAWS], parent[CHAINS], n = 0;
  double even[DRAWS];
  evidence_record *first = append(e, DRAWS, 1);
  for (size_t i = 0; i < DRAWS; i++) {
    mode[i] = gsl_rng_uniform(rng) < 0.4;
    even[i] = first->weight[i] = 1;
  }
  for (size_t k = 0; k < 2; k++)
    for (size_t i = 0; i < DRAWS; i++)
      if (mode[i] == k) order[n++] = i;
  if (stratified)
    resample_systematic(DRAWS, even, order, gsl_rng_uniform_pos(rng), CHAINS, parent);
  else
    for (size_t m = 0; m < CHAINS; m++) parent[m] = gsl_rng_uniform_int(rng, DRAWS);
  link_draws(first, mode, told, parent);
  evidence_record *second = append(e, CHAINS, STATES);
  for (size_t m = 0; m < CHAINS; m++)
    for (size_t s = 0; s < STATES; s++) second->weight[s * CHAINS + m] = mode[parent[m]] ? 3 : 1 / 3.0;
  return relative(second);
}

static double passed_in_order(evidence *e) {
  return mass_passed_on(e, 1, 1);
}
static double passed_at_random(evidence *e) {
  return mass_passed_on(e, 1, 0);
}
/* Twin: modes that the points do not tell apart. */
static double passed_untold(evidence *e) {
  return mass_passed_on(e, 0, 1);
}

/* Three temperatures of all of this at once. */
static double several(evidence *e) {
  const double log_z = mass_passed_on(e, 1, 1);
  return log_z + fill_alike(append(e, CHAINS, STATES), CHAINS, STATES);
}

typedef double (*run_fn)(evidence *e);

typedef struct calibration {
  double ratio;      /* mean reported variance over the variance of log Zhat between replicates */
  double df;         /* median reported degrees of freedom */
  double replicates; /* degrees of freedom that the spread of the reported variances shows: 2 mean^2 / variance */
} calibration;

static calibration calibrate(run_fn simulate) {
  static double log_z[REPLICATES], variance[REPLICATES], df[REPLICATES];
  for (size_t k = 0; k < REPLICATES; k++) {
    evidence e;
    ck_assert_int_eq(evidence_create(&e), 0);
    log_z[k] = simulate(&e);
    ck_assert_int_eq(evidence_variance(&e, 0, &variance[k], &df[k]), 0);
    ck_assert(variance[k] >= 0 && df[k] >= 1);
    evidence_clear(&e);
  }
  const double mean = gsl_stats_mean(variance, 1, REPLICATES), truth = gsl_stats_variance(log_z, 1, REPLICATES);
  return (calibration){.ratio = mean / truth,
                       .df = gsl_stats_median(df, 1, REPLICATES),
                       .replicates = 2 * mean * mean / gsl_stats_variance(variance, 1, REPLICATES)};
}

/* The variance between replicates has relative standard deviation sqrt(2/999) = 0.045 (log Zhat is nearly normal), the mean of the reported
 * ones less than 0.02: five of these together, and 0.05 for what shrinkage to one and the curvature of the logarithm leave. */
#define RATIO_LIMIT 0.30

static void check_calibrated(run_fn simulate) {
  const calibration c = calibrate(simulate);
  ck_assert_double_gt(c.ratio, 1 - RATIO_LIMIT);
  ck_assert_double_lt(c.ratio, 1 + RATIO_LIMIT);
}

START_TEST(variance_of_independent_chains) {
  check_calibrated(independent_chains);
}
END_TEST

START_TEST(variance_of_chains_whose_states_are_alike) {
  check_calibrated(chains_alike);
}
END_TEST

START_TEST(variance_of_mass_that_is_passed_on) {
  check_calibrated(passed_in_order);
  check_calibrated(passed_at_random);
  check_calibrated(several);
}
END_TEST

START_TEST(wrong_accounts_are_caught) {
  ck_assert_double_lt(calibrate(chains_forgotten).ratio, 1 - RATIO_LIMIT);
  ck_assert_double_lt(calibrate(passed_untold).ratio, 1 - RATIO_LIMIT);
}
END_TEST

/* Reported degrees of freedom may be cautious, but not by more than fourfold, and never claim more than twice what the spread of the
 * variances shows (whose own error is a tenth). */
START_TEST(degrees_of_freedom_are_cautious) {
  const run_fn runs[] = {independent_chains, chains_alike, several};
  for (size_t k = 0; k < 3; k++) {
    const calibration c = calibrate(runs[k]);
    ck_assert_double_gt(c.df, c.replicates / 4);
    ck_assert_double_lt(c.df, c.replicates * 2);
  }
}
END_TEST

/* sum_t 1/(2 M (M-1)) sum (difference)^2 of the chains' means relative to their mean. */
START_TEST(variance_by_hand) {
  evidence e;
  double variance, df;
  ck_assert_int_eq(evidence_create(&e), 0);
  ck_assert_int_eq(evidence_variance(&e, 0, &variance, &df), 0);
  ck_assert(variance == 0 && df == INFINITY);
  evidence_record *r = append(&e, 3, 2);
  const double weight[6] = {1, 2, 0, 0, 2, 1}; /* chain means 0.5, 2, 0.5: mean 1 */
  memcpy(r->weight, weight, sizeof weight);
  ck_assert_int_eq(evidence_variance(&e, 0, &variance, &df), 0);
  ck_assert_double_le(fabs(variance - (1.5 * 1.5 + 1.5 * 1.5) / (2 * 3 * 2)), 1e-15);
  ck_assert_double_le(fabs(df - 2), 1e-12); /* (sum d^2)^2 / sum d^4 */
  evidence_clear(&e);
}
END_TEST

/* ---- means ---- */

/* Runs of three chains at least: {0 0 0}, {1 1 1}, and {2 2 2 3}, as the last chain is alone at its location.  Their means are -3, 0, 2.25;
 * a step adds a twelfth of its square. */
START_TEST(variance_of_a_mean_by_hand) {
  const size_t island[12] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, location[12] = {0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 4};
  double value[12] = {99, -2, -5, -2, 0, 0, 0, 3, 2, 2, 2, -99}, work[36];
  evidence e;
  ck_assert_int_eq(evidence_create(&e), 0);
  ck_assert_int_eq(evidence_end(&e, 12, island, location), 0);
  ck_assert_uint_le(evidence_work(&e), 36);
  const double within = 3 * (9 + 9) / 4.0 + 4 * 1 / 6.0, steps = (3 * 3 + 2.25 * 2.25) / 12;
  ck_assert_double_le(fabs(evidence_mean_variance(&e, 0, NULL, value, work) - (within + steps) / 100), 1e-15);
  ck_assert(value[0] == 99 && value[11] == -99); /* the other island's */
  evidence_clear(&e);
}
END_TEST

typedef struct mean_run {
  double mean, variance, lineages; /* of the one mode's share; its variance by the account, and by clusters of draws from one parent */
} mean_run;

/* The mean of what two modes pass on: draws have weights that vary by `noise`, with two thirds of the weight in the one mode; chains follow
 * in order or at random, and the share of one mode is averaged over their states, of which a fifth has gone over to the other mode. */
static mean_run mean_over_chains(int stratified, int linked, double noise) {
  size_t mode[DRAWS], order[DRAWS], parent[CHAINS], at[CHAINS], n = 0;
  double value[CHAINS], work[3 * DRAWS], clusters[DRAWS];
  evidence e;
  mean_run out = {0};
  ck_assert_int_eq(evidence_create(&e), 0);
  for (size_t i = 0; i < DRAWS; i++) mode[i] = i < DRAWS / 2;
  evidence_record *first = evidence_append(&e, DRAWS, 1, zeros, mode);
  for (size_t i = 0; i < DRAWS; i++) first->weight[i] = (mode[i] ? 2 : 1) * exp(gsl_ran_gaussian(rng, noise));
  relative(first);
  for (size_t k = 0; k < 2; k++)
    for (size_t i = 0; i < DRAWS; i++)
      if (mode[i] == k) order[n++] = i;
  gsl_ran_discrete_t *choice = gsl_ran_discrete_preproc(DRAWS, first->weight);
  resample_systematic(DRAWS, first->weight, order, gsl_rng_uniform_pos(rng), CHAINS, parent);
  for (size_t m = 0; m < CHAINS && !stratified; m++) parent[m] = gsl_ran_discrete(rng, choice);
  gsl_ran_discrete_free(choice);
  for (size_t m = 0; m < CHAINS; m++) at[m] = stratified ? mode[parent[m]] : 0;
  if (linked) link_draws(first, mode, 1, parent);
  ck_assert_int_eq(evidence_end(&e, CHAINS, zeros, at), 0);
  for (size_t m = 0; m < CHAINS; m++) {
    const double changed = (double)gsl_ran_binomial(rng, 0.05, STATES) / STATES;
    value[m] = mode[parent[m]] ? 1 - changed : changed;
    out.mean += value[m] / CHAINS;
  }
  out.lineages = summary_cluster_variance(CHAINS, value, parent, DRAWS, clusters);
  ck_assert_uint_le(evidence_work(&e), 3 * DRAWS);
  out.variance = evidence_mean_variance(&e, 0, NULL, value, work);
  evidence_clear(&e);
  return out;
}

/* Mean reported variance over that between replicates; `lineages`: of clusters. */
static double mean_ratio(int stratified, int linked, double noise, int lineages) {
  static double mean[REPLICATES], variance[REPLICATES];
  for (size_t k = 0; k < REPLICATES; k++) {
    const mean_run r = mean_over_chains(stratified, linked, noise);
    mean[k] = r.mean;
    variance[k] = lineages ? r.lineages : r.variance;
  }
  return gsl_stats_mean(variance, 1, REPLICATES) / gsl_stats_variance(mean, 1, REPLICATES);
}

/* Where weights vary little, stratification leaves a hundredth of what independent chains have; where they vary much, they count. */
START_TEST(variance_of_means) {
  const double noise[] = {0.02, 0.5, 1.5};
  for (size_t k = 0; k < 3; k++)
    for (int stratified = 0; stratified < 2; stratified++) {
      const double ratio = mean_ratio(stratified, 1, noise[k], 0);
      ck_assert_double_gt(ratio, 1 - RATIO_LIMIT);
      ck_assert_double_lt(ratio, 1 + RATIO_LIMIT);
    }
}
END_TEST

/* Twins: lineages do not see the stratification; without links it is forgotten that weights vary. */
START_TEST(wrong_accounts_of_means_are_caught) {
  ck_assert_double_gt(mean_ratio(1, 1, 0.5, 1), 1 + RATIO_LIMIT);
  ck_assert_double_lt(mean_ratio(1, 0, 1.5, 0), 1 - RATIO_LIMIT);
}
END_TEST

/* Two groups of two islands, whose draws come from chains 0, 2, 4 and 6 of the eight of their island: chain 2k is at k + the island's
 * number, squared.  The others gave no draw, and count for nothing. */
START_TEST(account_of_islands_by_hand) {
  enum { ROWS = 4 * 12 };
  bridge bridges[2] = {{.cells = 2}, {.cells = 2}};
  bridge_group groups[2] = {{.bridge = &bridges[0]}, {.bridge = &bridges[1]}}, *const list[2] = {&groups[0], &groups[1]};
  const size_t island[16] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1},
               location[16] = {0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1};
  size_t chain[ROWS];
  double x[ROWS], variance = 0;
  const dilate_result draws = {.islands = 4, .draws = ROWS / 4, .chain = chain};
  for (size_t g = 0; g < 2; g++) {
    ck_assert_int_eq(evidence_create(&bridges[g].evidence), 0);
    ck_assert_int_eq(evidence_end(&bridges[g].evidence, 16, island, location), 0);
  }
  for (size_t i = 0; i < 4; i++) {
    double a[4];
    for (size_t k = 0; k < 4; k++) a[k] = (double)((k + i) * (k + i));
    for (size_t k = 0; k < draws.draws; k++) {
      chain[i * draws.draws + k] = i % 2 * 8 + k % 4 * 2;
      x[i * draws.draws + k] = a[k % 4];
    }
    double square = 0;
    for (size_t k = 0; k < 3; k++) square += (a[k + 1] - a[k]) * (a[k + 1] - a[k]);
    variance += 4 * square / 6 / 16 / 16;
  }
  bridge_account of;
  ck_assert_int_eq(bridge_account_create(list, 2, &draws, 1, &of), 0);
  const summary_account account = bridge_account_of(&of);
  ck_assert_double_le(fabs(account.variance(account.state, ROWS, x) - variance), 1e-12);
  dilate_parameter p = {.struct_size = sizeof p};
  summary_scratch scratch;
  ck_assert_int_eq(summary_scratch_create(ROWS, &scratch), 0);
  summary_parameter(4, ROWS / 4, x, &account, &scratch, &p);
  summary_scratch_clear(&scratch);
  ck_assert_double_le(fabs(p.mcse - sqrt(variance)), 1e-12);
  bridge_account_clear(&of);
  for (size_t g = 0; g < 2; g++) evidence_clear(&bridges[g].evidence);
}
END_TEST

/* Each island's variance is that of its own chains, wherever the others stand. */
START_TEST(islands_are_kept_apart) {
  evidence both, alone[2];
  size_t of[60];
  for (size_t m = 0; m < 60; m++) of[m] = m >= 40;
  ck_assert_int_eq(evidence_create(&both), 0);
  for (size_t i = 0; i < 2; i++) ck_assert_int_eq(evidence_create(&alone[i]), 0);
  for (int t = 0; t < 20; t++) { /* beyond the first room of records */
    evidence_record *r = evidence_append(&both, 60, 3, of, zeros), *own[2] = {append(&alone[0], 40, 3), append(&alone[1], 20, 3)};
    for (size_t m = 0; m < 60; m++) {
      const size_t island = of[m], chains = island ? 20 : 40;
      for (size_t s = 0; s < 3; s++)
        own[island]->weight[s * chains + (island ? m - 40 : m)] = r->weight[s * 60 + m] = gsl_ran_gamma(rng, island ? 1 : 9, 1);
    }
  }
  for (size_t i = 0; i < 2; i++) {
    double together[2], apart[2];
    ck_assert_int_eq(evidence_variance(&both, i, &together[0], &together[1]), 0);
    ck_assert_int_eq(evidence_variance(&alone[i], 0, &apart[0], &apart[1]), 0);
    ck_assert_double_le(fabs(together[0] - apart[0]), 1e-14);
    ck_assert_double_le(fabs(together[1] - apart[1]), 1e-9);
    evidence_clear(&alone[i]);
  }
  evidence_clear(&both);
  evidence_clear(&both);
}
END_TEST

START_TEST(equal_weights_have_no_variance) {
  evidence e;
  double variance, df;
  ck_assert_int_eq(evidence_create(&e), 0);
  for (size_t i = 0; i < 5; i++) append(&e, 5, 1)->weight[i] = 0;
  evidence_record *r = append(&e, 50, 4);
  for (size_t i = 0; i < 200; i++) r->weight[i] = 1;
  ck_assert_int_eq(evidence_variance(&e, 0, &variance, &df), 0);
  ck_assert(variance == variance);
  evidence_clear(&e);
}
END_TEST

/* ---- records of every stride-th chain ---- */

#define MANY   (DRAWS * 8)
#define STRIDE 4

/* How a record is thinned, and what the account is told of it. */
typedef struct thinning {
  size_t stride, told, near_stride;
} thinning;

typedef struct errors {
  double log_z, mean;
} errors;

/* A record of chains that start at every stride-th point, linked to the chains after it, which start there too. */
static void append_thinned(evidence *e, const particles *p, const double *weight, size_t stride, size_t near_stride) {
  static const double ratio[MANY];
  size_t parent[MANY], n = 0;
  for (size_t m = 0; m < MANY; m += stride) parent[n++] = m;
  evidence_record *r = append(e, n, 1);
  r->stride = stride;
  r->all = MANY;
  r->near_stride = near_stride;
  for (size_t k = 0; k < n; k++) r->weight[k] = weight[parent[k]];
  relative(r);
  ck_assert_int_eq(evidence_link(r, p, ratio, n, parent, zeros, 1), 0);
}

/* The account of two temperatures with weights of their own; the mean is that of the points themselves. */
static errors account_of(const particles *p, const double *first, const double *second, thinning by) {
  static double value[MANY], work[3 * MANY];
  errors out;
  double df;
  evidence e;
  ck_assert_int_eq(evidence_create(&e), 0);
  append_thinned(&e, p, first, by.stride, 1);
  append_thinned(&e, p, second, by.stride, by.near_stride);
  for (size_t t = 0; t < 2; t++) e.record[t].stride = by.told;
  ck_assert_int_eq(evidence_end(&e, MANY, zeros, zeros), 0);
  ck_assert_uint_le(evidence_work(&e), 3 * MANY);
  ck_assert_int_eq(evidence_variance(&e, 0, &out.log_z, &df), 0);
  memcpy(value, p->x, sizeof value);
  out.mean = evidence_mean_variance(&e, 0, NULL, value, work);
  evidence_clear(&e);
  return out;
}

/* Points in rising order, so that what a chain's number says of its place matters; weights that vary by chance.  With 800 chains recorded
 * the mean squared difference of such weights has a relative standard deviation of sqrt(kurtosis/800) = 0.08. */
START_TEST(thinned_records_tell_the_same_errors) {
  static double first[MANY], second[MANY];
  particles p;
  ck_assert_int_eq(particles_create(1, MANY, &p), 0);
  for (size_t i = 0; i < MANY; i++) {
    p.x[i] = gsl_cdf_ugaussian_Pinv(((double)i + 0.5) / MANY);
    first[i] = gsl_ran_gamma(rng, 4, 0.25);
    second[i] = gsl_ran_gamma(rng, 4, 0.25);
  }
  const errors all = account_of(&p, first, second, (thinning){1, 1, 1});
  const errors some = account_of(&p, first, second, (thinning){STRIDE, STRIDE, STRIDE});
  ck_assert_double_lt(fabs(some.log_z / all.log_z - 1), RATIO_LIMIT);
  ck_assert_double_lt(fabs(some.mean / all.mean - 1), RATIO_LIMIT);
  /* Twins: chains that stand for themselves alone; last chains numbered as the record numbers its own. */
  const errors forgotten = account_of(&p, first, second, (thinning){STRIDE, 1, STRIDE});
  const errors astray = account_of(&p, first, second, (thinning){STRIDE, STRIDE, 1});
  ck_assert_double_gt(forgotten.log_z / all.log_z, 1 + RATIO_LIMIT);
  ck_assert_double_gt(forgotten.mean / all.mean, 1 + RATIO_LIMIT);
  ck_assert_double_gt(fabs(astray.mean / all.mean - 1), RATIO_LIMIT);
  particles_clear(&p);
}
END_TEST

Suite *evidence_suite(void) {
  Suite *suite = suite_create("evidence");
  TCase *tests = tcase_create("evidence");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, variance_of_independent_chains);
  tcase_add_test(tests, variance_of_chains_whose_states_are_alike);
  tcase_add_test(tests, variance_of_mass_that_is_passed_on);
  tcase_add_test(tests, wrong_accounts_are_caught);
  tcase_add_test(tests, degrees_of_freedom_are_cautious);
  tcase_add_test(tests, variance_by_hand);
  tcase_add_test(tests, variance_of_a_mean_by_hand);
  tcase_add_test(tests, variance_of_means);
  tcase_add_test(tests, wrong_accounts_of_means_are_caught);
  tcase_add_test(tests, account_of_islands_by_hand);
  tcase_add_test(tests, islands_are_kept_apart);
  tcase_add_test(tests, equal_weights_have_no_variance);
  tcase_add_test(tests, thinned_records_tell_the_same_errors);
  suite_add_tcase(suite, tests);
  return suite;
}
