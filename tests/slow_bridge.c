/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The default sampler as a whole on two mixtures of known evidence, over thirty seeds: log Z is right on average and within its standard
 * error each time, and the variance that a run reports from within is the spread between seeds.  Prints what it finds.
 *
 * The reported standard error has a t quantile folded in, and any excess between two groups, which is one number and mostly noise.  So
 * the account from within (the islands' own variances, weighed by their Zhat) is made up here from groups of the same seeds, whose
 * log Z is that of the run unless the run joined its groups; such runs are counted and left out of the comparison.
 * Thirty seeds catch a reported error that is less than 0.4 or more than 2.5 times the spread nearly always. */
#include <check.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "dilate.h"
#include "method/bridge_error.h"
#include "method/bridge_group.h"
#include "stats/summary.h"
#include "targets/targets.h"
#include "runner.h"

#define SEEDS        30
#define ISLANDS_MAX  16
#define TAIL         0.0005 /* of either side of the comparison of variances */
#define MEAN_LIMIT   3.5    /* standard errors of the mean: t with 29 degrees of freedom beyond it has probability 0.0015 */
#define ERROR_LIMIT  4.0    /* reported standard errors: 60 of them beyond it have probability below 0.02 at 15 degrees of freedom */
#define JOINED_LIMIT 3      /* runs of thirty that may join their groups */

typedef struct outcome {
  double error[SEEDS], se[SEEDS], df[SEEDS], within[SEEDS]; /* within: variance; NaN where the run joined its groups */
  size_t joined;
} outcome;

/* The default sampler: error of log Z, its standard error and degrees of freedom. */
static void sample_once(const builtin *b, uint64_t seed, size_t k, outcome *o) {
  dilate_options options;
  dilate_result *result = NULL;
  dilate_error err;
  double log_z;
  dilate_error_init(&err);
  dilate_options_init(&options);
  options.seed = seed;
  ck_assert_msg(dilate_sample(&b->target, &options, &result, &err) == DILATE_OK, "%s", err.message);
  ck_assert_int_eq(dilate_result_log_z(result, &log_z, &o->se[k], &o->df[k]), DILATE_OK);
  o->error[k] = log_z - b->log_z;
  dilate_result_free(result);
}

/* One group of the run to its end; its islands' evidence. */
static void group_once(run *r, unsigned number, size_t islands, island_evidence *out) {
  bridge_group *g = NULL;
  dilate_error err;
  dilate_error_init(&err);
  int status = group_create(r, number, islands, &g, &err);
  ck_assert_msg(status == DILATE_OK, "%s", err.message);
  do status = group_step(g, r, &err);
  while (status == DILATE_CONTINUE);
  ck_assert_msg(status == DILATE_OK, "%s", err.message);
  for (size_t c = 0; c < islands; c++) {
    ck_assert_int_eq(evidence_variance(&g->bridge->evidence, c, &out[c].variance, &out[c].df), 0);
    out[c].log_z = g->bridge->log_z[c];
    out[c].block = 0;
  }
  group_free(g);
}

/* The same seed's groups alone: all islands in one block, so that there is no excess, and the t factor taken out again. */
static void account_once(const builtin *b, uint64_t seed, size_t k, outcome *o) {
  dilate_options options;
  dilate_error err;
  run *r = NULL;
  island_evidence island[ISLANDS_MAX];
  dilate_error_init(&err);
  dilate_options_init(&options);
  options.seed = seed;
  ck_assert_int_eq(run_create(&b->target, &options, &r, &err), DILATE_OK);
  const size_t groups = r->options.groups, each = r->options.islands / groups;
  ck_assert_uint_le(groups * each, ISLANDS_MAX);
  for (unsigned g = 0; g < groups; g++) group_once(r, g, each, island + g * each);
  const evidence_total total = evidence_combine(groups * each, island, 1);
  const double se = total.se / summary_t_factor(total.df);
  const int joined = fabs(total.log_z - b->log_z - o->error[k]) > 1e-9;
  o->within[k] = joined ? NAN : se * se;
  o->joined += joined != 0;
  run_free(r);
}

/* Root mean within-run variance over the standard deviation between the seeds that did not join their groups. */
static double variance_ratio(const outcome *o, size_t *n) {
  double error[SEEDS], within[SEEDS];
  *n = 0;
  for (size_t k = 0; k < SEEDS; k++) {
    if (isnan(o->within[k])) continue;
    error[*n] = o->error[k];
    within[(*n)++] = o->within[k];
  }
  return sqrt(gsl_stats_mean(within, 1, *n) / gsl_stats_variance(error, 1, *n));
}

static void check_target(const char *spec) {
  builtin b;
  dilate_error err;
  static outcome o;
  size_t n;
  dilate_error_init(&err);
  ck_assert_msg(builtin_create(spec, NULL, &b, &err) == DILATE_OK, "%s", err.message);
  o.joined = 0;
  double worst = 0, reported = 0;
  for (size_t k = 0; k < SEEDS; k++) {
    sample_once(&b, k + 1, k, &o);
    account_once(&b, k + 1, k, &o);
    worst = fmax(worst, fabs(o.error[k]) / o.se[k]);
    reported += o.se[k] * o.se[k] / SEEDS;
  }
  const double mean = gsl_stats_mean(o.error, 1, SEEDS), sd = gsl_stats_sd(o.error, 1, SEEDS), ratio = variance_ratio(&o, &n);
  const double free = (double)n - 1, low = sqrt(free / gsl_cdf_chisq_Qinv(TAIL, free)), high = sqrt(free / gsl_cdf_chisq_Pinv(TAIL, free));
  printf("%s: log Z error mean %.5f (%.2f of its standard errors), sd %.5f; reported se (root mean square) %.5f, largest |error|/se %.2f, "
         "median df %.1f\n  from within / sd: %.3f, may be %.3f to %.3f; %zu runs joined their groups\n",
         spec, mean, mean / (sd / sqrt(SEEDS)), sd, sqrt(reported), worst, gsl_stats_median(o.df, 1, SEEDS), ratio, low, high, o.joined);
  fflush(stdout);
  builtin_destroy(&b);
  ck_assert_double_lt(fabs(mean), MEAN_LIMIT * sd / sqrt(SEEDS));
  ck_assert_double_lt(worst, ERROR_LIMIT);
  ck_assert_uint_le(o.joined, JOINED_LIMIT);
  ck_assert_double_gt(ratio, low);
  ck_assert_double_lt(ratio, high);
}

START_TEST(four_modes_in_ten_dimensions) {
  check_target("gmm4:dim=10");
}
END_TEST

START_TEST(forty_modes) {
  check_target("gmm40");
}
END_TEST

int main(void) {
  Suite *suite = suite_create("slow_bridge");
  TCase *tests = tcase_create("slow_bridge");
  tcase_set_timeout(tests, 1800);
  tcase_add_test(tests, four_modes_in_ten_dimensions);
  tcase_add_test(tests, forty_modes);
  suite_add_tcase(suite, tests);
  return run_all(srunner_create(suite));
}
