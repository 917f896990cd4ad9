/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gaussian mixtures as laws: see stage_cases.h. */
#include "stage_cases.h"

#include <check.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

#include "base/memory.h"
#include "densities.h"

#define WORK 4096 /* scratch of mixture_evaluate for one point */

/* A lower factor of the given size: standard deviations size, size/2, size, ..., neighbours correlated by `link`. */
static void set_factor(mixture_factor *f, size_t dim, double size, double link) {
  for (size_t i = 0; i < dim; i++) {
    f->c[i * dim + i] = i % 2 ? 0.5 * size : size;
    if (i) f->c[i * dim + i - 1] = link * size;
  }
}

static mixture *law_of(size_t dim, size_t modes, size_t factors) {
  mixture *m = mixture_create(dim, modes, modes, factors, 0);
  ck_assert_ptr_nonnull(m);
  ck_assert_uint_le(dim, LAW_DIM);
  for (size_t k = 0; k < modes; k++) {
    m->location[k] = k;
    m->scale[k] = 1;
    m->factor_of[k] = factors == 1 ? 0 : k;
  }
  return m;
}

static mixture *prepared(mixture *m) {
  ck_assert_int_eq(mixture_prepare(m), 0);
  ck_assert_uint_le(mixture_work(m, 1), WORK);
  return m;
}

mixture *law_gaussian(size_t dim, double place, double size) {
  mixture *m = law_of(dim, 1, 1);
  set_factor(&m->factor[0], dim, size, 0.4);
  for (size_t j = 0; j < dim; j++) m->mean[j] = place;
  return prepared(m);
}

mixture *law_close(size_t dim, mixture_family family) {
  static const double weight[3] = {0.5, 0.3, 0.2}, place[3] = {-2, 0.5, 3}, size[3] = {1, 0.4, 1.8}, link[3] = {0.3, -0.2, 0.6};
  mixture *m = law_of(dim, 3, family == MIXTURE_SHARED ? 1 : 3);
  for (size_t k = 0; k < 3; k++) {
    m->log_weight[k] = log(weight[k]);
    m->mean[k * dim] = place[k];
    m->mean[k * dim + dim - 1] += k == 1 ? 1 : 0;
    if (k < m->factors) set_factor(&m->factor[k], dim, size[k], link[k]);
  }
  return prepared(m);
}

mixture *law_nested(size_t dim) {
  mixture *m = law_of(dim, 2, 2);
  m->log_weight[0] = log(0.4);
  m->log_weight[1] = log(0.6);
  set_factor(&m->factor[0], dim, 1, 0.2);
  set_factor(&m->factor[1], dim, 3, -0.2);
  return prepared(m);
}

mixture *law_four(size_t dim, double apart, double shift, double scale) {
  mixture *m = law_of(dim, 4, 1);
  for (size_t j = 0; j < dim; j++) m->factor[0].c[j * dim + j] = scale;
  for (size_t k = 0; k < 4; k++) {
    m->log_weight[k] = log(0.1 * (double)(k + 1));
    for (size_t j = 0; j < dim; j++) m->mean[k * dim + j] = scale * shift;
    m->mean[k * dim + (k / 2) % dim] += scale * (k % 2 ? apart : -apart);
  }
  return prepared(m);
}

/* log m at x, and its gradient added to grad (which may be NULL) with the factor `share`; returns share log m. */
static double add_share(const mixture *m, double share, const double *x, double *grad) {
  double work[WORK], slope[LAW_DIM], value;
  mixture_evaluate(m, 1, 1, x, &value, grad ? slope : NULL, NULL, work);
  for (size_t j = 0; grad && j < m->dim; j++) grad[j] += share * slope[j];
  return share * value;
}

static int law_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const law *l = params;
  const int plain = !l->q || l->beta >= 1;
  for (size_t j = 0; grad && j < dim; j++) grad[j] = 0;
  *logp = l->log_z + add_share(l->m, plain ? 1 : 1 / l->beta, x, grad);
  if (!plain) *logp += add_share(l->q, 1 - 1 / l->beta, x, grad);
  return 0;
}

dilate_target law_target(law *l) {
  return target_of(l->m->dim, law_logp, l);
}

void law_draw(const mixture *m, gsl_rng *rng, double *x) {
  const size_t dim = m->dim, k = mixture_component_at(m, gsl_rng_uniform_pos(rng)), l = m->location[k];
  const double *c = m->factor[m->factor_of[l]].c;
  double z[LAW_DIM];
  for (size_t j = 0; j < dim; j++) z[j] = gsl_ran_ugaussian(rng);
  for (size_t i = 0; i < dim; i++) {
    x[i] = m->mean[l * dim + i];
    for (size_t j = 0; j <= i; j++) x[i] += m->scale[k] * c[i * dim + j] * z[j];
  }
}

void law_fill(const mixture *m, gsl_rng *rng, particles *p) {
  double x[LAW_DIM];
  for (size_t i = 0; i < p->n; i++) {
    law_draw(m, rng, x);
    for (size_t j = 0; j < p->dim; j++) p->x[j * p->ld + i] = x[j];
  }
}

/* P(a'X <= a'x) for X of law m. */
static double projected(const mixture *m, const double *a, const double *x) {
  const size_t dim = m->dim;
  double sum = 0;
  for (size_t k = 0; k < m->components; k++) {
    const size_t l = m->location[k];
    const double *c = m->factor[m->factor_of[l]].c;
    double distance = 0, variance = 0;
    for (size_t j = 0; j < dim; j++) {
      double column = 0;
      for (size_t i = j; i < dim; i++) column += a[i] * c[i * dim + j];
      variance += column * column;
      distance += a[j] * (x[j] - m->mean[l * dim + j]);
    }
    sum += exp(m->log_weight[k]) * gsl_cdf_ugaussian_P(distance / (m->scale[k] * sqrt(variance)));
  }
  return sum;
}

void law_uniforms(const mixture *m, const double *x, double u[LAW_UNIFORMS]) {
  double first[LAW_DIM] = {1}, last[LAW_DIM] = {0}, all[LAW_DIM];
  last[m->dim - 1] = 1;
  for (size_t j = 0; j < m->dim; j++) all[j] = 1;
  u[0] = projected(m, first, x);
  u[1] = projected(m, last, x);
  u[2] = projected(m, all, x);
}

double law_distance(const mixture *m, const particles *p) {
  double *u = NEW2(double, LAW_UNIFORMS, p->n), worst = 0;
  ck_assert_ptr_nonnull(u);
  for (size_t i = 0; i < p->n; i++) {
    double x[LAW_DIM], v[LAW_UNIFORMS];
    for (size_t j = 0; j < p->dim; j++) x[j] = p->x[j * p->ld + i];
    law_uniforms(m, x, v);
    for (size_t k = 0; k < LAW_UNIFORMS; k++) u[k * p->n + i] = v[k];
  }
  for (size_t k = 0; k < LAW_UNIFORMS; k++) worst = fmax(worst, ks_statistic(p->n, u + k * p->n));
  memory_free(u);
  return worst;
}

target *target_open(const dilate_target *user, size_t threads) {
  target *t = NULL;
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_int_eq(target_create(user, threads, &t, &err), DILATE_OK);
  return t;
}

target *target_open_logp(size_t dim, dilate_logp_fn logp, void *params, size_t threads) {
  dilate_target user;
  dilate_target_init(&user);
  user.dim = dim;
  user.logp = logp;
  user.params = params;
  return target_open(&user, threads);
}
