/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows and modes of settled particles: see settled_result.h. */
#include "method/settled_result.h"

#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "method/settled.h"
#include "stats/modes.h"

#define MODE_EVALUATIONS 50 /* a draw, at most, to find the modes */

void settled_rows(const particles *points, dilate_result *result) {
  for (size_t i = 0; i < points->n; i++) {
    for (size_t j = 0; j < points->dim; j++) result->x[i * points->dim + j] = points->x[j * points->ld + i];
    result->logp[i] = points->logp[i];
  }
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

static double inverse_root(double square) {
  const double s = 1 / sqrt(square);
  return isfinite(s) && s > 0 ? s : 1;
}

void settled_scale(const particles *points, const double *weight, double *c) {
  weighted_squares(points->dim, points->n, points->ld, points->grad, weight, c);
  for (size_t j = 0; j < points->dim; j++) c[j] = inverse_root(c[j]);
}

/* The same from the diagonal alone. */
static void diagonal_factor(size_t dim, const double *diagonal, double *c) {
  memset(c, 0, dim * dim * sizeof *c);
  for (size_t j = 0; j < dim; j++) c[j * (dim + 1)] = inverse_root(diagonal[j]);
}

static int fisher_lower(const particles *points, const double *weight, double *c) {
  const size_t dim = points->dim;
  double *fisher = NEW2(double, 2 * dim + 1, dim);
  if (!fisher) return DILATE_ENOMEM;
  double *inverse = fisher + dim * dim, *diagonal = inverse + dim * dim;
  weighted_covariance(dim, points->n, points->ld, points->grad, weight, NULL, fisher);
  for (size_t j = 0; j < dim; j++) diagonal[j] = fisher[j * dim + j];
  int singular = points->n <= 2 * dim || cholesky(dim, fisher);
  if (!singular) {
    lower_inverse(dim, fisher, inverse);
    singular = inverse_factor(dim, inverse, c);
  }
  if (singular) diagonal_factor(dim, diagonal, c);
  memory_free(fisher);
  return DILATE_OK;
}

/* c: factor of the common metric of the settled particles (the exploration's rule for the lost). */
static int fisher_factor(const particles *points, factor_form form, double *c) {
  double *weight = NEW2(double, 2, points->n);
  if (!weight) return DILATE_ENOMEM;
  settled_weights(points, settled_quartile(points, weight) - 5 * (double)points->dim - 50, weight);
  int status = DILATE_OK;
  if (form == FACTOR_DIAGONAL)
    settled_scale(points, weight, c);
  else
    status = fisher_lower(points, weight, c);
  memory_free(weight);
  return status;
}

/* Particles fewer than dimensions tell no more of a metric than its diagonal, and a square would take more memory than they do. */
static factor_form form_of(const particles *points) {
  return points->n < points->dim ? FACTOR_DIAGONAL : FACTOR_LOWER;
}

/* The list of draws is taken over. */
static int keep_modes(modes *found, size_t dim, dilate_result *result, dilate_error *err) {
  const int status = result_set_modes(result, found->count, err);
  if (status) return status;
  result->modes_countable = found->countable;
  memory_free(result->mode);
  result->mode = found->of;
  found->of = NULL;
  if (found->count) {
    memcpy(result->peak, found->peak, found->count * dim * sizeof(double));
    memcpy(result->peak_logp, found->peak_logp, found->count * sizeof(double));
  }
  return DILATE_OK;
}

int settled_modes(const run *r, const particles *points, dilate_result *result, dilate_error *err) {
  const size_t dim = points->dim, n = points->n;
  const factor_form form = form_of(points);
  double *c = NEW(double, factor_size(dim, form));
  const double *const factors[1] = {c};
  const parted draws = parted_whole(r->target, points);
  modes found = {0};
  int status = !c || fisher_factor(points, form, c) ? error_memory(err, "the modes") : DILATE_OK;
  if (!status) status = modes_find(r->target, &draws, NULL, 1, form, factors, MODE_EVALUATIONS * n, &found, err);
  if (!status) status = keep_modes(&found, dim, result, err);
  modes_clear(&found);
  memory_free(c);
  return status;
}

static int fill(const run *r, particles *points, dilate_result *result, dilate_error *err) {
  if (!settled_share_places(points)) return settled_none(r->target, points->n, err);
  settled_rows(points, result);
  /* A target that asked to abort is not asked again. */
  return target_status(r->target, NULL) == DILATE_OK ? settled_modes(r, points, result, err) : DILATE_OK;
}

int settled_result(const run *r, particles *points, int complete, dilate_result **out, dilate_error *err) {
  dilate_result *result = NULL;
  int status = result_create(r, points->n ? r->options.islands : 0, 0, &result, err);
  if (status) return status;
  result->complete = complete;
  if (points->n) status = fill(r, points, result, err);
  if (r->unwatched) particles_clear(points);
  if (!status) status = result_finish(result, r, NULL, err);
  if (status)
    dilate_result_free(result);
  else
    *out = result;
  return status;
}
