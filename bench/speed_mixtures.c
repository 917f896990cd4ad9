/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reference: log-density and gradient at its own draws, for 1 to 128 components of three covariance families in 2, 10 and 50
 * dimensions; and iterations of EM. */
#include "base/memory.h"
#include "bench/speed_parts.h"
#include "bench/support.h"
#include "mixture/em.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { POINTS = 256, EM_POINTS = 1024, EM_COMPONENTS = 8, EM_ITERATIONS = 8 };
#define SPACING 10.0 /* standard deviation of a mean's coordinates: components are told apart, as those of a fit */

static const char *const family_names[] = {"shared", "diagonal", "full"};

typedef struct reference {
  mixture *q;
  size_t n;
  double *x, *logq, *grad, *share, *work;
} reference;

static void evaluate(void *state) {
  const reference *const r = state;
  mixture_evaluate(r->q, r->n, r->n, r->x, r->logq, r->grad, r->share, r->work);
}

/* A lower triangle near the identity, other for each factor. */
static void fill_factor(mixture_factor *f, size_t dim, size_t k) {
  for (size_t i = 0; i < dim; i++) {
    if (f->diagonal) f->c[i] = 1 + 0.5 / (double)(k + i + 1);
    for (size_t j = 0; j <= i && !f->diagonal; j++) f->c[i * dim + j] = i == j ? 1 + 0.5 / (double)(k + i + 1) : 0.1 / (double)(k + i);
  }
}

static mixture *make_mixture(mixture_family family, size_t dim, size_t components) {
  mixture *const q = mixture_create(dim, components, components, family == MIXTURE_SHARED ? 1 : components, family == MIXTURE_DIAGONAL);
  uint32_t number[128];
  if (q == NULL) give_up("out of memory");
  double *const means = ALLOCATE(double, dim *components);
  for (size_t k = 0; k < components; k++) number[k] = (uint32_t)k;
  stream_normals(stream_make(1, STREAM_USER, 1, 0), 0, dim, components, components, number, means);
  for (size_t k = 0; k < components; k++) {
    q->scale[k] = 1;
    q->location[k] = k;
    q->factor_of[k] = q->factors == 1 ? 0 : k;
    for (size_t j = 0; j < dim; j++) q->mean[k * dim + j] = SPACING * means[j * components + k];
  }
  for (size_t f = 0; f < q->factors; f++) fill_factor(&q->factor[f], dim, f);
  free(means);
  if (mixture_prepare(q)) give_up("a mixture of %zu components in %zu dimensions is singular", components, dim);
  return q;
}

static reference reference_create(mixture_family family, size_t dim, size_t components, size_t n) {
  reference r = {.q = make_mixture(family, dim, components), .n = n};
  r.x = NEW2(double, dim, n);
  r.logq = NEW(double, n);
  r.grad = NEW2(double, dim, n);
  r.share = NEW2(double, components, n);
  r.work = NEW(double, mixture_work(r.q, n));
  uint32_t *const number = ALLOCATE(uint32_t, n);
  size_t *const component = ALLOCATE(size_t, n);
  if (!r.x || !r.logq || !r.grad || !r.share || !r.work) give_up("out of memory");
  for (size_t i = 0; i < n; i++) number[i] = (uint32_t)i, component[i] = i % components;
  mixture_draw(r.q, stream_make(1, STREAM_USER, 2, 0), 0, n, n, number, component, r.x, r.work);
  free(number);
  free(component);
  return r;
}

static void reference_free(reference *r) {
  mixture_free(r->q);
  memory_free(r->x);
  memory_free(r->logq);
  memory_free(r->grad);
  memory_free(r->share);
  memory_free(r->work);
}

static void race_references(const speed_plan *plan, size_t dim, size_t n_counts, const size_t *counts, figures *out) {
  reference made[24];
  rival rivals[24];
  size_t n = 0;
  for (int family = MIXTURE_SHARED; family <= MIXTURE_FULL; family++)
    for (size_t i = 0; i < n_counts; i++, n++) {
      made[n] = reference_create((mixture_family)family, dim, counts[i], POINTS);
      rivals[n] = (rival){.work = evaluate, .state = &made[n], .amount = POINTS};
      snprintf(rivals[n].name, FIGURE_NAME, "micro.reference.%s.d%zu.k%zu", family_names[family], dim, counts[i]);
    }
  race(&plan->pace, n, rivals, out);
  for (size_t i = 0; i < n; i++) reference_free(&made[i]);
}

/* ---- EM ---- */

typedef struct fitting {
  reference data;
  fit_points points;
  mixture_family family;
} fitting;

static void iterate(void *state) {
  const fitting *const f = state;
  mixture *fitted = NULL;
  dilate_error err;
  dilate_error_init(&err);
  if (em_refine(&f->points, f->data.q, f->family, 0, EM_ITERATIONS, &fitted, &err) < 0) give_up("%s", err.message);
  mixture_free(fitted);
}

static void race_em(const speed_plan *plan, size_t dim, figures *out) {
  fitting made[3];
  rival rivals[3];
  for (int f = MIXTURE_SHARED; f <= MIXTURE_FULL; f++) {
    made[f] = (fitting){.data = reference_create((mixture_family)f, dim, EM_COMPONENTS, EM_POINTS), .family = (mixture_family)f};
    evaluate(&made[f].data);
    made[f].points = (fit_points){.n = EM_POINTS, .dim = dim, .ld = EM_POINTS, .x = made[f].data.x, .grad = made[f].data.grad};
    rivals[f] = (rival){.work = iterate, .state = &made[f], .amount = (double)EM_POINTS * EM_COMPONENTS * EM_ITERATIONS};
    snprintf(rivals[f].name, FIGURE_NAME, "micro.em.%s.d%zu", family_names[f], dim);
  }
  race(&plan->pace, 3, rivals, out);
  for (int f = MIXTURE_SHARED; f <= MIXTURE_FULL; f++) reference_free(&made[f].data);
}

void speed_mixtures(const speed_plan *plan, figures *out) {
  static const size_t all[] = {1, 2, 4, 8, 16, 32, 64, 128}, few[] = {1, 8, 128}, dims[] = {2, 10, 50};
  for (size_t i = 0; i < sizeof dims / sizeof *dims; i++) {
    fprintf(stderr, "micro: the reference in %zu dimensions\n", dims[i]);
    race_references(plan, dims[i], plan->quick ? 3 : 8, plan->quick ? few : all, out);
    race_em(plan, dims[i], out);
  }
}
