/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixtures and points for the tests of the mixture layer. */
#include "mixture_cases.h"

#include <check.h>
#include <gsl/gsl_randist.h>
#include <math.h>

#include "base/memory.h"

#define LARGEST_DIM 64

static void random_factor(gsl_rng *rng, size_t dim, mixture_factor *factor) {
  for (size_t i = 0; i < dim; i++) {
    const double entry = gsl_ran_flat(rng, 0.5, 2);
    factor->c[factor->diagonal ? i : i * dim + i] = entry;
    for (size_t j = 0; !factor->diagonal && j < i; j++) factor->c[i * dim + j] = gsl_ran_gaussian(rng, 0.3);
  }
}

mixture *mixture_random(gsl_rng *rng, mixture_family family, size_t dim, size_t locations, double spread, int twins) {
  const size_t factors = family == MIXTURE_SHARED ? 1 : locations, components = locations * (twins ? 2 : 1);
  mixture *q = mixture_create(dim, locations, components, factors, family == MIXTURE_DIAGONAL);
  ck_assert_ptr_nonnull(q);
  for (size_t k = 0; k < components; k++) {
    q->log_weight[k] = gsl_ran_gaussian(rng, 1);
    q->location[k] = k % locations;
    q->scale[k] = k < locations ? 1 : 1.7;
  }
  for (size_t l = 0; l < locations; l++) {
    q->factor_of[l] = family == MIXTURE_SHARED ? 0 : l;
    for (size_t j = 0; j < dim; j++) q->mean[l * dim + j] = gsl_ran_flat(rng, -spread, spread);
  }
  for (size_t f = 0; f < factors; f++) random_factor(rng, dim, &q->factor[f]);
  ck_assert_int_eq(mixture_prepare(q), 0);
  return q;
}

static double entry_of(const mixture_factor *factor, size_t dim, size_t i, size_t j) {
  if (factor->diagonal) return i == j ? factor->c[i] : 0;
  return factor->c[i * dim + j];
}

/* Log-density of component k with its weight, and the gradient of its logarithm. */
static long double component_plain(const mixture *q, size_t k, const double *x, long double *pull) {
  const size_t dim = q->dim, l = q->location[k];
  const mixture_factor *factor = &q->factor[q->factor_of[l]];
  const long double scale = q->scale[k];
  long double z[LARGEST_DIM], log_density = q->log_weight[k];
  for (size_t i = 0; i < dim; i++) {
    z[i] = ((long double)x[i] - q->mean[l * dim + i]) / scale;
    for (size_t j = 0; j < i; j++) z[i] -= entry_of(factor, dim, i, j) * z[j];
    const long double pivot = entry_of(factor, dim, i, i);
    z[i] /= pivot;
    log_density -= 0.5L * z[i] * z[i] + logl(pivot * scale) + 0.5L * logl(2 * acosl(-1));
  }
  for (size_t i = dim; i-- > 0;) {
    pull[i] = z[i];
    for (size_t j = i + 1; j < dim; j++) pull[i] -= entry_of(factor, dim, j, i) * pull[j];
    pull[i] /= entry_of(factor, dim, i, i);
  }
  for (size_t i = 0; i < dim; i++) pull[i] /= -scale;
  return log_density;
}

double mixture_plain(const mixture *q, const double *x, double *grad, double *share) {
  long double pull[LARGEST_DIM], largest = -INFINITY, sum = 0;
  ck_assert_uint_le(q->dim, LARGEST_DIM);
  for (size_t k = 0; k < q->components; k++) largest = fmaxl(largest, component_plain(q, k, x, pull));
  for (size_t k = 0; k < q->components; k++) sum += expl(component_plain(q, k, x, pull) - largest);
  for (size_t j = 0; grad && j < q->dim; j++) grad[j] = 0;
  for (size_t k = 0; k < q->components; k++) {
    const long double r = expl(component_plain(q, k, x, pull) - largest) / sum;
    if (share) share[k] = (double)r;
    for (size_t j = 0; grad && j < q->dim; j++) grad[j] += (double)(r * pull[j]);
  }
  return (double)(largest + logl(sum));
}

sample sample_create(size_t dim, size_t n) {
  sample s = {.x = NEW2(double, dim, n), .grad = NEW2(double, dim, n), .component = NEW(size_t, n)};
  ck_assert(s.x && s.grad && s.component);
  s.points = (fit_points){.n = n, .dim = dim, .ld = n, .x = s.x, .grad = s.grad};
  return s;
}

sample sample_from(gsl_rng *rng, const mixture *q, size_t n) {
  sample s = sample_create(q->dim, n);
  double *work = NEW(double, mixture_work(q, n)), *log_density = NEW(double, n);
  ck_assert(work && log_density);
  for (size_t i = 0; i < n; i++) s.component[i] = mixture_component_at(q, gsl_rng_uniform_pos(rng));
  for (size_t i = 0; i < q->dim * n; i++) s.x[i] = gsl_ran_gaussian(rng, 1);
  mixture_times(q, n, n, s.component, s.x, work);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < q->dim; j++) s.x[j * n + i] += q->mean[q->location[s.component[i]] * q->dim + j];
  mixture_evaluate(q, n, n, s.x, log_density, s.grad, NULL, work);
  memory_free(work);
  memory_free(log_density);
  return s;
}

void sample_destroy(sample *s) {
  memory_free(s->x);
  memory_free(s->grad);
  memory_free(s->component);
}

double *sample_log_density(const sample *s, const mixture *q) {
  const fit_points *p = &s->points;
  double *work = NEW(double, mixture_work(q, p->n)), *log_density = NEW(double, p->n);
  ck_assert(work && log_density);
  mixture_evaluate(q, p->n, p->ld, p->x, log_density, NULL, NULL, work);
  memory_free(work);
  return log_density;
}
