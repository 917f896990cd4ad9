/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does a row pass?  A run that failed counts as infinitely wrong. */
#include "bench/accuracy_verdict.h"

#include "bench/support.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#define SILENT      3.0 /* standard errors */
#define WORST       4.0 /* times the tolerance of log Z */
#define TWINS       4.0 /* standard errors */
#define CHI_SQUARE  0.999
#define EVALUATIONS 2.0 /* times the budget, for a single run */

double run_log_z_error(const run *r) {
  return r->log_z - r->log_z_truth;
}
double run_log_z(const run *r) {
  return r->log_z;
}
double run_log_z_se(const run *r) {
  return r->log_z_se;
}
static double run_evaluations(const run *r) {
  return (double)r->evaluations;
}
static double run_seconds(const run *r) {
  return r->seconds;
}

double *runs_gather(const row_runs *runs, run_number number) {
  double *const x = ALLOCATE(double, runs->n);
  for (size_t i = 0; i < runs->n; i++) x[i] = number(&runs->run[i]);
  return x;
}

static double median_over(const row_runs *runs, run_number number) {
  double *const x = runs_gather(runs, number);
  const double median = median_of(runs->n, x);
  free(x);
  return median;
}

/* Errors of log Z, from the truth or from the mean of the runs. */
static void judge_errors(const row_runs *runs, verdict *v) {
  const int known = runs->row->rule == LOG_Z_KNOWN;
  double *const z = runs_gather(runs, run_log_z), *const error = ALLOCATE(double, runs->n);
  const double mean = mean_of(runs->n, z);
  v->log_z_sd = sd_of(runs->n, z);
  for (size_t i = 0; i < runs->n; i++) {
    const run *const r = &runs->run[i];
    error[i] = fabs(known ? run_log_z_error(r) : r->log_z - mean);
    v->silent += known && r->failure == NULL && !(error[i] <= SILENT * hypot(r->log_z_se, runs->row->truth_se));
  }
  v->log_z_median = median_of(runs->n, error);
  v->log_z_worst = largest_of(runs->n, error);
  free(error);
  free(z);
}

/* sum (z_i - m)^2 / se_i^2 about the mean m that makes it least. */
static void judge_chi_square(const row_runs *runs, verdict *v) {
  double weight = 0, mean = 0;
  v->chi_square = v->chi_square_limit = NAN;
  if (runs->row->rule != LOG_Z_CHI_SQUARE || runs->n < 2) return;
  for (size_t i = 0; i < runs->n; i++) {
    const double w = pow(runs->run[i].log_z_se, -2);
    weight += w;
    mean += w * runs->run[i].log_z;
  }
  mean /= weight;
  v->chi_square = 0;
  for (size_t i = 0; i < runs->n; i++) v->chi_square += pow((runs->run[i].log_z - mean) / runs->run[i].log_z_se, 2);
  v->chi_square_limit = gsl_cdf_chisq_Pinv(CHI_SQUARE, (double)(runs->n - 1));
}

static void judge_log_z(const row_runs *runs, verdict *v) {
  const double tolerance = runs->row->tolerance;
  judge_errors(runs, v);
  judge_chi_square(runs, v);
  v->log_z_se = median_over(runs, run_log_z_se);
  if (runs->row->rule == LOG_Z_KNOWN)
    v->log_z_ok = v->log_z_median <= tolerance && v->log_z_worst <= WORST * tolerance && v->silent == 0;
  else
    v->log_z_ok = (runs->n < 2 || v->log_z_sd < tolerance) && !(v->chi_square > v->chi_square_limit);
}

static void set_limits(const row_runs *runs, const measure *m, const calibration *c, measure_verdict *v) {
  v->median_limit = m->median;
  v->worst_limit = m->worst;
  v->worth = NAN;
  if (!measure_is_calibrated(m->kind)) return;
  const calibration_entry *const e = calibration_find(c, runs->row, m->kind);
  v->median_limit = calibration_median_limit(e, m->worth, runs->n);
  v->worst_limit = calibration_largest(e);
  v->worth = calibration_worth(e, v->median);
}

static void judge_measure(const row_runs *runs, size_t m, const calibration *c, measure_verdict *v) {
  const measure *const asked = &runs->row->measures[m];
  double *const value = ALLOCATE(double, runs->n);
  for (size_t i = 0; i < runs->n; i++) value[i] = runs->run[i].failure == NULL ? runs->run[i].value[m] : INFINITY;
  v->median = median_of(runs->n, value);
  v->worst = largest_of(runs->n, value);
  set_limits(runs, asked, c, v);
  for (size_t i = 0; i < runs->n; i++) v->beyond += !(value[i] <= v->worst_limit);
  v->ok = v->median <= v->median_limit && (double)v->beyond <= asked->exceptions * (double)runs->n;
  free(value);
}

/* Quantities that tell of a row's particular task, not of the draws in general. */
static int is_other(measure_kind kind) {
  return kind == MEASURE_MISSED || kind == MEASURE_RIGHT_WELLS || kind == MEASURE_LARGEST_SHARE;
}

static void judge_measures(const row_runs *runs, const calibration *c, verdict *v) {
  for (size_t m = 0; m < MEASURES_MAX && runs->row->measures[m].kind != MEASURE_NONE; m++) {
    judge_measure(runs, m, c, &v->measure[m]);
    if (is_other(runs->row->measures[m].kind))
      v->other_ok &= v->measure[m].ok;
    else
      v->draws_ok &= v->measure[m].ok;
  }
}

static double apart(const run *a, const run *b) {
  double largest = fabs(a->log_z - b->log_z) / hypot(a->log_z_se, b->log_z_se);
  if (a->failure != NULL || b->failure != NULL || isnan(largest)) return INFINITY;
  for (size_t i = 0; i < a->profile.n && i < b->profile.n; i++)
    largest = fmax(largest, fabs(a->profile.share[i] - b->profile.share[i]) / hypot(a->profile.se[i], b->profile.se[i]));
  return largest;
}

/* Runs of one seed with each other. */
static void judge_twin(const row_runs *runs, const row_runs *twin, verdict *v) {
  v->twins_apart = NAN;
  for (size_t i = 0; twin != NULL && i < runs->n; i++)
    for (size_t k = 0; k < twin->n; k++)
      if (twin->run[k].seed == runs->run[i].seed) v->twins_apart = fmax(v->twins_apart, apart(&runs->run[i], &twin->run[k]));
  v->other_ok &= !(v->twins_apart > TWINS);
}

static void judge_costs(const row_runs *runs, verdict *v) {
  double *const evaluations = runs_gather(runs, run_evaluations);
  v->evaluations_median = median_of(runs->n, evaluations);
  v->evaluations_worst = largest_of(runs->n, evaluations);
  const double most = runs->row->most > 0 ? runs->row->most : EVALUATIONS * runs->row->evaluations;
  v->evaluations_ok = v->evaluations_median <= runs->row->evaluations && v->evaluations_worst <= most;
  v->seconds = median_over(runs, run_seconds);
  free(evaluations);
}

void verdict_make(const row_runs *runs, const row_runs *twin, const calibration *c, verdict *out) {
  *out = (verdict){.draws_ok = 1, .other_ok = 1};
  for (size_t i = 0; i < runs->n; i++) {
    out->failures += runs->run[i].failure != NULL;
    out->warned += runs->run[i].warnings > 0;
  }
  judge_log_z(runs, out);
  judge_measures(runs, c, out);
  judge_twin(runs, twin, out);
  judge_costs(runs, out);
  out->ok = out->failures == 0 && out->log_z_ok && out->draws_ok && out->other_ok && out->evaluations_ok;
}
