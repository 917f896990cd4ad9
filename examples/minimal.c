/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A density, a call, a table: log of 0.3 N(x | (-4, 0), I) + 0.7 N(x | (4, 2), I), two modes, whose log evidence is 0. */
#include <dilate.h>
#include <math.h>
#include <stdio.h>

static int two_modes(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const double a = log(0.3) - 0.5 * (pow(x[0] + 4, 2) + pow(x[1], 2)), b = log(0.7) - 0.5 * (pow(x[0] - 4, 2) + pow(x[1] - 2, 2));
  const double share = 1 / (1 + exp(b - a)); /* of the first mode at x */
  (void)dim, (void)params;
  *logp = fmax(a, b) + log1p(exp(-fabs(a - b))) - log(2 * acos(-1));
  if (grad) grad[0] = 4 - 8 * share - x[0], grad[1] = 2 - 2 * share - x[1];
  return 0;
}

static void print_table(const dilate_result *result) {
  double log_z, se, df;
  if (dilate_result_log_z(result, &log_z, &se, &df) == DILATE_OK) printf("log evidence %.3f +- %.3f\n", log_z, se);
  for (size_t i = 0; i < dilate_result_mode_count(result); i++) {
    dilate_mode mode = {.struct_size = sizeof mode};
    dilate_result_mode_info(result, i, &mode);
    printf("mode %zu: weight %.3f +- %.3f, mean (%.2f, %.2f)\n", i + 1, mode.weight, mode.weight_se, mode.mean[0], mode.mean[1]);
  }
}

int main(void) {
  dilate_error err;
  dilate_target target;
  dilate_result *result;
  dilate_error_init(&err);
  dilate_target_init(&target);
  target.dim = 2;
  target.logp = two_modes;
  const int status = dilate_sample(&target, NULL, &result, &err);
  if (status == DILATE_OK) print_table(result);
  if (status < 0) fprintf(stderr, "minimal: %s\n", err.message);
  dilate_result_free(result);
  return status == DILATE_OK ? 0 : 1;
}
