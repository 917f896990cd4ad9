/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The islands' evidence together: excess variances, log Z, its error and degrees of freedom by hand; and that intervals cover. */
#include "check_stage.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <string.h>

#include "method/bridge_error.h"
#include "stats/summary.h"

#define REPLICATES 1000

static gsl_rng *rng;

static void set_up(void) {
  rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, 20260501);
}

static void tear_down(void) {
  gsl_rng_free(rng);
}

START_TEST(excess_by_hand) {
  const double value[4] = {1, 2, 3, 6}; /* variance 14/3 */
  ck_assert_double_le(fabs(excess_variance(4, value, 0) - 14 / 12.0), 1e-15);
  ck_assert_double_le(fabs(excess_variance(4, value, 1) - 2 / 12.0), 1e-15);
  ck_assert_double_eq(excess_variance(4, value, 2), 0);
  ck_assert_double_eq(excess_variance(1, value, 0), 0);
  ck_assert_double_eq(excess_variance(0, value, 0), 0);
}
END_TEST

/* Five modes between two groups: the ratio is pooled, (1 + 2 + 0 + 3 + 44)/20 - 1 = 1.5, but for the last one, which stands out. */
START_TEST(excess_of_modes_by_hand) {
  const double within[5] = {4, 4, 4, 4, 4}, between[5] = {1, 2, 0, 3, 44}, right[5] = {6, 6, 6, 6, 40};
  double excess[5];
  excess_variances(5, 2, within, between, excess);
  for (size_t m = 0; m < 5; m++) ck_assert_double_le(fabs(excess[m] - right[m]), 1e-12);
  excess_variances(4, 2, within, between, excess); /* less than they explain */
  for (size_t m = 0; m < 4; m++) ck_assert_double_eq(excess[m], 0);
  excess_variances(2, 2, within, between + 3, excess); /* two modes say the same twice */
  ck_assert(excess[0] == 0 && excess[1] == 40);
  excess_variances(5, 3, within, between, excess);
  ck_assert(excess[0] == 0 && excess[4] == 40);
  const double chance[5] = {1, 2, 0, 3, 30}; /* ratio 1.8: as large by chance in 13 % of cases, and 7.5 in less than 1 % */
  excess_variances(5, 2, within, chance, excess);
  for (size_t m = 0; m < 5; m++) ck_assert_double_eq(excess[m], 0);
  excess_variances(5, 3, within, chance, excess);
  ck_assert(excess[0] == 0 && excess[4] == 26);
}
END_TEST

/* Equal islands: no excess, so se^2 = sum of variances / n^2 and df by Satterthwite; the t factor makes +-2 se a 95 % interval. */
START_TEST(equal_islands_by_hand) {
  const island_evidence equal[4] = {{-700, 0.04, 10, 0}, {-700, 0.04, 10, 0}, {-700, 0.04, 10, 1}, {-700, 0.04, 10, 1}};
  const evidence_total t = evidence_combine(4, equal, 2);
  ck_assert_double_le(fabs(t.log_z + 700), 1e-12);
  ck_assert_double_le(fabs(t.df - 40), 1e-9);
  ck_assert_double_le(fabs(t.se - 0.1 * summary_t_factor(40)), 1e-12);
  ck_assert_double_le(fabs(2 * t.se - 0.1 * 2.0210754), 1e-7); /* 97.5 % of t with 40 degrees of freedom, from tables */
  ck_assert_double_le(fabs(t.effective - 1), 1e-12);
  ck_assert_double_eq(t.spread, 0);
}
END_TEST

/* Zhat = 1, 1, 3, 3 in two blocks: mean 2, blocks 0.5 and 1.5 of it, variance between them 0.5. */
START_TEST(unequal_islands_by_hand) {
  const double high = log(3);
  const island_evidence islands[4] = {{0, 0.01, 8, 0}, {0, 0.03, 8, 0}, {high, 0.01, 8, 1}, {high, 0.02, 8, 1}};
  const evidence_total t = evidence_combine(4, islands, 2);
  const double part[4] = {0.01 / 64, 0.03 / 64, 9 * 0.01 / 64, 9 * 0.02 / 64};
  double within = 0, square = 0;
  for (size_t i = 0; i < 4; i++) {
    within += part[i];
    square += part[i] * part[i] / 8;
  }
  const double excess = 0.25 - within, within_df = within * within / square, factor = summary_t_factor(within_df);
  const double df = 0.25 * 0.25 / (within * within / within_df + excess * excess);
  ck_assert_double_le(fabs(t.log_z - log(2)), 1e-12);
  ck_assert_double_le(fabs(t.df - fmax(1, df)), 1e-9);
  ck_assert_double_le(fabs(t.se - sqrt(within * factor * factor + excess)), 1e-9); /* two blocks: no quantile at one degree of freedom */
  ck_assert_double_le(fabs(t.effective - 4 * 4 / 20.0), 1e-12);
  ck_assert_double_le(fabs(t.spread - sqrt(0.25 / within)), 1e-9);
}
END_TEST

/* The same in one block: the spread between the four islands, 1/12 for their mean, counts with three degrees of freedom, unless it may be
 * chance. */
START_TEST(islands_of_one_block) {
  const double high = log(3);
  const island_evidence apart[4] = {{0, 0.01, 8, 0}, {0, 0.03, 8, 0}, {high, 0.01, 8, 0}, {high, 0.02, 8, 0}};
  const double part[4] = {0.01 / 64, 0.03 / 64, 9 * 0.01 / 64, 9 * 0.02 / 64}, total = 1 / 12.0;
  double within = 0, square = 0;
  for (size_t i = 0; i < 4; i++) {
    within += part[i];
    square += part[i] * part[i] / 8;
  }
  const double excess = total - within, df = total * total / (square + excess * excess / 3);
  const evidence_total lone = evidence_combine(4, apart, 1);
  ck_assert_double_le(fabs(lone.df - df), 1e-9);
  ck_assert_double_le(fabs(lone.se - sqrt(total) * summary_t_factor(df)), 1e-9);
  island_evidence near[4];
  memcpy(near, apart, sizeof near);
  for (size_t i = 0; i < 4; i++) {
    near[i].log_z = i < 2 ? 0 : 0.1;
    near[i].variance = 0.01;
  }
  const evidence_total chance = evidence_combine(4, near, 1);
  ck_assert_double_gt(chance.df, 30);
  ck_assert_double_le(fabs(chance.se - 0.05 * summary_t_factor(chance.df)), 1e-4); /* islands differ a little in Zhat */
}
END_TEST

/* A constant in all log Zhat moves log Z by it and nothing else; islands that found nothing count as zeros. */
START_TEST(islands_of_any_size) {
  const island_evidence small[2] = {{-1e4, 0.01, 5, 0}, {-1e4 + 0.1, 0.02, 5, 1}}, large[2] = {{1e4, 0.01, 5, 0}, {1e4 + 0.1, 0.02, 5, 1}};
  const evidence_total a = evidence_combine(2, small, 2), b = evidence_combine(2, large, 2);
  ck_assert_double_le(fabs(a.log_z + 2e4 - b.log_z), 1e-8);
  ck_assert_double_le(fabs(a.se - b.se), 1e-9);
  const island_evidence half[2] = {{0, 0.01, 5, 0}, {-INFINITY, 0, INFINITY, 1}}, none[1] = {{-INFINITY, 0, INFINITY, 0}};
  const evidence_total h = evidence_combine(2, half, 2);
  ck_assert_double_le(fabs(h.log_z + log(2)), 1e-12);
  ck_assert_double_le(fabs(h.effective - 0.5), 1e-12);
  ck_assert_double_le(fabs(h.se - 1), 0.01); /* the blocks differ as much as two can */
  ck_assert(isnan(evidence_combine(1, none, 1).log_z) && isnan(evidence_combine(0, none, 0).se));
}
END_TEST

/* An estimate of two independent blocks is normal about the truth; its interval of +-2 se covers at least 95 % less four binomial standard
 * deviations (0.028 over 1000 replicates). */
static double coverage(double spread_between_blocks, double reported) {
  double inside = 0;
  for (size_t k = 0; k < REPLICATES; k++) {
    island_evidence island[4];
    for (size_t i = 0; i < 4; i++) {
      const double chi = gsl_ran_chisq(rng, 12) / 12;
      island[i] = (island_evidence){gsl_ran_gaussian(rng, 0.05), reported * 0.0025 * chi, 12, i / 2};
    }
    for (size_t b = 0; b < 2; b++) {
      const double shift = gsl_ran_gaussian(rng, spread_between_blocks);
      island[2 * b].log_z += shift;
      island[2 * b + 1].log_z += shift;
    }
    const evidence_total t = evidence_combine(4, island, 2);
    inside += fabs(t.log_z) < 2 * t.se;
  }
  return inside / REPLICATES;
}

START_TEST(intervals_cover) {
  ck_assert_double_gt(coverage(0, 1), 0.922);
  ck_assert_double_lt(coverage(0, 0.1), 0.922); /* twin: islands that report a tenth of their variance */
}
END_TEST

Suite *islands_suite(void) {
  Suite *suite = suite_create("islands together");
  TCase *tests = tcase_create("islands together");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, excess_by_hand);
  tcase_add_test(tests, excess_of_modes_by_hand);
  tcase_add_test(tests, equal_islands_by_hand);
  tcase_add_test(tests, unequal_islands_by_hand);
  tcase_add_test(tests, islands_of_one_block);
  tcase_add_test(tests, islands_of_any_size);
  tcase_add_test(tests, intervals_cover);
  suite_add_tcase(suite, tests);
  return suite;
}
