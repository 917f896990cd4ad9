/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points of an exploration are shared out among the modes by chance, and a fit to them has weights to match.  But a component that fits its
 * mode has log pi~/q constant there, and that constant is the logarithm of what its weight is too small by: see balance.h. */
#include "stage/balance.h"

#include <math.h>

#include "base/memory.h"

#define VARIANCE_MAX  0.25 /* of log pi~/q within components */
#define PSEUDO_POINTS 1.0  /* at the mean of all, for components of hardly a point */

static double mean_under(size_t n, const double *share, const double *ratio, double *total) {
  double sum = 0;
  *total = 0;
  for (size_t i = 0; i < n; i++) {
    sum += share[i] * ratio[i];
    *total += share[i];
  }
  return *total > 0 ? sum / *total : 0;
}

/* correction[k], from ratio (n) and share (components x ld); returns the variance of the ratio within components. */
static double corrections(const mixture *q, size_t n, size_t ld, const double *ratio, const double *share, double *correction) {
  double all = 0, within = 0;
  for (size_t i = 0; i < n; i++) all += ratio[i] / (double)n;
  for (size_t k = 0; k < q->components; k++) {
    double total;
    const double *const r = share + k * ld, mean = mean_under(n, r, ratio, &total);
    for (size_t i = 0; i < n; i++) within += r[i] * (ratio[i] - mean) * (ratio[i] - mean) / (double)n;
    correction[k] = total * (mean - all) / (total + PSEUDO_POINTS);
  }
  return within;
}

int balance_weights(mixture *q, const fit_points *points, const double *logp, int *balanced, dilate_error *err) {
  const size_t n = points->n, K = q->components;
  double *const ratio = NEW(double, n), *const share = NEW2(double, K, points->ld), *const correction = NEW(double, K);
  const int failed = !ratio || !share || !correction || mixture_evaluate_all(q, points->team, n, points->ld, points->x, ratio, share);
  *balanced = 0;
  int status = failed ? error_memory(err, "the weights of the reference") : DILATE_OK;
  if (!status) {
    for (size_t i = 0; i < n; i++) ratio[i] = logp[i] - logp[0] - ratio[i]; /* a constant of the target changes no bit */
    const double within = corrections(q, n, points->ld, ratio, share, correction);
    *balanced = within <= VARIANCE_MAX;
    for (size_t k = 0; k < K && *balanced; k++) q->log_weight[k] += correction[k];
    if (mixture_prepare(q)) status = error_set(err, DILATE_ENUMERIC, "the reference became singular");
  }
  memory_free(ratio);
  memory_free(share);
  memory_free(correction);
  return status;
}
