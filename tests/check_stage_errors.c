/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two plain errors of log Z, from the lineages and from the islands, are the spread of log Z over bridges from a Gaussian that is off
 * and too wide to one of known integral: 40 seeds of 8 islands, by one plan.
 *
 * The variance over 40 seeds is chi-square with 39 degrees of freedom, between 0.39 and 2.17 of the truth with probability 1 - 1e-4; the
 * means of the reported ones are known to 8 % (islands: 280 degrees of freedom) and better.  Hence the limits.  The variance of one island,
 * eight times that of their mean, is above them wherever the right one is within. */
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#include "check_stage.h"
#include "densities.h"
#include "method/bridge_error.h"
#include "stage/bridge.h"
#include "stage_cases.h"

#define SEEDS   40
#define ISLANDS 8
#define LOW     0.4
#define HIGH    3.0

static dilate_error err;

static bridge *run_bridge(const bridge_settings *s) {
  bridge *b = NULL;
  int status = bridge_create(s, &b, &err);
  while (status == DILATE_OK || status == DILATE_CONTINUE) {
    status = bridge_step(b, &err);
    if (status == DILATE_OK) return b;
  }
  ck_abort_msg("%s", err.message);
  return NULL;
}

/* What the islands say together; the twin counts the last temperature alone. */
static evidence_total total_of(bridge *b, int last_alone) {
  island_evidence island[ISLANDS];
  evidence some = b->evidence;
  if (last_alone) {
    some.record += some.count - 1;
    some.count = 1;
  }
  for (size_t c = 0; c < ISLANDS; c++) {
    island[c] = (island_evidence){.log_z = b->log_z[c], .block = c};
    ck_assert_int_eq(evidence_variance(&some, c, &island[c].variance, &island[c].df), 0);
  }
  return evidence_combine(ISLANDS, island, ISLANDS);
}

/* Mean reported variances over the spread of log Z. */
typedef struct ratios {
  double lineages, islands, last_alone;
} ratios;

static ratios measure(size_t dim) {
  double log_z[SEEDS];
  ratios out = {0};
  mixture *m = law_gaussian(dim, 0, 1), *q = law_gaussian(dim, 0.5, 2);
  law l = {.m = m, .beta = 1, .log_z = -7};
  const dilate_target user = law_target(&l);
  bridge_settings s = {.target = target_open(&user, 1), .q = q, .seed = 7, .purpose = STREAM_TUNE, .islands = ISLANDS, .ess = 0.95};
  s.parents = ISLANDS * 32;
  s.states = s.final_states = 4;
  bridge *tune = run_bridge(&s);
  s.plan = &tune->record;
  s.purpose = STREAM_BRIDGE;
  ck_assert_uint_ge(tune->record.count, 5);
  for (size_t k = 0; k < SEEDS; k++) {
    s.seed = 1000 + k;
    bridge *b = run_bridge(&s);
    const evidence_total t = total_of(b, 0), less = total_of(b, 1);
    log_z[k] = t.log_z;
    out.lineages += t.se_lineages * t.se_lineages / SEEDS;
    out.islands += t.se_islands * t.se_islands / SEEDS;
    out.last_alone += less.se_lineages * less.se_lineages / SEEDS;
    bridge_free(b);
  }
  bridge_free(tune);
  target_free(s.target);
  mixture_free(m);
  mixture_free(q);
  const double spread = gsl_stats_variance(log_z, 1, SEEDS);
  ck_assert_double_lt(fabs(gsl_stats_mean(log_z, 1, SEEDS) + 7), 5 * sqrt(spread / SEEDS));
  out.lineages /= spread;
  out.islands /= spread;
  out.last_alone /= spread;
  return out;
}

START_TEST(both_errors_are_the_spread) {
  const size_t dims[] = {3, 10};
  dilate_error_init(&err);
  for (size_t d = 0; d < 2; d++) {
    const ratios r = measure(dims[d]);
    ck_assert_msg(r.lineages > LOW && r.lineages < HIGH, "lineages, dimension %zu: %g", dims[d], r.lineages);
    ck_assert_msg(r.islands > LOW && r.islands < HIGH, "islands, dimension %zu: %g", dims[d], r.islands);
    ck_assert_msg(r.last_alone < LOW, "the last temperature alone, dimension %zu: %g", dims[d], r.last_alone);
  }
}
END_TEST

Suite *errors_suite(void) {
  Suite *suite = suite_create("errors of log Z");
  TCase *tests = tcase_create("errors of log Z");
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, both_errors_are_the_spread);
  suite_add_tcase(suite, tests);
  return suite;
}
