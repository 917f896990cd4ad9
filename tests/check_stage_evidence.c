/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error of log Z: the variance that a run reports equals the spread over replicates, where chains are independent, where the states of
 * a chain are alike, where a mode's mass is passed on over temperatures, and where resampling is stratified; accounts that leave one of
 * these out are caught by the same check. */
#include "check_stage.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

#include "evidence_cases.h"
#include "stage/resample.h"

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

Suite *evidence_suite(void) {
  Suite *suite = suite_create("evidence");
  TCase *tests = tcase_create("evidence");
  tcase_add_checked_fixture(tests, evidence_set_up, evidence_tear_down);
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, variance_of_independent_chains);
  tcase_add_test(tests, variance_of_chains_whose_states_are_alike);
  tcase_add_test(tests, variance_of_mass_that_is_passed_on);
  tcase_add_test(tests, wrong_accounts_are_caught);
  tcase_add_test(tests, degrees_of_freedom_are_cautious);
  tcase_add_test(tests, variance_by_hand);
  tcase_add_test(tests, islands_are_kept_apart);
  tcase_add_test(tests, equal_weights_have_no_variance);
  suite_add_tcase(suite, tests);
  return suite;
}
