/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of the distances between samples: the runner, and what the cases share. */
#include "diag_cases.h"
#include "runner.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>

int diag_mmd(size_t dim, size_t n, const double *x, size_t m, const double *y, const dilate_distance_options *options, double *out,
             dilate_error *err) {
  return dilate_distance_mmd(dim, n, x, m, y, options, out, NULL, err);
}

const diag_entry diag_all[DIAG_ALL] = {{"median", dilate_distance_median, 1, 1},       {"sliced W2", dilate_distance_sliced_w2, 0, 1},
                                       {"sliced KS", dilate_distance_sliced_ks, 0, 0}, {"MMD", diag_mmd, 1, 0},
                                       {"energy", dilate_distance_energy, 1, 0.5},     {"Sinkhorn", dilate_distance_sinkhorn, 1, 1}};

dilate_distance_options diag_defaults(void) {
  dilate_distance_options o;
  dilate_distance_options_init(&o);
  return o;
}

double diag_value(diag_distance distance, size_t dim, size_t n, const double *x, size_t m, const double *y,
                  const dilate_distance_options *options) {
  dilate_error err;
  double value = -1;
  dilate_error_init(&err);
  const int status = distance(dim, n, x, m, y, options, &value, &err);
  ck_assert_msg(status == DILATE_OK, "%s", err.message);
  ck_assert(isfinite(value) && value >= 0);
  return value;
}

gsl_rng *diag_rng(unsigned long seed) {
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, seed);
  return rng;
}

void diag_normals(gsl_rng *rng, size_t count, double sd, double *out) {
  for (size_t k = 0; k < count; k++) out[k] = gsl_ran_gaussian_ziggurat(rng, sd);
}

double diag_z(size_t n, const double *value, double truth) {
  double mean = 0, square = 0;
  for (size_t k = 0; k < n; k++) mean += value[k] / (double)n;
  for (size_t k = 0; k < n; k++) square += (value[k] - mean) * (value[k] - mean);
  return (mean - truth) / sqrt(square / ((double)(n - 1) * (double)n));
}

int main(void) {
  Suite *suite = suite_create("distances");
  suite_add_tcase(suite, diag_sliced_case());
  suite_add_tcase(suite, diag_kernels_case());
  suite_add_tcase(suite, diag_transport_case());
  suite_add_tcase(suite, diag_common_case());
  return run_all(srunner_create(suite));
}
