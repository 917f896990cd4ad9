/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths for the tests. */
#include "path_cases.h"

#include <math.h>

dilate_path_options options_of(const char *name, const double *about, double scale) {
  dilate_path_options o;
  dilate_path_options_init(&o);
  o.path = name;
  o.centre = about;
  o.scale = scale;
  return o;
}

dilate_path *open_path(const dilate_target *user, const dilate_path_options *o) {
  dilate_error err;
  dilate_error_init(&err);
  dilate_path *p = NULL;
  ck_assert_msg(dilate_path_create(user, o, &p, &err) == DILATE_OK, "%s", err.message);
  ck_assert_ptr_nonnull(p);
  return p;
}

void evaluate(dilate_path *p, double lambda, const double *x, double *logp, double *score) {
  ck_assert_int_eq(dilate_path_evaluate(p, lambda, 1, 1, x, logp, score, NULL), DILATE_OK);
}

dilate_target mixture_target(gaussians *g) {
  dilate_target t = gaussians_target(g);
  t.convolve = gaussians_convolve;
  return t;
}

void assert_close(double a, double b, double tolerance) {
  ck_assert_msg(fabs(a - b) <= tolerance * (1 + fabs(b)), "%.17g and %.17g", a, b);
}
