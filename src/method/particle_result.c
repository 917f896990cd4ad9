/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The result of a particle run: where the particles stand, carried to the end of the path, every draw its own lineage, with the modes that
 * they fell into.  Modes are told apart in one metric for all: the inverse of the gradients' second moment (the Fisher metric), which is
 * the local covariance of a Gaussian mixture with well separated components of one shape. */
#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "method/particle_run.h"
#include "method/settled.h"
#include "stats/modes.h"

#define MODE_EVALUATIONS 50 /* a draw, at most, to find the modes */

/* The particles as points of the target: carried there where the path is a map, else as they stand; those outside the support in the
 * places of others. */
static int points_of_target(const particle_run *m, const run *r, particles *points, dilate_error *err) {
  if (particles_create(m->p.dim, m->p.n, points)) return error_memory(err, "result of a particle run");
  for (size_t i = 0; i < m->p.n; i++) particles_copy(points, i, &m->p, i);
  if (m->path.type == &path_dilation)
    particle_run_carry(m, m->kernel.lambda, 1, 0, points->n, points);
  else if (m->kernel.lambda != 1 && target_status(r->target, NULL) == DILATE_OK)
    particles_evaluate(points, r->target);
  if (particle_share_places(points)) return DILATE_OK;
  return error_set(err, DILATE_ESUPPORT, "none of the %zu particles has come into the target's support", points->n);
}

/* The evidence lower bound that an unadjusted path gives: the mean of its log weights, where all are finite. */
static void bound_evidence(const particle_run *m, dilate_result *result) {
  const particles *p = &m->p;
  double sum = 0, square = 0;
  if (!m->log_weight || !m->weighted || m->kernel.lambda != 1) return;
  for (size_t i = 0; i < p->n; i++) sum += m->log_weight[i] + p->logp[i];
  const double mean = sum / (double)p->n;
  for (size_t i = 0; i < p->n; i++) square += pow(m->log_weight[i] + p->logp[i] - mean, 2);
  if (!isfinite(mean)) return;
  result->log_z_bound = mean;
  result->log_z_bound_se = sqrt(square / (double)p->n / (double)(p->n - 1));
}

/* c: Cholesky factor of the inverse of a = L L' from the inverse li of L; non-zero when that is singular. */
static int inverse_factor(size_t dim, const double *li, double *c) {
  for (size_t i = 0; i < dim; i++)
    for (size_t j = 0; j < dim; j++) {
      double sum = 0;
      for (size_t k = i > j ? i : j; k < dim; k++) sum += li[k * dim + i] * li[k * dim + j];
      c[i * dim + j] = sum;
    }
  return cholesky(dim, c);
}

/* The same from the diagonal alone, 1 where it vanishes. */
static void diagonal_factor(size_t dim, const double *diagonal, double *c) {
  memset(c, 0, dim * dim * sizeof(double));
  for (size_t j = 0; j < dim; j++) {
    const double s = 1 / sqrt(diagonal[j]);
    c[j * dim + j] = isfinite(s) && s > 0 ? s : 1;
  }
}

/* c: Cholesky factor of the common metric of the settled particles (the exploration's rule for the lost). */
static int fisher_factor(const particles *points, double *c) {
  const size_t dim = points->dim;
  double *weight = NEW2(double, 2, points->n), *fisher = NEW2(double, 2 * dim + 1, dim);
  if (!weight || !fisher) {
    memory_free(weight);
    memory_free(fisher);
    return DILATE_ENOMEM;
  }
  double *inverse = fisher + dim * dim, *diagonal = inverse + dim * dim;
  settled_weights(points, settled_quartile(points, weight + points->n) - 5 * (double)dim - 50, weight);
  weighted_covariance(dim, points->n, points->ld, points->grad, weight, NULL, fisher);
  for (size_t j = 0; j < dim; j++) diagonal[j] = fisher[j * dim + j];
  int singular = points->n <= 2 * dim || cholesky(dim, fisher);
  if (!singular) {
    lower_inverse(dim, fisher, inverse);
    singular = inverse_factor(dim, inverse, c);
  }
  if (singular) diagonal_factor(dim, diagonal, c);
  memory_free(weight);
  memory_free(fisher);
  return DILATE_OK;
}

static int keep_modes(const modes *found, size_t dim, size_t rows, dilate_result *result, dilate_error *err) {
  const int status = result_set_modes(result, found->count, err);
  if (status) return status;
  result->modes_countable = found->countable;
  memcpy(result->mode, found->of, rows * sizeof(int));
  if (found->count) {
    memcpy(result->peak, found->peak, found->count * dim * sizeof(double));
    memcpy(result->peak_logp, found->peak_logp, found->count * sizeof(double));
  }
  return DILATE_OK;
}

/* Fills the result's modes. */
static int find_modes(const run *r, const particles *points, dilate_result *result, dilate_error *err) {
  const size_t dim = points->dim, n = points->n;
  double *c = NEW2(double, dim, dim);
  size_t *metric = NEW(size_t, n);
  const double *const factors[1] = {c};
  modes found = {0};
  int status = !c || !metric || fisher_factor(points, c) ? error_memory(err, "modes of a particle run") : DILATE_OK;
  if (!status) status = modes_find(r->target, points, metric, 1, factors, MODE_EVALUATIONS * n, &found, err);
  if (!status) status = keep_modes(&found, dim, n, result, err);
  modes_clear(&found);
  memory_free(c);
  memory_free(metric);
  return status;
}

static void fill_rows(const particles *points, dilate_result *result) {
  for (size_t i = 0; i < points->n; i++) {
    for (size_t j = 0; j < points->dim; j++) result->x[i * points->dim + j] = points->x[j * points->ld + i];
    result->logp[i] = points->logp[i];
  }
}

int particle_run_result(void *state, const run *r, dilate_result **out, dilate_error *err) {
  const particle_run *m = state;
  dilate_result *result = NULL;
  particles points = {0};
  int status = result_create(r, m->taken ? r->options.islands : 0, &result, err);
  if (status) return status;
  result->complete = m->taken == m->steps;
  if (m->taken) {
    status = points_of_target(m, r, &points, err);
    if (!status) fill_rows(&points, result);
    if (!status) bound_evidence(m, result);
    /* A target that asked to abort is not asked again. */
    if (!status && target_status(r->target, NULL) == DILATE_OK) status = find_modes(r, &points, result, err);
  }
  if (!status) status = result_finish(result, r, NULL, err);
  particles_clear(&points);
  if (status)
    dilate_result_free(result);
  else
    *out = result;
  return status;
}
