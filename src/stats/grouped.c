/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws by metric, and each metric S = C C' put to the test of its draws' gradients.
 *
 * In a Gaussian of covariance S the slopes g' S g of its draws are chi-square with dim degrees of freedom; where S is k times too wide, as
 * the covariance of several modes is, they are k times as large.  So S is divided by their median over dim, unless that is below 1. */
#include "stats/grouped.h"

#include "base/linalg.h"
#include "base/memory.h"
#include "stats/summary.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

/* A counting sort. */
static void sort_by_metric(grouped *g, const size_t *metric) {
  for (size_t i = 0; i < g->draws->n; i++)
    if (isfinite(g->draws->logp[i])) g->first[metric[i] + 1]++;
  for (size_t m = 0; m < g->metrics; m++) g->first[m + 1] += g->first[m];
  for (size_t i = 0; i < g->draws->n; i++)
    if (isfinite(g->draws->logp[i])) g->member[g->first[metric[i]]++] = i;
  for (size_t m = g->metrics; m > 0; m--) g->first[m] = g->first[m - 1];
  g->first[0] = 0;
}

void grouped_whitened_gradients(const grouped *g, size_t m, const double *c, size_t ld, double *out) {
  const size_t *member = g->member + g->first[m], dim = g->draws->dim, n = grouped_count(g, m);
  for (size_t j = 0; j < dim; j++)
    for (size_t i = 0; i < n; i++) out[j * ld + i] = g->draws->grad[j * g->draws->ld + member[i]];
  lower_transpose_times(dim, c, n, ld, out);
}

/* By how much the metric's square root is too wide, at least 1. */
static double excess_width(size_t dim, size_t n, const double *whitened, double *slope) {
  memset(slope, 0, n * sizeof *slope);
  for (size_t j = 0; j < dim; j++)
    for (size_t i = 0; i < n; i++) slope[i] += whitened[j * n + i] * whitened[j * n + i];
  gsl_sort(slope, 1, n);
  return sqrt(fmax(1, summary_quantile(n, slope, 0.5) / (double)dim));
}

static int calibrate(grouped *g, size_t m, const double *c) {
  const size_t dim = g->draws->dim, n = grouped_count(g, m);
  double *whitened = NEW2(double, dim, n), *slope = NEW(double, n);
  g->c[m] = NEW2(double, dim, dim);
  const int status = whitened && slope && g->c[m] ? 0 : DILATE_ENOMEM;
  if (!status) {
    grouped_whitened_gradients(g, m, c, n, whitened);
    const double width = excess_width(dim, n, whitened, slope);
    for (size_t k = 0; k < dim * dim; k++) g->c[m][k] = c[k] / width;
  }
  memory_free(whitened);
  memory_free(slope);
  return status;
}

int grouped_create(const particles *draws, const size_t *metric, size_t metrics, const double *const *metric_c, grouped *out) {
  *out = (grouped){.draws = draws, .metrics = metrics};
  out->c = NEW(double *, metrics);
  out->member = NEW(size_t, draws->n);
  out->first = NEW(size_t, metrics + 1);
  if (!out->c || !out->member || !out->first) return DILATE_ENOMEM;
  sort_by_metric(out, metric);
  for (size_t m = 0; m < metrics; m++)
    if (grouped_count(out, m) && calibrate(out, m, metric_c[m])) return DILATE_ENOMEM;
  return 0;
}

void grouped_clear(grouped *g) {
  for (size_t m = 0; g->c && m < g->metrics; m++) memory_free(g->c[m]);
  memory_free(g->c);
  memory_free(g->member);
  memory_free(g->first);
}
