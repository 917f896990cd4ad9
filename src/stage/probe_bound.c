/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An ascent that should end: see probe_bound.h. */
#include "stage/probe_bound.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

#define STEPS     120
#define PROMISE   0.75 /* of log-density by a step, at most: a longer one could land on the pole itself */
#define HARDLY    1e-3 /* at a maximum */
#define GAIN      40.0 /* and 5 a dimension: what no settled point is below a maximum by */
#define GAIN_EACH 5.0

typedef struct ascent {
  target *target;
  size_t dim;
  double *x, *grad, *trial, *slope;
  double logp, promise;
} ascent;

/* One step, longer or shorter than the one before as that rose or not. */
static void step_up(ascent *a) {
  double square = 0, logp;
  for (size_t j = 0; j < a->dim; j++) square += a->grad[j] * a->grad[j];
  const double length = a->promise / square;
  if (!isfinite(length)) { /* level ground promises nothing, and no callback is to meet what is not finite */
    a->promise = 0;
    return;
  }
  for (size_t j = 0; j < a->dim; j++) a->trial[j] = a->x[j] + length * a->grad[j];
  target_probe(a->target, 1, 1, a->trial, &logp, a->slope);
  if (!(logp - a->logp > 0.25 * a->promise)) {
    a->promise *= 0.25;
    return;
  }
  a->logp = logp;
  a->promise = fmin(PROMISE, 2 * a->promise);
  memcpy(a->x, a->trial, a->dim * sizeof *a->x);
  memcpy(a->grad, a->slope, a->dim * sizeof *a->grad);
}

static size_t steepest(const ascent *a) {
  size_t most = 0;
  for (size_t j = 1; j < a->dim; j++)
    if (fabs(a->grad[j]) > fabs(a->grad[most])) most = j;
  return most;
}

static void climb(ascent *a, bound_probe *out) {
  const double from = a->logp;
  for (int k = 0; k < STEPS && a->promise > HARDLY; k++) step_up(a);
  if (!(a->promise > HARDLY && a->logp - from > GAIN + GAIN_EACH * (double)a->dim)) return;
  const size_t j = steepest(a);
  *out = (bound_probe){1, a->logp - from, j, a->x[j]};
}

int probe_bound(target *t, const particles *p, bound_probe *out, dilate_error *err) {
  const size_t d = p->dim;
  size_t highest = 0;
  memset(out, 0, sizeof *out);
  if (p->n == 0) return DILATE_OK;
  double *work = NEW2(double, 4, d);
  if (!work) return error_memory(err, "the check of the highest point");
  for (size_t i = 1; i < p->n; i++)
    if (p->logp[i] > p->logp[highest]) highest = i;
  ascent a = {t, d, work, work + d, work + 2 * d, work + 3 * d, p->logp[highest], PROMISE};
  for (size_t j = 0; j < d; j++) {
    a.x[j] = p->x[j * p->ld + highest];
    a.grad[j] = p->grad[j * p->ld + highest];
  }
  climb(&a, out);
  memory_free(work);
  return target_status(t, err);
}
