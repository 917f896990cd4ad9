/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is measured between two samples, and the floor of each measure: the same between two exact samples of the same sizes, by kernels of
 * the same length, mean over replicates. */
#include "cli/compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { REPLICATES = 5, ROWS_SINKHORN = 500 };
/* Of Sinkhorn, which heavy tails make slow: errors of the coupling are second order in the distance. */
enum { SINKHORN_ITERATIONS = 2000 };
static const double sinkhorn_tolerance = 0.01;

typedef int (*distance_fn)(size_t dim, size_t n, const double *x, size_t m, const double *y, const dilate_distance_options *options,
                           double *out, dilate_error *err);

static int mmd(size_t dim, size_t n, const double *x, size_t m, const double *y, const dilate_distance_options *options, double *out,
               dilate_error *err) {
  return dilate_distance_mmd(dim, n, x, m, y, options, out, NULL, err);
}

/* In the order of compared_measure; most: rows of each sample. */
static const struct {
  distance_fn distance;
  size_t most;
} measures[COMPARED_DISTANCES] = {{dilate_distance_sliced_w2, SIZE_MAX},
                                  {dilate_distance_sinkhorn, ROWS_SINKHORN},
                                  {mmd, COMPARE_PAIRS},
                                  {dilate_distance_energy, COMPARE_PAIRS},
                                  {dilate_distance_sliced_ks, SIZE_MAX}};

/* Two samples of equal width. */
typedef struct two {
  size_t dim, n, m;
  const double *x, *y;
} two;

static int measure_one(const two *s, distance_fn distance, size_t most, const dilate_distance_options *options, compared_value *out,
                       failure *f) {
  dilate_error err;
  dilate_error_init(&err);
  size_t n = s->n, m = s->m;
  double *const x = compare_thin(s->dim, &n, s->x, most), *const y = compare_thin(s->dim, &m, s->y, most);
  if (x && y)
    compare_note(distance(s->dim, n, x, m, y, options, &out->value, &err), &err, out, f);
  else
    fail_with(f, EXIT_RUN, "out of memory");
  free(x);
  free(y);
  return f->exit_status;
}

/* Everything that two samples give; what a note stands for already is left out. */
static int measure_all(const two *s, const subject *target, const dilate_distance_options *options, compared_value *value, failure *f) {
  for (size_t k = 0; k < COMPARED_DISTANCES; ++k)
    if (!*value[k].note && measure_one(s, measures[k].distance, measures[k].most, options, &value[k], f)) return f->exit_status;
  if (!target->target) return 0;
  if (compare_with_target(target, s->n, s->x, options, &value[COMPARED_KSD_A], f)) return f->exit_status;
  return compare_with_target(target, s->m, s->y, options, &value[COMPARED_KSD_B], f);
}

/* The median distance, once for all: the floor is to be that of the same kernels.  Where there is none, what needs it is noted. */
static int choose_lengths(const two *s, dilate_distance_options *options, compared_value *value, failure *f) {
  static const compared_measure needing[] = {COMPARED_SINKHORN, COMPARED_MMD, COMPARED_KSD_A, COMPARED_KSD_B};
  compared_value median = {.value = NAN};
  if (measure_one(s, dilate_distance_median, COMPARE_PAIRS, options, &median, f)) return f->exit_status;
  for (size_t k = 0; *median.note && k < sizeof needing / sizeof *needing; ++k)
    snprintf(value[needing[k]].note, sizeof value->note, "%s", "half of the pairs of draws coincide: there is no median distance to go by");
  if (*median.note) return 0;
  options->bandwidth = median.value;
  options->epsilon = 0.01 * median.value * median.value;
  return 0;
}

static void clear_values(compared_value *value) {
  for (size_t k = 0; k < COMPARED_MEASURES; ++k) value[k] = (compared_value){.value = NAN, .floor = NAN, .floor_sd = NAN};
}

/* One replicate of the floor into value. */
static int measure_exact(const compare_samples *s, const two *sizes, const dilate_distance_options *options, compared_value *value,
                         failure *f) {
  two exact = *sizes;
  double *const x = compare_exact(s, exact.n), *const y = compare_exact(s, exact.m);
  clear_values(value);
  exact.x = x;
  exact.y = y;
  if (x && y)
    measure_all(&exact, &s->target, options, value, f);
  else
    fail_with(f, EXIT_RUN, "out of memory");
  free(x);
  free(y);
  return f->exit_status;
}

static int measure_floor(const compare_samples *s, const two *sizes, const dilate_distance_options *options, compared *out, failure *f) {
  compared_value replicate[REPLICATES][COMPARED_MEASURES];
  for (size_t r = 0; r < REPLICATES; ++r)
    if (measure_exact(s, sizes, options, replicate[r], f)) return f->exit_status;
  for (size_t k = 0; k < COMPARED_MEASURES; ++k) {
    double mean = 0, square = 0;
    for (size_t r = 0; r < REPLICATES; ++r) mean += replicate[r][k].value / REPLICATES;
    for (size_t r = 0; r < REPLICATES; ++r) square += (replicate[r][k].value - mean) * (replicate[r][k].value - mean);
    out->value[k].floor = mean;
    out->value[k].floor_sd = sqrt(square / (REPLICATES - 1));
  }
  out->replicates = REPLICATES;
  return 0;
}

static void moments(size_t n, size_t width, const double *value, double *mean, double *variance) {
  double sum = 0, square = 0;
  for (size_t i = 0; i < n; ++i) sum += value[i * width];
  *mean = sum / (double)n;
  for (size_t i = 0; i < n; ++i) square += (value[i * width] - *mean) * (value[i * width] - *mean);
  *variance = n > 1 ? square / (double)(n - 1) : NAN;
}

/* Kolmogorov-Smirnov of one column, NaN where there is none; column: n + m numbers. */
static double column_ks(const two *s, size_t j, const dilate_distance_options *options, double *column, failure *f) {
  double ks = NAN;
  dilate_error err;
  dilate_error_init(&err);
  dilate_distance_options one = *options;
  one.directions = 1;
  for (size_t i = 0; i < s->n; ++i) column[i] = s->x[i * s->dim + j];
  for (size_t i = 0; i < s->m; ++i) column[s->n + i] = s->y[i * s->dim + j];
  const int status = dilate_distance_sliced_ks(1, s->n, column, s->m, column + s->n, &one, &ks, &err);
  if (status == DILATE_ENOMEM) fail_with(f, EXIT_RUN, "%s", err.message);
  return ks;
}

/* Equal means are 0 standard errors apart, also where nothing varies. */
static compared_parameter compare_column(const two *s, size_t j, const dilate_distance_options *options, double *column, failure *f) {
  double mean_x, mean_y, variance_x, variance_y;
  moments(s->n, s->dim, s->x + j, &mean_x, &variance_x);
  moments(s->m, s->dim, s->y + j, &mean_y, &variance_y);
  const double difference = mean_x - mean_y, error = sqrt(variance_x / (double)s->n + variance_y / (double)s->m);
  return (compared_parameter){.difference = difference == 0 ? 0 : difference / error,
                              .sd_ratio = variance_x == variance_y ? 1 : sqrt(variance_x / variance_y),
                              .ks = column_ks(s, j, options, column, f)};
}

static int compare_parameters(const two *s, char *const *name, const dilate_distance_options *options, compared *out, failure *f) {
  double *const column = calloc(s->n + s->m, sizeof *column);
  out->parameter = calloc(s->dim, sizeof *out->parameter);
  if (column && out->parameter)
    for (size_t j = 0; j < s->dim && !f->exit_status; ++j) {
      out->parameter[j] = compare_column(s, j, options, column, f);
      out->parameter[j].name = name[j];
    }
  else
    fail_with(f, EXIT_RUN, "out of memory");
  free(column);
  return f->exit_status;
}

int compare_measure(const compare_samples *s, const dilate_distance_options *given, compared *out, failure *f) {
  const two both = {.dim = s->a.columns, .n = s->a.rows, .m = s->b.rows, .x = s->a.value, .y = s->b.value};
  dilate_distance_options options = *given;
  options.iterations = SINKHORN_ITERATIONS;
  options.tolerance = sinkhorn_tolerance;
  out->rows_a = both.n;
  out->rows_b = both.m;
  out->parameters = both.dim;
  out->rows_pairs = COMPARE_PAIRS;
  out->rows_sinkhorn = ROWS_SINKHORN;
  out->by_position = s->by_position;
  clear_values(out->value);
  if (choose_lengths(&both, &options, out->value, f)) return f->exit_status;
  if (measure_all(&both, &s->target, &options, out->value, f)) return f->exit_status;
  if (s->rng.state && measure_floor(s, &both, &options, out, f)) return f->exit_status;
  return compare_parameters(&both, s->a.name, &options, out, f);
}
