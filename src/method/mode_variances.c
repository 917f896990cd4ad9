/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Variances of the modes' weights: see mode_variances.h.  An account is asked for several at once. */
#include "method/mode_variances.h"

#include <omp.h>

#include "base/memory.h"

#define INDICATORS_BYTES ((size_t)1 << 24) /* of all threads, beyond one of each */

static void some_variances(const dilate_result *result, size_t first, size_t count, const summary_account *account, double *indicator,
                           double *variance) {
  const size_t rows = result->islands * result->draws;
  const double *column[SUMMARY_TOGETHER];
  for (size_t c = 0; c < count; c++) {
    double *const inside = indicator + c * rows;
    for (size_t i = 0; i < rows; i++) inside[i] = result->mode[i] == (int)(first + c);
    column[c] = inside;
  }
  account->variances(account->state, rows, count, column, variance + first);
}

int mode_variances(const dilate_result *result, size_t team, const summary_account *account, double *variance) {
  const size_t rows = result->islands * result->draws, room = 1 + INDICATORS_BYTES / (team * (rows + 1) * sizeof *variance);
  const size_t most = room < SUMMARY_TOGETHER ? room : SUMMARY_TOGETHER, steps = (result->modes + most - 1) / most;
  double *indicator = NEW2(double, team *most, rows);
  if (!indicator) return 1;
#pragma omp parallel for schedule(dynamic) num_threads((int)team)
  for (size_t k = 0; k < steps; k++) {
    const size_t first = k * most, left = result->modes - first;
    some_variances(result, first, left < most ? left : most, account, indicator + most * rows * (size_t)omp_get_thread_num(), variance);
  }
  memory_free(indicator);
  return 0;
}
