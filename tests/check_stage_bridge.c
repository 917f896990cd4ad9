/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bridge: a frozen one is unbiased, in its evidence and in what its draws say of the modes, from references that are poor, and its
 * reported variance is the spread; a reference whose density is not that of its draws is caught by the same check.  What an adaptive bridge
 * settles, cells and lineages, edges of the support, threads. */
#include "check_stage.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "densities.h"
#include "stage/bridge.h"
#include "stage_cases.h"

#define REPLICATES 1500

static dilate_error err;

static void set_up(void) {
  dilate_error_init(&err);
}

static bridge_settings settings_of(target *t, const mixture *q, stream_stage purpose) {
  return (bridge_settings){
      .target = t, .q = q, .seed = 7, .purpose = purpose, .islands = 1, .parents = 32, .states = 4, .final_states = 4, .ess = 0.5};
}

/* Runs a bridge to its end; checks at every temperature what must always hold. */
static bridge *run_bridge(const bridge_settings *s) {
  bridge *b = NULL;
  int status = bridge_create(s, &b, &err);
  ck_assert_int_eq(status, DILATE_OK);
  size_t *cell = NEW(size_t, b->n), initial = b->n;
  ck_assert_ptr_nonnull(cell);
  memcpy(cell, b->cell, b->n * sizeof *cell);
  double beta = 0;
  do {
    status = bridge_step(b, &err);
    ck_assert_int_ge(status, DILATE_OK);
    ck_assert(b->beta > beta && b->beta <= 1 && b->ess > 0 && b->ess <= 1 + 1e-12);
    beta = b->beta;
    for (size_t i = 0; i < b->n; i++) ck_assert(b->eve[i] < initial && b->cell[i] < b->cells && b->cell[i] == cell[b->eve[i]]);
  } while (status == DILATE_CONTINUE);
  ck_assert_double_eq(b->beta, 1);
  memory_free(cell);
  return b;
}

/* The plan that an adaptive bridge settles. */
static bridge_plan plan_of(const bridge_settings *s) {
  bridge *b = run_bridge(s);
  bridge_plan plan = b->record;
  memset(&b->record, 0, sizeof b->record);
  bridge_free(b);
  return plan;
}

/* ---- what is exact ---- */

/* From the target itself: one temperature, weights all the same, log Z to rounding. */
START_TEST(evidence_of_the_reference_itself) {
  const size_t dims[] = {1, 2, 10};
  for (size_t d = 0; d < 3; d++) {
    mixture *m = law_close(dims[d], MIXTURE_FULL);
    law l = {.m = m, .beta = 1, .log_z = -123.5};
    const dilate_target user = law_target(&l);
    bridge_settings s = settings_of(target_open(&user, 2), m, STREAM_TUNE);
    for (s.islands = 1; s.islands <= 4; s.islands *= 2) {
      bridge *b = run_bridge(&s);
      double variance, df;
      ck_assert_uint_eq(b->record.count, 1);
      ck_assert_double_le(fabs(bridge_log_z(b) - l.log_z), 1e-10);
      ck_assert_double_le(fabs(b->ess - 1), 1e-10);
      for (size_t c = 0; c < s.islands; c++) {
        ck_assert_double_le(fabs(b->log_z[c] - l.log_z), 1e-10);
        ck_assert_int_eq(evidence_variance(&b->evidence, c, &variance, &df), 0);
        ck_assert_double_le(variance, 1e-20);
      }
      ck_assert_uint_eq(b->n, s.parents * s.final_states);
      bridge_free(b);
    }
    target_free(s.target);
    mixture_free(m);
  }
}
END_TEST

/* ---- what is unbiased ---- */

/* Means over replicates of a frozen bridge, relative to the truth, in standard errors. */
typedef struct means {
  double z, mode, log_z; /* of Zhat; of Zhat times the share of draws below -1; of log Zhat */
  double variance_ratio; /* mean reported variance over the variance of log Zhat */
} means;

static double below(const bridge *b) {
  double count = 0;
  for (size_t i = 0; i < b->n; i++) count += b->population.pi.x[i] < -1;
  return count / (double)b->n;
}

static double mean_in_errors(const double *x, double right) {
  return (gsl_stats_mean(x, 1, REPLICATES) - right) / (gsl_stats_sd(x, 1, REPLICATES) / sqrt(REPLICATES));
}

/* tuned: the reference that the plan was settled with; used: the one that the replicates start from. */
static means replicate(const mixture *m, const mixture *tuned, const mixture *used, size_t parents) {
  static double z[REPLICATES], mode[REPLICATES], log_z[REPLICATES], variance[REPLICATES];
  law l = {.m = m, .beta = 1, .log_z = 3};
  const dilate_target user = law_target(&l);
  double x[LAW_DIM] = {-1}, u[LAW_UNIFORMS];
  law_uniforms(m, x, u);
  bridge_settings s = settings_of(target_open(&user, 1), tuned, STREAM_TUNE);
  s.parents = parents;
  s.ess = 0.85;
  bridge_plan plan = plan_of(&s);
  ck_assert_uint_ge(plan.count, 2);
  s.purpose = STREAM_BRIDGE;
  s.q = used;
  s.plan = &plan;
  for (size_t k = 0; k < REPLICATES; k++) {
    double df;
    s.seed = 1000 + k;
    bridge *b = run_bridge(&s);
    ck_assert_uint_eq(b->record.count, 0);
    log_z[k] = bridge_log_z(b) - l.log_z;
    z[k] = exp(log_z[k]);
    mode[k] = z[k] * below(b);
    ck_assert_int_eq(evidence_variance(&b->evidence, 0, &variance[k], &df), 0);
    bridge_free(b);
  }
  bridge_plan_clear(&plan);
  target_free(s.target);
  return (means){.z = mean_in_errors(z, 1),
                 .mode = mean_in_errors(mode, u[0]),
                 .log_z = mean_in_errors(log_z, 0),
                 .variance_ratio = gsl_stats_mean(variance, 1, REPLICATES) / gsl_stats_variance(log_z, 1, REPLICATES)};
}

#define LIMIT 4.5 /* standard errors; some ten means: exceeded with probability below 1e-4 */

/* The modes of m with their shares turned round, a third wider: a reference as a fit would leave it. */
static mixture *ill_fitted(const mixture *m) {
  mixture *q = mixture_copy(m);
  ck_assert_ptr_nonnull(q);
  for (size_t k = 0; k < q->components; k++) {
    q->log_weight[k] = m->log_weight[q->components - 1 - k];
    q->scale[k] = 4 / 3.0;
  }
  ck_assert_int_eq(mixture_prepare(q), 0);
  return q;
}

/* From a wide Gaussian that is off, from two nested ones and from an ill fit, to three modes.  The mean of log Zhat in the place of Zhat is
 * caught: few chains make it lie below. */
START_TEST(frozen_bridges_are_unbiased) {
  mixture *line = law_close(1, MIXTURE_FULL), *plane = law_close(2, MIXTURE_FULL);
  mixture *off = law_gaussian(1, 1.5, 4), *wide = law_gaussian(2, 1, 5), *nested = law_nested(2), *ill = ill_fitted(plane);
  const means all[] = {replicate(line, off, off, 16), replicate(plane, wide, wide, 16), replicate(plane, nested, nested, 16),
                       replicate(plane, ill, ill, 16)};
  for (size_t k = 0; k < 4; k++) {
    ck_assert_double_lt(fabs(all[k].z), LIMIT);
    ck_assert_double_lt(fabs(all[k].mode), LIMIT);
  }
  ck_assert_double_lt(all[1].log_z, -LIMIT);
  mixture_free(line);
  mixture_free(plane);
  mixture_free(off);
  mixture_free(wide);
  mixture_free(nested);
  mixture_free(ill);
}
END_TEST

/* Twins: a reference whose density is a tenth too high, and one that draws its components with other weights than its density has. */
START_TEST(wrong_references_are_caught) {
  mixture *plane = law_close(2, MIXTURE_FULL), *wide = law_gaussian(2, 1, 5), *nested = law_nested(2);
  mixture *high = mixture_copy(wide), *loaded = mixture_copy(nested);
  ck_assert(high && loaded);
  high->log_norm[0] += 0.1;
  ck_assert_double_gt(fabs(replicate(plane, wide, high, 16).z), LIMIT);
  loaded->log_weight[0] = log(0.75); /* in the place of 0.4 and 0.6 */
  loaded->log_weight[1] = log(0.25);
  ck_assert_double_gt(fabs(replicate(plane, nested, loaded, 16).z), LIMIT);
  mixture_free(plane);
  mixture_free(wide);
  mixture_free(high);
  mixture_free(nested);
  mixture_free(loaded);
}
END_TEST

/* Where the reference tells the modes apart, as the account assumes.  The variance between 1500 replicates has a relative standard
 * deviation of 0.037 for a normal log Zhat: five of these, and as much again for what pooling over locations cannot see. */
START_TEST(reported_variance_is_the_spread) {
  for (size_t dim = 1; dim <= 2; dim++) {
    mixture *m = law_close(dim, MIXTURE_FULL), *ill = ill_fitted(m);
    const double ratio = replicate(m, ill, ill, 64).variance_ratio;
    ck_assert_double_gt(ratio, 0.63);
    ck_assert_double_lt(ratio, 1.37);
    mixture_free(m);
    mixture_free(ill);
  }
}
END_TEST

/* ---- what an adaptive bridge settles ---- */

/* Steps after a move of which a component's chains were accepted by 0.8 inside, and this share ended outside the support. */
static double step_after(double outside, double marked) {
  mixture *q = law_gaussian(2, 0.5, 1);
  law l = {.m = q, .beta = 1};
  const dilate_target user = law_target(&l);
  bridge_settings s = settings_of(target_open(&user, 1), q, STREAM_TUNE);
  bridge *b = NULL;
  ck_assert_int_eq(bridge_create(&s, &b, &err), DILATE_OK);
  b->step[0] = 0.5;
  for (size_t i = 0; i < b->chains.pi.n; i++) {
    b->component[i] = 0;
    b->acceptance[i] = (double)i < outside * (double)b->chains.pi.n ? marked : 0.8;
  }
  bridge_adapt_steps(b);
  const double step = b->step[0];
  bridge_free(b);
  target_free(s.target);
  mixture_free(q);
  return step;
}

/* Chains that left the support say nothing of the step, unless most did; taken for mere rejections they would shorten it. */
START_TEST(edges_do_not_shorten_steps) {
  ck_assert_double_eq_tol(step_after(0, TEMPERED_OUTSIDE), 0.5, 1e-12);
  ck_assert_double_eq_tol(step_after(0.4, TEMPERED_OUTSIDE), 0.5, 1e-12);
  ck_assert_double_lt(step_after(0.7, TEMPERED_OUTSIDE), 0.45);
  ck_assert_double_lt(step_after(0.4, 0), 0.45); /* the twin */
}
END_TEST

/* A poor start in ten dimensions. */
typedef struct hard_start {
  mixture *m, *q;
  law law;
  bridge_settings set;
} hard_start;

static hard_start *hard_open(size_t threads) {
  hard_start *h = NEW(hard_start, 1);
  ck_assert_ptr_nonnull(h);
  h->m = law_close(10, MIXTURE_FULL);
  h->q = law_gaussian(10, 0.5, 2.5);
  h->law = (law){.m = h->m, .beta = 1, .log_z = 3};
  const dilate_target user = law_target(&h->law);
  h->set = settings_of(target_open(&user, threads), h->q, STREAM_TUNE);
  h->set.parents = 256;
  h->set.states = h->set.final_states = 8;
  h->set.islands = 4;
  return h;
}

static void hard_close(hard_start *h) {
  target_free(h->set.target);
  mixture_free(h->m);
  mixture_free(h->q);
  memory_free(h);
}

/* Each temperature but the last leaves the share of effective particles that was asked for; more is asked, more temperatures are taken. */
START_TEST(temperatures_leave_the_share_asked_for) {
  hard_start *h = hard_open(2);
  size_t count = 0;
  const double shares[] = {0.3, 0.5, 0.8};
  for (size_t k = 0; k < 3; k++) {
    bridge *b;
    h->set.ess = shares[k];
    ck_assert_int_eq(bridge_create(&h->set, &b, &err), DILATE_OK);
    while (bridge_step(b, &err) == DILATE_CONTINUE) ck_assert_double_le(fabs(b->ess - shares[k]), 1e-3);
    ck_assert_double_ge(b->ess, shares[k] - 1e-3);
    ck_assert_uint_gt(b->record.count, count);
    ck_assert_uint_eq(b->record.count, b->stage);
    ck_assert_double_eq(b->record.rung[b->stage - 1].beta, 1);
    count = b->record.count;
    bridge_free(b);
  }
  hard_close(h);
}
END_TEST

/* Step sizes settle on an acceptance in the middle, wherever they start. */
START_TEST(steps_reach_a_middling_acceptance) {
  hard_start *h = hard_open(2);
  h->set.states = h->set.final_states = 24;
  bridge *b = run_bridge(&h->set);
  ck_assert_double_gt(b->accepted, 0.65);
  ck_assert_double_lt(b->accepted, 0.95);
  bridge_free(b);
  hard_close(h);
}
END_TEST

START_TEST(followers_keep_to_the_plan) {
  hard_start *h = hard_open(2);
  bridge_plan plan = plan_of(&h->set);
  bridge_settings s = h->set;
  s.plan = &plan;
  s.purpose = STREAM_BRIDGE;
  s.parents = 64;
  s.final_states = 3;
  bridge *b;
  ck_assert_int_eq(bridge_create(&s, &b, &err), DILATE_OK);
  for (size_t t = 0; t < plan.count; t++) {
    ck_assert_int_eq(bridge_step(b, &err), t + 1 < plan.count ? DILATE_CONTINUE : DILATE_OK);
    ck_assert_double_eq(b->beta, plan.rung[t].beta);
    ck_assert_double_eq(b->independence, plan.rung[t].independence);
    ck_assert_mem_eq(b->step, plan.rung[t].step, h->q->components * sizeof(double));
    ck_assert_mem_eq(b->scale, plan.rung[t].scale, 10 * sizeof(double));
  }
  ck_assert_uint_eq(b->n, 64 * 3);
  bridge_free(b);
  bridge_plan_clear(&plan);
  bridge_plan_clear(&plan);
  hard_close(h);
}
END_TEST

/* A reference that is nearly the target is jumped from most of the time, one that hardly touches it never. */
START_TEST(independence_where_it_pays) {
  mixture *m = law_close(2, MIXTURE_FULL), *far = law_gaussian(2, 40, 1);
  law l = {.m = m, .beta = 1};
  const dilate_target user = law_target(&l);
  bridge_settings s = settings_of(target_open(&user, 1), m, STREAM_TUNE);
  bridge *b = run_bridge(&s);
  ck_assert_double_gt(b->independence, 0.5);
  bridge_free(b);
  s.q = far;
  b = run_bridge(&s);
  ck_assert_double_eq(b->independence, 0);
  bridge_free(b);
  target_free(s.target);
  mixture_free(m);
  mixture_free(far);
}
END_TEST

/* ---- cells, lineages, streams ---- */

START_TEST(population_carries_what_belongs_to_it) {
  hard_start *h = hard_open(2);
  bridge *b = run_bridge(&h->set);
  particles check;
  double sum = 0;
  ck_assert_int_eq(particles_create(10, b->n, &check), 0);
  for (size_t i = 0; i < b->n; i++) particles_copy(&check, i, &b->population.pi, i);
  particles_evaluate(&check, h->set.target);
  for (size_t i = 0; i < b->n; i++) ck_assert_double_le(fabs(check.logp[i] - b->population.pi.logp[i]), 1e-10);
  for (size_t c = 0; c < 4; c++) sum += exp(b->log_z[c] - h->law.log_z) / 4;
  ck_assert_double_le(fabs(bridge_log_z(b) - h->law.log_z - log(sum)), 1e-12);
  for (size_t m = 0; m < 256; m++) ck_assert_uint_eq(b->chain_cell[m], m / 64); /* islands are runs of chains */
  particles_clear(&check);
  bridge_free(b);
  hard_close(h);
}
END_TEST

/* A pilot's cells: a location of the reference and a half each; all draws are in one, shares sum to one, none dies out. */
START_TEST(cells_of_a_pilot) {
  mixture *m = law_close(2, MIXTURE_FULL), *q = law_close(2, MIXTURE_SHARED);
  law l = {.m = m, .beta = 1, .log_z = 3};
  const dilate_target user = law_target(&l);
  bridge_settings s = settings_of(target_open(&user, 2), q, STREAM_PILOT);
  s.by_component = 1;
  s.parents = 256;
  s.final_states = 8;
  bridge *b = run_bridge(&s);
  double share = 0;
  size_t halves[2] = {0, 0}, *count = NEW(size_t, b->cells);
  ck_assert_ptr_nonnull(count);
  ck_assert_uint_eq(b->cells, 6);
  for (size_t i = 0; i < b->n; i++) count[b->cell[i]]++;
  for (size_t c = 0; c < b->cells; c++) {
    share += b->cell_share[c];
    halves[b->cell_half[c]]++;
    ck_assert_uint_eq(count[c], b->cell_parents[c] * s.final_states);
    ck_assert_double_le(fabs((double)b->cell_parents[c] - 256 * b->cell_share[c]), 0.51);
  }
  ck_assert_double_le(fabs(share - 1), 1e-12);
  ck_assert(halves[0] == 3 && halves[1] == 3);
  ck_assert_double_le(fabs(bridge_log_z(b) - 3), 0.5);
  memory_free(count);
  bridge_free(b);
  target_free(s.target);
  mixture_free(m);
  mixture_free(q);
}
END_TEST

/* Cells too small to resample in are joined: eight states a chain, eight chains at least. */
START_TEST(small_cells_are_joined) {
  mixture *m = law_close(2, MIXTURE_FULL);
  law l = {.m = m, .beta = 1};
  const dilate_target user = law_target(&l);
  bridge_settings s = settings_of(target_open(&user, 1), m, STREAM_PILOT);
  s.by_component = 1;
  s.parents = 4;
  bridge *b = run_bridge(&s);
  ck_assert_uint_eq(b->cells, 2);
  for (size_t c = 0; c < 2; c++) ck_assert_uint_ge(b->cell_parents[c], 1);
  bridge_free(b);
  target_free(s.target);
  mixture_free(m);
}
END_TEST

/* Seed, purpose, number and group each lead to other streams, and the same ones to the same bits. */
START_TEST(streams_are_told_apart) {
  hard_start *h = hard_open(1);
  bridge_settings s[6] = {h->set, h->set, h->set, h->set, h->set, h->set};
  s[1].seed = 8;
  s[2].purpose = STREAM_PILOT;
  s[3].number = 1;
  s[4].group = 1;
  double log_z[6];
  for (size_t k = 0; k < 6; k++) {
    s[k].parents = 32;
    bridge *b = run_bridge(&s[k]);
    log_z[k] = bridge_log_z(b);
    for (size_t i = 1; i < 4; i++) ck_assert_double_ne(b->log_z[i], b->log_z[0]);
    bridge_free(b);
  }
  for (size_t k = 0; k < 5; k++)
    for (size_t i = 0; i < k; i++) ck_assert_double_ne(log_z[k], log_z[i]);
  ck_assert_double_eq(log_z[5], log_z[0]);
  hard_close(h);
}
END_TEST

START_TEST(threads_give_the_same_bits) {
  const size_t threads[] = {1, 2, 5};
  bridge *b[3];
  hard_start *h[3];
  for (size_t k = 0; k < 3; k++) {
    h[k] = hard_open(threads[k]);
    b[k] = run_bridge(&h[k]->set);
    ck_assert_uint_eq(b[k]->n, b[0]->n);
    ck_assert_mem_eq(b[k]->population.pi.x, b[0]->population.pi.x, 10 * b[0]->population.pi.ld * sizeof(double));
    ck_assert_mem_eq(b[k]->log_z, b[0]->log_z, 4 * sizeof(double));
    ck_assert_mem_eq(b[k]->eve, b[0]->eve, b[0]->n * sizeof(size_t));
  }
  for (size_t k = 0; k < 3; k++) {
    bridge_free(b[k]);
    hard_close(h[k]);
  }
}
END_TEST

/* ---- edges ---- */

/* The uniform law on the unit square, Z = 1, from a Gaussian that mostly misses it: within five of its own standard errors. */
START_TEST(evidence_of_a_box) {
  mixture *q = law_gaussian(2, 0, 1);
  const dilate_target user = target_of(2, flat_box_logp, NULL);
  bridge_settings s = settings_of(target_open(&user, 2), q, STREAM_TUNE);
  s.parents = 512;
  s.states = s.final_states = 8;
  bridge *b = run_bridge(&s);
  double variance, df;
  ck_assert_int_eq(evidence_variance(&b->evidence, 0, &variance, &df), 0);
  ck_assert_double_lt(variance, 0.01);
  ck_assert_double_lt(fabs(bridge_log_z(b)), 5 * sqrt(variance));
  for (size_t i = 0; i < b->n; i++) ck_assert_double_eq(b->population.pi.logp[i], 0);
  bridge_free(b);
  target_free(s.target);
  mixture_free(q);
}
END_TEST

static int nowhere_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)x, (void)grad, (void)params;
  *logp = 0;
  return 1;
}

static int aborting_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  size_t *calls = params;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) *logp -= 8 * x[j] * x[j];
  for (size_t j = 0; grad && j < dim; j++) grad[j] = -16 * x[j];
  return ++*calls > 1000 ? -1 : 0;
}

START_TEST(targets_that_fail) {
  mixture *q = law_gaussian(2, 0, 1);
  const dilate_target nowhere = target_of(2, nowhere_logp, NULL);
  bridge_settings s = settings_of(target_open(&nowhere, 1), q, STREAM_TUNE);
  bridge *b;
  ck_assert_int_eq(bridge_create(&s, &b, &err), DILATE_OK);
  ck_assert_int_eq(bridge_step(b, &err), DILATE_ESUPPORT);
  ck_assert(err.status == DILATE_ESUPPORT && strlen(err.message) > 20);
  bridge_free(b);
  target_free(s.target);
  size_t calls = 1000;
  const dilate_target aborting = target_of(2, aborting_logp, &calls);
  dilate_error_init(&err);
  s.target = target_open(&aborting, 1);
  ck_assert_int_eq(bridge_create(&s, &b, &err), DILATE_ETARGET);
  ck_assert_ptr_null(b);
  target_free(s.target);
  dilate_error_init(&err);
  calls = 0;
  s.target = target_open(&aborting, 1);
  s.parents = 128;
  ck_assert_int_eq(bridge_create(&s, &b, &err), DILATE_OK);
  int status = DILATE_CONTINUE;
  while (status == DILATE_CONTINUE) status = bridge_step(b, &err);
  ck_assert_int_eq(status, DILATE_ETARGET);
  bridge_free(b);
  bridge_free(NULL);
  target_free(s.target);
  mixture_free(q);
}
END_TEST

Suite *bridge_suite(void) {
  Suite *suite = suite_create("bridge");
  TCase *tests = tcase_create("bridge");
  tcase_add_checked_fixture(tests, set_up, NULL);
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, evidence_of_the_reference_itself);
  tcase_add_test(tests, frozen_bridges_are_unbiased);
  tcase_add_test(tests, wrong_references_are_caught);
  tcase_add_test(tests, reported_variance_is_the_spread);
  tcase_add_test(tests, temperatures_leave_the_share_asked_for);
  tcase_add_test(tests, steps_reach_a_middling_acceptance);
  tcase_add_test(tests, followers_keep_to_the_plan);
  tcase_add_test(tests, independence_where_it_pays);
  tcase_add_test(tests, population_carries_what_belongs_to_it);
  tcase_add_test(tests, cells_of_a_pilot);
  tcase_add_test(tests, small_cells_are_joined);
  tcase_add_test(tests, edges_do_not_shorten_steps);
  tcase_add_test(tests, streams_are_told_apart);
  tcase_add_test(tests, threads_give_the_same_bits);
  tcase_add_test(tests, evidence_of_a_box);
  tcase_add_test(tests, targets_that_fail);
  suite_add_tcase(suite, tests);
  return suite;
}
