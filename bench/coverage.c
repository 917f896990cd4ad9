/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Are the reported errors those of repeated runs?  coverage TARGET [SEEDS]: runs of the default sampler with seeds 1, 2, ...; prints the
 * coverage of log Z +-2 standard errors, the reported error over the standard deviation between seeds, the same of the parameters' means,
 * standard deviations and quantiles, averaged over parameters, and of the weights of modes.
 *
 * A mode's truth is the weight of the components that it consists of (as in accuracy_modes.c); modes of the same components in at least
 * half of the runs are compared with their spread. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_statistics_double.h>

#include "targets/targets.h"

#define WHOLE      0.99 /* of a component's draws in a mode, and of a mode's draws from its components */
#define COMPONENTS 64   /* at most, for their set to be a number */

/* Of every parameter: a number, and its reported error. */
static const struct {
  const char *what;
  size_t number, error;
} kinds[] = {
    {"means: mcse", offsetof(dilate_parameter, mean), offsetof(dilate_parameter, mcse)},
    {"standard deviations: mcse_sd", offsetof(dilate_parameter, sd), offsetof(dilate_parameter, mcse_sd)},
    {"5 % quantiles: mcse_q5", offsetof(dilate_parameter, q5), offsetof(dilate_parameter, mcse_q5)},
    {"medians: mcse_q50", offsetof(dilate_parameter, q50), offsetof(dilate_parameter, mcse_q50)},
    {"95 % quantiles: mcse_q95", offsetof(dilate_parameter, q95), offsetof(dilate_parameter, mcse_q95)},
};
#define KINDS (sizeof kinds / sizeof *kinds)

/* A listed mode that consists of whole components. */
typedef struct weighed {
  uint64_t set;
  double weight, error, truth;
} weighed;

typedef struct weights {
  weighed *mode;
  size_t count, room;
} weights;

/* Root mean square and median of the reported errors, both over the standard deviation of the values. */
static void ratios(size_t n, const double *value, double *error, double *rms, double *median) {
  const double sd = gsl_stats_sd(value, 1, n);
  double square = 0;
  for (size_t k = 0; k < n; k++) square += error[k] * error[k] / (double)n;
  *rms = sqrt(square) / sd;
  *median = gsl_stats_median(error, 1, n) / sd;
}

/* Whether the mode consists of whole components, but not of all; which, and their weight.  in: draws of the mode by component. */
static int consists(const builtin *b, const size_t *in, const size_t *count, weighed *out) {
  size_t draws = 0, from = 0, whole = 0;
  for (size_t c = 0; c < b->components; c++) {
    draws += in[c];
    if (in[c] == 0 || (double)in[c] < WHOLE * (double)count[c]) continue;
    from += in[c];
    whole++;
    out->set |= (uint64_t)1 << c;
    out->truth += b->component_weight[c];
  }
  return whole > 0 && whole < b->components && (double)from >= WHOLE * (double)draws;
}

/* Appends the run's modes.  Non-zero when out of memory. */
static int weigh(const builtin *b, const dilate_result *result, weights *all) {
  const size_t n = dilate_result_islands(result) * dilate_result_draws(result), d = b->target.dim, modes = dilate_result_mode_count(result);
  if (b->components < 2 || b->components > COMPONENTS) return 0;
  if (all->count + modes > all->room) {
    weighed *const more = realloc(all->mode, 2 * (all->count + modes) * sizeof *more);
    if (!more) return 1;
    all->mode = more;
    all->room = 2 * (all->count + modes);
  }
  size_t *const in = calloc((modes + 1) * b->components, sizeof *in), *const count = in + modes * b->components;
  for (size_t i = 0; in && i < n; i++) {
    const size_t c = b->component(b, dilate_result_unconstrained(result) + i * d);
    const int m = dilate_result_mode(result)[i];
    count[c]++;
    if (m >= 0) in[(size_t)m * b->components + c]++;
  }
  for (size_t m = 0; in && m < modes; m++) {
    dilate_mode mode = {.struct_size = sizeof mode};
    dilate_result_mode_info(result, m, &mode);
    all->mode[all->count] = (weighed){.weight = mode.weight, .error = mode.weight_se};
    all->count += (size_t)consists(b, in + m * b->components, count, &all->mode[all->count]);
  }
  free(in);
  return in == NULL;
}

/* One run into row k of arrays with a row of n values each: log Z first, then the parameters' numbers, kind after
 * kind. */
static int run_once(const builtin *b, size_t k, size_t n, double *value, double *error, weights *modes, dilate_error *err) {
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
    for (size_t i = 0; i < KINDS; i++) {
      const size_t row = 1 + i * b->target.dim + j;
      value[row * n + k] = *(const double *)((const char *)&parameter + kinds[i].number);
      error[row * n + k] = *(const double *)((const char *)&parameter + kinds[i].error);
    }
  }
  const int failed = weigh(b, result, modes);
  dilate_result_free(result);
  return failed ? DILATE_ENOMEM : DILATE_OK;
}

static int by_set(const void *left, const void *right) {
  const weighed *a = left, *b = right;
  return (a->set > b->set) - (a->set < b->set);
}

static void print_weights(size_t seeds, weights *all) {
  double inside = 0, mean_rms = 0, modes = 0, *const value = calloc(2 * all->count + 1, sizeof *value), *const error = value + all->count;
  qsort(all->mode, all->count, sizeof *all->mode, by_set);
  for (size_t i = 0; i < all->count; i++) inside += fabs(all->mode[i].weight - all->mode[i].truth) <= 2 * all->mode[i].error;
  for (size_t i = 0, end; value && i < all->count; i = end) {
    double rms, median;
    for (end = i; end < all->count && all->mode[end].set == all->mode[i].set; end++) {
      value[end - i] = all->mode[end].weight;
      error[end - i] = all->mode[end].error;
    }
    if (end - i < 3 || 2 * (end - i) < seeds) continue;
    ratios(end - i, value, error, &rms, &median);
    mean_rms += rms;
    modes++;
  }
  if (modes > 0)
    printf("weights: coverage %.3f of %zu, weight_se over spread %.3f (root mean square, mean of %.0f modes)\n",
           inside / (double)all->count, all->count, mean_rms / modes, modes);
  free(value);
}

static void print(const builtin *b, size_t n, const double *value, double *error) {
  double rms, median, inside = 0;
  for (size_t k = 0; k < n; k++) inside += fabs(value[k] - b->log_z) < 2 * error[k];
  ratios(n, value, error, &rms, &median);
  printf("%s, %zu seeds\nlog Z: coverage %.3f, reported error over spread %.3f (root mean square), %.3f (median)\n", b->label, n,
         inside / (double)n, rms, median);
  for (size_t i = 0; i < KINDS; i++) {
    double all_rms = 0, all_median = 0;
    for (size_t j = 0; j < b->target.dim; j++) {
      const size_t row = 1 + i * b->target.dim + j;
      ratios(n, value + row * n, error + row * n, &rms, &median);
      all_rms += rms / (double)b->target.dim;
      all_median += median / (double)b->target.dim;
    }
    printf("%s over spread %.3f (root mean square), %.3f (median)\n", kinds[i].what, all_rms, all_median);
  }
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
  weights modes = {0};
  const size_t rows = 1 + KINDS * b.target.dim;
  double *value = calloc(rows * n, sizeof *value), *error = calloc(rows * n, sizeof *error);
  for (size_t k = 0; value && error && status >= 0 && k < n; k++) status = run_once(&b, k, n, value, error, &modes, &err);
  if (status < 0)
    fprintf(stderr, "%s\n", err.message);
  else if (value && error) {
    print(&b, n, value, error);
    print_weights(n, &modes);
  }
  const int failed = status < 0 || !value || !error;
  free(value);
  free(error);
  free(modes.mode);
  builtin_destroy(&b);
  return failed;
}
