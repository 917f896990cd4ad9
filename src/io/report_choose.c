/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which parameters to plot against one another: those whose mode means lie farthest apart, measured by the share of a parameter's
 * variance that is between the modes. */
#include "io/report_parts.h"

static double between_modes(const outcome *o, size_t j) {
  const dilate_parameter p = outcome_parameter(o, j);
  double between = 0;
  if (!(p.sd > 0)) return 0;
  for (size_t i = 0; i < dilate_result_mode_count(o->result); ++i) {
    const dilate_mode mode = outcome_mode(o, i);
    const double offset = (mode.mean[j] - p.mean) / p.sd;
    between += mode.weight * offset * offset;
  }
  return between;
}

static void insert(size_t *chosen, double *score, size_t *n, size_t j, double value) {
  size_t at = *n;
  while (at > 0 && value > score[at - 1]) --at;
  if (at >= REPORT_PAIRS) return;
  const size_t last = *n < REPORT_PAIRS ? (*n)++ : REPORT_PAIRS - 1;
  for (size_t i = last; i > at; --i) {
    chosen[i] = chosen[i - 1];
    score[i] = score[i - 1];
  }
  chosen[at] = j;
  score[at] = value;
}

static void sort_indices(size_t *chosen, size_t n) {
  for (size_t i = 1; i < n; ++i)
    for (size_t k = i; k > 0 && chosen[k] < chosen[k - 1]; --k) {
      const size_t swapped = chosen[k];
      chosen[k] = chosen[k - 1];
      chosen[k - 1] = swapped;
    }
}

size_t report_choose(const outcome *o, size_t chosen[REPORT_PAIRS]) {
  double score[REPORT_PAIRS];
  size_t n = 0;
  for (size_t j = 0; j < dilate_result_n_out(o->result); ++j) insert(chosen, score, &n, j, between_modes(o, j));
  sort_indices(chosen, n);
  return n;
}
