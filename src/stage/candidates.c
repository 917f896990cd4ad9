/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fitting the candidates: see candidates.h.  Families and starts are independent, and fitted side by side. */
#include "stage/candidates.h"

#include <math.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "base/team.h"
#include "stats/leader.h"
#include "target/warp.h"

#define GRADIENT_REFITS 3
#define REFINEMENTS     6

/* An error that ends the fit; DILATE_ENUMERIC only ends the candidate. */
static int fatal(int status) {
  return status < 0 && status != DILATE_ENUMERIC;
}

/* u = L'(x - mean) with L L' = E[g g'], the Fisher metric: u (dim x ld) is filled.  Non-zero when there is no such metric. */
static int fisher_whiten(const fit_points *points, double *u, double *mean, double *fisher) {
  size_t d = points->dim, n = points->n, ld = points->ld;
  weighted_mean(d, n, ld, points->x, NULL, mean);
  weighted_covariance(d, n, ld, points->grad, NULL, NULL, fisher);
  for (size_t j = 0; j < d; j++) {
    double variance = 0;
    for (size_t i = 0; i < n; i++) {
      u[j * ld + i] = points->x[j * ld + i] - mean[j];
      variance += u[j * ld + i] * u[j * ld + i] / (double)n;
    }
    fisher[j * d + j] += 1e-6 * fisher[j * d + j] + 1e-9 / (variance + 1e-300);
  }
  if (cholesky(d, fisher)) return 1;
  lower_transpose_times(d, fisher, n, ld, u);
  return 0;
}

static int fisher_tree(const fit_points *points, ward_tree **tree, dilate_error *err) {
  size_t d = points->dim;
  double *u = NEW2(double, d, points->ld), *mean = NEW(double, d), *fisher = NEW2(double, d, d);
  int status = DILATE_ENOMEM;
  if (!u || !mean || !fisher)
    error_memory(err, "the clustering of the sample");
  else if (fisher_whiten(points, u, mean, fisher))
    status = error_set(err, DILATE_ENUMERIC, "the gradients have no covariance");
  else
    status = ward_create(d, points->n, points->ld, u, WARD_EUCLIDEAN, tree, err);
  memory_free(u);
  memory_free(mean);
  memory_free(fisher);
  return status;
}

static void add(candidate *list, size_t *count, candidate c) {
  if (c.fit) list[(*count)++] = c;
}

/* Appends the gradient refits of the candidates from `first` on. */
static int add_gradient_refits(const fit_points *points, candidate *list, size_t first, size_t *count, dilate_error *err) {
  for (size_t i = first, n = *count; i < n; i++) {
    mixture *refit = NULL;
    const int status = em_refine(points, list[i].fit, list[i].family, 1, GRADIENT_REFITS, &refit, NULL);
    if (fatal(status)) return error_set(err, status, "out of memory in the gradient refit");
    candidate c = list[i];
    c.fit = refit;
    c.gradient = 1;
    add(list, count, c);
  }
  return DILATE_OK;
}

enum { BEST, DOUBLED, REFITS, TREE_FITS = 2 * REFITS };

/* What is fitted of one family to one tree: the best by BIC, the full family also at twice its K, and their gradient refits. */
typedef struct tree_fits {
  candidate place[TREE_FITS];
  int status[TREE_FITS];
} tree_fits;

static void refit_by_gradients(const fit_points *points, int i, tree_fits *f) {
  candidate *const refit = &f->place[REFITS + i];
  mixture *const from = f->place[i].fit;
  *refit = f->place[i];
  refit->fit = NULL;
  refit->gradient = 1;
  if (from) f->status[REFITS + i] = em_refine(points, from, refit->family, 1, GRADIENT_REFITS, &refit->fit, NULL);
}

/* One family from both trees.  The number of components is looked for in one tree only, and from there on in the other. */
static void fit_family(const fit_points *points, ward_tree *const trees[2], mixture_family family, tree_fits fits[2]) {
  static const candidate_start starts[2] = {START_WARD, START_MODES};
  size_t about = 0;
  for (int t = 0; t < 2; t++) {
    tree_fits *const f = &fits[t];
    mixture *best = NULL, *doubled = NULL;
    if (!trees[t]) continue;
    f->status[BEST] = em_bic_search(points, trees[t], family, about, &best, family == MIXTURE_FULL ? &doubled : NULL, NULL);
    f->place[BEST] = (candidate){.fit = best, .family = family, .start = starts[t]};
    f->place[DOUBLED] = (candidate){.fit = doubled, .family = family, .start = starts[t]};
    if (fatal(f->status[BEST])) return;
    if (best) about = best->components;
  }
}

/* Families side by side, and then their refits; each has places of its own, so that the list's order does not depend on threads. */
static int fit_all_families(const fit_points *points, ward_tree *const trees[2], candidate *list, size_t *count, dilate_error *err) {
  static const mixture_family families[3] = {MIXTURE_FULL, MIXTURE_SHARED, MIXTURE_DIAGONAL};
  const int jobs = points->dim == 1 ? 1 : 3;
  tree_fits fits[3][2] = {{{{{0}}, {0}}}};
  fit_points within = *points;
  within.team = team_within(points->team);
#pragma omp parallel for schedule(dynamic, 1) num_threads(team_size(points->team.threads))
  for (int job = 0; job < jobs; job++) fit_family(&within, trees, families[job], fits[job]);
#pragma omp parallel for schedule(dynamic, 1) num_threads(team_size(points->team.threads))
  for (int k = 0; k < 2 * jobs * REFITS; k++) refit_by_gradients(&within, k % REFITS, &fits[k / REFITS / 2][k / REFITS % 2]);
  int failed = DILATE_OK;
  for (int k = 0; k < 2 * jobs; k++) {
    const tree_fits *const f = &fits[k / 2][k % 2];
    for (int i = 0; i < TREE_FITS; i++) {
      add(list, count, f->place[i]);
      if (fatal(f->status[i])) failed = error_set(err, f->status[i], "out of memory while fitting the reference");
    }
  }
  return failed;
}

/* One component a cluster of the exploration, one covariance by gradients. */
static int fit_leaders(const reference_task *task, const fit_points *points, mixture **out, dilate_error *err) {
  size_t d = points->dim, n = points->n, ld = points->ld;
  const metric *m = &task->explore->metric;
  double *u = NEW2(double, d, ld), *work = NEW2(double, d, ld);
  size_t *label = NEW(size_t, n);
  int status = DILATE_OK;
  mixture *start = NULL;
  if (!u || !work || !label) status = error_memory(err, "the clustering of the sample");
  if (!status) {
    matrix_times(d, m->s, n, ld, points->grad, u);
    for (size_t j = 0; j < d * ld; j++) u[j] += points->x[j];
    lower_times(d, m->c_inverse, n, ld, u);
    size_t clusters = leader_cluster(points->team.threads, d, n, ld, u, explore_radius(d), label, NULL, work);
    if (clusters <= (n / 8 > 8 ? n / 8 : 8)) status = em_from_labels(points, MIXTURE_SHARED, 1, clusters, label, &start, err);
  }
  if (!status && start) status = em_refine(points, start, MIXTURE_SHARED, 1, GRADIENT_REFITS - 1, out, err);
  mixture_free(start);
  memory_free(u);
  memory_free(work);
  memory_free(label);
  return status;
}

static int fit_single(const fit_points *points, mixture **out, dilate_error *err) {
  size_t *label = NEW(size_t, points->n);
  int status = label ? em_from_labels(points, MIXTURE_SHARED, 0, 1, label, out, err) : error_memory(err, "the single Gaussian");
  memory_free(label);
  return status;
}

/* Coordinates that a marginal layer made standard Gaussian need no sample to say so. */
static int fit_standard(const warp_marginal *m, const fit_points *points, mixture **out, dilate_error *err) {
  const size_t d = points->dim, n = points->n;
  mixture *q = mixture_create(d, 1, 1, 1, 1);
  *out = q;
  if (!q) return error_memory(err, "the standard Gaussian");
  q->scale[0] = 1;
  for (size_t j = 0; j < d; j++) {
    const double *x = points->x + j * points->ld;
    double square = 0;
    q->factor[0].c[j] = 1;
    if (m->used[j]) continue;
    for (size_t i = 0; i < n; i++) q->mean[j] += x[i] / (double)n;
    for (size_t i = 0; i < n; i++) square += (x[i] - q->mean[j]) * (x[i] - q->mean[j]) / (double)n;
    if (square > 0) q->factor[0].c[j] = sqrt(square);
  }
  if (!mixture_prepare(q)) return DILATE_OK;
  mixture_free(q);
  *out = NULL;
  return DILATE_ENUMERIC;
}

static mixture_family family_of(const mixture *q) {
  if (q->freedom[0] > 0) return MIXTURE_PRODUCT;
  if (q->factor[0].diagonal) return MIXTURE_DIAGONAL;
  return q->factors == 1 && q->locations > 1 ? MIXTURE_SHARED : MIXTURE_FULL;
}

/* A single Gaussian, by moments and by gradients; a standard one where the coordinates promise it. */
static int fit_singles(const reference_task *task, const fit_points *points, candidate *list, size_t *count) {
  const warp_marginal *const standard = warp_last_marginal(target_warp(task->target));
  const size_t first = *count;
  mixture *fit = NULL;
  int status = DILATE_OK;
  if (points->n > 2 * points->dim) {
    status = fit_single(points, &fit, NULL);
    add(list, count, (candidate){.fit = fit, .family = MIXTURE_SHARED, .start = START_SINGLE});
    if (!fatal(status)) status = add_gradient_refits(points, list, first, count, NULL);
  }
  fit = NULL;
  if (!fatal(status) && standard) {
    status = fit_standard(standard, points, &fit, NULL);
    add(list, count, (candidate){.fit = fit, .family = MIXTURE_DIAGONAL, .start = START_STANDARD});
  }
  return status;
}

enum { QUICK_SINGLES, QUICK_MOMENTS, QUICK_GRADIENTS, QUICK_LEADERS, QUICK_JOBS, QUICK_MOST = 3 };

/* One of the quick fits: up to QUICK_MOST candidates. */
static int fit_quickly(const reference_task *task, const fit_points *points, int job, candidate *list, size_t *count) {
  const mixture *const from = task->previous && family_of(task->previous) != MIXTURE_PRODUCT ? task->previous : NULL;
  const int gradient = job == QUICK_GRADIENTS;
  mixture *fit = NULL;
  if (job == QUICK_SINGLES) return fit_singles(task, points, list, count);
  if (job == QUICK_LEADERS) {
    const int status = task->explore ? fit_leaders(task, points, &fit, NULL) : DILATE_OK;
    add(list, count, (candidate){.fit = fit, .family = MIXTURE_SHARED, .start = START_LEADERS, .gradient = 1});
    return status;
  }
  const int status = from ? em_refine(points, from, family_of(from), gradient, REFINEMENTS, &fit, NULL) : DILATE_OK;
  if (fit) add(list, count, (candidate){.fit = fit, .family = family_of(from), .start = START_PREVIOUS, .gradient = gradient});
  return status;
}

int candidates_quick(const reference_task *task, const fit_points *points, candidate *list, size_t *count, dilate_error *err) {
  candidate place[QUICK_JOBS][QUICK_MOST] = {{{0}}};
  size_t filled[QUICK_JOBS] = {0};
  int status[QUICK_JOBS] = {0}, failed = DILATE_OK;
  fit_points within = *points;
  within.team = team_within(points->team);
#pragma omp parallel for schedule(dynamic, 1) num_threads(team_size(points->team.threads))
  for (int job = 0; job < QUICK_JOBS; job++) status[job] = fit_quickly(task, &within, job, place[job], &filled[job]);
  for (int job = 0; job < QUICK_JOBS; job++) {
    for (size_t i = 0; i < filled[job]; i++) add(list, count, place[job][i]);
    if (fatal(status[job])) failed = error_set(err, status[job], "out of memory while fitting the reference");
  }
  return failed;
}

int candidates_search(const fit_points *points, const double *mode, candidate *list, size_t *count, dilate_error *err) {
  ward_tree *trees[2] = {NULL, NULL};
  int grown[2] = {0}, wanted = mode ? 2 : 1;
#pragma omp parallel for schedule(static, 1) num_threads(team_size(points->team.threads))
  for (int t = 0; t < wanted; t++)
    grown[t] =
        t ? ward_create(points->dim, points->n, points->ld, mode, WARD_EUCLIDEAN, &trees[t], NULL) : fisher_tree(points, &trees[t], NULL);
  int status = fatal(grown[0]) ? grown[0] : grown[1];
  if (fatal(status))
    error_set(err, status, "out of memory while clustering the sample");
  else
    status = fit_all_families(points, trees, list, count, err);
  ward_free(trees[0]);
  ward_free(trees[1]);
  if (!fatal(status) && *count == 0)
    return error_set(err, DILATE_ENUMERIC, "no mixture could be fitted to the %zu points that exploration found", points->n);
  return fatal(status) ? status : DILATE_OK;
}

int candidates_refit(const reference_task *task, const candidate *winner, const fit_points *all, const double *mode, mixture **out,
                     dilate_error *err) {
  *out = NULL;
  if (winner->start == START_LEADERS) return fit_leaders(task, all, out, err);
  if (winner->start != START_WARD && winner->start != START_MODES) return DILATE_OK;
  ward_tree *tree = NULL;
  mixture *from = NULL;
  int status = winner->start == START_MODES ? ward_create(all->dim, all->n, all->ld, mode, WARD_EUCLIDEAN, &tree, err)
                                            : fisher_tree(all, &tree, err);
  if (!status) status = em_bic_search(all, tree, winner->family, winner->fit->components, &from, NULL, err);
  if (!status && winner->gradient) {
    status = em_refine(all, from, winner->family, 1, GRADIENT_REFITS, out, err);
    mixture_free(from);
  } else {
    *out = from;
  }
  ward_free(tree);
  return status;
}
