/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A density with known answers, small runs of it, and what every result must satisfy. */
#include "check_sampler.h"

#include <math.h>
#include <string.h>

int pair_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)params;
  const double share[] = {0.7, 0.3}, mean[2][2] = {{-4, 0}, {4, 2}};
  double term[2];
  for (int k = 0; k < 2; k++) term[k] = log(share[k]) - log(2 * acos(-1)) - 0.5 * (pow(x[0] - mean[k][0], 2) + pow(x[1] - mean[k][1], 2));
  const double largest = fmax(term[0], term[1]), sum = exp(term[0] - largest) + exp(term[1] - largest);
  *logp = PAIR_LOG_Z + largest + log(sum);
  for (size_t j = 0; grad && j < 2; j++)
    grad[j] = (exp(term[0] - largest) * (mean[0][j] - x[j]) + exp(term[1] - largest) * (mean[1][j] - x[j])) / sum;
  return 0;
}

dilate_target pair_target(void) {
  dilate_target target;
  dilate_target_init(&target);
  target.dim = 2;
  target.logp = pair_logp;
  return target;
}

dilate_options small_options(const char *method) {
  dilate_options options;
  dilate_options_init(&options);
  options.islands = 4;
  options.groups = 2;
  options.draws = 64;
  options.threads = 1;
  options.method = method;
  options.steps = 40;
  return options;
}

dilate_result *sample(const dilate_target *target, const dilate_options *options) {
  dilate_error err;
  dilate_error_init(&err);
  dilate_result *result = NULL;
  const int status = dilate_sample(target, options, &result, &err);
  ck_assert_msg(status == DILATE_OK, "status %d: %s", status, err.message);
  ck_assert_int_eq(dilate_result_complete(result), 1);
  return result;
}

void assert_same_result(const dilate_result *a, const dilate_result *b) {
  const size_t rows = dilate_result_islands(a) * dilate_result_draws(a), dim = dilate_result_dim(a);
  ck_assert_uint_eq(dilate_result_islands(b) * dilate_result_draws(b), rows);
  ck_assert_uint_eq(dilate_result_dim(b), dim);
  ck_assert_mem_eq(dilate_result_unconstrained(a), dilate_result_unconstrained(b), rows * dim * sizeof(double));
  ck_assert_mem_eq(dilate_result_log_density(a), dilate_result_log_density(b), rows * sizeof(double));
  ck_assert_mem_eq(dilate_result_mode(a), dilate_result_mode(b), rows * sizeof(int));
  double of_a[3], of_b[3];
  ck_assert_int_eq(dilate_result_log_z(a, &of_a[0], &of_a[1], &of_a[2]), dilate_result_log_z(b, &of_b[0], &of_b[1], &of_b[2]));
  ck_assert_mem_eq(of_a, of_b, sizeof of_a);
}

static void assert_valid_modes(const dilate_result *result, size_t rows) {
  const size_t count = dilate_result_mode_count(result);
  ck_assert_uint_le(count, 256);
  size_t listed = 0;
  for (size_t i = 0; i < rows; i++) {
    ck_assert_int_ge(dilate_result_mode(result)[i], -1);
    ck_assert_int_lt(dilate_result_mode(result)[i], (int)count);
  }
  for (size_t m = 0; m < count; m++) {
    dilate_mode mode = {.struct_size = sizeof mode};
    ck_assert_int_eq(dilate_result_mode_info(result, m, &mode), DILATE_OK);
    ck_assert(mode.weight >= 0 && mode.weight <= 1 && mode.weight_se >= 0 && isfinite(mode.weight_se) && isfinite(mode.log_density));
    ck_assert_double_eq(mode.weight, (double)mode.draws / (double)rows);
    for (size_t j = 0; j < dilate_result_n_out(result); j++) ck_assert(isfinite(mode.mean[j]));
    listed += mode.draws;
  }
  ck_assert_uint_le(listed, rows);
}

void assert_same_numbers(const dilate_result *a, const dilate_result *b) {
  ck_assert_uint_eq(dilate_result_mode_count(a), dilate_result_mode_count(b));
  for (size_t m = 0; m < dilate_result_mode_count(a); m++) {
    dilate_mode one = {.struct_size = sizeof one}, other = one;
    dilate_result_mode_info(a, m, &one), dilate_result_mode_info(b, m, &other);
    ck_assert_mem_eq(one.mean, other.mean, dilate_result_n_out(a) * sizeof(double));
    ck_assert_mem_eq(one.peak, other.peak, dilate_result_dim(a) * sizeof(double));
    ck_assert(one.weight == other.weight && one.weight_se == other.weight_se && one.log_density == other.log_density);
  }
  for (size_t j = 0; j < dilate_result_n_out(a); j++) {
    dilate_parameter one = {.struct_size = sizeof one}, other = one;
    dilate_result_parameter(a, j, &one), dilate_result_parameter(b, j, &other);
    one.name = other.name = NULL;
    ck_assert_mem_eq(&one, &other, sizeof one);
  }
  const double unseen[2] = {dilate_result_unseen_mass(a), dilate_result_unseen_mass(b)};
  ck_assert_mem_eq(&unseen[0], &unseen[1], sizeof unseen[0]);
}

void assert_same_records(const dilate_result *a, const dilate_result *b) {
  uint64_t of_a, of_b;
  ck_assert_uint_eq(dilate_result_evaluations(a, &of_a), dilate_result_evaluations(b, &of_b));
  ck_assert_uint_eq(of_a, of_b);
  ck_assert_uint_eq(dilate_result_warning_count(a), dilate_result_warning_count(b));
  for (size_t i = 0; i < dilate_result_warning_count(a); i++) ck_assert_str_eq(dilate_result_warning(a, i), dilate_result_warning(b, i));
  ck_assert_uint_eq(dilate_result_trace_count(a), dilate_result_trace_count(b));
  for (size_t i = 0; i < dilate_result_trace_count(a); i++) {
    dilate_trace one, other;
    memset(&one, 0, sizeof one), memset(&other, 0, sizeof other);
    one.struct_size = other.struct_size = sizeof one;
    dilate_result_trace_info(a, i, &one), dilate_result_trace_info(b, i, &other);
    ck_assert_str_eq(one.stage, other.stage);
    one.stage = other.stage;
    ck_assert_mem_eq(&one, &other, sizeof one);
  }
}

void assert_valid_result(const dilate_result *result) {
  ck_assert_ptr_nonnull(result);
  const size_t rows = dilate_result_islands(result) * dilate_result_draws(result);
  for (size_t i = 0; i < rows; i++) ck_assert(isfinite(dilate_result_log_density(result)[i]));
  for (size_t i = 0; i < rows * dilate_result_dim(result); i++) ck_assert(isfinite(dilate_result_unconstrained(result)[i]));
  for (size_t i = 0; i < rows * dilate_result_n_out(result); i++) ck_assert(isfinite(dilate_result_values(result)[i]));
  for (size_t j = 0; j < dilate_result_n_out(result); j++) {
    dilate_parameter parameter = {.struct_size = sizeof parameter};
    ck_assert_int_eq(dilate_result_parameter(result, j, &parameter), DILATE_OK);
    ck_assert_str_eq(parameter.name, dilate_result_name(result, j));
    ck_assert_int_eq(isnan(parameter.mean) != 0, rows == 0);
  }
  for (size_t i = 0; i < dilate_result_warning_count(result); i++) ck_assert_uint_gt(strlen(dilate_result_warning(result, i)), 20);
  double log_z;
  if (dilate_result_log_z(result, &log_z, NULL, NULL)) ck_assert(isnan(log_z));
  assert_valid_modes(result, rows);
}

int has_warning(const dilate_result *result, const char *text) {
  for (size_t i = 0; i < dilate_result_warning_count(result); i++)
    if (strstr(dilate_result_warning(result, i), text)) return 1;
  return 0;
}
