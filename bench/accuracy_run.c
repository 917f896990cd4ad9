/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of a row, and its figures. */
#include "bench/accuracy_run.h"

#include "bench/accuracy_modes.h"
#include "bench/default_run.h"
#include "bench/support.h"
#include <math.h>
#include <stdlib.h>

#define WEIGHTY    0.005          /* components of less weight may go without a draw */
#define RIGHT_WELL 0.844307096211 /* share of one double well's right side, by quadrature */

static double missed(const builtin *target, const size_t *count) {
  size_t n = 0;
  for (size_t k = 0; k < target->components; k++) n += target->component_weight[k] >= WEIGHTY && count[k] == 0;
  return (double)n;
}

static double missing_weight(const builtin *target, const size_t *count) {
  double weight = 0;
  for (size_t k = 0; k < target->components; k++) weight += count[k] == 0 ? target->component_weight[k] : 0;
  return target->components > 0 ? weight : NAN;
}

static double largest_share(const builtin *target, size_t n, const size_t *count) {
  double largest = 0;
  for (size_t k = 0; k < target->components; k++) largest = fmax(largest, fabs((double)count[k] / (double)n - target->component_weight[k]));
  return largest;
}

static double right_wells(size_t dim, size_t n, const double *x) {
  size_t right = 0, wells = 0;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < dim; j += 2, wells++) right += x[i * dim + j] > 0;
  return fabs((double)right / (double)wells - RIGHT_WELL);
}

/* The measures that are not calibrated; means and sds come together. */
static void measure_other(const yardstick *y, const char *folder, const dilate_result *result, size_t n, const size_t *count, size_t m,
                          run *out) {
  const size_t dim = dilate_result_dim(result);
  const double *const x = dilate_result_unconstrained(result);
  double ignored;
  switch (y->row->measures[m].kind) {
  case MEASURE_MEANS:
    truth_moments(folder, y->row->truth, n, dim, x, &out->value[m], &ignored);
    break;
  case MEASURE_SDS:
    truth_moments(folder, y->row->truth, n, dim, x, &ignored, &out->value[m]);
    break;
  case MEASURE_QUANTILES:
    out->value[m] = truth_quantiles(folder, y->row->truth, result, &out->profile);
    break;
  case MEASURE_MISSED:
    out->value[m] = missed(y->target, count);
    break;
  case MEASURE_RIGHT_WELLS:
    out->value[m] = right_wells(dim, n, x);
    break;
  case MEASURE_LARGEST_SHARE:
    out->value[m] = largest_share(y->target, n, count);
    break;
  default:
    break;
  }
}

static void measure_draws(const yardstick *y, const char *folder, const dilate_result *result, run *out) {
  const size_t n = dilate_result_islands(result) * dilate_result_draws(result);
  size_t *const count = ALLOCATE(size_t, y->target->components);
  points p;
  if (n != size_list[SIZES - 1]) give_up("%s: %zu draws where the comparison is made for %zu", y->row->name, n, size_list[SIZES - 1]);
  points_make(y, n, &p);
  points_set(y, n, dilate_result_unconstrained(result), &p);
  if (y->target->components > 0) points_count(y, n, &p, count);
  out->missing = missing_weight(y->target, count);
  for (size_t m = 0; m < MEASURES_MAX; m++)
    if (measure_is_calibrated(y->row->measures[m].kind))
      out->value[m] = yardstick_measure(y, y->row->measures[m].kind, n, &p);
    else
      measure_other(y, folder, result, n, count, m, out);
  modes_compare(y->target, result, p.component, count, out);
  points_free(&p);
  free(count);
}

static void take_report(const dilate_result *result, run *out) {
  dilate_result_log_z(result, &out->log_z, &out->log_z_se, &out->log_z_df);
  out->unseen_mass = dilate_result_unseen_mass(result);
  out->evaluations = dilate_result_evaluations(result, &out->gradients);
  out->warning = copy_warnings(result, &out->warnings);
}

void run_make(const yardstick *y, const char *folder, uint64_t seed, run *out) {
  *out = (run){.seed = seed, .log_z = NAN, .log_z_se = NAN, .log_z_df = NAN, .log_z_truth = y->target->log_z, .missing = NAN};
  for (size_t m = 0; m < MEASURES_MAX; m++) out->value[m] = NAN;
  dilate_result *const result = default_run(&y->target->target, seed, &out->seconds, &out->failure);
  if (result != NULL) take_report(result, out);
  if (out->failure == NULL) measure_draws(y, folder, result, out);
  dilate_result_free(result);
}

void run_release(run *r) {
  for (size_t i = 0; i < r->warnings; i++) free(r->warning[i]);
  free(r->warning);
  free(r->mode);
  free(r->failure);
  *r = (run){0};
}
