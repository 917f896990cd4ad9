/* SPDX-License-Identifier: GPL-3.0-or-later */
/* M steps of the three families, by moments and by gradients.
 *
 * With n_k the sum of the responsibilities r_ik, m_k and g_k the means of points and gradients under them:
 * moments: C_k is their covariance; gradients: C_k = S_k with S_k Cg_k S_k = Cx_k, and the mean moves to m_k + S_k g_k, which is
 * exact for a Gaussian wherever the points are.  Components of a family of their own covariances borrow a few pseudo-points from the
 * pooled covariance, and every covariance is floored relative to the variances of all points: singular ones cannot arise. */
#include "mixture/em_state.h"

#include "base/linalg.h"

#include <math.h>
#include <string.h>

/* Moments of component i, or (beyond all components) those of the gradients of component i less their number: into its factor's c (points)
 * or ci (gradients: scratch until mixture_prepare), where the factor is not one for all. */
static void moments_of(void *state, size_t i, size_t thread) {
  em_state *const s = state;
  const size_t K = s->q->components, k = i % K;
  mixture_factor *const factor = s->family == MIXTURE_SHARED ? NULL : &s->q->factor[k];
  if (i < K)
    em_moments(s, k, s->n, s->y, &s->scratch[thread], s->q->mean + k * s->dim, factor ? factor->c : NULL);
  else
    em_moments(s, k, s->points->ld, s->points->grad, &s->scratch[thread], s->mean_gradient + k * s->dim, factor ? factor->ci : NULL);
}

/* pool = sum of the components' scatters over the points that are covered. */
static void pool_scatters(const em_state *s, int of_gradients, double *pool) {
  const size_t size = s->family == MIXTURE_DIAGONAL ? s->dim : s->dim * s->dim;
  memset(pool, 0, size * sizeof(double));
  for (size_t k = 0; k < s->q->components; k++) {
    const double *const c = of_gradients ? s->q->factor[k].ci : s->q->factor[k].c;
    for (size_t e = 0; e < size; e++) pool[e] += c[e];
  }
  for (size_t e = 0; e < size; e++) pool[e] /= s->covered;
}

static void fill_upper(size_t dim, double *c) {
  for (size_t j = 0; j < dim; j++)
    for (size_t k = 0; k < j; k++) c[k * dim + j] = c[j * dim + k];
}

/* c + (count pseudo-points of the pool), a mean over weight. */
static void shrink(size_t size, double count, const double *pool, double weight, double *c) {
  for (size_t e = 0; e < size; e++) c[e] = (c[e] + count * pool[e]) / weight;
}

/* c's diagonal += share of the variances, or of their inverses. */
static void add_floor(const em_state *s, double share, int inverse, double *c) {
  for (size_t j = 0; j < s->dim; j++) c[j * s->dim + j] += inverse ? share / s->variance[j] : share * s->variance[j];
}

/* m += S g */
static void shift_mean(size_t dim, const double *metric, const double *g, double *mean) {
  for (size_t j = 0; j < dim; j++) {
    double sum = 0;
    for (size_t k = 0; k < dim; k++) sum += metric[j * dim + k] * g[k];
    mean[j] += sum;
  }
}

/* Scatter of all covered points, which changes only when a point loses its last component. */
static void refresh_scatter(em_state *s) {
  const fit_points *const p = s->points;
  size_t covered = 0;
  for (size_t i = 0; i < s->n; i++) covered += s->coverage[i] > 0;
  const int all = covered == s->n;
  if (all && s->scatter_ready) return;
  weighted_covariance(s->dim, s->n, s->n, s->y, all ? NULL : s->coverage, NULL, s->scatter);
  if (s->gradient) weighted_covariance(s->dim, s->n, p->ld, p->grad, all ? NULL : s->coverage, NULL, s->scatter_gradient);
  s->scatter_ready = all;
}

/* c = scatter - sum_k (n_k / covered) mean_k mean_k': the covariance within components. */
static void within(const em_state *s, const double *scatter, const double *mean, double *c) {
  const size_t dim = s->dim;
  memcpy(c, scatter, dim * dim * sizeof(double));
  for (size_t k = 0; k < s->q->components; k++) {
    const double weight = s->total[k] / s->covered, *const m = mean + k * dim;
    for (size_t j = 0; j < dim; j++)
      for (size_t i = 0; i <= j; i++) c[j * dim + i] -= weight * m[j] * m[i];
  }
  fill_upper(dim, c);
}

static int maximise_shared(em_state *s) {
  const size_t dim = s->dim;
  double *const c = s->q->factor[0].c, *const cg = s->q->factor[0].ci;
  refresh_scatter(s);
  within(s, s->scatter, s->q->mean, c);
  add_floor(s, s->gradient ? 1e-9 : 1e-6, 0, c);
  if (!s->gradient) return cholesky(dim, c);
  within(s, s->scatter_gradient, s->mean_gradient, cg);
  add_floor(s, 1e-9, 1, cg);
  if (geometric_mean(dim, c, cg, s->metric, s->geometric)) return 1;
  for (size_t k = 0; k < s->q->components; k++) shift_mean(dim, s->metric, s->mean_gradient + k * dim, s->q->mean + k * dim);
  memcpy(c, s->metric, dim * dim * sizeof(double));
  return cholesky(dim, c);
}

static int maximise_diagonal(em_state *s) {
  const size_t dim = s->dim;
  double *const pool = s->scatter, *const pool_gradient = s->scatter_gradient;
  pool_scatters(s, 0, pool);
  if (s->gradient) pool_scatters(s, 1, pool_gradient);
  for (size_t j = 0; j < dim; j++) {
    pool[j] = s->gradient ? pool[j] + 1e-12 * s->variance[j] : fmax(pool[j], 1e-12 * s->variance[j]);
    if (s->gradient) pool_gradient[j] += 1e-12 / s->variance[j];
  }
  for (size_t k = 0; k < s->q->components; k++) {
    double *const c = s->q->factor[k].c, *const cg = s->q->factor[k].ci;
    shrink(dim, s->gradient ? 2 : 4, pool, s->total[k] + (s->gradient ? 2 : 4), c);
    if (s->gradient) shrink(dim, 2, pool_gradient, s->total[k] + 2, cg);
    for (size_t j = 0; j < dim; j++) {
      const double variance = s->gradient ? sqrt(c[j] / cg[j]) : c[j];
      if (s->gradient) s->q->mean[k * dim + j] += variance * s->mean_gradient[k * dim + j];
      c[j] = sqrt(variance);
    }
  }
  return 0;
}

static int full_by_moments(em_state *s) {
  const size_t dim = s->dim;
  const double pseudo = (double)dim + 2;
  pool_scatters(s, 0, s->scatter);
  for (size_t k = 0; k < s->q->components; k++) {
    double *const c = s->q->factor[k].c;
    shrink(dim * dim, pseudo, s->scatter, s->total[k] + pseudo, c);
    add_floor(s, 1e-9, 0, c);
    if (cholesky(dim, c)) return 1;
  }
  return 0;
}

static int full_by_gradients(em_state *s) {
  const size_t dim = s->dim;
  pool_scatters(s, 0, s->scatter);
  pool_scatters(s, 1, s->scatter_gradient);
  for (size_t k = 0; k < s->q->components; k++) {
    double *const c = s->q->factor[k].c, *const cg = s->q->factor[k].ci;
    shrink(dim * dim, 2, s->scatter, s->total[k] + 2, c);
    shrink(dim * dim, 2, s->scatter_gradient, s->total[k] + 2, cg);
    add_floor(s, 1e-9, 0, c);
    add_floor(s, 1e-9, 1, cg);
    if (geometric_mean(dim, c, cg, s->metric, s->geometric)) return 1;
    shift_mean(dim, s->metric, s->mean_gradient + k * dim, s->q->mean + k * dim);
    memcpy(c, s->metric, dim * dim * sizeof(double));
    if (cholesky(dim, c)) return 1;
  }
  return 0;
}

static int maximise_full(em_state *s) {
  return s->gradient ? full_by_gradients(s) : full_by_moments(s);
}

int em_maximise(em_state *s) {
  mixture *const q = s->q;
  const size_t K = q->components;
  const int product = s->family == MIXTURE_PRODUCT;
  q->locations = K;
  q->factors = s->family == MIXTURE_SHARED ? 1 : K;
  for (size_t k = 0; k < K; k++) {
    q->log_weight[k] = log(s->total[k]);
    q->location[k] = k;
    q->factor_of[k] = s->family == MIXTURE_SHARED ? 0 : k;
    q->freedom[k] = product ? s->freedom : 0;
  }
  if (product) {
    em_maximise_product(s);
    return mixture_prepare(q);
  }
  em_each(s, (s->gradient ? 2 : 1) * K, moments_of);
  int (*const family[])(em_state *) = {maximise_shared, maximise_diagonal, maximise_full};
  return family[s->family](s) || mixture_prepare(q);
}
