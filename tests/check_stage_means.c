/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The errors of means over draws: by hand, and the variance that a run reports equals the spread over replicates; then records of every
 * stride-th chain, which tell the same errors of means and of log Z.  Accounts that leave something out are caught by the same checks. */
#include "check_stage.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

#include "evidence_cases.h"
#include "method/bridge_account.h"
#include "stage/resample.h"
#include "stats/summary.h"

enum { TOGETHER = EVIDENCE_TOGETHER };

/* The variance of one function's mean.  Its multiples stand beside it, whose variances are its own times their squares: no bit differs, the
 * factors being powers of two. */
static double mean_variance(const evidence *e, size_t chains, double *value) {
  double *const all = calloc(TOGETHER * chains, sizeof *all), *const work = calloc(evidence_work(e), sizeof *work), variance[TOGETHER];
  ck_assert(all && work);
  for (size_t m = 0; m < chains; m++)
    for (size_t c = 0; c < TOGETHER; c++) all[m * TOGETHER + c] = ldexp(value[m], (int)c);
  evidence_mean_variances(e, 0, NULL, all, work, variance);
  for (size_t m = 0; m < chains; m++) value[m] = all[m * TOGETHER];
  for (size_t c = 1; c < TOGETHER; c++) ck_assert(variance[c] == ldexp(variance[0], 2 * (int)c));
  free(all);
  free(work);
  return variance[0];
}

/* Runs of three chains at least: {0 0 0}, {1 1 1}, and {2 2 2 3}, as the last chain is alone at its location.  Their means are -3, 0, 2.25;
 * a step adds a twelfth of its square. */
START_TEST(variance_of_a_mean_by_hand) {
  const size_t island[12] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, location[12] = {0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 4};
  double value[12] = {99, -2, -5, -2, 0, 0, 0, 3, 2, 2, 2, -99};
  evidence e;
  ck_assert_int_eq(evidence_create(&e), 0);
  ck_assert_int_eq(evidence_end(&e, 12, island, location), 0);
  const double within = 3 * (9 + 9) / 4.0 + 4 * 1 / 6.0, steps = (3 * 3 + 2.25 * 2.25) / 12;
  ck_assert_double_le(fabs(mean_variance(&e, 12, value) - (within + steps) / 100), 1e-15);
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
  double value[CHAINS], clusters[DRAWS];
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
  out.variance = mean_variance(&e, CHAINS, value);
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
  ck_assert_double_le(fabs(summary_account_variance(&account, ROWS, x) - variance), 1e-12);
  double square[ROWS], together[3];
  for (size_t k = 0; k < ROWS; k++) square[k] = x[k] * x[k];
  account.variances(account.state, ROWS, 3, (const double *const[3]){square, x, square}, together);
  ck_assert(together[1] == summary_account_variance(&account, ROWS, x)); /* whatever stands beside a column */
  ck_assert(together[0] == summary_account_variance(&account, ROWS, square) && together[2] == together[0]);
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
  ck_assert_int_eq(evidence_link(r, &(linked_states){p, ratio, NULL}, n, parent, zeros, 1), 0);
}

/* The account of two temperatures with weights of their own; the mean is that of the points themselves. */
static errors account_of(const particles *p, const double *first, const double *second, thinning by) {
  static double value[MANY];
  errors out;
  double df;
  evidence e;
  ck_assert_int_eq(evidence_create(&e), 0);
  append_thinned(&e, p, first, by.stride, 1);
  append_thinned(&e, p, second, by.stride, by.near_stride);
  for (size_t t = 0; t < 2; t++) e.record[t].stride = by.told;
  ck_assert_int_eq(evidence_end(&e, MANY, zeros, zeros), 0);
  ck_assert_int_eq(evidence_variance(&e, 0, &out.log_z, &df), 0);
  memcpy(value, p->x, sizeof value);
  out.mean = mean_variance(&e, MANY, value);
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

Suite *means_suite(void) {
  Suite *suite = suite_create("errors of means");
  TCase *tests = tcase_create("errors of means");
  tcase_add_checked_fixture(tests, evidence_set_up, evidence_tear_down);
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, variance_of_a_mean_by_hand);
  tcase_add_test(tests, variance_of_means);
  tcase_add_test(tests, wrong_accounts_of_means_are_caught);
  tcase_add_test(tests, account_of_islands_by_hand);
  tcase_add_test(tests, thinned_records_tell_the_same_errors);
  suite_add_tcase(suite, tests);
  return suite;
}
