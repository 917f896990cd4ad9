/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laplace's approximation of marginals, far out: see probe_marginal.h. */
#include "stage/probe_marginal.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "stats/summary.h"

#define DIM_MAX    30  /* Hessians cost dim gradients */
#define SPREAD     4.0 /* inter-quartile ranges from the median that no light tail's points go to */
#define WAYS_MAX   4   /* out: those whose points went farthest */
#define STRIDES    4   /* each this much farther out than the one before: */
#define STRIDE     10.0
#define TOLERANCE  0.02 /* of a slope */
#define NEWTONS    30
#define HALVINGS   8
#define DIFFERENCE 1e-3 /* of a coordinate's conditional scale */
#define SETTLED    1e-6 /* of log-density that a step still promises */

typedef struct marginaliser {
  target *target;
  const particles *p;
  size_t fixed;          /* the coordinate that is moved out */
  double *x, *grad;      /* where the others are, and the gradient */
  double *trial, *slope; /* likewise, of a trial */
  double *width;         /* conditional scales, for differences */
  double *hessian, *step;
  double logp;
} marginaliser;

static double evaluate(const marginaliser *m, const double *x, double *grad) {
  double logp;
  target_probe(m->target, 1, 1, x, &logp, grad);
  return logp;
}

/* The number of coordinate k among the others. */
static size_t place_of(const marginaliser *m, size_t k) {
  return k - (k > m->fixed);
}

/* Lower factor of the negative Hessian of the others, by central differences of gradients; non-zero where it is not positive definite. */
static int factor_hessian(marginaliser *m) {
  const size_t d = m->p->dim, n = d - 1;
  memcpy(m->trial, m->x, d * sizeof *m->x);
  for (size_t k = 0; k < d; k++) {
    if (k == m->fixed) continue;
    const double h = DIFFERENCE * m->width[k];
    for (int side = 0; side < 2; side++) {
      m->trial[k] = m->x[k] + (side ? -h : h);
      if (!isfinite(evaluate(m, m->trial, m->slope))) return 1;
      for (size_t l = 0; l < d; l++) {
        if (l == m->fixed) continue;
        double *entry = &m->hessian[place_of(m, k) * n + place_of(m, l)];
        *entry = side ? (m->slope[l] - *entry) / (2 * h) : m->slope[l];
      }
    }
    m->trial[k] = m->x[k];
  }
  symmetrise(n, m->hessian);
  for (size_t k = 0; k < d; k++)
    if (k != m->fixed && m->hessian[place_of(m, k) * (n + 1)] > 0) m->width[k] = 1 / sqrt(m->hessian[place_of(m, k) * (n + 1)]);
  return cholesky(n, m->hessian);
}

/* One step of the others along `step`, shortened until it rises; whether it did. */
static int rise(marginaliser *m) {
  const size_t d = m->p->dim;
  double length = 1;
  for (int k = 0; k < HALVINGS; k++, length /= 4) {
    memcpy(m->trial, m->x, d * sizeof *m->x);
    for (size_t j = 0; j < d; j++)
      if (j != m->fixed) m->trial[j] += length * m->step[place_of(m, j)];
    const double logp = evaluate(m, m->trial, m->slope);
    if (!(logp > m->logp)) continue;
    m->logp = logp;
    memcpy(m->x, m->trial, d * sizeof *m->x);
    memcpy(m->grad, m->slope, d * sizeof *m->grad);
    return 1;
  }
  return 0;
}

/* Newton's ascent of the others; log m there, or NaN where it comes to no mode. */
static double climb(marginaliser *m) {
  const size_t d = m->p->dim, n = d - 1;
  m->logp = evaluate(m, m->x, m->grad);
  for (int k = 0; k < NEWTONS && isfinite(m->logp); k++) {
    const int bowl = !factor_hessian(m);
    double promise = 0;
    for (size_t j = 0; j < d; j++)
      if (j != m->fixed) m->step[place_of(m, j)] = bowl ? m->grad[j] : m->width[j] * m->width[j] * m->grad[j];
    if (bowl) cholesky_solve(n, m->hessian, m->step);
    for (size_t j = 0; j < d; j++)
      if (j != m->fixed) promise += m->step[place_of(m, j)] * m->grad[j];
    if (bowl && promise < SETTLED) return m->logp - lower_log_det(n, m->hessian);
    if (!rise(m)) return bowl && promise < 1 ? m->logp - lower_log_det(n, m->hessian) : NAN;
  }
  return NAN;
}

/* Whether log m does not fall as the fixed coordinate strides away from the median, beginning at its most extreme point. */
static int never_falls(marginaliser *m, size_t start, double median, double *reach) {
  const size_t d = m->p->dim;
  for (size_t j = 0; j < d; j++) m->x[j] = m->p->x[j * m->p->ld + start];
  double before = climb(m);
  for (int k = 0; k < STRIDES; k++) {
    m->x[m->fixed] = median + STRIDE * (m->x[m->fixed] - median);
    const double now = climb(m);
    if (!isfinite(now) || !((now - before) / log(STRIDE) + 1 > -TOLERANCE)) return 0;
    before = now;
  }
  *reach = fabs(m->x[m->fixed] - median);
  return 1;
}

/* A way out: the points of a coordinate that went farthest to one side, in inter-quartile ranges from the median. */
typedef struct way {
  size_t coordinate;
  double sign, median, far;
} way;

/* Both ways of coordinate j; returns the inter-quartile range. */
static double measure(const particles *p, size_t j, double *sorted, way *out) {
  memcpy(sorted, p->x + j * p->ld, p->n * sizeof *sorted);
  gsl_sort(sorted, 1, p->n);
  const double median = summary_quantile(p->n, sorted, 0.5);
  const double range = summary_quantile(p->n, sorted, 0.75) - summary_quantile(p->n, sorted, 0.25);
  out[0] = (way){j, 1, median, (sorted[p->n - 1] - median) / range};
  out[1] = (way){j, -1, median, (median - sorted[0]) / range};
  return range > 0 ? range : 1;
}

static size_t most_extreme(const particles *p, const way *w) {
  size_t most = 0;
  const double *x = p->x + w->coordinate * p->ld;
  for (size_t i = 1; i < p->n; i++)
    if (w->sign * x[i] > w->sign * x[most]) most = i;
  return most;
}

static size_t farthest(const way *w, size_t count) {
  size_t most = 0;
  for (size_t k = 1; k < count; k++)
    if (w[k].far > w[most].far) most = k;
  return most;
}

/* w: both ways of all coordinates; range: of each, the scale that differences begin with. */
static void follow(marginaliser *m, const double *range, int all, way *w, marginal_probe *out) {
  const size_t d = m->p->dim, most = all ? 2 * d : WAYS_MAX;
  for (size_t tried = 0; tried < most && !out->improper; tried++) {
    way *now = &w[farthest(w, 2 * d)];
    double reach = 0;
    if (!(now->far > (all ? 0 : SPREAD))) return;
    m->fixed = now->coordinate;
    memcpy(m->width, range, d * sizeof *range);
    if (never_falls(m, most_extreme(m->p, now), now->median, &reach)) *out = (marginal_probe){1, now->coordinate, now->sign, reach};
    now->far = 0;
  }
}

int probe_marginal(target *t, const particles *p, int all, marginal_probe *out, dilate_error *err) {
  const size_t d = p->dim;
  memset(out, 0, sizeof *out);
  if (d < 2 || d > DIM_MAX || p->n < 4) return DILATE_OK;
  double *work = NEW(double, 7 * d + d * d + p->n);
  way *ways = NEW(way, 2 * d);
  if (work && ways) {
    double *range = work, *sorted = work + 7 * d + d * d;
    marginaliser m = {.target = t, .p = p, .x = range + d};
    m.grad = m.x + d, m.trial = m.grad + d, m.slope = m.trial + d, m.width = m.slope + d, m.step = m.width + d, m.hessian = m.step + d;
    for (size_t j = 0; j < d; j++) range[j] = measure(p, j, sorted, &ways[2 * j]);
    follow(&m, range, all, ways, out);
  }
  const int failed = !work || !ways;
  memory_free(work);
  memory_free(ways);
  return failed ? error_memory(err, "the check of the marginals") : target_status(t, err);
}
