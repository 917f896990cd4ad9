/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quasi-Newton ascent x + s S g, S = C C' the metric at the point: s doubles up to 16 after a success, and is divided by four otherwise.
 *
 * In a Gaussian with covariance S the first step, s = 1, arrives.  All points move side by side, so that a step is one batch. */
#include "stats/ascent.h"

#include "base/linalg.h"
#include "base/memory.h"

#include <string.h>

#define ASCENT_STEPS   40
#define STEP_LARGEST   16.0
#define STEP_SMALLEST  1e-6
#define SLOPE_SMALLEST 1e-3 /* g' S g: half of it is what a Gaussian could still rise */

typedef struct climb {
  particles *points;
  const size_t *metric;
  const double *const *metric_c;
  particles trial;   /* the proposals of the points that still climb, in their order */
  double *direction; /* dim x ld, as points */
  double *step;      /* 0: arrived */
} climb;

/* Number of points from `begin` on that share its metric. */
static size_t run_length(const climb *c, size_t begin) {
  size_t end = begin + 1;
  while (end < c->points->n && c->metric[end] == c->metric[begin]) end++;
  return end - begin;
}

/* direction = S g for all, and an end to points whose slope g' S g is negligible. */
static void find_directions(climb *c) {
  const particles *p = c->points;
  memcpy(c->direction, p->grad, p->dim * p->ld * sizeof *c->direction);
  for (size_t begin = 0, n; begin < p->n; begin += n) {
    n = run_length(c, begin);
    const double *factor = c->metric_c[c->metric[begin]];
    lower_transpose_times(p->dim, factor, n, p->ld, c->direction + begin);
    for (size_t i = begin; i < begin + n; i++) {
      double slope = 0;
      for (size_t j = 0; j < p->dim; j++) slope += c->direction[j * p->ld + i] * c->direction[j * p->ld + i];
      if (!(slope >= SLOPE_SMALLEST)) c->step[i] = 0;
    }
    lower_times(p->dim, factor, n, p->ld, c->direction + begin);
  }
}

static void propose(climb *c) {
  const particles *p = c->points;
  c->trial.n = 0;
  for (size_t i = 0; i < p->n; i++) {
    if (c->step[i] == 0) continue;
    const size_t k = c->trial.n++;
    for (size_t j = 0; j < p->dim; j++) c->trial.x[j * c->trial.ld + k] = p->x[j * p->ld + i] + c->step[i] * c->direction[j * p->ld + i];
  }
}

static void accept(climb *c) {
  for (size_t i = 0, k = 0; i < c->points->n; i++) {
    if (c->step[i] == 0) continue;
    if (c->trial.logp[k] > c->points->logp[i]) {
      particles_copy(c->points, i, &c->trial, k);
      c->step[i] = 2 * c->step[i] < STEP_LARGEST ? 2 * c->step[i] : STEP_LARGEST;
    } else {
      c->step[i] = c->step[i] / 4 > STEP_SMALLEST ? c->step[i] / 4 : 0;
    }
    k++;
  }
}

int ascend(target *t, particles *points, const size_t *metric, const double *const *metric_c, size_t budget, size_t *spent,
           dilate_error *err) {
  climb c = {.points = points, .metric = metric, .metric_c = metric_c};
  int status = particles_create(points->dim, points->n, &c.trial) ? DILATE_ENOMEM : 0;
  c.direction = NEW2(double, points->dim, points->ld);
  c.step = NEW(double, points->n);
  if (status || !c.direction || !c.step) {
    status = error_memory(err, "ascend");
    goto done;
  }
  for (size_t i = 0; i < points->n; i++) c.step[i] = 1;
  for (int k = 0; k < ASCENT_STEPS; k++) {
    find_directions(&c);
    propose(&c);
    if (!c.trial.n || *spent + c.trial.n > budget) break;
    particles_evaluate(&c.trial, t);
    *spent += c.trial.n;
    accept(&c);
  }
done:
  c.trial.n = 0;
  particles_clear(&c.trial);
  memory_free(c.direction);
  memory_free(c.step);
  return status;
}
