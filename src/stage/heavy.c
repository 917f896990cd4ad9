/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fitting candidates with heavy tails: see heavy.h.  The number of degrees of freedom is chosen like everything else of a candidate, by its
 * divergence from the target. */
#include "stage/heavy.h"

#include <math.h>

#include "base/memory.h"
#include "base/team.h"
#include "stats/ascent.h"
#include "stats/leader.h"

#define GRADIENT_REFITS 6
#define REFINEMENTS     6
#define ASCENTS         256
#define ASCENT_BUDGET   100 /* evaluations an ascent */
#define SUSPECT_FREEDOM 4
#define SUSPECT_STEPS   3
#define LEAST_SHARE     200 /* a mode is where at least two and one in so many ascents end */

/* DILATE_ENUMERIC only ends a candidate. */
static int fatal(int status) {
  return status < 0 && status != DILATE_ENUMERIC;
}

static void add(candidate *list, size_t *count, mixture *fit, candidate_start start, int gradient) {
  if (fit) list[(*count)++] = (candidate){.fit = fit, .family = MIXTURE_PRODUCT, .start = start, .gradient = gradient};
}

/* precision[j] = sqrt(E[g_j^2]): the inverse of a coordinate's unit, which points far out in the tails hardly change. */
static void precisions(const fit_points *points, double *precision) {
  for (size_t j = 0; j < points->dim; j++) {
    const double *const g = points->grad + j * points->ld;
    double square = 0;
    for (size_t i = 0; i < points->n; i++) square += g[i] * g[i] / (double)points->n;
    precision[j] = fmax(sqrt(square), 1e-150);
  }
}

static int logarithmic_tree(const fit_points *points, ward_tree **tree) {
  const size_t d = points->dim, n = points->n, ld = points->ld;
  double *const u = NEW2(double, d, ld), *const precision = NEW(double, d);
  int status = u && precision ? DILATE_OK : DILATE_ENOMEM;
  if (!status) {
    precisions(points, precision);
    for (size_t j = 0; j < d; j++)
      for (size_t i = 0; i < n; i++) u[j * ld + i] = (points->x[j * ld + i] - points->x[j * ld]) * precision[j];
    status = ward_create(d, n, ld, u, WARD_LOGARITHMIC, tree, NULL);
  }
  memory_free(u);
  memory_free(precision);
  return status;
}

/* The gradient refit of `from` with other degrees of freedom. */
static int refit_with(const fit_points *points, const mixture *from, unsigned freedom, mixture **refit) {
  mixture *const other = mixture_copy(from);
  if (!other) return DILATE_ENOMEM;
  for (size_t l = 0; l < other->locations; l++) other->freedom[l] = freedom;
  const int failed = mixture_prepare(other);
  const int status = failed ? DILATE_ENUMERIC : em_refine(points, other, MIXTURE_PRODUCT, 1, GRADIENT_REFITS, refit, NULL);
  mixture_free(other);
  return status;
}

/* Gradient refits of `from`, one for each number of degrees of freedom, side by side. */
static int add_freedoms(const fit_points *points, const mixture *from, candidate_start start, candidate *list, size_t *count) {
  static const unsigned freedoms[] = {1, 2, 4, 8};
  enum { FREEDOMS = sizeof freedoms / sizeof freedoms[0] };
  mixture *refit[FREEDOMS] = {NULL};
  int status[FREEDOMS], worst = DILATE_OK;
  fit_points within = *points;
  within.team = team_within(points->team);
#pragma omp parallel for schedule(dynamic, 1) num_threads(team_size(points->team.threads))
  for (int i = 0; i < FREEDOMS; i++) status[i] = refit_with(&within, from, freedoms[i], &refit[i]);
  for (int i = 0; i < FREEDOMS; i++) {
    add(list, count, refit[i], start, 1);
    if (fatal(status[i])) worst = status[i];
  }
  return worst;
}

static int finish(int status, dilate_error *err) {
  return fatal(status) ? error_set(err, status, "the fit of heavy-tailed mixtures failed") : DILATE_OK;
}

/* The diagonal fit by moments that costs least; NULL when there is none. */
static const mixture *best_diagonal(const candidate *list, size_t count) {
  const candidate *best = NULL;
  for (size_t i = 0; i < count; i++)
    if (list[i].family == MIXTURE_DIAGONAL && !list[i].gradient && (!best || list[i].cost < best->cost)) best = &list[i];
  return best ? best->fit : NULL;
}

/* Sum of log-densities of the points. */
static int log_likelihood(const mixture *q, const fit_points *points, double *sum) {
  double *const logq = NEW(double, points->ld);
  const int failed = !logq || mixture_evaluate_all(q, points->team, points->n, points->ld, points->x, logq, NULL);
  *sum = 0;
  for (size_t i = 0; !failed && i < points->n; i++) *sum += logq[i];
  memory_free(logq);
  return failed;
}

int heavy_suspected(const fit_points *points, const candidate *list, size_t count, int *suspected, dilate_error *err) {
  const mixture *const gaussian = best_diagonal(list, count);
  *suspected = 1;
  if (!gaussian) return DILATE_OK;
  mixture *const start = mixture_copy(gaussian), *tails = NULL;
  int status = start ? DILATE_OK : DILATE_ENOMEM;
  for (size_t l = 0; start && l < start->locations; l++) start->freedom[l] = SUSPECT_FREEDOM;
  if (!status && mixture_prepare(start)) status = DILATE_ENUMERIC;
  if (!status) status = em_refine(points, start, MIXTURE_PRODUCT, 0, SUSPECT_STEPS, &tails, NULL);
  double light, heavy;
  if (!status && (log_likelihood(gaussian, points, &light) || log_likelihood(tails, points, &heavy))) status = DILATE_ENOMEM;
  if (!status) *suspected = heavy > light;
  mixture_free(start);
  mixture_free(tails);
  return finish(status, err);
}

int heavy_fit(const reference_task *task, const fit_points *points, candidate *list, size_t *count, dilate_error *err) {
  ward_tree *tree = NULL;
  mixture *fit = NULL;
  int status = logarithmic_tree(points, &tree);
  if (!status) status = em_bic_search(points, tree, MIXTURE_PRODUCT, 0, &fit, NULL, NULL);
  ward_free(tree);
  add(list, count, fit, START_HEAVY, 0);
  if (!status) status = add_freedoms(points, fit, START_HEAVY, list, count);
  if (!fatal(status) && task->previous && task->previous->heavy) {
    fit = NULL;
    status = em_refine(points, task->previous, MIXTURE_PRODUCT, 0, REFINEMENTS, &fit, NULL);
    add(list, count, fit, START_PREVIOUS, 0);
    if (!status) status = add_freedoms(points, fit, START_PREVIOUS, list, count);
  }
  return finish(status, err);
}

/* Particles of the sample, evenly strided, on their modes.  The sample holds two snapshots of each (settle.h), the earlier ones first: an
 * ascent from both would end on one mode twice. */
static int climb(const reference_task *task, const fit_points *points, const double *precision, particles *up) {
  const size_t d = points->dim, n = up->n, first = points->n / 2, later = points->n - first;
  double *const factor = NEW(double, d);
  size_t *const which = NEW(size_t, n), spent = 0;
  int status = factor && which ? DILATE_OK : DILATE_ENOMEM;
  if (!status) {
    const double *const factors[1] = {factor};
    for (size_t j = 0; j < d; j++) {
      factor[j] = 1 / precision[j];
      for (size_t i = 0; i < n; i++) up->x[j * up->ld + i] = points->x[j * points->ld + first + i * later / n];
    }
    particles_evaluate(up, task->target);
    status = ascend(task->target, up, which, FACTOR_DIAGONAL, factors, n * ASCENT_BUDGET, &spent, NULL);
  }
  memory_free(factor);
  memory_free(which);
  return status;
}

/* Leaders of the clusters of ascended points that are no stragglers; returns their number.  u, work: dim x ld of scratch. */
static size_t find_modes(const particles *up, const double *precision, size_t *label, size_t *leader, double *u, double *work) {
  const size_t least = up->n / LEAST_SHARE > 2 ? up->n / LEAST_SHARE : 2;
  size_t modes = 0;
  for (size_t j = 0; j < up->dim; j++)
    for (size_t i = 0; i < up->n; i++) u[j * up->ld + i] = (up->x[j * up->ld + i] - up->x[j * up->ld]) * precision[j];
  const size_t clusters = leader_cluster(1, up->dim, up->n, up->ld, u, explore_radius(up->dim), label, leader, work);
  for (size_t k = 0; k < clusters; k++) {
    size_t members = 0;
    for (size_t i = 0; i < up->n; i++) members += label[i] == k;
    if (members >= least) leader[modes++] = leader[k];
  }
  return modes;
}

/* One component a mode, in the coordinates' units; *out is NULL on failure. */
static int at_modes(const particles *up, const double *precision, size_t modes, const size_t *leader, mixture **out) {
  const size_t d = up->dim;
  mixture *const q = mixture_create(d, modes, modes, modes, 1);
  *out = NULL;
  if (!q) return DILATE_ENOMEM;
  for (size_t k = 0; k < modes; k++) {
    q->location[k] = q->factor_of[k] = k;
    q->freedom[k] = EM_FREEDOM;
    for (size_t j = 0; j < d; j++) {
      q->mean[k * d + j] = up->x[j * up->ld + leader[k]];
      q->factor[k].c[j] = 1 / precision[j];
    }
  }
  if (mixture_prepare(q)) {
    mixture_free(q);
    return DILATE_ENUMERIC;
  }
  *out = q;
  return DILATE_OK;
}

int heavy_fit_ascents(const reference_task *task, const fit_points *points, candidate *list, size_t *count, dilate_error *err) {
  const size_t d = points->dim, later = points->n - points->n / 2, n = later < ASCENTS ? later : ASCENTS;
  particles up;
  const int failed = particles_create(d, n, &up);
  double *const precision = NEW(double, d), *const u = NEW2(double, d, up.ld), *const work = NEW2(double, d, up.ld);
  size_t *const label = NEW(size_t, n), *const leader = NEW(size_t, n), modes = 0;
  mixture *start = NULL;
  int status = failed || !precision || !u || !work || !label || !leader ? DILATE_ENOMEM : DILATE_OK;
  if (!status) {
    precisions(points, precision);
    status = climb(task, points, precision, &up);
  }
  if (!status) modes = find_modes(&up, precision, label, leader, u, work);
  if (!status && modes > 0) {
    status = at_modes(&up, precision, modes, leader, &start);
    if (!status) status = add_freedoms(points, start, START_ASCENTS, list, count);
  }
  mixture_free(start);
  particles_clear(&up);
  memory_free(precision);
  memory_free(u);
  memory_free(work);
  memory_free(label);
  memory_free(leader);
  const int stopped = target_status(task->target, err);
  return stopped ? stopped : finish(status, err);
}
