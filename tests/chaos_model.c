/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models made while memory runs out: see chaos.h.  Several parameters, and derived values. */
#include "chaos.h"

#include <check.h>

static int flat(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)x, (void)params;
  *logp = 0;
  for (size_t j = 0; grad && j < dim; j++) grad[j] = 0;
  return 0;
}

static int first(size_t dim, const double *x, double *out, void *params) {
  (void)dim, (void)params;
  out[0] = x[0];
  return 0;
}

int chaos_model(dilate_error *err) {
  const dilate_declaration d[2] = {{.struct_size = sizeof *d, .name = "alpha"},
                                   {.struct_size = sizeof *d, .name = "R", .constraint = DILATE_CORRELATION, .rank = 2, .shape = {2, 2}}};
  const char *const derived[1] = {"beta"};
  dilate_target natural;
  dilate_target_init(&natural);
  natural.logp = flat;
  natural.n_out = 1;
  natural.names = derived;
  natural.constrain = first;
  dilate_model *model = (dilate_model *)err; /* not NULL: it must become so */
  const int status = dilate_model_create(&natural, d, 2, &model, err);
  ck_assert_int_eq(model != NULL, status == DILATE_OK);
  dilate_model_free(model);
  return status;
}
