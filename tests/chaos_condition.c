/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conditioned targets made while memory runs out: see chaos.h.  One of each kind, of a prior with names. */
#include "chaos.h"

#include <check.h>

static int flat(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)x, (void)params;
  *logp = 0;
  for (size_t j = 0; grad && j < dim; j++) grad[j] = 0;
  return 0;
}

static int flat_batch(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {
  (void)x, (void)params;
  for (size_t i = 0; i < n; i++) logp[i] = 0;
  for (size_t j = 0; grad && j < dim; j++)
    for (size_t i = 0; i < n; i++) grad[j * ld + i] = 0;
  return 0;
}

static int condition(int kind, const dilate_target *prior, dilate_error *err) {
  const double a[3] = {1, 2, 3}, y = 1, noise = 1;
  const size_t index = 1;
  dilate_condition *c = (dilate_condition *)err; /* not NULL: it must become so */
  const int status = kind == 0   ? dilate_condition_likelihood(prior, flat, NULL, 1, 0, &c, err)
                     : kind == 1 ? dilate_condition_linear(prior, 1, a, &y, &noise, &c, err)
                                 : dilate_condition_fixed(prior, 1, &index, &y, &c, err);
  ck_assert_int_eq(c != NULL, status == DILATE_OK);
  dilate_condition_free(c);
  return status;
}

int chaos_condition(dilate_error *err) {
  const char *const names[3] = {"alpha", "beta", "gamma"};
  dilate_target prior;
  int status = DILATE_OK;
  dilate_target_init(&prior);
  prior.dim = 3;
  prior.logp = flat;
  prior.batch = flat_batch;
  for (int kind = 0; kind < 6 && status == DILATE_OK; kind++) {
    prior.names = kind < 3 ? names : NULL;
    status = condition(kind % 3, &prior, err);
  }
  return status;
}
