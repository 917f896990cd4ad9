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
  settled_weights(points, settled_quartile(points, weight) - 5 * (double)dim - 50, weight);
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
  double *c = NEW2(double, dim, dim);
  const double *const factors[1] = {c};
  modes found = {0};
  int status = !c || fisher_factor(points, c) ? error_memory(err, "the modes") : DILATE_OK;
  if (!status) status = modes_find(r->target, points, NULL, 1, factors, MODE_EVALUATIONS * n, &found, err);
  if (!status) status = keep_modes(&found, dim, result, err);
  modes_clear(&found);
  memory_free(c);
  return status;
}

static int fill(const run *r, particles *points, dilate_result *result, dilate_error *err) {
  if (!settled_share_places(points))
    return error_set(err, DILATE_ESUPPORT, "none of the %zu particles has come into the target's support", points->n);
  settled_rows(points, result);
  /* A target that asked to abort is not asked again. */
  return target_status(r->target, NULL) == DILATE_OK ? settled_modes(r, points, result, err) : DILATE_OK;
}

int settled_result(const run *r, particles *points, int complete, dilate_result **out, dilate_error *err) {
  dilate_result *result = NULL;
  int status = result_create(r, points->n ? r->options.islands : 0, &result, err);
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
