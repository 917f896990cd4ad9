/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EM fits of mixtures (Dempster, Laird & Rubin 1977): from labels, and from another mixture. */
#include "mixture/em.h"

#include "base/memory.h"
#include "mixture/em_state.h"

#include <string.h>

/* Hands out the fitted mixture, or says what was wrong, and destroys the state. */
static int finish(em_state *s, int status, mixture **out, dilate_error *err) {
  if (status != DILATE_OK) {
    error_set(err, status, "mixture fit: a covariance is not positive definite");
  } else {
    *out = em_state_mixture(s);
    if (!*out) status = error_memory(err, "mixture fit");
  }
  em_state_destroy(s);
  return status;
}

int em_fit(const fit_points *points, mixture_family family, size_t K, const size_t *label, int iterations, mixture **out, double *loglik,
           dilate_error *err) {
  em_state s;
  *out = NULL;
  const int status = em_state_create(&s, points, family, 0, K, err);
  if (status != DILATE_OK) return status;
  em_state_set_labels(&s, K, label);
  double reached = 0;
  const int fitted = em_iterate(&s, iterations, &reached);
  if (loglik) *loglik = reached;
  return finish(&s, fitted, out, err);
}

int em_from_labels(const fit_points *points, mixture_family family, int gradient, size_t K, const size_t *label, mixture **out,
                   dilate_error *err) {
  em_state s;
  *out = NULL;
  const int status = em_state_create(&s, points, family, gradient, K, err);
  if (status != DILATE_OK) return status;
  em_state_set_labels(&s, K, label);
  em_prune(&s, 0.5); /* clusters without a point */
  return finish(&s, em_maximise(&s) ? DILATE_ENUMERIC : DILATE_OK, out, err);
}

/* A product of t's starts from the means and scales of another, made by a fit: component, location and factor k belong together. */
static void start_warm(em_state *s, const mixture *from) {
  memcpy(s->q->mean, from->mean, from->components * s->dim * sizeof(double));
  for (size_t k = 0; k < from->components; k++) memcpy(s->q->factor[k].c, from->factor[k].c, s->dim * sizeof(double));
  s->freedom = from->freedom[0];
  s->warm = 1;
}

/* Responsibilities of q, which lies where the points are. */
static int expect_under(em_state *s, const mixture *q) {
  mixture *const moved = mixture_copy(q);
  if (!moved) return DILATE_ENOMEM;
  for (size_t l = 0; l < q->locations; l++)
    for (size_t j = 0; j < q->dim; j++) moved->mean[l * q->dim + j] -= s->centre[j];
  const int status = mixture_prepare(moved) ? DILATE_ENUMERIC : DILATE_OK;
  if (status == DILATE_OK) (void)em_expect(s, moved);
  if (status == DILATE_OK && s->family == MIXTURE_PRODUCT && moved->freedom[0] > 0) start_warm(s, moved);
  mixture_free(moved);
  return status;
}

int em_refine(const fit_points *points, const mixture *start, mixture_family family, int gradient, int iterations, mixture **out,
              dilate_error *err) {
  em_state s;
  *out = NULL;
  const size_t capacity = start->components > start->locations ? start->components : start->locations;
  int status = em_state_create(&s, points, family, gradient, capacity, err);
  if (status != DILATE_OK) return status;
  status = expect_under(&s, start);
  for (int i = 0; status == DILATE_OK && (i < iterations || i == 0); i++) {
    if (i > 0) (void)em_expect(&s, s.q);
    em_prune(&s, 1.0);
    if (em_maximise(&s)) status = DILATE_ENUMERIC;
  }
  if (status == DILATE_ENOMEM) error_memory(err, "mixture fit");
  return finish(&s, status, out, err);
}
