/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EM fits of mixtures (Dempster, Laird & Rubin 1977): from labels, and from another mixture. */
#include "mixture/em.h"

#include "mixture/em_state.h"

#include <math.h>

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
  const int fitted = em_iterate(&s, iterations, -INFINITY, &reached);
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

int em_refine(const fit_points *points, const mixture *start, mixture_family family, int gradient, int iterations, mixture **out,
              dilate_error *err) {
  em_state s;
  *out = NULL;
  const size_t capacity = start->components > start->locations ? start->components : start->locations;
  int status = em_state_create(&s, points, family, gradient, capacity, err);
  if (status != DILATE_OK) return status;
  status = em_state_resume(&s, start);
  for (int i = 0; status == DILATE_OK && (i < iterations || i == 0); i++) {
    if (i > 0) (void)em_expect(&s, s.q);
    em_prune(&s, 1.0);
    if (em_maximise(&s)) status = DILATE_ENUMERIC;
  }
  if (status == DILATE_ENOMEM) error_memory(err, "mixture fit");
  return finish(&s, status, out, err);
}
