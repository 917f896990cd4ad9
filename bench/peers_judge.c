/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many exact draws a run's draws are worth.  Where there are exact draws bench/calibration.csv tells.  Elsewhere the errors of
 * n exact draws are known to first order: of a mean 1/sqrt(n) standard deviations, of a standard deviation 1/sqrt(2n) of itself (a
 * Gaussian's), of the share below a quantile of level p sqrt(p (1 - p) / n). */
#include "bench/peers_judge.h"

#include "bench/accuracy_truth.h"
#include "bench/support.h"
#include <math.h>
#include <stdlib.h>

void judge_make(const row *r, const builtin *target, const calibration *c, const char *truth, judge *out) {
  *out = (judge){.row = r, .target = target, .calibration = c, .truth = truth};
  yardstick_make(r, target, &out->yardstick);
}

void judge_free(judge *j) {
  yardstick_free(&j->yardstick);
  *j = (judge){0};
}

int judge_counts(measure_kind kind) {
  return measure_is_calibrated(kind) || kind == MEASURE_MEANS || kind == MEASURE_SDS || kind == MEASURE_QUANTILES;
}

static double shares_error(const judge *j, size_t n, const double *x) {
  const dilate_target *const t = &j->target->target;
  double *const values = ALLOCATE(double, n * t->n_out);
  for (size_t i = 0; i < n; i++)
    if (t->constrain(t->dim, x + i * t->dim, values + i * t->n_out, t->params) != 0) give_up("%s: a draw has no values", j->row->name);
  const double error = truth_shares(j->truth, j->row->truth, t, n, values);
  free(values);
  return error;
}

static double measured(const judge *j, measure_kind kind, size_t n, const double *x, const points *p) {
  double means, sds;
  if (measure_is_calibrated(kind)) return yardstick_measure(&j->yardstick, kind, n, p);
  if (!judge_counts(kind)) return NAN;
  if (kind == MEASURE_QUANTILES) return shares_error(j, n, x);
  truth_moments(j->truth, j->row->truth, n, j->target->target.dim, x, &means, &sds);
  return kind == MEASURE_MEANS ? means : sds;
}

void judge_measure(const judge *j, size_t n, const double *x, double value[MEASURES_MAX]) {
  points p;
  points_make(&j->yardstick, n, &p);
  points_set(&j->yardstick, n, x, &p);
  for (size_t m = 0; m < MEASURES_MAX; m++) value[m] = measured(j, j->row->measures[m].kind, n, x, &p);
  points_free(&p);
}

static double worth_of(const judge *j, measure_kind kind, double value) {
  if (measure_is_calibrated(kind)) return calibration_worth(calibration_find(j->calibration, j->row, kind), value);
  return (kind == MEASURE_SDS ? 0.5 : 1) / (value * value);
}

double judge_worth(const judge *j, const double value[MEASURES_MAX]) {
  double least = INFINITY;
  for (size_t m = 0; m < MEASURES_MAX; m++)
    if (judge_counts(j->row->measures[m].kind)) least = fmin(least, worth_of(j, j->row->measures[m].kind, value[m]));
  return least;
}
