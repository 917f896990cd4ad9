/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The divergence of a candidate from the target, and the choice: see choose.h. */
#include "stage/choose.h"

#include <math.h>

#include "base/memory.h"
#include "base/sort.h"
#include "stats/summary.h"

#define PILOT_DRAWS       128
#define TRIM              0.02
#define VARIANCE_CAP      1.0
#define DIVERGENCE_CAP    7.0
#define GRADIENT_PENALTY  1.6
#define GRADIENT_TRUSTED  0.6 /* cost below which a gradient refit is taken at its word */
#define GRADIENT_HOPELESS 8.0
#define HEAVY_PENALTY     1.5 /* a mixture with heavy tails has to be clearly better */
#define HEAVY_HOPELESS    8.0 /* cost above which it is no better than one without */
#define OUTSIDE           1e6 /* cost of a candidate of which hardly a draw is inside the support */
#define INSIDE_MIN        8

int choose_log_ratio(const reference_task *task, const mixture *q, stream s, size_t n, double *log_ratio, particles *draws,
                     dilate_error *err) {
  particles own;
  particles *p = draws ? draws : &own;
  if (particles_create(q->dim, n, p)) return error_memory(err, "the draws of the reference");
  double *work = NEW(double, mixture_work(q, n));
  size_t *component = NEW(size_t, n);
  uint32_t *id = NEW(uint32_t, n);
  int ok = work && component && id;
  if (ok) {
    for (size_t i = 0; i < n; i++) id[i] = (uint32_t)i;
    mixture_stratify(q, stream_uniform(s, UINT32_MAX, 0, 0), n, component);
    mixture_draw(q, s, 0, n, p->ld, id, component, p->x, work);
    particles_evaluate(p, task->target);
    ok = !mixture_evaluate_all(q, (thread_team){target_threads(task->target), 0}, n, p->ld, p->x, log_ratio, NULL);
    for (size_t i = 0; i < n && ok; i++) log_ratio[i] = p->logp[i] == -INFINITY ? -INFINITY : p->logp[i] - task->origin - log_ratio[i];
  }
  memory_free(work);
  memory_free(component);
  memory_free(id);
  if (!draws || !ok) particles_clear(p);
  return ok ? target_status(task->target, err) : error_memory(err, "the draws of the reference");
}

/* Moves the finite values to the front, in order; returns how many. */
static size_t finite_first(size_t n, double *x) {
  size_t finite = 0;
  for (size_t i = 0; i < n; i++)
    if (isfinite(x[i])) x[finite++] = x[i];
  return finite;
}

/* Mean and variance (n in the denominator) after clipping at the 2 % quantiles; values are sorted in place. */
static void trimmed_moments(size_t n, double *x, double *work, double *mean, double *variance) {
  double sum = 0, square = 0;
  sort_order(n, x, x, NULL, work, NULL);
  double low = summary_quantile(n, x, TRIM), high = summary_quantile(n, x, 1 - TRIM);
  for (size_t i = 0; i < n; i++) sum += fmin(fmax(x[i], low), high);
  *mean = sum / (double)n;
  for (size_t i = 0; i < n; i++) {
    double r = fmin(fmax(x[i], low), high) - *mean;
    square += r * r;
  }
  *variance = square / (double)n;
}

/* The cost from log pi~/q at the held-out points and at draws of q.  A divergence is never negative: where it seems so and log pi~/q varies
 * much, the points are not the target's yet, and its variance under q, which is as large for a fair fit, stands in.  Draws outside the
 * support are no part of the divergence, which is that from q inside it: they cost what they take off the effective share, its logarithm.
 */
static double cost_of(size_t held_out, double *at_points, size_t draws, double *at_draws, double *work) {
  double above, below, variance, unused;
  size_t points = finite_first(held_out, at_points), inside = finite_first(draws, at_draws);
  if (points == 0 || inside < INSIDE_MIN) return OUTSIDE;
  trimmed_moments(points, at_points, work, &above, &unused);
  trimmed_moments(inside, at_draws, work, &below, &variance);
  const double divergence = above > below ? above - below : variance > VARIANCE_CAP ? fmin(variance, DIVERGENCE_CAP) : 0;
  return divergence + 0.5 * fmin(variance, VARIANCE_CAP) + log((double)draws / (double)inside);
}

int choose_cost(const reference_task *task, const mixture *q, const fit_points *held_out, const double *held_out_logp, unsigned number,
                double *cost, dilate_error *err) {
  size_t n = held_out->n;
  double *ratio = NEW(double, n), *work = NEW(double, n > PILOT_DRAWS ? n : PILOT_DRAWS), at_draws[PILOT_DRAWS];
  int failed = !ratio || !work || mixture_evaluate_all(q, held_out->team, n, held_out->ld, held_out->x, ratio, NULL);
  int status = failed ? error_memory(err, "the choice of the reference") : DILATE_OK;
  if (!status) {
    for (size_t i = 0; i < n; i++) ratio[i] = held_out_logp[i] - task->origin - ratio[i];
    stream s = stream_make(task->seed, STREAM_CHOOSE, task->round * 64 + number, task->group);
    status = choose_log_ratio(task, q, s, PILOT_DRAWS, at_draws, NULL, err);
  }
  if (!status) *cost = cost_of(n, ratio, PILOT_DRAWS, at_draws, work);
  memory_free(ratio);
  memory_free(work);
  return status;
}

static double effective_cost(const candidate *c) {
  double cost = c->gradient && c->cost > GRADIENT_TRUSTED ? c->cost * GRADIENT_PENALTY : c->cost;
  if (!c->fit->heavy) return cost;
  return c->cost > HEAVY_HOPELESS ? INFINITY : cost * HEAVY_PENALTY;
}

size_t choose_winner(const candidate *list, size_t count) {
  double best = INFINITY, lowest = INFINITY;
  size_t winner = 0;
  int moments = 0, found = 0;
  for (size_t i = 0; i < count; i++) {
    lowest = fmin(lowest, list[i].cost);
    moments |= !list[i].gradient;
  }
  int no_gradient = lowest > GRADIENT_HOPELESS && moments;
  for (size_t i = 0; i < count; i++)
    if (!(no_gradient && list[i].gradient)) best = fmin(best, effective_cost(&list[i]));
  double limit = best > 1 ? 1.25 * best + 0.05 : best + 0.03;
  for (size_t i = 0; i < count; i++) {
    const candidate *c = &list[i], *w = &list[winner];
    if ((no_gradient && c->gradient) || !(effective_cost(c) <= limit)) continue;
    int smaller = c->fit->components < w->fit->components;
    int same = c->fit->components == w->fit->components;
    if (!found || smaller || (same && effective_cost(c) < effective_cost(w))) winner = i;
    found = 1;
  }
  return winner;
}
