/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of simulated runs: see evidence_cases.h. */
#include "evidence_cases.h"

#include <check.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

gsl_rng *rng;

void evidence_set_up(void) {
  rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, 20260501);
}

void evidence_tear_down(void) {
  gsl_rng_free(rng);
}

const size_t zeros[DRAWS * 8];

evidence_record *append(evidence *e, size_t chains, size_t states) {
  evidence_record *r = evidence_append(e, chains, states, zeros, zeros);
  ck_assert_ptr_nonnull(r);
  return r;
}

double relative(evidence_record *r) {
  const size_t n = r->chains * r->states;
  const double mean = gsl_stats_mean(r->weight, 1, n);
  for (size_t i = 0; i < n; i++) r->weight[i] /= mean;
  return log(mean);
}

void link_draws(evidence_record *first, const size_t *mode, int told, const size_t *parent) {
  particles p;
  double ratio[DRAWS];
  size_t island[CHAINS] = {0};
  ck_assert_int_eq(particles_create(1, DRAWS, &p), 0);
  for (size_t i = 0; i < DRAWS; i++) {
    ratio[i] = gsl_ran_gaussian(rng, 1);
    p.x[i] = gsl_ran_gaussian(rng, 1) + (told && mode[i] ? 20 : 0);
  }
  ck_assert_int_eq(evidence_link(first, &(linked_states){&p, ratio, NULL}, CHAINS, parent, island, 1), 0);
  particles_clear(&p);
}
