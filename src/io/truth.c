/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The draws against the known components of a built-in target: how many were found, and the total variation of their shares
 * TV = 1/2 sum_k |n_k / n - w_k|. */
#include "io/truth.h"

#include <math.h>
#include <stdlib.h>

/* -1: out of memory. */
static int count_components(const builtin *target, const dilate_result *result, row_spread *spread, size_t rows, size_t *count) {
  row_reader points;
  const int status = rows_begin(result, spread, ROWS_POINTS, &points);
  for (size_t row = 0; status == 0 && row < rows; ++row) {
    const size_t k = target->component(target, rows_at(&points, row));
    if (k < target->components) ++count[k];
  }
  rows_end(&points);
  return status;
}

static void compare_shares(const builtin *target, const size_t *count, size_t rows, truth *out) {
  double difference = 0;
  for (size_t k = 0; k < target->components; ++k) {
    out->modes_found += count[k] > 0;
    difference += fabs((double)count[k] / (double)rows - target->component_weight[k]);
  }
  out->mode_tv = difference / 2;
}

int truth_compare(const builtin *target, const dilate_result *result, row_spread *spread, truth *out) {
  *out = (truth){.log_z = target->log_z, .mode_tv = NAN};
  if (!target->components || !target->component || !target->component_weight) return isfinite(target->log_z);
  out->modes = target->components;
  const size_t rows = dilate_result_islands(result) * dilate_result_draws(result);
  if (rows == 0) return 1;
  size_t *count = calloc(target->components, sizeof *count);
  if (!count) return -1;
  const int status = count_components(target, result, spread, rows, count);
  if (status == 0) compare_shares(target, count, rows, out);
  free(count);
  return status == 0 ? 1 : -1;
}
