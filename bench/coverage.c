/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Are the reported errors those of repeated runs?  coverage TARGET [SEEDS]: runs of the default sampler with seeds 1, 2, ...; prints the
 * coverage of log Z +-2 standard errors, the reported error over the standard deviation between seeds, and the same of the parameters'
 * means (mcse), averaged over parameters. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_statistics_double.h>

#include "targets/targets.h"

/* Root mean square and median of the reported errors, both over the standard deviation of the values. */
static void ratios(size_t n, const double *value, double *error, double *rms, double *median) {
  const double sd = gsl_stats_sd(value, 1, n);
  double square = 0;
  for (size_t k = 0; k < n; k++) square += error[k] * error[k] / (double)n;
  *rms = sqrt(square) / sd;
  *median = gsl_stats_median(error, 1, n) / sd;
}

/* One run into row k of arrays with a row of n values each: log Z first, then the parameters' means. */
static int run_once(const builtin *b, size_t k, size_t n, double *value, double *error, dilate_error *err) {
  dilate_options options;
  dilate_result *result = NULL;
  double df;
  dilate_options_init(&options);
  options.seed = k + 1;
  const int status = dilate_sample(&b->target, &options, &result, err);
  if (status < 0) return status;
  dilate_result_log_z(result, &value[k], &error[k], &df);
  for (size_t j = 0; j < b->target.dim; j++) {
    dilate_parameter parameter = {.struct_size = sizeof parameter};
    dilate_result_parameter(result, j, &parameter);
    value[(j + 1) * n + k] = parameter.mean;
    error[(j + 1) * n + k] = parameter.mcse;
  }
  dilate_result_free(result);
  return DILATE_OK;
}

static void print(const builtin *b, size_t n, const double *value, double *error) {
  double rms, median, all_rms = 0, all_median = 0, inside = 0;
  for (size_t k = 0; k < n; k++) inside += fabs(value[k] - b->log_z) < 2 * error[k];
  ratios(n, value, error, &rms, &median);
  printf("%s, %zu seeds\nlog Z: coverage %.3f, reported error over spread %.3f (root mean square), %.3f (median)\n", b->label, n,
         inside / (double)n, rms, median);
  for (size_t j = 1; j <= b->target.dim; j++) {
    ratios(n, value + j * n, error + j * n, &rms, &median);
    all_rms += rms / (double)b->target.dim;
    all_median += median / (double)b->target.dim;
  }
  printf("means: mcse over spread %.3f (root mean square), %.3f (median)\n", all_rms, all_median);
}

int main(int argc, char **argv) {
  builtin b;
  dilate_error err;
  dilate_error_init(&err);
  const size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 200;
  if (argc < 2 || n < 2) {
    fprintf(stderr, "usage: %s TARGET [SEEDS]\n", argv[0]);
    return 2;
  }
  int status = builtin_create(argv[1], NULL, &b, &err);
  if (status < 0) {
    fprintf(stderr, "%s\n", err.message);
    return 2;
  }
  double *value = calloc((b.target.dim + 1) * n, sizeof *value), *error = calloc((b.target.dim + 1) * n, sizeof *error);
  for (size_t k = 0; value && error && status >= 0 && k < n; k++) status = run_once(&b, k, n, value, error, &err);
  if (status < 0)
    fprintf(stderr, "%s\n", err.message);
  else if (value && error)
    print(&b, n, value, error);
  const int failed = status < 0 || !value || !error;
  free(value);
  free(error);
  builtin_destroy(&b);
  return failed;
}
