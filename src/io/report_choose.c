/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of many parameters to show: those that tell the modes apart, by the share of a parameter's variance that is between the modes,
 * or those that the islands agree on least. */
#include "io/report_parts.h"

#include <math.h>
#include <stdlib.h>

double report_offset(const outcome *o, const dilate_mode *mode, size_t j) {
  const dilate_parameter p = outcome_parameter(o, j);
  const double offset = (mode->mean[j] - p.mean) / p.sd;
  return p.sd > 0 && isfinite(offset) ? offset : 0;
}

double report_between_modes(const outcome *o, size_t j) {
  const size_t modes = dilate_result_mode_count(o->result);
  double between = 0;
  for (size_t i = 0; modes > 1 && i < modes; ++i) {
    const dilate_mode mode = outcome_mode(o, i);
    const double offset = report_offset(o, &mode, j);
    between += mode.weight * offset * offset;
  }
  return between;
}

void report_between_modes_shown(FILE *stream, const outcome *o, size_t shown) {
  if (shown >= dilate_result_n_out(o->result)) return;
  fprintf(stream,
          dilate_result_mode_count(o->result) > 1 ? " Shown are the %zu parameters that differ most between modes."
                                                  : " Shown are the first %zu parameters.",
          shown);
}

double report_disagreement(const outcome *o, size_t j) {
  return outcome_parameter(o, j).rhat;
}

double report_poverty(const outcome *o, size_t j) {
  const dilate_parameter p = outcome_parameter(o, j);
  return -fmin(p.ess_bulk, p.ess_tail);
}

typedef struct scored {
  size_t index;
  double score;
} scored;

/* Kept in falling order. */
static void insert(scored *best, size_t *n, size_t limit, scored one) {
  size_t at = *n;
  if (isnan(one.score)) one.score = -INFINITY;
  while (at > 0 && one.score > best[at - 1].score) --at;
  if (at >= limit) return;
  const size_t last = *n < limit ? (*n)++ : limit - 1;
  for (size_t i = last; i > at; --i) best[i] = best[i - 1];
  best[at] = one;
}

static int by_index(const void *a, const void *b) {
  const size_t x = *(const size_t *)a, y = *(const size_t *)b;
  return (x > y) - (x < y);
}

size_t report_choose(const outcome *o, report_score score, size_t limit, size_t *chosen) {
  scored best[REPORT_STRIP];
  size_t n = 0;
  for (size_t j = 0; j < dilate_result_n_out(o->result); ++j) insert(best, &n, limit, (scored){j, score(o, j)});
  for (size_t i = 0; i < n; ++i) chosen[i] = best[i].index;
  qsort(chosen, n, sizeof *chosen, by_index);
  return n;
}
