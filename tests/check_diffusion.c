/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diffusion sequential Monte Carlo: the levels (diffusion_levels.c) and the method (diffusion_methods.c). */
#include "check_diffusion.h"
#include "runner.h"

#include <math.h>
#include <stdlib.h>

int normal_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const normal *f = params;
  *logp = f->log_z - (double)dim * (0.91893853320467274178 + log(f->sd));
  for (size_t j = 0; j < dim; j++) {
    const double z = (x[j] - f->mean) / f->sd;
    *logp -= 0.5 * z * z;
    if (grad) grad[j] = -z / f->sd;
  }
  return 0;
}

int corner_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    if (!(x[j] > 0.5 && x[j] < 1)) return 1;
    if (grad) grad[j] = 0;
  }
  return 0;
}

int nowhere_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)x, (void)logp, (void)grad, (void)params;
  return 1;
}

dilate_target target_with(size_t dim, dilate_logp_fn logp, void *params) {
  dilate_target target;
  dilate_target_init(&target);
  target.dim = dim;
  target.logp = logp;
  target.params = params;
  return target;
}

int main(void) {
  SRunner *runner = srunner_create(levels_suite());
  srunner_add_suite(runner, methods_suite());
  return run_all(runner);
}
