/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error of log Z that a bridge reports from within equals the spread over repeated bridges of one plan from one reference, for
 * references of several shapes: a component a mode; one wide Gaussian over all modes, which its locations do not tell apart; one of the
 * wrong scale; one for two rings.  Prints what it finds.
 *
 * 200 bridges of two islands are 400 values of log Zhat: their standard deviation is known to 3.6 % (normal), the mean variance better. The
 * limits are 0.85 and 1.2 less and more four of these.  Twin: the account without links to later temperatures falls below them. */
#include <check.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stage/bridge.h"
#include "targets/targets.h"

#define REPLICATES 200
#define ISLANDS    2
#define DRAWS      20000 /* exact ones that a reference is fitted to */
#define LOW        0.73
#define HIGH       1.37

/* Moments of the exact draws of component k, or of all: one location. */
static void fit_location(const builtin *b, size_t k, int all, double scale, const double *x, mixture *q) {
  const size_t d = b->target.dim;
  double n = 0, *mean = q->mean + k * d, *c = q->factor[k].c;
  for (int pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < DRAWS; i++) {
      const double *at = x + i * d;
      if (!all && b->component(b, at) != k) continue;
      if (pass == 0) n += 1;
      for (size_t r = 0; r < d; r++) {
        if (pass == 0) mean[r] += at[r];
        for (size_t s = 0; pass == 1 && s <= r; s++) c[r * d + s] += (at[r] - mean[r]) * (at[s] - mean[s]) / n;
      }
    }
    for (size_t r = 0; pass == 0 && r < d; r++) mean[r] /= n;
  }
  for (size_t r = 0; r < d; r++)
    for (size_t s = 0; s <= r; s++) { /* Cholesky, in place */
      for (size_t t = 0; t < s; t++) c[r * d + s] -= c[r * d + t] * c[s * d + t];
      c[r * d + s] = r == s ? sqrt(c[r * d + s]) : c[r * d + s] / c[s * d + s];
    }
  q->log_weight[k] = log(n);
  q->scale[k] = scale;
  q->location[k] = q->factor_of[k] = k;
}

static mixture *fit(const builtin *b, int one, double scale) {
  const size_t d = b->target.dim, components = one ? 1 : b->components;
  mixture *q = mixture_create(d, components, components, components, 0);
  double *x = NEW2(double, DRAWS, d);
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  ck_assert(q && x && rng);
  gsl_rng_set(rng, 5);
  for (size_t i = 0; i < DRAWS; i++) b->draw(b, rng, x + i * d);
  for (size_t k = 0; k < components; k++) fit_location(b, k, one, scale, x, q);
  gsl_rng_free(rng);
  memory_free(x);
  ck_assert_int_eq(mixture_prepare(q), 0);
  return q;
}

static bridge *run_bridge(const bridge_settings *s) {
  bridge *b = NULL;
  dilate_error err;
  dilate_error_init(&err);
  int status = bridge_create(s, &b, &err);
  while (!status || status == DILATE_CONTINUE) {
    status = bridge_step(b, &err);
    if (status == DILATE_OK) return b;
  }
  ck_abort_msg("%s", err.message);
  return NULL;
}

/* Root mean square of the reported error over the spread; unlinked: without the links to later temperatures. */
static double error_ratio(const char *spec, int one, double scale, int unlinked) {
  static double log_z[ISLANDS * REPLICATES], variance[ISLANDS * REPLICATES];
  builtin b;
  target *t = NULL;
  ck_assert_int_eq(builtin_create(spec, NULL, &b, NULL), DILATE_OK);
  ck_assert_int_eq(target_create(&b.target, 1, &t, NULL), DILATE_OK);
  mixture *q = fit(&b, one, scale);
  bridge_settings s = {.target = t, .q = q, .seed = 1, .purpose = STREAM_TUNE, .islands = ISLANDS, .parents = ISLANDS * 128, .states = 8};
  s.final_states = s.states;
  s.ess = 0.5;
  bridge *tune = run_bridge(&s);
  s.plan = &tune->record;
  s.purpose = STREAM_BRIDGE;
  for (size_t k = 0, n = 0; k < REPLICATES; k++) {
    double df;
    s.seed = 1000 + k;
    bridge *f = run_bridge(&s);
    for (size_t r = 0; unlinked && r < f->evidence.count; r++) {
      memory_free(f->evidence.record[r].near);
      f->evidence.record[r].near = NULL;
    }
    for (size_t c = 0; c < ISLANDS; c++, n++) {
      log_z[n] = f->log_z[c];
      ck_assert_int_eq(evidence_variance(&f->evidence, c, &variance[n], &df), 0);
    }
    bridge_free(f);
  }
  const double ratio = sqrt(gsl_stats_mean(variance, 1, ISLANDS * REPLICATES)) / gsl_stats_sd(log_z, 1, ISLANDS * REPLICATES);
  printf("%s, %s times %g, %zu temperatures%s: reported error over spread %.3f\n", spec, one ? "one Gaussian" : "its components", scale,
         tune->record.count, unlinked ? ", without links" : "", ratio);
  fflush(stdout);
  bridge_free(tune);
  mixture_free(q);
  target_free(t);
  builtin_destroy(&b);
  return ratio;
}

START_TEST(errors_are_the_spread) {
  const struct {
    const char *spec;
    int one;
    double scale;
  } shape[] = {{"gauss", 1, 1.4}, {"gmm4:dim=10", 0, 1.3}, {"gmm4:dim=10", 1, 1.2},
               {"gmm40", 1, 1.2}, {"gmm40", 0, 1.2},       {"rings", 1, 1.2}};
  for (size_t k = 0; k < sizeof shape / sizeof *shape; k++) {
    const double ratio = error_ratio(shape[k].spec, shape[k].one, shape[k].scale, 0);
    ck_assert_double_gt(ratio, LOW);
    ck_assert_double_lt(ratio, HIGH);
  }
  ck_assert_double_lt(error_ratio("gmm4:dim=10", 1, 1.2, 1), LOW);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("slow_errors");
  TCase *tests = tcase_create("slow_errors");
  tcase_set_timeout(tests, 1800);
  tcase_add_test(tests, errors_are_the_spread);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  const int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
