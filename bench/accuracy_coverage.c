/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coverage of +-2 standard errors against 95 %, and the warnings of runs that went wrong and of those that went well. */
#include "bench/accuracy_coverage.h"

#include "bench/support.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#define NOMINAL     0.95
#define TAIL        0.0005 /* on either side */
#define RATIO       2.0
#define FEW_SEEDS   10
#define MASS        0.05
#define FIRE        0.8
#define FALSE_ALARM 0.05

void coverage_limits(size_t all, size_t *low, size_t *high) {
  const unsigned n = (unsigned)all;
  unsigned k = 0;
  while (k < n && gsl_cdf_binomial_P(k, NOMINAL, n) <= TAIL) k++;
  *low = k;
  k = n;
  while (k > 0 && gsl_cdf_binomial_Q(k - 1, NOMINAL, n) <= TAIL) k--;
  *high = k;
}

static int above_lower(const intervals *i) {
  size_t low, high;
  coverage_limits(i->all, &low, &high);
  return i->covered >= low;
}

static int inside(const intervals *i) {
  size_t low, high;
  coverage_limits(i->all, &low, &high);
  return i->covered >= low && i->covered <= high;
}

void coverage_make(const row_runs *runs, coverage *out) {
  *out = (coverage){.ratio = NAN};
  for (size_t i = 0; i < runs->n; i++) {
    const run *const r = &runs->run[i];
    const double error = fabs(run_log_z_error(r));
    if (r->failure != NULL) continue;
    if (!isnan(r->log_z_truth)) {
      out->log_z.all++;
      out->log_z.covered += error <= 2 * hypot(r->log_z_se, runs->row->truth_se);
    }
    for (size_t m = 0; m < r->modes; m++) {
      if (isnan(r->mode[m].truth)) continue;
      out->weights.all++;
      out->weights.covered += fabs(r->mode[m].weight - r->mode[m].truth) <= 2 * r->mode[m].weight_se;
    }
  }
  double *const z = runs_gather(runs, run_log_z), *const se = runs_gather(runs, run_log_z_se);
  if (runs->n >= FEW_SEEDS) out->ratio = median_of(runs->n, se) / sd_of(runs->n, z);
  out->ok = above_lower(&out->log_z) && above_lower(&out->weights) && !(out->ratio > RATIO);
  free(se);
  free(z);
}

void coverage_add(const coverage *one, coverage *sum) {
  sum->log_z.covered += one->log_z.covered;
  sum->log_z.all += one->log_z.all;
  sum->weights.covered += one->weights.covered;
  sum->weights.all += one->weights.all;
}

void coverage_close(coverage *sum) {
  sum->ratio = NAN;
  sum->ok = inside(&sum->log_z) && inside(&sum->weights);
}

void warnings_add(const row_runs *runs, warnings *sum) {
  for (size_t i = 0; i < runs->n; i++) {
    const run *const r = &runs->run[i];
    const double error = run_log_z_error(r);
    if (isnan(error) && isnan(r->missing)) continue;
    const int warned = r->warnings > 0 || r->failure != NULL;
    if (r->missing > MASS || error < -MASS) {
      sum->lost++;
      sum->lost_warned += (size_t)warned;
    } else if (!(error > MASS)) {
      sum->clean++;
      sum->clean_warned += (size_t)warned;
    }
  }
}

void warnings_close(warnings *sum) {
  sum->ok = (double)sum->lost_warned >= FIRE * (double)sum->lost && (double)sum->clean_warned <= FALSE_ALARM * (double)sum->clean;
}
